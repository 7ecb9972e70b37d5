//! Real SDMX files: counts, sums and cells as another program (Python's csv, json and ElementTree) finds them.

use baseline_model::{Reading, Severity};

use super::real::{check, counts, has, reading};
use crate::ReadOptions;

/// Sum of all values, to a thousandth.
fn sum(reading: &Reading) -> f64 {
    let total: f64 = reading.tables.iter().flat_map(|table| table.value.iter().flatten()).sum();
    (total * 1000.0).round() / 1000.0
}

fn table(file: &str, format: &str, expected: [usize; 3], total: f64, cell: &str) {
    let Some(reading) = check(&format!("national/{file}"), format, expected) else { return };
    assert_eq!(sum(&reading), total, "{file}");
    has(Some(reading), cell);
}

#[test]
fn istat() {
    let check = |file: &str, expected, total, cell: &str| {
        table(&format!("istat/IT1_{file}.csv.gz"), "SDMX-CSV 1.0", expected, total, cell);
    };
    check("29_316_DF_DCIS_POPSTRBIL1_1", [42_612, 42_612, 0], 697_084_376.0, "A ITC1 FJAN 9 2023 420240 @R2077C7");
    check(
        "28_185_DF_DCIS_MIGRAZIONI_2",
        [12_296, 12_296, 22],
        28_745_372.0,
        "A ITTOT TREG FREIGN 999 1 TOTAL ITTOT X1033 X1033 2019 18 @R2C13",
    );
    check(
        "29_348_DF_DCIS_PERMSOGG1_1",
        [3_607, 3_607, 0],
        345_586_220.0,
        "A IT RESPER 9 XASI_C_S ALL TOTAL TOTAL 99 2024 586875 @R3608C12",
    );
}

#[test]
fn old_istat() {
    let check =
        |file: &str, expected, total, cell: &str| table(&format!("istat/{file}.csv.gz"), "I.Stat CSV", expected, total, cell);
    check("DCCV_OCCUPATIT1_12012025110421591", [1_350, 1_350, 0], 603_443.173, "IT 9 Y15-89 FRG 9 2019-Q1 2326.565 @R3C13");
    check("DCCV_OCCUPATIT1_12012025110704049", [1_350, 1_350, 0], 527_712.887, "ITFG 9 Y15-89 FRG 1 9 2023-Q4 288.701 @R1351C15");
    check("DCCV_TAXOCCU1_12012025110922125", [1_200, 1_200, 0], 73_271.266, "IT EMP_R 1 Y15-64 7 FRG 2019 79.898297 @R2C15");
    check("DCIS_PERMSOGG1_12012025111539693", [24_107, 24_107, 0], 5_740_270.0, "ITG28 INFLNONEU 2 TN ALL1 2023 3 @R24108C13");
    // Exported without the column of the sex or another dimension: eight figures under one key.
    let Some(reading) = reading("national/istat/DCCV_OCCUPATIT1_12012025111941696.csv.gz", &ReadOptions::default()) else {
        return;
    };
    assert_eq!((counts(&reading), sum(&reading)), ([1_848, 1_848, 0], 671_688.217));
    let errors: Vec<_> = reading.findings.iter().filter(|finding| finding.severity == Severity::Error).collect();
    assert!(matches!(errors.as_slice(), [one] if one.code == "duplicate-key"), "{errors:?}");
}

#[test]
fn oecd() {
    let check = |file: &str, expected, total, cell: &str| {
        table(&format!("oecd/OECD.ELS.IMD_{file}"), "SDMX-CSV 2.0", expected, total, cell);
    };
    check("DSD_MIG_DF_MIG_1.0_ITA_B11.csv.gz", [9_057, 9_012, 9_057], 21_783_373.0, "ITA CAF A B11 _T _Z _Z PS 2008 9 A| @R2C23");
    check("DSD_MIG_INT_PER_1.0_ITA.csv", [36, 36, 36], 1_133_720.867, "ITA A MIG_FLW FR PS 2023 43434.18697 E| @R37C17");
}

#[test]
fn json() {
    let file = "national/sdmx-fixtures/OECD_data-PART2-all-all.json";
    let Some(reading) = reading(file, &ReadOptions::default()) else { return };
    assert_eq!((counts(&reading), sum(&reading)), ([7, 7, 3], 32.135));
    assert_eq!(reading.tables[0].dataflow.as_deref(), Some("part2"));
    has(Some(reading), "NOR 5CLAT CHG FOG MAT MN  1.35138670313075 y| @dataSets[0].observations.6:0:2:0:0:0");
}

#[test]
fn footers() {
    for file in [
        "national/sdmx-fixtures/ESTAT_footer.xml",
        "eurostat/error_footer_413_2015.sdmxml21.xml",
        "eurostat/error_footer_413_2018.sdmxml21.xml",
    ] {
        let Some(reading) = reading(file, &ReadOptions::default()) else { continue };
        assert!(reading.tables.is_empty());
        assert_eq!(reading.findings.iter().map(|finding| finding.code).collect::<Vec<_>>(), ["written-to-file"], "{file}");
    }
}

/// Entries by description and list, and some of them.
fn structure(file: &str, lists: &[(&str, &str, usize)], entries: &[[&str; 4]]) {
    let Some(reading) = reading(file, &ReadOptions::default()) else { return };
    assert!(
        reading.tables.is_empty() && reading.findings.iter().all(|one| one.severity == Severity::Info),
        "{:?}",
        reading.findings
    );
    let mut found: Vec<(&str, &str, usize)> = Vec::new();
    for one in &reading.descriptions {
        for entry in &one.entries {
            match found.last_mut() {
                Some((id, list, count)) if *id == one.id && *list == entry.list => *count += 1,
                _ => found.push((&one.id, &entry.list, 1)),
            }
        }
    }
    assert_eq!(found, lists, "{file}");
    for [list, code, label, parent] in entries {
        let fits = |entry: &&baseline_model::Entry| entry.list == *list && entry.code == *code;
        let mut all = reading.descriptions.iter().flat_map(|one| &one.entries).filter(fits);
        assert!(all.any(|entry| entry.label == *label && entry.parent == *parent), "{file}: {list} {code}");
    }
}

#[test]
fn structures() {
    structure("eurostat/codelist_freq.sdmxml30.xml", &[("FREQ", "FREQ", 1)], &[["FREQ", "P", "Pluri-annual", ""]]);
    structure(
        "national/sdmx-fixtures/ISTAT_actualconstraint-0.xml",
        &[
            ("CONS_92_143", "FREQ", 1),
            ("CONS_92_143", "REF_AREA", 1),
            ("CONS_92_143", "DATA_TYPE_AGGR", 8),
            ("CONS_92_143", "MEASURE", 1),
            ("CONS_92_143", "BRKDW_INDUSTRY_NACE_REV2", 71),
            ("CONS_92_143", "VALUATION", 3),
            ("CONS_92_143", "ADJUSTMENT", 1),
            ("CONS_92_143", "PRICE", 4),
            ("CONS_92_143", "FREQUENCY", 1),
            ("CONS_92_143", "INSTITUTIONAL_SECTOR", 1),
            ("CONS_92_143", "EDITION", 2),
            ("CONS_92_143", "TIME_PERIOD", 2),
            ("CONS_92_143", "OBS_STATUS", 1),
        ],
        &[["TIME_PERIOD", "1970-01-01T00:00:00", "first", ""], ["DATA_TYPE_AGGR", "D214_D29", "", ""]],
    );
    structure(
        "national/sdmx-fixtures/ESTAT_demography-structure.xml",
        &[
            ("DEMOGRAPHY", "FREQ", 1),
            ("DEMOGRAPHY", "COUNTRY", 4),
            ("DEMOGRAPHY", "SEX", 3),
            ("DEMOGRAPHY", "DEMO", 14),
            ("DEMOGRAPHY", "TIME_PERIOD", 1),
            ("CL_DECIMALS", "CL_DECIMALS", 1),
            ("CL_FREQ", "CL_FREQ", 1),
            ("CL_CONF_STATUS", "CL_CONF_STATUS", 1),
            ("CL_OBS_STATUS", "CL_OBS_STATUS", 1),
            ("CL_UNIT_MULT", "CL_UNIT_MULT", 1),
            ("CL_UNIT", "CL_UNIT", 3),
            ("CROSS_DOMAIN_CONCEPTS", "CROSS_DOMAIN_CONCEPTS", 1),
            ("DEMO_CONCEPTS", "DEMO_CONCEPTS", 3),
        ],
        &[["COUNTRY", "EL", "Greece", ""], ["DEMO", "PJANT", "Population on 1 January of Year X", ""]],
    );
}

#[test]
fn other_structures() {
    let Some(reading) = reading("national/sdmx-fixtures/ESTAT_esms-structure.xml", &ReadOptions::default()) else { return };
    let entries: Vec<_> = reading.descriptions.iter().flat_map(|one| &one.entries).collect();
    let count = |list: &str| entries.iter().filter(|entry| entry.list == list && !entry.code.is_empty()).count();
    assert_eq!((count("CL_COUNTRY"), count("ESMS_CONCEPTS"), count("DATAFLOWS_SCHEME"), count("table")), (2, 19, 7, 1));
    assert!(entries.iter().any(|entry| entry.code == "ADDRESS_CITY" && entry.parent == "ADDRESS"));
    assert!(entries.iter().any(|entry| entry.code == "POP" && entry.parent == "DEM"));
    assert_eq!(reading.findings.iter().map(|finding| finding.code).collect::<Vec<_>>(), ["structures-not-read"]);
    let Some(reading) = self::reading("eurostat/gov_10q_ggnfa.structure.sdmxml.xml", &ReadOptions::default()) else { return };
    let lists: Vec<_> = reading.descriptions.iter().map(|one| (one.id.as_str(), one.entries.len())).collect();
    println!("{lists:?}");
    assert_eq!(reading.descriptions[0].id, "GOV_10Q_GGNFA");
    let first: Vec<_> = reading.descriptions[0].entries.iter().map(|entry| entry.list.as_str()).collect();
    let mut order = first.clone();
    order.dedup();
    assert_eq!(order, ["freq", "unit", "s_adj", "sector", "na_item", "geo", "TIME_PERIOD"]);
    assert!(reading.descriptions.iter().any(|one| one.updated == "2023-01-23T11:00:00+0100"));
}
