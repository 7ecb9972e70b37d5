//! Real files, read where they are and only when they are there: `../shared/data` beside the project.

use std::collections::BTreeMap;
use std::path::PathBuf;

use baseline_model::{RawTable, Reading, Severity};

use super::{line, sound};
use crate::{Labels, ReadOptions, read};
use baseline_model::definitions::Shape;

pub(super) fn folder() -> Option<PathBuf> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data"));
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: no real files beside the project");
    None
}

/// A real file; none when it is not there (some are kept aside for acceptance).
pub(super) fn bytes(file: &str) -> Option<Vec<u8>> {
    let bytes = std::fs::read(folder()?.join(file)).ok();
    if bytes.is_none() {
        println!("skipped: {file} is not there");
    }
    bytes
}

/// The reading of a real file; none when it is not there.
pub(super) fn reading(file: &str, options: &ReadOptions<'_>) -> Option<Reading> {
    let bytes = bytes(file)?;
    let reading = read(&bytes, file, options);
    sound(&reading);
    Some(reading)
}

/// Rows, values and rows with a flag, over all tables, and no finding above information.
pub(super) fn check(file: &str, format: &str, expected: [usize; 3]) -> Option<Reading> {
    let reading = reading(file, &ReadOptions::default())?;
    assert_eq!(reading.format, format, "{file}");
    assert_eq!(counts(&reading), expected, "{file}");
    let loud: Vec<_> = reading.findings.iter().filter(|finding| finding.severity > Severity::Info).collect();
    assert!(loud.is_empty(), "{file}: {loud:?}");
    Some(reading)
}

pub(super) fn counts(reading: &Reading) -> [usize; 3] {
    let sum = |count: &dyn Fn(&RawTable) -> usize| reading.tables.iter().map(count).sum();
    [
        sum(&RawTable::len),
        sum(&|table| table.value.iter().flatten().count()),
        sum(&|table| (0..table.len()).filter(|row| !table.obs_status.get(*row).is_empty()).count()),
    ]
}

pub(super) fn has(reading: Option<Reading>, expected: &str) {
    let Some(reading) = reading else { return };
    let found = reading.tables.iter().any(|table| (0..table.len()).any(|row| line(table, row) == expected));
    assert!(found, "{expected}");
}

#[test]
fn tsv() {
    let check = |file: &str, expected| check(&format!("eurostat/{file}"), "Eurostat TSV", expected);
    check("demo_r_pjangrp3.tsv.gz", [1_229_256, 1_125_895, 56_084]);
    check("demo_r_pjangrp3.legacy2022.tsv.gz", [1_229_256, 1_125_895, 56_084]);
    check("demo_r_pjanind3.tsv.gz", [883_008, 784_028, 46_681]);
    check("edat_lfs_9912.tsv.gz", [59_940, 48_688, 18_329]);
    check("edat_lfse_22.tsv.gz", [104_121, 84_326, 32_151]);
    check("nama_10r_3gdp.tsv.gz", [286_419, 268_494, 20_694]);
    check("lfsa_urgan.tsv", [3_240, 2_306, 1_347]);
    check("migr_resfirst.tsv", [160, 160, 7]);
    has(check("lfsa_ergan.tsv", [3_240, 2_777, 898]), "A PC F Y20-64 EU27_2020_FOR BA 2021 - bu| @R3C8");
}

#[test]
fn jsonstat() {
    let Some(reading) = check("eurostat/lfsa_eoqgan.DE.json", "JSON-stat 2.0", [3_846, 3_162, 1_719]) else { return };
    let table = &reading.tables[0];
    let withheld = (0..table.len()).filter(|row| table.value[*row].is_none() && !table.obs_status.get(*row).is_empty()).count();
    assert_eq!(withheld, 684);
    assert_eq!(table.dataflow.as_deref(), Some("lfsa_eoqgan"));
    assert_eq!(table.updated.as_deref(), Some("2026-06-30T11:00:00+0200"));
}

#[test]
fn jsonstat_wrapped() {
    let Some(reading) = reading("eurostat/lfsa_eoqgan.wrapped.json", &ReadOptions::default()) else { return };
    assert_eq!(reading.tables.len(), 2);
    let table = &reading.tables[1];
    assert_eq!(table.value.iter().flatten().count(), 143);
    assert_eq!((0..table.len()).filter(|row| !table.obs_status.get(*row).is_empty()).count(), 63);
    let value = |citizen: &str, geo: &str| {
        let (citizens, geos) = (table.dimension("citizen").unwrap(), table.dimension("geo").unwrap());
        let row = (0..table.len()).find(|row| citizens.get(*row) == citizen && geos.get(*row) == geo).unwrap();
        (table.value[row], table.obs_status.get(row).to_owned())
    };
    for (geo, non_eu, national) in [("PL", 46.3, 19.9), ("EL", 76.0, 32.6), ("IT", 60.7, 19.1), ("SE", 24.7, 12.8)] {
        assert_eq!(value("NEU27_2020_FOR", geo), (Some(non_eu), String::new()));
        assert_eq!(value("NAT", geo), (Some(national), String::new()));
    }
    assert_eq!(value("NEU27_2020_FOR", "ES"), (Some(55.3), "d".into()));
    for geo in ["PL", "SI"] {
        assert_eq!(value("EU27_2020_FOR", geo), (None, "u".into()));
    }
    assert!(table.positions.text(0).starts_with("2#"));
}

#[test]
fn jsonstat_empty_and_errors() {
    for (file, code) in [
        ("empty_unknown_code_une_rt_m.json", "no-such-code"),
        ("error_404_not_found.statistics.json", "error-body"),
        ("error_413_extraction_too_big.statistics.json", "error-body"),
        ("error_413_extraction_too_big.sdmx21.xml", "error-body"),
        ("codelist_geo.csv", "unknown-format"),
        ("nuts2024_classification.csv", "unknown-format"),
        ("toc_dataflows_2026-08.csv.gz", "unknown-format"),
    ] {
        let Some(reading) = reading(&format!("eurostat/{file}"), &ReadOptions::default()) else { continue };
        assert_eq!(counts(&reading), [0, 0, 0]);
        assert_eq!(reading.findings.iter().map(|finding| finding.code).collect::<Vec<_>>(), [code], "{file}");
    }
}

#[test]
fn sdmx_csv() {
    let check = |file: &str, expected| check(&format!("eurostat/{file}.sdmx2.csv.gz"), "SDMX-CSV 2.0", expected);
    check("edat_lfs_9911", [1_023, 956, 363]);
    check("lfsa_egan", [2_841, 2_841, 453]);
    check("lfsa_ergan", [7_983, 7_795, 1_605]);
    check("lfsa_pganws", [3_258, 2_798, 1_152]);
    check("lfsa_urgan", [7_983, 7_253, 2_141]);
    check("migr_asyappctza", [1_080, 1_080, 0]);
    has(check("migr_asytpsm", [1_136, 1_131, 216]), "M PER UA T TOTAL AT 2022-07 73785 @R2C18");
}

/// The codelists beside the files, and what they lack.
fn labels() -> Option<Labels> {
    let folder = folder()?.join("eurostat");
    let mut by_dimension: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for id in ["age", "geo", "indic_de", "unit"] {
        let text = std::fs::read_to_string(folder.join(format!("codelist_{id}.csv"))).ok()?;
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let list = reader.records().map(|record| record.unwrap()).map(|record| (record[1].to_owned(), record[0].to_owned()));
        by_dimension.insert(id.into(), list.collect());
    }
    // The codelist is of 2026 and knows the euro area of 21 countries only.
    by_dimension.entry("geo".into()).or_default().insert("Euro area – 20 countries (from 2023)".into(), "EA20".into());
    by_dimension.insert("freq".into(), [("Annual".to_owned(), "A".to_owned())].into());
    Some(Labels { by_dimension })
}

#[test]
fn labels_only() {
    let Some(labels) = labels() else { return };
    let options = ReadOptions { labels: Some(&labels), ..ReadOptions::default() };
    if let Some(reading) = reading("eurostat/demo_gind.sdmx1-labels.csv", &options) {
        assert_eq!(counts(&reading), [1_093, 1_093, 92], "{:?}", reading.findings);
        has(Some(reading), "A JAN AD 2003 67159 @R2C7");
    }
    // No codelists for these dimensions: refused as a whole, each dimension named.
    for file in ["demo_poppcctb", "ilc_di15", "lfsa_ugan"] {
        let Some(reading) = reading(&format!("eurostat/{file}.sdmx1-labels.csv.gz"), &options) else { continue };
        assert_eq!(counts(&reading), [0, 0, 0], "{file}");
        assert!(reading.findings.iter().any(|finding| finding.code == "labels-only"), "{file}");
    }
}

#[test]
fn workbooks() {
    let check = |file: &str, expected| check(&format!("eurostat/{file}"), "Data Browser workbook", expected);
    let reading = check("lfst_r_lfe2emprt.xlsx", [5_120, 4_590, 957]);
    if let Some(reading) = &reading {
        let table = &reading.tables[0];
        assert_eq!(table.dataflow.as_deref(), Some("lfst_r_lfe2emprt"));
        assert_eq!(table.updated.as_deref(), Some("11/12/2025 23:00"));
    }
    has(reading, "A PC T Y15-24 EU27_2020 2015 30.3 @Sheet 1!C11");
    check("lfst_r_lfu3rt.xlsx", [5_050, 4_345, 1_341]);
    has(check("demo_r_d2jan.xlsx", [78_150, 71_269, 5_105]), "A NR T Y_LT1 EU28 2020 - @Sheet 2!M13");
}

#[test]
fn yearbook_map() {
    let file = "eurostat/ryb2026_ch04m03_employment_rate_by_isced_nuts2.json";
    let reading = check(file, "Regional Yearbook map", [891, 868, 0]);
    if let Some(reading) = &reading {
        assert_eq!(reading.findings.iter().map(|finding| finding.code).collect::<Vec<_>>(), ["footnote"]);
    }
    has(reading, "C PL42 2025 90.9 @options[2].data.PL42");
}

#[test]
fn tidy() {
    let Some(reading) = reading("local/published_local_facts.csv", &ReadOptions::default()) else { return };
    assert_eq!(counts(&reading)[..2], [306, 306]);
}

#[test]
fn wide_csv() {
    let shape: Shape = toml::from_str(
        r#"
        [[blocks]]
        keys = [{ column = "nuts", dimension = "geo" }]
        ignore = ["country", "name", "employment_gap_pp"]
        period = "2025"
        measures = [
            { column = "population_15_64_ths", code = "pop" },
            { column = "foreign_born_ths", code = "fb" },
            { column = "foreign_born_pct", code = "fb_pct" },
            { column = "non_eu_born_pct", code = "neu_pct" },
            { column = "foreign_citizen_pct", code = "for_pct" },
            { column = "employment_native_pct", code = "emp_nat" },
            { column = "employment_foreign_born_pct", code = "emp_fb" },
            { column = "unemployment_native_pct", code = "une_nat" },
            { column = "unemployment_foreign_born_pct", code = "une_fb" },
            { column = "net_migration_per_1000", code = "netmig", period = "2024" },
        ]
        "#,
    )
    .unwrap();
    let options = ReadOptions { shapes: std::slice::from_ref(&shape), ..ReadOptions::default() };
    let Some(reading) = reading("eurostat/nuts2_by_birth_2025.derived.csv", &options) else { return };
    assert!(reading.findings.is_empty(), "{:?}", reading.findings);
    assert_eq!(reading.tables[0].len(), 2_900);
    let table = &reading.tables[0];
    let lines: Vec<_> = (0..table.len()).map(|row| line(table, row)).collect();
    assert!(lines.iter().any(|line| line.starts_with("emp_fb PL42 2025 87.2 @")));
    assert!(lines.iter().any(|line| line.starts_with("emp_nat PL42 2025 76.7 @")));
}

#[test]
fn skills_index() {
    let shape: Shape = toml::from_str(
        r#"
        [[blocks]]
        sheet = "Scores"
        constants = { form = "score" }
        keys = [{ column = "Country Code", dimension = "geo" }]
        period_column = "Release Year"
        measures = [{ column = "European Skills Index", code = "esi" }, { column = "Skills mismatch", code = "mismatch" }]
        [[blocks]]
        sheet = "RawData"
        constants = { form = "raw" }
        keys = [{ column = "Country Code", dimension = "geo" }]
        period_column = "Release Year"
        measures = [{ column = "Qualification mismatch", code = "qualification_mismatch" }]
        "#,
    )
    .unwrap();
    let options = ReadOptions { shapes: std::slice::from_ref(&shape), ..ReadOptions::default() };
    let Some(reading) = reading("composite/esi_dataset_2024_formatted.xlsx", &options) else { return };
    assert_eq!(counts(&reading)[0], 248 * 3);
    assert!(reading.findings.iter().all(|finding| finding.code == "column-undeclared"), "{:?}", reading.findings);
    has(Some(reading), "esi score ES 2024 24.185 @Scores!E249");
}
