//! Every format and every fault, on specimens of our own; then real files, then mutated ones.

mod aside;
mod bdl;
mod elstat;
mod faults;
mod formats;
mod genesis;
mod layouts;
mod mutants;
mod offices;
mod px;
mod pxweb;
mod real;
pub(crate) mod sdmx;
mod sdmx_real;

use baseline_model::{RawTable, Reading};

use crate::{ReadOptions, read};

/// `A PL42 2024 39.8 u|C @R2C3`, one line a row; an empty value is `-`.
fn rows(reading: &Reading) -> Vec<String> {
    reading.tables.iter().flat_map(|table| (0..table.len()).map(|row| line(table, row))).collect()
}

fn line(table: &RawTable, row: usize) -> String {
    let mut parts: Vec<String> = table.dimensions.iter().map(|column| column.get(row).to_owned()).collect();
    parts.push(table.period.get(row).to_owned());
    parts.push(table.value[row].map_or("-".into(), |number| number.to_string()));
    let (obs, conf) = (table.obs_status.get(row), table.conf_status.get(row));
    if !obs.is_empty() || !conf.is_empty() {
        parts.push(format!("{obs}|{conf}"));
    }
    parts.push(format!("@{}", table.positions.text(row)));
    parts.join(" ")
}

/// `error duplicate-key`, one a finding; every finding must say where and what to do.
fn codes(reading: &Reading) -> Vec<String> {
    for finding in &reading.findings {
        assert!(!finding.at.is_empty() && !finding.message.is_empty(), "{finding}");
        assert!(finding.severity == baseline_model::Severity::Info || !finding.hint.is_empty(), "{finding}");
    }
    reading.findings.iter().map(|finding| format!("{} {}", finding.severity, finding.code)).collect()
}

/// All columns have the same length and all codes are in their dictionary.
fn sound(reading: &Reading) {
    for table in &reading.tables {
        let columns = table.dimensions.iter().chain([&table.period, &table.obs_status, &table.conf_status]);
        for column in columns {
            assert_eq!(column.codes.len(), table.len(), "{}", column.id);
            assert!(column.codes.iter().all(|code| (*code as usize) < column.dictionary.len()), "{}", column.id);
        }
        assert_eq!(table.positions.len(), table.len());
    }
}

fn check_with(input: &[u8], options: &ReadOptions<'_>, expected_rows: &[&str], expected_codes: &[&str]) -> Reading {
    let reading = read(input, "file", options);
    sound(&reading);
    let shown = || format!("{}\n{:#?}", String::from_utf8_lossy(input), reading.findings);
    assert_eq!(rows(&reading), expected_rows, "{}", shown());
    assert_eq!(codes(&reading), expected_codes, "{}", shown());
    reading
}

fn check(input: &str, expected_rows: &[&str], expected_codes: &[&str]) -> Reading {
    check_with(input.as_bytes(), &ReadOptions::default(), expected_rows, expected_codes)
}
