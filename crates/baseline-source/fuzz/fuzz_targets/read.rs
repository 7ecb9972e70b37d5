//! Any bytes through the door that every file comes through. The format is recognised by content, so the corpus chooses
//! the reader: one folder of small specimens a format.

#![no_main]

use std::collections::BTreeMap;

use baseline_model::definitions::Numbers;
use baseline_source::{Limits, ReadOptions, read};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let marks = BTreeMap::from([("-".to_owned(), String::new()), ("..".to_owned(), String::new())]);
    let german = Numbers { decimal: Some(','), groups: vec!['.', '\u{a0}'], marks };
    // Small limits: a file that states more than it holds must be refused, not believed.
    let limits = Limits { unpacked: 1 << 20, cells: 20_000 };
    let numbers = if bytes.len() % 2 == 0 { None } else { Some(&german) };
    let reading = read(bytes, "fuzzed", &ReadOptions { numbers, limits, ..ReadOptions::default() });
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
