//! GENESIS: specimens of our own, the recorded files beside the project, and mutants.

use std::path::PathBuf;

use proptest::collection::vec;
use proptest::prelude::*;

use super::mutants::{mutate, survive};
use super::{check, check_with, line, sound};
use crate::specimen::{gzip, zip};
use crate::{Limits, ReadOptions, read};
use baseline_model::definitions::Numbers;
use baseline_model::{Reading, Role, Severity};

const HEAD: &str = "statistics_code;statistics_label;time_code;time_label;time;";
const GROUP: &str = "1_variable_code;1_variable_label;1_variable_attribute_code;1_variable_attribute_label;";
const GROUP2: &str = "2_variable_code;2_variable_label;2_variable_attribute_code;2_variable_attribute_label;";
const VALUE: &str = "value;value_unit;value_variable_code;value_variable_label";

/// A file of the newer layout from `region;sex;value[;quality]`, one a row; a region is `15084` or `DLAND:15`.
fn flat(rows: &[&str]) -> String {
    let quality = rows.iter().any(|row| row.matches(';').count() == 3);
    let mut text = format!("\u{feff}{HEAD}{GROUP}{GROUP2}{VALUE}{}\n", if quality { ";value_q" } else { "" });
    for row in rows {
        let cells: Vec<&str> = row.split(';').collect();
        let (variable, region) = cells[0].split_once(':').unwrap_or(("KREISE", cells[0]));
        let quality = cells.get(3).map(|sign| format!(";{sign}")).unwrap_or_default();
        text.push_str(&format!(
            "13111;Beschäftigte;STAG;Stichtag;2024-06-30;{variable};Kreise;{region};Ort;GES;Geschlecht;{};x;{};Anzahl;ERW032;Besch.{quality}\n",
            cells[1], cells[2]
        ));
    }
    text
}

/// The file in an archive under a name.
fn packed(member: &str, text: &str) -> Vec<u8> {
    zip(&[(member.to_owned(), text.to_owned())])
}

#[test]
fn new_layout() {
    let text = flat(&["15084;;7293", "15084;GESM;-", "15084;GESW;…"]);
    let expected = [
        "15084 TOTAL ERW032 Anzahl 2024-06-30 7293 @R2C14",
        "15084 GESM ERW032 Anzahl 2024-06-30 - -| @R3C14",
        "15084 GESW ERW032 Anzahl 2024-06-30 - …| @R4C14",
    ];
    let reading = check(&text, &expected, &[]);
    let table = &reading.tables[0];
    assert_eq!(reading.format, "GENESIS flat CSV");
    assert_eq!(
        table.dimensions.iter().map(|column| column.id.as_str()).collect::<Vec<_>>(),
        ["kreise", "ges", "measure", "unit"]
    );
    assert_eq!((table.dimensions[1].label.as_str(), table.period.label.as_str()), ("Geschlecht", "Stichtag"));
    assert_eq!((table.dimensions[2].role, table.period.role), (Some(Role::Metric), Some(Role::Time)));
    assert_eq!((table.title.as_deref(), table.dataflow.as_deref()), (Some("Beschäftigte"), None));
    check(&text.replace('\n', "\r\n"), &expected, &[]);
    check(&text.replace("Ort", "\"Ort; Umland\""), &expected, &[]);
    check_with(&gzip(text.as_bytes()), &ReadOptions::default(), &expected, &[]);
    let archive = packed("13111-01-03-4_1749623409083_de_flat.csv", &text);
    let reading = check_with(&archive, &ReadOptions::default(), &expected, &[]);
    assert_eq!(reading.tables[0].dataflow.as_deref(), Some("13111-01-03-4"));
}

#[test]
fn quality_signs() {
    check(
        &flat(&["1;;5;e", "2;;5;", "3;;/;/", "4;;/;e", "5;;0;-"]),
        &[
            "1 TOTAL ERW032 Anzahl 2024-06-30 5 e| @R2C14",
            "2 TOTAL ERW032 Anzahl 2024-06-30 5 @R3C14",
            "3 TOTAL ERW032 Anzahl 2024-06-30 - /| @R4C14",
            "4 TOTAL ERW032 Anzahl 2024-06-30 - /e| @R5C14",
            "5 TOTAL ERW032 Anzahl 2024-06-30 - -| @R6C14",
        ],
        &["warning number-beside-mark"],
    );
}

#[test]
fn mixed_variables() {
    let reading = check(
        &flat(&["DLAND:15;;3", "15084;;2", "15085;;1"]),
        &[
            "15 DLAND TOTAL ERW032 Anzahl 2024-06-30 3 @R2C14",
            "15084 KREISE TOTAL ERW032 Anzahl 2024-06-30 2 @R3C14",
            "15085 KREISE TOTAL ERW032 Anzahl 2024-06-30 1 @R4C14",
        ],
        &["info several-variables"],
    );
    let ids: Vec<_> = reading.tables[0].dimensions.iter().map(|column| column.id.as_str()).collect();
    assert_eq!(ids, ["kreise", "kreise_variable", "ges", "measure", "unit"]);
    // A measure that is not broken down.
    check(&flat(&["15084;;2"]).replace("GES;Geschlecht;;x", ";;;"), &["15084 ERW032 Anzahl 2024-06-30 2 @R2C14"], &[]);
    check(&flat(&["15084;GESM;2"]).replace("GES;Geschlecht", ";"), &[], &["error attribute-without-variable"]);
    // The same variable twice, and several statistics in one file.
    check(
        &format!(
            "{}{}",
            flat(&["1;GESM;2"]).replace("GES;", "KREISE;"),
            "12411;B;STAG;S;2024-06-30;KREISE;K;1;;KREISE;K;GESM;;5;Anzahl;ERW032;B\n"
        ),
        &["13111 1 GESM ERW032 Anzahl 2024-06-30 2 @R2C14", "12411 1 GESM ERW032 Anzahl 2024-06-30 5 @R3C14"],
        &[],
    );
}

/// What a file asks for grows with its size and not with a product of what its header claims.
#[test]
fn too_many_dimensions() {
    let group = |number: usize| format!("{number}_variable_code;{number}_variable_attribute_code;");
    let groups: String = (1..=17).map(group).collect();
    check(&format!("statistics_code;time;{groups}A__b__c\n"), &[], &["error header-not-understood"]);
    let names: String = (0..17).map(|number| format!("D;D{number}\n")).collect();
    let keys = "FACH-SCHL;".repeat(17);
    check(
        &format!("K;DQA;NAME\n{names}K;DQZ;NAME\nD;JAHR\nK;DQI;NAME\nD;M\nK;QEI;{keys}ZI-WERT;WERT\n"),
        &[],
        &["error header-not-understood"],
    );
}

#[test]
fn old_layout() {
    let header = "Statistik_Code;Statistik_Label;Zeit_Code;Zeit_Label;Zeit;1_Merkmal_Code;1_Merkmal_Label;1_Auspraegung_Code;1_Auspraegung_Label;BEV__Bevoelkerung__Anzahl;ANT__Anteil__%\n";
    let rows = "12411;F;STAG;Stichtag;31.12.2022;KREISE;Kreise;15084;      Burgenlandkreis;177212;1,234\n";
    let text = format!("{header}{rows}");
    let expected = ["15084 BEV Anzahl 2022-12-31 177212 @R2C10", "15084 ANT % 2022-12-31 1.234 @R2C11"];
    check(&text, &expected, &[]);
    let quality = text.replace("__Anzahl;", "__Anzahl;BEV__q;").replace("177212;", "177212;p;");
    check(&quality, &["15084 BEV Anzahl 2022-12-31 177212 p| @R2C10", "15084 ANT % 2022-12-31 1.234 @R2C12"], &[]);
    let english = "statistics_code;statistics_label;time_code;time_label;time;1_variable_code;1_variable_label;1_variable_attribute_code;1_variable_attribute_label;BEV__Bevoelkerung__Anzahl;ANT__Anteil__%\n";
    check(&format!("{english}{}", rows.replace("1,234", "1.234")), &expected, &[]);
    check(&format!("{english}{rows}"), &[expected[0], "15084 ANT % 2022-12-31 - @R2C11"], &["error decimal-sign"]);
}

#[test]
fn decimal_signs() {
    let row = |number: usize, value: &str| format!("{number} TOTAL ERW032 Anzahl 2024-06-30 {value} @R{}C14", number + 1);
    let with = |member: &str, values: &[&str], options: &ReadOptions<'_>, expected: &[&str], codes: &[&str]| {
        let rows: Vec<String> = values.iter().enumerate().map(|(place, value)| format!("{};;{value}", place + 1)).collect();
        let text = flat(&rows.iter().map(String::as_str).collect::<Vec<_>>());
        let expected: Vec<String> = expected.iter().enumerate().map(|(place, value)| row(place + 1, value)).collect();
        let bytes = if member.is_empty() { text.into_bytes() } else { packed(member, &text) };
        check_with(&bytes, options, &expected.iter().map(String::as_str).collect::<Vec<_>>(), codes);
    };
    let plain = ReadOptions::default();
    with("t_1_de_flat.csv", &["1,234", "5"], &plain, &["1.234", "5"], &[]);
    with("t_1_en_flat.csv", &["1.234", "5"], &plain, &["1.234", "5"], &[]);
    with("t_1_de_flat.csv", &["1.5", "5"], &plain, &["-", "5"], &["error decimal-sign"]);
    with("t_1_en_flat.csv", &["1,5", "5"], &plain, &["-", "5"], &["error decimal-sign"]);
    with("t_1_flat.csv", &["1,5", "1,234"], &plain, &["1.5", "1.234"], &[]);
    with("", &["1.5", "1.234"], &plain, &["1.5", "1.234"], &[]);
    with("", &["1,234", "7"], &plain, &["-", "7"], &["error decimal-sign"]);
    with("", &["1,5", "1.5"], &plain, &["-", "-"], &["error decimal-sign", "error decimal-sign"]);
    with("", &["1.234,5"], &plain, &["-"], &["error not-a-number"]);
    let german = Numbers { decimal: Some(','), ..Numbers::default() };
    with("", &["1,234"], &ReadOptions { numbers: Some(&german), ..plain }, &["1.234"], &[]);
}

#[test]
fn faults_of_flat_files() {
    let good = flat(&["15084;;7293"]);
    let first = "15084 TOTAL ERW032 Anzahl 2024-06-30 7293 @R2C14";
    check(&format!("{good}13111;cut\n"), &[first], &["error wrong-number-of-cells"]);
    check(&format!("{good}\n\n"), &[first], &[]);
    check(&good.replace("7293", "viele"), &["15084 TOTAL ERW032 Anzahl 2024-06-30 - @R2C14"], &["error not-a-number"]);
    check(&good.replace("7293", ""), &["15084 TOTAL ERW032 Anzahl 2024-06-30 - @R2C14"], &[]);
    check(&good.replace(";time;", ";time_period;"), &[], &["error header-not-understood"]);
    check(&good.replace("value_variable_label", "footnote"), &[first], &["warning columns-not-used"]);
    check(&flat(&[]), &[], &["error no-data"]);
    check(&good.replace("Ort", "\"Ort"), &[], &["error unpaired-quote"]);
    check(
        &good.replace("2024-06-30", "2023-10P6M"),
        &["15084 TOTAL ERW032 Anzahl 2023-10P6M 7293 @R2C14"],
        &["warning unknown-period"],
    );
    let twice = format!("{good}{}", good.lines().nth(1).unwrap());
    check(&twice, &[first, "15084 TOTAL ERW032 Anzahl 2024-06-30 7293 @R3C14"], &["error duplicate-key"]);
    let few = ReadOptions { limits: Limits { unpacked: 1 << 20, cells: 1 }, ..ReadOptions::default() };
    check_with(
        flat(&["1;;1", "2;;2"]).as_bytes(),
        &few,
        &["1 TOTAL ERW032 Anzahl 2024-06-30 1 @R2C14"],
        &["error too-many-cells"],
    );
}

const CUBE: &str = "* Der Benutzer DE0000000 hat diese Datei angefordert\n\
    K;DQ;FACH-SCHL;GHH-ART;GHM-WERTE-JN;\"mit Werten\"\nD;47414BJ001;D;N\n\
    K;DQ-ERH;FACH-SCHL\nD;47414\n\
    K;DQA;NAME;RHF-BSR;RHF-ACHSE\nD;DINSG;1;1\nD;WZ08;2;2\n\
    K;DQZ;NAME;ZI-RHF-BSR;ZI-RHF-ACHSE\nD;JAHR;3;3\n\
    K;DQI;NAME;ME-NAME;DST;TYP;NKM-STELLEN\nD;UMS103;2015=100;FEST;PROZENT;1\nD;BES001;Anzahl;GANZ;SUMME;0\n\
    K;QEI;FACH-SCHL;FACH-SCHL;ZI-WERT;WERT;QUALITAET;GESPERRT;WERT-VERFAELSCHT\n\
    D;DG;WZ08-49-01;2024;136.6;p;;0.0;12;e;;0.0\n\
    D;DG;;2024;0;-;;0.0;7;;g;0.0\n";

#[test]
fn cubes() {
    let rows = [
        "DG WZ08-49-01 UMS103 2015=100 2024 136.6 p| @R15C5",
        "DG WZ08-49-01 BES001 Anzahl 2024 12 e| @R15C9",
        "DG TOTAL UMS103 2015=100 2024 - -| @R16C5",
        "DG TOTAL BES001 Anzahl 2024 - |g @R16C9",
    ];
    let reading = check(CUBE, &rows, &["warning cell-locked"]);
    assert_eq!(reading.format, "GENESIS cube");
    assert_eq!(reading.tables[0].dataflow.as_deref(), Some("47414bj001"));
    assert_eq!(reading.tables[0].dimensions[0].id, "dinsg");
    let altered = CUBE.replace("136.6;p;;0.0", "136.6;p;;0.5");
    check(&altered, &rows, &["warning value-altered", "warning cell-locked"]);
    let comma = CUBE.replace("136.6", "136,6");
    let empty = ["DG WZ08-49-01 UMS103 2015=100 2024 - p| @R15C5", rows[1], rows[2], rows[3]];
    check(&comma, &empty, &["error not-a-number", "warning cell-locked"]);
    check(&CUBE.replace("D;DG;;2024;0;-;;0.0;7;;g;0.0", "D;DG;;2024;0"), &rows[..2], &["error wrong-number-of-cells"]);
    for (from, to) in [
        ("D;WZ08;2;2\n", ""),
        ("D;WZ08;2;2", "D;WZ08;1;2"),
        ("D;WZ08;2;2", "D;DINSG;2;2"),
        ("ZI-WERT;WERT", "WERT;ZI-WERT"),
        ("ZI-WERT;WERT", "ZEIT;WERT"),
        ("QUALITAET;GESPERRT", "WERT;GESPERRT"),
        ("D;UMS103", "D;"),
        ("K;QEI", "K;XXX"),
    ] {
        check(&CUBE.replace(from, to), &[], &["error header-not-understood"]);
    }
    let stray = CUBE.replace("K;QEI", "Der Benutzer DE0000000\nK;QEI");
    for (text, code) in [(stray.as_str(), "line-not-read"), ("* Der Benutzer DE0000000", "header-not-understood")] {
        let reading = read(text.as_bytes(), "file", &ReadOptions::default());
        assert!(reading.findings.iter().any(|finding| finding.code == code));
        assert!(reading.findings.iter().all(|finding| !finding.to_string().contains("DE0000000")), "{:?}", reading.findings);
    }
}

/// `list|list_label|code|label|parent`, one an entry.
fn entries(reading: &Reading) -> Vec<String> {
    let all = reading.descriptions.iter().flat_map(|description| &description.entries);
    all.map(|entry| [&entry.list, &entry.list_label, &entry.code, &entry.label, &entry.parent].map(String::as_str).join("|"))
        .collect()
}

fn answer(code: i64, rest: &str) -> String {
    format!(
        r#"{{"Ident":{{"Service":"metadata","Method":"table"}},"Status":{{"Code":{code},"Content":"wird\nverarbeitet","Type":"x"}},"Parameter":{{"username":"DE0000000"}}{rest}}}"#
    )
}

#[test]
fn answers() {
    let node =
        |code: &str, below: &str| format!(r#"{{"Code":"{code}","Content":"{code}\nText","Type":"Merkmal","Structure":{below}}}"#);
    let structure = format!(
        r#","Object":{{"Code":"13111-01-03-4","Content":"Titel\nlang","Time":{{"From":"2008","To":"2025"}},"Structure":{{"Head":{},"Columns":[{}],"Rows":[{}],"Subtitel":null}},"Updated":"08.09.2025 09:08:56h"}}"#,
        node("13111", &format!("[{}]", node("ERW032", "null"))),
        node("NAT", &format!("[{}]", node("GES", "null"))),
        node("KREISE", "null"),
    );
    let reading = check(&answer(0, &structure), &[], &[]);
    assert_eq!(
        entries(&reading),
        [
            "statistics||13111|13111 Text|",
            "measure||ERW032|ERW032 Text|",
            "nat|NAT Text|||",
            "ges|GES Text|||",
            "kreise|KREISE Text|||",
            "period||2008|first|",
            "period||2025|last|",
        ]
    );
    let description = &reading.descriptions[0];
    assert_eq!(
        (description.id.as_str(), description.title.as_str(), description.updated.as_str()),
        ("13111-01-03-4", "Titel lang", "08.09.2025 09:08:56h")
    );
    check(&answer(22, &structure), &[], &["warning request-adjusted"]);
    let list = r#","List":[{"Code":"12531-0043","Content":"Schutz\nsuchende"}]"#;
    assert_eq!(entries(&check(&answer(0, list), &[], &[])), ["table||12531-0043|Schutz suchende|"]);
    check(&answer(0, r#","Object":null"#), &[], &["error no-data"]);
    for code in [6, 50, 90, 98, 99, 104, 15] {
        let reading = check(&answer(code, r#","Object":null"#), &[], &["error error-body"]);
        let shown = reading.findings[0].to_string();
        assert!(shown.contains(&format!("code {code}: wird verarbeitet")) && !shown.contains("DE0000000"), "{shown}");
    }
    check(r#"{"Code":15,"Content":"gesperrt","Type":"ERROR"}"#, &[], &["error error-body"]);
}

#[test]
fn catalogues() {
    let reading = check("Code,Content,Time\n12411-01-01-4,\"Bevölkerung -\nKreise\",1995 - 2021\n1,x,\n", &[], &[]);
    assert_eq!(reading.format, "GENESIS catalogue");
    assert_eq!(entries(&reading), ["table|tables|12411-01-01-4|Bevölkerung - Kreise [1995 - 2021]|", "table|tables|1|x|"]);
    let reading = check("Code,Content,Cubes,Information\n12111,Zensus,24,true\n", &[], &[]);
    assert_eq!(entries(&reading), ["statistics|statistics|12111|Zensus [cubes: 24]|"]);
    check("Code,Content,Time\n", &[], &["error no-data"]);
    check("Code,Content,Time\n,x,y\n", &[], &["error entry-without-code", "error no-data"]);
}

/// The reading of a recorded file; none when it is not there.
fn recorded(file: &str) -> Option<Reading> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/national/destatis"));
    let Ok(bytes) = std::fs::read(folder.join(file)) else {
        println!("skipped: {file} is not there");
        return None;
    };
    let reading = read(&bytes, file, &ReadOptions::default());
    sound(&reading);
    Some(reading)
}

/// Rows, values, sum of the values, rows with a mark; and lines that must be there, by their beginning.
fn check_recorded(file: &str, (rows, values, sum, marked): (usize, usize, f64, usize), expected: &[&str]) {
    let Some(reading) = recorded(file) else { return };
    assert_eq!(reading.tables.len(), 1, "{file}: {:?}", reading.findings);
    let table = &reading.tables[0];
    let numbers: Vec<f64> = table.value.iter().flatten().copied().collect();
    let marks = (0..table.len()).filter(|row| !table.obs_status.get(*row).is_empty()).count();
    assert_eq!((table.len(), numbers.len(), numbers.iter().sum::<f64>(), marks), (rows, values, sum, marked), "{file}");
    let loud: Vec<_> = reading.findings.iter().filter(|finding| finding.severity > Severity::Info).collect();
    assert!(loud.is_empty(), "{file}: {loud:?}");
    let lines: Vec<_> = (0..table.len()).map(|row| line(table, row)).collect();
    for wanted in expected {
        assert!(lines.iter().any(|line| line.starts_with(wanted)), "{file}: {wanted}; found {:?}", &lines[..3]);
    }
    let code = file.split('_').next().unwrap().to_lowercase();
    assert!(table.dataflow.as_ref().is_none_or(|dataflow| *dataflow == code), "{file}");
}

#[test]
fn recorded_employees() {
    check_recorded(
        "13111-01-03-4_de_flat_2025-06.zip",
        (3300, 2748, 324_715_938.0, 552),
        &[
            "15084 KREISE TOTAL TOTAL ERW032 Anzahl 2024-06-30 59866 @R1935C18",
            "15084 KREISE NATA TOTAL ERW032 Anzahl 2024-06-30 7293 @R2882C18",
            "15084 KREISE NATA GESW ERW032 Anzahl 2024-06-30 2612 @R1737C18",
            "15256 KREISE TOTAL TOTAL ERW032 Anzahl 2024-06-30 - -| @R354C18",
        ],
    );
    check_recorded(
        "13111-01-03-4_de_flat_2026-03.zip",
        (3300, 330, 244_328_538.0, 2970),
        &[
            "15084 KREISE TOTAL TOTAL ERW032 Anzahl 2025-06-30 - -| @R1870C18",
            "15084 KREISE TOTAL GESM ERW032 Anzahl 2025-06-30 - -| @R2395C18",
            "15084 KREISE TOTAL GESW ERW032 Anzahl 2025-06-30 - -| @R2756C18",
            "15084 KREISE NATA TOTAL ERW032 Anzahl 2025-06-30 - -| @R114C18",
            "15084 KREISE NATA GESM ERW032 Anzahl 2025-06-30 - -| @R1708C18",
            "15084 KREISE NATA GESW ERW032 Anzahl 2025-06-30 - -| @R2770C18",
            "DG DINSG NATA TOTAL ERW032 Anzahl 2025-06-30 5837916 @R2C18",
        ],
    );
    check_recorded(
        "13111-01-03-4_de_ffcsv_old_2024-12.csv.gz",
        (3228, 2682, 297_966_260.0, 546),
        &[
            "15084 TOTAL TOTAL ERW032 Anzahl 2023-06-30 59947 @R2876C18",
            "15084 NATA TOTAL ERW032 Anzahl 2023-06-30 6608 @R2879C18",
        ],
    );
    check_recorded("13111-0005_de_flat.zip", (384, 384, 559_289_492.0, 0), &["15 TOTAL ERW065 Anzahl 2025-06-30 788290 @"]);
}

#[test]
fn recorded_population() {
    let total = "15084 TOTAL BEVSTD Anzahl";
    check_recorded(
        "12411-01-01-4_de_ffcsv_old_2024-06.csv.gz",
        (1614, 1341, 627_947_944.0, 273),
        &[&format!("{total} 2022-12-31 177212 @R1439C14")],
    );
    check_recorded(
        "12411-01-01-4_de_ffcsv_old_2024-12.csv.gz",
        (1614, 1341, 630_222_624.0, 273),
        &[&format!("{total} 2023-12-31 177174 @R1439C14")],
    );
    check_recorded(
        "12411-01-01-4_de_flat_2025-06.zip",
        (1650, 1410, 676_905_210.0, 240),
        &["15084 KREISE TOTAL BEVSTD Anzahl 2023-12-31 175217 @R994C14"],
    );
    for language in ["de", "en"] {
        let file = format!("12411-01-01-4_{language}_flat_2026-03.zip");
        let old = "15256 TOTAL BEVSTD Anzahl 2024-12-31 - -| @R615C14";
        check_recorded(&file, (1467, 1245, 176_460_354.0, 222), &[&format!("{total} 2024-12-31 173684 @R540C14"), old]);
    }
    check_recorded(
        "12111-01-01-4_de_ffcsv_old_census2011.csv.gz",
        (4842, 4131, 1_195_113_031.0, 711),
        &[
            "15084 TOTAL TOTAL BEVZ20 Anzahl 2011-05-09 189729 @R4313C18",
            "15084 NATA TOTAL BEVZ20 Anzahl 2011-05-09 2960 @R4319C18",
        ],
    );
    check_recorded(
        "1000A-0000_de_flat.zip",
        (10_787, 10_787, 165_430_822.0, 0),
        &["DG GEODL1 PRS001 Anzahl 2022-05-15 82719540 @R2C10", "150840550550 GEOGM4 PRS018 Anzahl 2022-05-15 38228 @R4125C10"],
    );
}

#[test]
fn recorded_others() {
    check_recorded(
        "12531-0043_flat.zip",
        (116_738, 116_738, 8_480_805.0, 0),
        &["15084 SCHUTZST-AK-4 GESM ST144 BEV030 Anzahl 2024-12-31 5 @R1205C22"],
    );
    if let Some(reading) = recorded("12531-0043_flat.zip") {
        let table = &reading.tables[0];
        let own: Vec<_> = (0..table.len()).filter(|row| table.dimensions[0].get(*row) == "15084").collect();
        assert_eq!((own.len(), own.iter().filter_map(|row| table.value[*row]).sum::<f64>()), (270, 19_760.0));
    }
    check_recorded(
        "2000S-2003_de_flat.zip",
        (72, 69, 726_996_030.0, 3),
        &[
            "DG WANDERUNG-BEID WDGAT2 ERWERB ERWST3 PRS004 Anzahl 2022-05-15 8470940 @",
            "DG WANDERUNG-EINS WDGAT1 TOTAL ERWST3 PRS004 Anzahl 2022-05-15 1398780 @",
            "DG NACHKOMMEN WDGAT1 RUHEKAPITAL ERWST4 PRS004 Anzahl 2022-05-15 - /| @",
        ],
    );
    check_recorded("12211-0001_de_flat.zip", (225, 210, 838_830.0, 15), &["DG GESM ALT000B15 ERW041 1000 2024 - x| @R7C18"]);
    check_recorded(
        "52411-02-01-4_de_flat.zip",
        (2445, 2051, 74_322_636.0, 394),
        &[
            "15084 TOTAL ISV006 Anzahl 2024 26 @R1027C14",
            "15084 TOTAL FOR002 Tsd. EUR 2024 4875 @R1720C14",
            "15256 ISVART01 ISV006 Anzahl 2024 - -| @R302C14",
        ],
    );
}

#[test]
fn recorded_answers() {
    for (file, count) in [
        ("12411-01-01-4_metadata_table.json", 7),
        ("13111-01-03-4_metadata_table.json", 8),
        ("12531-0043_metadata_table.json", 9),
        ("2000S-2003_metadata_table.json", 8),
        ("21311-01-01-4-B_metadata_table.json", 9),
        ("12531-0043_results_ready.json", 1),
        ("catalogue_genesis_statistics.csv", 324),
        ("catalogue_genesis_tables.csv", 2689),
        ("catalogue_regioDB_statistics.csv", 101),
        ("catalogue_regioDB_tables.csv", 791),
        ("catalogue_zensusDB_tables.csv", 754),
    ] {
        let Some(reading) = recorded(file) else { continue };
        assert_eq!(
            (entries(&reading).len(), reading.findings.len()),
            (count, 0),
            "{file}: {:?} {:?}",
            entries(&reading),
            reading.findings
        );
    }
    for code in [98, 99, 104] {
        let name = match code {
            98 => "too_large",
            99 => "job_created",
            _ => "no_result_yet",
        };
        let Some(reading) = recorded(&format!("12531-0043_status{code}_{name}.json")) else { continue };
        assert_eq!(reading.findings.len(), 1);
        assert!(reading.findings[0].message.contains(&format!("code {code}:")));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn mutated(number in 0..6_usize, edits in vec(any::<(u16, u8, u8)>(), 0..6), cut in any::<u16>()) {
        let text = match number {
            0 => flat(&["15084;;7293,5", "DLAND:15;GESM;-"]),
            1 => "Statistik_Code;Zeit;1_Merkmal_Code;1_Auspraegung_Code;A__b__c;A__q\n1;31.12.2022;K;1;1,5;e\n".to_owned(),
            2 => CUBE.to_owned(),
            3 => answer(0, r#","Object":{"Code":"1","Structure":{"Head":{"Code":"1","Structure":[{"Code":"A"}]},"Rows":[{"Code":"B"}]}}"#),
            4 => answer(98, r#","Object":null"#),
            _ => "Code,Content,Time\n12411,\"Bevölkerung -\nKreise\",1995 - 2021\n".to_owned(),
        };
        survive(&mutate(text.as_bytes(), &edits, cut));
    }

    #[test]
    fn mutated_archives(edits in vec(any::<(u16, u8, u8)>(), 0..4), cut in any::<u16>()) {
        survive(&mutate(&packed("t_1_de_flat.csv", &flat(&["15084;;7293"])), &edits, cut));
    }
}
