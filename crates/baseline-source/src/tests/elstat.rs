//! The workbooks of the Greek office, read by the layouts of our records: counts and sums as another program finds them in the
//! cells, and what happens when an edition differs.

use std::collections::BTreeMap;

use baseline_model::definitions::Dataflow;
use baseline_model::{Reading, Severity};

use super::{line, real, sound};
use crate::{ReadOptions, read};

/// The record of a dataflow of ours.
fn record(id: &str) -> Dataflow {
    let path = format!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../pipelines/dataflows/elstat/{}.toml"), id);
    toml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The workbook by the record that names it; none when it is not there.
fn reading(id: &str) -> Option<Reading> {
    let record = record(id);
    let file = format!("national/elstat/{}.xlsx", record.code.as_deref().unwrap());
    let bytes = real::bytes(&file)?;
    let options = ReadOptions { shapes: &record.shapes, ..ReadOptions::default() };
    let reading = read(&bytes, id, &options);
    sound(&reading);
    let loud: Vec<_> = reading.findings.iter().filter(|finding| finding.severity > Severity::Info).collect();
    assert!(loud.is_empty(), "{id}: {loud:#?}");
    Some(reading)
}

/// Rows, rows with a value, their sum to three decimals, rows by mark, and some cells.
fn check(id: &str, rows: usize, values: usize, sum: &str, marks: &[(&str, usize)], cells: &[&str]) {
    let Some(reading) = reading(id) else { return };
    let [table] = reading.tables.as_slice() else { panic!("{id}: {} tables", reading.tables.len()) };
    let numbers: Vec<f64> = table.value.iter().flatten().copied().collect();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for row in 0..table.len() {
        *counts.entry(table.obs_status.get(row)).or_default() += 1;
    }
    counts.remove("");
    let found = (table.len(), numbers.len(), format!("{:.3}", numbers.iter().sum::<f64>()), counts);
    assert_eq!(found, (rows, values, sum.to_owned(), marks.iter().copied().collect()), "{id}");
    let lines: Vec<String> = (0..table.len()).map(|row| line(table, row)).collect();
    for cell in cells {
        assert!(lines.iter().any(|line| line == cell), "{id}: {cell}, found {:#?}", similar(&lines, cell));
    }
}

/// Lines of the same place or key, for the message.
fn similar<'l>(lines: &'l [String], cell: &str) -> Vec<&'l String> {
    let place = cell.rsplit(' ').next().unwrap_or_default();
    lines.iter().filter(|line| line.ends_with(place)).take(5).chain(lines.iter().take(3)).collect()
}

#[test]
fn population() {
    check(
        "lfs_population",
        17_640,
        17_232,
        "5257507.399",
        &[("...", 408)],
        &[
            "Kentriki Makedonia TOTAL TOTAL TOTAL T THS_PER 2024 1822.676233344643 @POPUL-Regio!C5",
            "Kentriki Makedonia TOTAL TOTAL TOTAL M THS_PER 2024 881.8893843587977 @POPUL-Regio!K5",
            "Kentriki Makedonia TOTAL TOTAL NAT T THS_PER 2024 1784.794801484767 @POPUL-Regio!AA5",
            "Kentriki Makedonia TOTAL TOTAL EU T THS_PER 2024 4.408964073445961 @POPUL-Regio!AB5",
            "Kentriki Makedonia TOTAL TOTAL OTHER T THS_PER 2024 33.25083659118027 @POPUL-Regio!AC5",
            "Kentriki Makedonia TOTAL SIN TOTAL T THS_PER 2024 - ...| @POPUL-Regio!AD5",
            "Kentriki Makedonia Y_GE65 TOTAL TOTAL F THS_PER 2024 244.5745008787808 @POPUL-Regio!Z5",
        ],
    );
}

/// The Ipeiros of 1987 is not the Ipeiros of 1988, which is the NUTS region.
#[test]
fn regions_of_two_divisions() {
    let Some(reading) = reading("lfs_population") else { return };
    let table = &reading.tables[0];
    let geo = table.dimension("geo").unwrap();
    for row in 0..table.len() {
        let old = geo.get(row).ends_with(" (1981 division)");
        let total = geo.get(row) == "COUNTRY TOTAL";
        assert!(total || old == (table.period.get(row) < "1988"), "{}", line(table, row));
    }
    let record = record("lfs_population");
    let mapped: Vec<&str> =
        geo.dictionary.iter().map(String::as_str).filter(|text| record.codes["geo"].contains_key(*text)).collect();
    assert_eq!((geo.dictionary.len(), mapped.len()), (14 + 9, 14));
}

#[test]
fn status() {
    check(
        "lfs_status_regions",
        14_700,
        10_920,
        "2453430.838",
        &[("..", 3_780)],
        &[
            "lf Kentriki Makedonia THS_PER 2024 833.7570193406245 @STATUS-Regio!D5",
            "une Kentriki Makedonia THS_PER 2024 106.5406293308524 @STATUS-Regio!L5",
            "une_rate Kentriki Makedonia RT 2024 0.1277837869540335 @STATUS-Regio!M5",
            "jobless_household_18_59 COUNTRY TOTAL THS_PER 1981 - ..| @STATUS-Regio!AA591",
        ],
    );
}

#[test]
fn unemployed() {
    check(
        "lfs_unemployed_regions",
        25_956,
        24_002,
        "361428.031",
        &[("..", 1_574), ("...", 380)],
        &[
            "une Kentriki Makedonia THS_PER 2024 106.5 @UNE-Regio!C6",
            "dur_ge24 Kentriki Makedonia THS_PER 2024 43.61434907228045 @UNE-Regio!G6",
            "sector_industry Kentriki Makedonia RT 2024 0.12888540613527 @UNE-Regio!R6",
            "ed_postgraduate_integrated Kentriki Makedonia THS_PER 2024 9.147397833853963 @UNE-Regio!AU6",
        ],
    );
}

#[test]
fn occupation() {
    check(
        "lfs_occupation",
        22_564,
        21_228,
        "2861374.775",
        &[("..", 878), ("...", 458)],
        &[
            "TOTAL EMPLOYED TOTAL COUNTRY TOTAL TOTAL TOTAL T THS_PER TOTAL 2024 4275.952913176577 @OCCUP-Demo!C16",
            "ISCO-08: Elementary occupations TOTAL COUNTRY TOTAL TOTAL OTHER T THS_PER TOTAL 2024 45.41467951412054 @OCCUP-Demo!O13",
            "ISCO-08: Professionals TOTAL COUNTRY TOTAL ED5-8 TOTAL T THS_PER TOTAL 2024 853.1897705030259 @OCCUP-Demo!V6",
            "ISCO-08: Managers TOTAL COUNTRY TOTAL ED3 TOTAL T THS_PER TOTAL 2024 43.92068186405953 @OCCUP-Demo!T5",
            "ISCO-08: Managers TOTAL Kentriki Makedonia TOTAL TOTAL T THS_PER TOTAL 2024 15.79326706129047 @OCCUP-Demo!AA5",
            "ISCO-08: Managers TOTAL Ipeiros TOTAL TOTAL T THS_PER TOTAL 2024 2.355114257994527 @OCCUP-Demo!AC5",
            "ISCO-08: Managers TOTAL Ipeiros (1981 division) TOTAL TOTAL T THS_PER TOTAL 2024 7.249547391972155 @OCCUP-Demo!AS5",
        ],
    );
}

#[test]
fn quarters() {
    check(
        "lfs_quarter_regions",
        9_506,
        9_506,
        "4610746.029",
        &[],
        &[
            "Kentriki Makedonia (Central Macedonia) THS_PER une 2001-Q1 91.2 @T2B_YPA_9811!E9",
            "Kentriki Makedonia (Central Macedonia) THS_PER pop 2001-Q3 1566.9 @T2B_YPA_9811!L9",
            "Kentriki Makedonia (Central Macedonia) PC une_rate 2001-Q4 11.4 @T2B_YPA_9811!I26",
            "Kentriki Makedonia (Central Macedonia) THS_PER une 2025-Q1 107.6 @T2B_YPA_9811!E832",
            "Kriti (Crete) PC une_rate 2025-Q1 6.7 @T2B_YPA_9811!F860",
        ],
    );
    check(
        "lfs_quarter_nationality",
        6_111,
        6_111,
        "9105661.427",
        &[],
        &[
            "EL TOTAL T THS_PER pop 2001-Q1 9148.4 @T2a_age9811!B6",
            "EL FOR T THS_PER une 2001-Q1 22.2 @T2a_age9811!E8",
            "EL TOTAL M THS_PER pop 2001-Q1 4456.6 @T2a_age9811!B9",
            "EL FOR M THS_PER lf 2001-Q1 117.9 @T2a_age9811!C11",
            "EL FOR F PC une_rate 2024-Q4 26.8 @T2a_age9811!I581",
        ],
    );
    check(
        "lfs_quarter_occupation",
        1_067,
        1_067,
        "794745.623",
        &[],
        &[
            "EL THS_PER Total 2001-Q1 4206.7 @Τ4_ΕΠΑΓ_9811!B5",
            "EL THS_PER Total 2004-Q3 4416.1 @Τ4_ΕΠΑΓ_9811!D18",
            "EL THS_PER Professionals 2011-Q1 736.3 @Τ4_ΕΠΑΓ_9811!F33",
            "EL THS_PER Total 2025-Q1 4216.8 @Τ4_ΕΠΑΓ_9811!N58",
        ],
    );
}
