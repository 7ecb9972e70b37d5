//! What is embedded in the program: shipped definitions and the seed's figures, packed by `build.rs`.
//!
//! A `data/seed` folder in a workspace is not looked at: the seed is the program's, newer figures are pulled.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::ops::Range;

use baseline_model::Receipt;
use flate2::read::ZlibDecoder;

/// A table of the seed as embedded.
struct Shipped {
    /// `<source>/<dataflow>`.
    dataflow: &'static str,
    /// JSON of its [`Receipt`].
    receipt: &'static str,
    /// Its bytes in `PACKED`.
    packed: Range<usize>,
    /// Of the unpacked table, in bytes.
    length: usize,
}

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// Path under `pipelines/` and text of the shipped definition files, sorted.
pub(super) fn definitions() -> impl Iterator<Item = (&'static str, &'static str)> {
    DEFINITIONS.iter().copied()
}

/// The receipts of the seed by `<source>/<dataflow>`.
///
/// # Panics
/// When a shipped receipt is none, which a test of this module excludes for every build.
pub fn seed_receipts() -> BTreeMap<String, Receipt> {
    SEED.iter()
        .map(|shipped| {
            let receipt = serde_json::from_str(shipped.receipt).expect("a test reads every shipped receipt");
            (shipped.dataflow.to_owned(), receipt)
        })
        .collect()
}

/// The tidy CSV of a dataflow (`<source>/<dataflow>`) of the seed, unpacked; `None` when the seed has no such table.
///
/// # Panics
/// When the packed bytes are damaged, which `build.rs` wrote and a test unpacks.
pub fn seed_bytes(dataflow: &str) -> Option<Vec<u8>> {
    let shipped = SEED.iter().find(|shipped| shipped.dataflow == dataflow)?;
    let mut bytes = Vec::with_capacity(shipped.length);
    let packed = PACKED.get(shipped.packed.clone()).expect("build.rs writes index and bytes together");
    ZlibDecoder::new(packed).read_to_end(&mut bytes).expect("a test unpacks every shipped table");
    Some(bytes)
}
