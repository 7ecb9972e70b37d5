//! PX files: every statement that matters, every fault, then the real ones.

use baseline_model::{RawTable, Reading, Role};

use super::real::{counts, reading};
use super::{check, check_with, codes, line, rows, sound};
use crate::{Limits, ReadOptions, read};

/// Two regions and two years; `more` stands before the data, `data` after `DATA=`.
fn px(more: &str, data: &str) -> String {
    format!(
        "CHARSET=\"ANSI\";\nAXIS-VERSION=\"2010\";\nLANGUAGE=\"en\";\nMATRIX=\"T1\";\nTITLE=\"Made \"\n\"up\";\nSTUB=\"region\";\nHEADING=\"year\";\n\
         VALUES(\"region\")=\"Sweden\",\"Home; town\";\nVALUES(\"year\")=\"2023\",\"2024\";\n\
         CODES(\"region\")=\"00\",\"0580\";\nTIMEVAL(\"year\")=TLIST(A1),\"2023\",\"2024\";\n{more}DATA=\n{data}"
    )
}

const FULL: [&str; 4] = ["00 2023 1 @R14C1", "00 2024 2.5 @R14C2", "0580 2023 -3 @R15C1", "0580 2024 - ..| @R15C2"];

#[test]
fn whole() {
    let reading = check(&px("", "1 2.5\n-3 \"..\";\n"), &FULL, &[]);
    let table = &reading.tables[0];
    assert_eq!((reading.format.as_str(), table.dataflow.as_deref(), table.title.as_deref()), ("PX", Some("t1"), Some("Made up")));
    assert_eq!((table.period.label.as_str(), table.period.role), ("year", Some(Role::Time)));
    assert_eq!((table.dimensions[0].id.as_str(), table.dimensions[0].label.as_str()), ("region", "region"));
    for data in ["1 2.5\n-3 ..\n", "1\t2.5 \r\n-3,..;", "1 2.5\n-3 \"..\"", "1 2.5\n-3 \"..\";\n\n\u{1a}"] {
        let reading = read(px("", data).as_bytes(), "file", &ReadOptions::default());
        assert_eq!((rows(&reading), codes(&reading)), (FULL.map(str::to_owned).to_vec(), Vec::new()), "{data}");
    }
    check(
        &px("", "1 2.5 -3 .. ;"),
        &["00 2023 1 @R14C1", "00 2024 2.5 @R14C2", "0580 2023 -3 @R14C3", "0580 2024 - ..| @R14C4"],
        &[],
    );
}

#[test]
fn statements() {
    let first = |more: &str, codes: &[&str]| {
        let reading = read(px(more, "1 2 3 4;").as_bytes(), "file", &ReadOptions::default());
        sound(&reading);
        assert_eq!(super::codes(&reading), codes, "{more}\n{:?}", reading.findings);
        reading.tables.into_iter().next().unwrap()
    };
    assert_eq!(first("MAP(\"region\")=\"m\";\n", &[]).dimensions[0].role, Some(Role::Geo));
    assert_eq!(first("VARIABLE-TYPE(\"region\")=\"G\";\n", &[]).dimensions[0].role, Some(Role::Geo));
    assert_eq!(first("CONTVARIABLE=\"region\";\n", &[]).dimensions[0].role, Some(Role::Metric));
    assert_eq!(first("VARIABLECODE(\"region\")=\"REGION\";\n", &[]).dimensions[0].id, "region");
    assert_eq!(first("TABLEID=\"TAB1\";\n", &[]).dataflow.as_deref(), Some("tab1"));
    let stamps = "LAST-UPDATED(\"a\")=\"20040212 16:28\";\nLAST-UPDATED(\"b\")=\"20060209 15:20\";\n";
    assert_eq!(first(stamps, &[]).updated.as_deref(), Some("20060209 15:20"));
    let described = "DESCRIPTION=\"D\";\nDESCRIPTIONDEFAULT=YES;\n";
    assert_eq!(first(described, &[]).title.as_deref(), Some("D"));
    // Another language is parsed and not read; the main language may be named.
    first("VALUES[sv](\"region\")=\"x\";\nSTUB[sv]=\"omrade\";\nVALUES[en](\"region\")=\"Sweden\",\"Home; town\";\n", &[]);
    first("NOTE=\"DATA=1 2 3;\n\"\n\"DATA=\";\nUNITS=\"number\";\n", &["info unit"]);
    first("CELLNOTE(\"*\",\"0580\")=\"a (b) ; c\";\nHIERARCHIES(\"region\")=\"00\",\"00\":\"0580\";\n", &[]);
    // Something that is no statement, and a statement whose end is missing.
    first("hello;\n", &["warning px-statement"]);
    first("INFOFILE=\"x\"\nDATABASE=\"y\";\n", &["warning px-no-semicolon"]);
    first("DATABASE=\"y\"\n", &["warning px-no-semicolon"]);
}

#[test]
fn times() {
    let period = |values: &str, timeval: &str| -> Vec<String> {
        let text = px("", "1 2 3 4;").replace("\"2023\",\"2024\";\nCODES", &format!("{values};\nCODES"));
        let text = text.replace("TIMEVAL(\"year\")=TLIST(A1),\"2023\",\"2024\";\n", timeval);
        let reading = read(text.as_bytes(), "file", &ReadOptions::default());
        assert!(reading.findings.iter().all(|finding| finding.code == "no-time-dimension" || finding.code == "unknown-period"));
        reading.tables[0].period.dictionary.clone()
    };
    assert_eq!(period("\"2005K1\",\"2005K2\"", "TIMEVAL(\"year\")=TLIST(Q1),\"20051\",\"20052\";\n"), ["2005-Q1", "2005-Q2"]);
    assert_eq!(period("\"a\",\"b\"", "TIMEVAL(\"year\")=TLIST(M1),\"200412\",\"200501\";\n"), ["2004-12", "2005-01"]);
    assert_eq!(period("\"a\",\"b\"", "TIMEVAL(\"year\")=TLIST(H1,\"20081\"-\"20082\");\n"), ["2008-S1", "2008-S2"]);
    assert_eq!(period("\"1994\",\"1995\"", "TIMEVAL(\"year\")=TLIST(A1, \"1994\"-\"1995\");\n"), ["1994", "1995"]);
    assert_eq!(period("\"1994\",\"1995\"", "TIMEVAL(\"year\")=TLIST(A1);\n"), ["1994", "1995"]);
    // Nothing that we know: verbatim, and said.
    assert_eq!(period("\"a\",\"b\"", "TIMEVAL(\"year\")=TLIST(A1),\"2004/05\",\"2005/06\";\n"), ["2004/05", "2005/06"]);
    // No TIMEVAL: the name and every code must say time.
    assert_eq!(period("\"2004\",\"2005K1\"", ""), ["2004", "2005K1"]);
    assert_eq!(period("\"2004\",\"Total\"", ""), [""]);
}

#[test]
fn glued_codes() {
    let text = |values: &str| {
        px("", "1 2 3 4;").replace("CODES(\"region\")=\"00\",\"0580\";\n", "").replace("\"Sweden\",\"Home; town\"", values)
    };
    let read =
        |values: &str| read(text(values).as_bytes(), "file", &ReadOptions::default()).tables[0].dimensions[0].dictionary.clone();
    assert_eq!(read("\"42004-Agreda \",\"42006-Alconaba\""), ["42004", "42006"]);
    assert_eq!(read("\"Total\",\"42004-Agreda \""), ["Total", "42004-Agreda"]);
    assert_eq!(read("\" 05-09\",\" 10-14 \""), ["05-09", "10-14"]);
    assert_eq!(read("\"42004-Agreda\",\"42004-Alconaba\""), ["42004-Agreda", "42004-Alconaba"]);
}

#[test]
fn marks() {
    let symbols = "DATASYMBOL1=\"secret\";\nDATASYMBOLNIL=\"nothing\";\nDATASYMBOL2=\"..\";\n";
    let expected = ["00 2023 - .| @R17C1", "00 2024 - -| @R17C2", "0580 2023 - ......| @R17C3", "0580 2024 - ..| @R17C4"];
    let reading = check(&px(symbols, "\".\" \"-\" \"......\" \"..\";"), &expected, &["info marks"]);
    assert!(reading.findings[0].message.contains("`secret`"));
    let odd = ["00 2023 - n.a.| @R14C1", "00 2024 - @R14C2", "0580 2023 - -| @R14C3", "0580 2024 4 @R14C4"];
    check(&px("", "\"n.a.\" \"\" - 4;"), &odd, &["warning px-unknown-mark"]);
    let bad = ["00 2023 - @R14C1", "00 2024 - @R14C2", "0580 2023 - @R14C3", "0580 2024 4 @R14C4"];
    check(&px("", "x \"5\" 1.2.3 4;"), &bad, &["error not-a-number", "error not-a-number", "error not-a-number"]);
    let numbers = ["00 2023 0 @R14C1", "00 2024 0.001 @R14C2", "0580 2023 1234567890123456800 @R14C3", "0580 2024 100000 @R14C4"];
    check(&px("", "-0 1E-3 1234567890123456789 1e5;"), &numbers, &[]);
}

#[test]
fn keys() {
    let with = |by: &str, data: &str| px(&format!("KEYS(\"region\")={by};\n"), data);
    let expected = ["0580 2023 3 @R15C2", "0580 2024 4 @R15C3"];
    check(&with("CODES", "\"0580\", 3 4;"), &expected, &["info px-rows-absent"]);
    check(&with("VALUES", "\"Home; town\",3 4"), &[], &["error px-cut"]);
    let both = ["0580 2023 3 @R15C2", "0580 2024 - ..| @R15C3", "00 2023 1 @R16C2", "00 2024 2 @R16C3"];
    check(&with("VALUES", "\"Home; town\",3 \"..\"\n\"Sweden\",1 2;"), &both, &[]);
    for data in ["\"0114\",3 4;", "\"0580\",3;", "3 4;", "\"0580\",3 4\n\"0580\",3 4;", "\"0580\",3 4 5;"] {
        check(&with("CODES", data), &[], &["error px-keys"]);
    }
    check(&with("TEXTS", "\"0580\",3 4;"), &[], &["error px-keys"]);
    check(&px("KEYS(\"year\")=CODES;\n", "\"0580\",3 4;"), &[], &["error px-keys"]);
}

#[test]
fn code_pages() {
    let text = |declared: &str| px("", "1 2 3 4;").replace("CHARSET=\"ANSI\";", declared).replace("\"00\"", "\"Ä€ž\"");
    let region = |bytes: &[u8], expected: &str, codes: &[&str]| {
        let reading = read(bytes, "file", &ReadOptions::default());
        assert_eq!(super::codes(&reading), codes, "{:?}", reading.findings);
        let found = reading.tables.first().map(|table| table.dimensions[0].dictionary[0].clone()).unwrap_or_default();
        assert_eq!(found, expected);
    };
    let encode = |page: &'static encoding_rs::Encoding, declared: &str| page.encode(&text(declared)).0.into_owned();
    region(&encode(encoding_rs::WINDOWS_1252, "CHARSET=\"ANSI\";"), "Ä€ž", &[]);
    region(&encode(encoding_rs::WINDOWS_1252, "CHARSET=\"ANSI\";\nCODEPAGE=\"iso-8859-1\";"), "Ä€ž", &[]);
    region(&encode(encoding_rs::WINDOWS_1250, "CODEPAGE=\"windows-1250\";"), "Ä€ž", &[]);
    region(&encode(encoding_rs::ISO_8859_15, "CODEPAGE = \"iso-8859-15\";"), "Ä€ž", &[]);
    region(text("CODEPAGE=\"utf-8\";").as_bytes(), "Ä€ž", &[]);
    region(text("CHARSET=\"Unicode\";").as_bytes(), "Ä€ž", &[]);
    region(format!("\u{feff}{}", text("CHARSET=\"ANSI\";")).as_bytes(), "Ä€ž", &[]);
    region(text("CHARSET=\"ANSI\";").as_bytes(), "Ä€ž", &["warning px-code-page"]);
    region(text("DECIMALS=0;").as_bytes(), "Ä€ž", &[]);
    region(&encode(encoding_rs::WINDOWS_1252, "DECIMALS=0;"), "", &["error px-code-page"]);
    region(&encode(encoding_rs::WINDOWS_1252, "CODEPAGE=\"utf-8\";"), "", &["error px-code-page"]);
    region(&encode(encoding_rs::WINDOWS_1252, "CODEPAGE=\"cp9999\";"), "", &["error px-code-page"]);
    region(px("", "1 2 3 4;").replace("\"ANSI\"", "\"OEM\"").as_bytes(), "00", &[]);
}

#[test]
fn refused() {
    let refuse = |text: &str, code: &str| {
        check(text, &[], &[&format!("error {code}")]);
    };
    refuse(&px("", "1 2 3;"), "px-count");
    refuse(&px("", "1 2 3 4 5 6;"), "px-count");
    refuse(&px("", ";"), "px-count");
    refuse(&px("", ""), "px-count");
    refuse(&px("", "1 2 3 4"), "px-cut");
    refuse(&px("", "1 2 3 \"."), "px-cut");
    refuse(&px("NOTE=\"open;\n", "1 2 3 4;"), "px-no-data");
    refuse(px("", "").split("DATA=").next().unwrap(), "px-no-data");
    refuse(&px("", "1 2 3 4;").replace("STUB=\"region\";\nHEADING=\"year\";\n", ""), "px-no-variables");
    refuse(&px("", "1 2 3 4;").replace("HEADING=\"year\"", "HEADING=\"Region\""), "px-contradiction");
    refuse(&px("CODES(\"region\")=\"01\",\"02\";\n", "1 2 3 4;"), "px-contradiction");
    let texts = ["Sweden 2023 1 @R14C1", "Sweden 2024 2 @R14C2", "Home; town 2023 3 @R14C3", "Home; town 2024 4 @R14C4"];
    check(&px("", "1 2 3 4;").replace("\"00\",\"0580\"", "\"00\""), &texts, &["warning px-codes"]);
    refuse(&px("", "1 2 3 4;").replace("\"00\",\"0580\"", "\"00\",\"00\""), "px-variable");
    refuse(&px("", "1 2 3 4;").replace("TLIST(A1),\"2023\"", "TLIST(A1),\"2022\",\"2023\""), "px-variable");
    refuse(&px("", "1 2 3 4;").replace("TLIST(A1),", "LIST("), "px-variable");
    refuse(
        &px("", "1 2 3 4;")
            .replace("VALUES(\"region\")=\"Sweden\",\"Home; town\";\n", "")
            .replace("CODES(\"region\")", "CODES(\"r\")"),
        "px-variable",
    );
    let few = ReadOptions { limits: Limits { cells: 3, ..Limits::default() }, ..ReadOptions::default() };
    check_with(px("", "1 2 3 4;").as_bytes(), &few, &[], &["error too-large"]);
    let after = ["00 2023 1 @R14C1", "00 2024 2 @R14C2", "0580 2023 3 @R14C3", "0580 2024 4 @R14C4"];
    check(&px("", "1 2 3 4;\nNOTE=\"x\";"), &after, &["warning px-after-data"]);
    let untitled = px("", "1 2 3 4;").replace("TITLE=\"Made \"\n\"up\";\n", "");
    assert_eq!(codes(&read(untitled.as_bytes(), "file", &ReadOptions::default())), ["warning px-no-title"]);
}

fn sum(table: &RawTable) -> f64 {
    table.value.iter().flatten().sum()
}

/// Rows, values and rows with a mark; the sum; the findings.
fn real(file: &str, expected: [usize; 3], total: f64, findings: &[&str]) -> Option<Reading> {
    let reading = reading(&format!("national/{file}"), &ReadOptions::default())?;
    assert_eq!(codes(&reading), findings, "{file}: {:?}", reading.findings);
    assert_eq!(counts(&reading), expected, "{file}");
    if let Some(table) = reading.tables.first() {
        assert_eq!(reading.format, "PX");
        assert!((sum(table) - total).abs() < 1e-6 * total.max(1.0), "{file}: {}", sum(table));
    }
    Some(reading)
}

fn has(reading: Option<Reading>, expected: &[&str]) -> Option<Reading> {
    let reading = reading?;
    for expected in expected {
        let found = reading.tables.iter().any(|table| (0..table.len()).any(|row| line(table, row) == *expected));
        assert!(found, "{expected}; the first is {}", line(&reading.tables[0], 0));
    }
    Some(reading)
}

/// Counts and sums come from another parser.
#[test]
fn fixtures() {
    let real =
        |file: &str, expected, total, findings: &[&str]| real(&format!("pxweb-fixtures/{file}.px"), expected, total, findings);
    real("BE0101A1", [33_936, 33_936, 0], 18_059_144.0, &["info unit"]);
    real("BE0101A1det", [9_984, 9_984, 0], 1_620_909.0, &["info unit"]);
    real("BE0101A1proc", [96, 96, 0], 4_895_141.0, &[]);
    real("BE0101D1", [46_176, 46_176, 0], 1_169_832.0, &["info unit"]);
    let marks = ["info marks", "info unit"];
    real("BE0101F1allKeywords", [48, 41, 7], 11_466.0, &marks);
    real("BE0101F1datasymbols", [24, 18, 6], 4_474.0, &marks);
    let both = real("BE0101F1ensvdescdefault", [48, 48, 0], 17_793.0, &["info unit"]);
    if let Some(reading) = has(both, &["00 20 BE0101F1 1 2003 456 @R109C1", "0115 22 BE0101F2 2 2003 35 @R120C4"]) {
        let table = &reading.tables[0];
        assert_eq!(table.title.as_deref(), Some("Migration for Sweden, Stockholm county and some municipalities"));
        assert_eq!(table.dimension("type").unwrap().role, Some(Role::Metric));
        assert_eq!(table.dimension("region").unwrap().role, Some(Role::Geo));
    }
    real("BE0101F1langensvfiolikacelln", [48, 48, 0], 17_793.0, &["info unit"]);
    real("BE0101F1nildotsymbols", [48, 32, 16], 3_164.0, &marks);
    real("BE0101F1symbnot", [48, 42, 6], 11_504.0, &marks);
    real("officialstatistics", [48, 46, 2], 11_504.0, &marks);
    // It has two codes for three texts.
    real("BE101ACE", [8_064, 8_064, 0], 538_792_262.0, &["warning px-codes", "info unit"]);
    real("BE101ACEkeys", [7_488, 7_488, 0], 538_792_262.0, &["info px-rows-absent", "info unit"]);
    let months = has(real("PR0101D8", [58, 58, 0], 5_983.13, &["info unit"]), &[]);
    if let Some(reading) = months {
        assert_eq!(reading.tables[0].period.dictionary[..2], ["2004-09", "2004-10"]);
    }
    real("TAB001_population_by_age", [5_940, 3_681, 2_259], 6_943_770_852.0, &["info unit"]);
    // It says iso-8859-1 and is UTF-8.
    real("tab4_fewcells", [1, 1, 0], 445.0, &["warning px-code-page", "info unit"]);
    let citizenship = real("TAB002_population_by_citizenship", [19_800, 9_879, 9_921], 7_452_698_116.0, &["info unit"]);
    let named = [
        "SE T TOTAL FOR HNCTZ 1991 475946 @R8920C1",
        "SE T TOTAL NAT HNCTZ 1991 8405480 @R8921C1",
        "SE T TOTAL NAT HNCTZ 2001 - ..| @R8921C2",
        "SE T TOTAL TOTAL HNCTZ 1991 8882792 @R8923C1",
    ];
    if let Some(reading) = has(citizenship, &named) {
        let table = &reading.tables[0];
        assert_eq!((table.dataflow.as_deref(), table.updated.as_deref()), (Some("tab002"), Some("20230525 15:42")));
        assert_eq!(table.dimension("region").unwrap().role, Some(Role::Geo));
    }
    // Broken on purpose.
    real("BE0101F1missingData", [0, 0, 0], 0.0, &["error px-no-data"]);
    real("BE0101F1errorTimeval", [0, 0, 0], 0.0, &["error px-variable"]);
    real("BE0101F1missingTitle", [48, 42, 6], 11_504.0, &["info marks", "info unit", "warning px-no-title"]);
}

#[test]
fn offices() {
    let land = real("scb/TAB005_land_use_municipalities.px", [6_402, 6_295, 107], 454_352_667.0, &["info unit"]);
    has(
        land,
        &["0580 11 Landuse 2010 42565 @R696C1", "0580 11 Landuse 2015 42421 @R696C2", "0580 911 Landuse 2015 142772 @R706C2"],
    );
    let padron =
        real("ine/00042001_padron_soria.px", [10_488, 10_488, 0], 762_064.0, &["info unit", "warning no-time-dimension"]);
    has(padron, &["Ambos sexos 000 Total  95258 @R397C1", "Ambos sexos 42004 Total  3259 @R400C1"]);
}
