//! The inventory of files: which table changed when. About 8,000 lines and 4 MB, the cheapest stamp there is.
//!
//! Columns are found by name. A line that cannot be read is a finding and leaves its table without stamp,
//! which makes it be pulled.
//!
//! ```text
//! Code⇥Type⇥Source dataset⇥Last data change⇥Last structural change⇥Data download url (tsv)⇥…
//! AACT_ALI01⇥DATASET⇥-⇥2026-05-13T11:00:00+0200⇥2026-03-24T11:00:00+0100⇥https://…
//! ```

use std::collections::BTreeMap;
use std::io::Read;

use baseline_model::Finding;
use flate2::read::MultiGzDecoder;

use crate::body::is_gzip;
use crate::protocol::{Stamp, parse_instant};

/// Bytes of an unpacked inventory that are read; ten times what it has.
const MOST: u64 = 64 * 1024 * 1024;

pub(super) fn read(bytes: &[u8]) -> (BTreeMap<String, Stamp>, Vec<Finding>) {
    let mut unpacked = Vec::new();
    let bytes = if is_gzip(bytes) {
        if let Err(error) = MultiGzDecoder::new(bytes).take(MOST).read_to_end(&mut unpacked) {
            return (
                BTreeMap::new(),
                vec![Finding::error("inventory-damaged", "inventory", format!("cannot be unpacked: {error}"))],
            );
        }
        unpacked.as_slice()
    } else {
        bytes
    };
    let text = String::from_utf8_lossy(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes));
    let mut lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let header: Vec<_> = lines.next().map(|(_, line)| line.split('\t').map(plain).collect()).unwrap_or_default();
    let column = |name: &str| header.iter().position(|title| title.eq_ignore_ascii_case(name));
    let (Some(code), Some(data), Some(structure)) =
        (column("Code"), column("Last data change"), column("Last structural change"))
    else {
        let found = header.iter().take(6).copied().collect::<Vec<_>>().join(", ");
        let message = format!("expected columns Code, Last data change, Last structural change; found {found}");
        let finding =
            Finding::error("inventory-columns", "inventory, line 1", message).hint("every table is pulled as if it had changed");
        return (BTreeMap::new(), vec![finding]);
    };
    let mut stamps: BTreeMap<String, Stamp> = BTreeMap::new();
    let mut odd: Option<Finding> = None;
    for (number, line) in lines {
        let cells: Vec<_> = line.split('\t').map(plain).collect();
        let cell = |column: usize| cells.get(column).copied().unwrap_or_default();
        let stamp = Stamp { data: stamp_text(cell(data)), structure: stamp_text(cell(structure)) };
        let readable = |text: &str| text.is_empty() || parse_instant(text).is_some();
        if cell(code).is_empty() || !readable(&stamp.data) || !readable(&stamp.structure) {
            let finding = odd.get_or_insert_with(|| {
                let mut first = Finding::warning(
                    "inventory-stamp",
                    format!("inventory, line {}", number + 1),
                    format!(
                        "expected a code and stamps such as 2026-05-13T11:00:00+0200, found `{}`, `{}`",
                        stamp.data, stamp.structure
                    ),
                );
                first.count = 0;
                first
            });
            finding.count += 1;
            continue;
        }
        let id = cell(code).to_ascii_lowercase();
        // A code may stand twice; the later change counts.
        match stamps.get(&id) {
            Some(known) if parse_instant(&known.data) >= parse_instant(&stamp.data) => {}
            Some(_) | None => {
                stamps.insert(id, stamp);
            }
        }
    }
    (stamps, odd.into_iter().collect())
}

fn plain(cell: &str) -> &str {
    cell.trim().trim_matches('"').trim()
}

fn stamp_text(cell: &str) -> String {
    if cell == "-" { String::new() } else { cell.to_owned() }
}
