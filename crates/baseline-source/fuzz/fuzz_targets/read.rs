//! Any bytes through the door that every file comes through. The format is recognised by content, so the corpus chooses
//! the reader: one folder of small specimens a format.

#![no_main]

use std::collections::BTreeMap;

use std::sync::LazyLock;

use baseline_model::definitions::{Numbers, Shape};
use baseline_source::{Limits, ReadOptions, read};
use libfuzzer_sys::fuzz_target;

/// For texts that begin as this layout does; every other file comes without one.
static SHAPE: LazyLock<Shape> = LazyLock::new(|| {
    toml::from_str(
        "delimiter = ';'\n[[blocks]]\nperiod = '2024'\nkeys = [{ column = 'Region', dimension = 'geo' }]\n\
         measures = [{ column = 'Population', code = 'p' }, { column = 'Foreign', code = 'f' }]\n",
    )
    .expect("a shape of our own")
});

fuzz_target!(|bytes: &[u8]| {
    let marks = BTreeMap::from([("-".to_owned(), String::new()), ("..".to_owned(), String::new())]);
    let german = Numbers { decimal: Some(','), groups: vec!['.', '\u{a0}'], marks };
    // Small limits: a file that states more than it holds must be refused, not believed.
    let limits = Limits { unpacked: 1 << 20, cells: 20_000 };
    let numbers = if bytes.len() % 2 == 0 { None } else { Some(&german) };
    let shapes = if bytes.starts_with(b"Region") { std::slice::from_ref(&*SHAPE) } else { &[] };
    let reading = read(bytes, "fuzzed", &ReadOptions { numbers, shapes, limits, ..ReadOptions::default() });
    for table in &reading.tables {
        let rows = table.value.len();
        assert!(table.dimensions.iter().chain([&table.period, &table.obs_status, &table.conf_status]).all(|column| {
            column.codes.len() == rows && column.codes.iter().all(|code| (*code as usize) < column.dictionary.len())
        }));
        assert_eq!(table.positions.len(), rows);
        assert!(table.value.iter().flatten().all(|number| number.is_finite()));
        if rows > 0 {
            table.positions.text(rows - 1);
        }
    }
});
