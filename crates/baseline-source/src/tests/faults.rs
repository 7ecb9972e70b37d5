//! Every fault has its message, and never a number in its place.

use super::{check, check_with};
use crate::specimen::{gzip, workbook, workbook_of, zip};
use crate::{Limits, ReadOptions};
use baseline_model::definitions::Shape;

fn refuse(input: &[u8], code: &str) {
    check_with(input, &ReadOptions::default(), &[], &[&format!("error {code}")]);
}

#[test]
fn no_data_at_all() {
    refuse(b"", "empty-file");
    refuse(b"  \n ", "empty-file");
    refuse(b"\xef\xbb\xbf", "empty-file");
    refuse(b"<!DOCTYPE html><html><head><title>Maintenance</title></head></html>", "html-page");
    refuse(
        b"<?xml version=\"1.0\"?><S:Fault><faultcode>413</faultcode><faultstring>EXTRACTION_TOO_BIG</faultstring></S:Fault>",
        "error-body",
    );
    refuse(b"<x/>", "unknown-format");
    refuse(br#"{"error":[{"status":404,"label":"ERR_NOT_FOUND_4: X"}]}"#, "error-body");
    refuse(br#"{"warning":{"status":413,"label":"ASYNCHRONOUS_RESPONSE. Try later."}}"#, "error-body");
    refuse(b"{\"a\":1}", "unknown-format");
    refuse(b"[1,,2]", "json-damaged");
    refuse(b"{\"value\":[1e999]}", "json-damaged");
    refuse(b"id,name\nA,B\n", "unknown-format");
    refuse(b"geo,period,value\n", "no-data");
    refuse(b"caf\xe9,period,value\n", "not-unicode");
    refuse(b"\xff\xfe\x00\xd8", "not-unicode");
    refuse(b"\xd0\xcf\x11\xe0\xa1\xb1", "workbook-damaged");
    refuse(b"PAR1...", "parquet-damaged");
    // Quotation marks that open in the header and close behind it.
    refuse(b"Edad;Sexo;Periodo;\"Total\nTotal;Ambos;2025T\";152\n", "no-data");
    let genesis = "statistics_code;time;1_variable_code;1_variable_attribute_code;value;value_unit;\"value_variable_code\n1;2024;A;B\";1;P;M\n";
    refuse(genesis.as_bytes(), "header-not-understood");
    refuse(&"[".repeat(100_000).into_bytes(), "json-damaged");
}

#[test]
fn messages_say_what_the_provider_said() {
    let reading = check(r#"{"error":[{"label":"EXTRACTION_TOO_BIG: x"}]}"#, &[], &["error error-body"]);
    assert!(reading.findings[0].message.contains("EXTRACTION_TOO_BIG"));
}

#[test]
fn packed() {
    let packed = gzip(b"geo,period,value\nPL,2024,1\n");
    check_with(&packed, &ReadOptions::default(), &["PL 2024 1 @R2C3"], &[]);
    for cut in [2, 11, packed.len() / 2, packed.len() - 1] {
        refuse(&packed[..cut], "gzip-damaged");
    }
    let mut flipped = packed.clone();
    let end = flipped.len() - 6;
    flipped[end] ^= 1;
    refuse(&flipped, "gzip-damaged");
    refuse(&gzip(&packed), "gzip-nested");
    let small = ReadOptions { limits: Limits { unpacked: 1000, cells: 10 }, ..ReadOptions::default() };
    check_with(&gzip(&vec![b'x'; 100_000]), &small, &[], &["error too-large"]);
    check_with(&vec![b'x'; 1001], &small, &[], &["error too-large"]);
}

#[test]
fn too_many_cells() {
    let few = ReadOptions { limits: Limits { unpacked: 10_000, cells: 3 }, ..ReadOptions::default() };
    check_with(b"geo\\TIME_PERIOD\t2023\t2024\nPL\t1\t2\nSE\t3\t4\n", &few, &[], &["error too-many-cells"]);
    let rows = ["A 2024 1 @R2C3", "B 2024 2 @R3C3", "C 2024 3 @R4C3"];
    check_with(b"geo,period,value\nA,2024,1\nB,2024,2\nC,2024,3\nD,2024,4\n", &few, &rows, &["error too-many-cells"]);
    let sheet = workbook(&[("a", &[(0, 0, "a"), (0, 1, "b"), (0, 2, "c"), (0, 3, "d")])]);
    check_with(&sheet, &few, &[], &["error workbook-damaged"]);
}

const HEADER: &str = "unit,geo\\TIME_PERIOD\t2023 \t2024 \n";

fn tsv(lines: &str, rows: &[&str], codes: &[&str]) -> String {
    let reading = check(&format!("{HEADER}{lines}"), rows, codes);
    reading.findings.first().map(ToString::to_string).unwrap_or_default()
}

#[test]
fn tsv_lines() {
    let good = ["PC PL 2023 1 @R3C2", "PC PL 2024 2 @R3C3"];
    let message = tsv("PC,SE\t1 \nPC,PL\t1 \t2 \n", &good, &["error wrong-number-of-cells"]);
    assert!(message.contains("file: line 2: expected 2 cells") && message.contains("found 1"), "{message}");
    tsv("PC,SE\t1 \t2 \t3 \nPC,PL\t1 \t2 \n", &good, &["error wrong-number-of-cells"]);
    tsv("PC,SE\nPC,PL\t1 \t2 \n", &good, &["error wrong-number-of-cells"]);
    tsv("SE\t1 \t2 \nPC,PL\t1 \t2 \n", &good, &["error wrong-key"]);
    tsv("A,PC,SE\t1 \t2 \nPC,PL\t1 \t2 \n", &good, &["error wrong-key"]);
    let twice = ["PC PL 2023 1 @R2C2", "PC PL 2024 2 @R2C3", "PC PL 2023 1 @R3C2", "PC PL 2024 3 @R3C3"];
    tsv("PC,PL\t1 \t2 \nPC,PL\t1 \t3 \n", &twice, &["error duplicate-key"]);
    tsv("", &[], &["error no-data"]);
}

#[test]
fn tsv_cells() {
    let missing = ["PC PL 2023 - @R2C2", "PC PL 2024 2 @R2C3"];
    tsv("PC,PL\t1,5 \t2 \n", &missing, &["error not-a-number"]);
    tsv("PC,PL\tn/a\t2 \n", &missing, &["error not-a-number"]);
    tsv("PC,PL\t\t2 \n", &missing, &["error not-a-number"]);
    tsv("PC,PL\t1\u{a0}299\t2 \n", &missing, &["error not-a-number"]);
    tsv("PC,PL\t9.2b\t2 \n", &missing, &["error glued-flag"]);
    tsv("PC,PL\t1 q\t2 \n", &["PC PL 2023 1 q| @R2C2", "PC PL 2024 2 @R2C3"], &["warning unknown-flag"]);
    let message = tsv(
        "PC,PL\tx\t2 \nPC,SE\tx\tx\n",
        &[missing[0], missing[1], "PC SE 2023 - @R3C2", "PC SE 2024 - @R3C3"],
        &["error not-a-number"],
    );
    assert!(message.contains("(3 places)"), "{message}");
}

#[test]
fn tsv_headers() {
    refuse(b"freq,geo\\TIME_PERIOD,2023 ,2024 \nA,PL,1,2\n", "header-not-understood");
    refuse(b"freq,geo\\TIME_PERIOD\nA,PL\n", "header-not-understood");
    refuse(b"freq,geo\\TIME_PERIOD\t2023\t2023\nA,PL\t1\t2\n", "header-not-understood");
    refuse(b"freq,freq\\TIME_PERIOD\t2023\nA,PL\t1\n", "header-not-understood");
    check("geo\\TIME_PERIOD\t2023x\nPL\t1\n", &["PL 2023x 1 @R2C2"], &["warning unknown-period"]);
    check("freq,geo\\TIME_PERIOD\t2025-01-01\nA,PL\t1\n", &["A PL 2025-01-01 1 @R2C2"], &["warning period-not-of-frequency"]);
}

/// A cube of two regions and one year.
fn cube(value: &str, id: &str, size: &str, geo: &str) -> String {
    format!(
        r#"{{"value":{value},"id":{id},"size":{size},"dimension":{{"geo":{{"category":{{"index":{geo}}}}},"time":{{"category":{{"index":["2024"]}}}}}}}}"#
    )
}

#[test]
fn jsonstat_contradictions() {
    let (id, size, geo) = (r#"["geo","time"]"#, "[2,1]", r#"["PL","SE"]"#);
    check(&cube("[1,2]", id, size, geo), &["PL 2024 1 @#0", "SE 2024 2 @#1"], &[]);
    for text in [
        cube("[1]", id, size, geo),
        cube("[1,2,3]", id, size, geo),
        cube(r#"{"2":1}"#, id, size, geo),
        cube(r#"{"x":1}"#, id, size, geo),
        cube(r#"{"-1":1}"#, id, size, geo),
        cube("5", id, size, geo),
        cube("[1,2]", r#"["geo"]"#, size, geo),
        cube("[1,2]", id, "[3,1]", geo),
        cube("[1,2]", id, "[2,-1]", geo),
        cube("[1,2]", id, "[2,1.5]", geo),
        cube("[1,2]", r#"["geo",1]"#, size, geo),
        cube("[1,2]", r#"["geo","geo"]"#, "[2,2]", geo),
        cube("[1,2]", r#"["geo","other"]"#, size, geo),
        cube("[1,2]", id, size, r#"["PL","PL"]"#),
        cube("[1,2]", id, size, r#"{"PL":0,"SE":0}"#),
        cube("[1,2]", id, size, r#"{"PL":0,"SE":2}"#),
        cube("[1,2]", id, size, r#"{"PL":0,"SE":"1"}"#),
        cube("[1,2]", id, size, "null"),
        cube("[1,2]", id, size, "5"),
        cube(r#"[1,2],"status":[null]"#, id, size, geo),
        cube(r#"[1,2],"status":["u","u","u"]"#, id, size, geo),
        cube(r#"[1,2],"status":{"0":5}"#, id, size, geo),
        cube(r#"[1,2],"status":7"#, id, size, geo),
    ] {
        refuse(text.as_bytes(), "jsonstat-inconsistent");
    }
    check(&cube(r#"["x",2]"#, id, size, geo), &["PL 2024 - @#0", "SE 2024 2 @#1"], &["error not-a-number"]);
    check(&cube(r#"[1,2],"status":{"0":"q"}"#, id, size, geo), &["PL 2024 1 q| @#0", "SE 2024 2 @#1"], &["warning unknown-flag"]);
    refuse(cube("{}", id, size, geo).as_bytes(), "no-data");
    let reading = check(&cube("{}", id, "[0,1]", "{}"), &[], &["error no-such-code"]);
    assert!(reading.findings[0].message.contains("`geo`"));
}

const SDMX: &str = "DATAFLOW,LAST UPDATE,freq,geo,TIME_PERIOD,OBS_VALUE,OBS_FLAG,CONF_STATUS\n";

#[test]
fn sdmx() {
    let sdmx = |lines: &str, rows: &[&str], codes: &[&str]| check(&format!("{SDMX}{lines}"), rows, codes);
    let good = "A FR 2021 1 @R2C6";
    let line = "ESTAT:X(1.0),,A,FR,2021,1,,\n";
    sdmx(&format!("{line}ESTAT:X(1.0),,A,FR,2021,2,\n"), &[good], &["error wrong-number-of-cells"]);
    sdmx(&format!("{line}{}", line.replace(",1,,", ",2,,")), &[good, "A FR 2021 2 @R3C6"], &["error duplicate-key"]);
    sdmx(&line.replace(",1,", ",\"1,5\","), &["A FR 2021 - @R2C6"], &["error not-a-number"]);
    sdmx(&line.replace(",1,", ",9.2b,"), &["A FR 2021 - @R2C6"], &["error not-a-number"]);
    sdmx(&line.replace(",1,,", ",1,x,"), &["A FR 2021 1 x| @R2C6"], &["warning unknown-flag"]);
    sdmx(&format!("{line}{}", line.replace("X(", "Y(")), &[], &["error several-dataflows"]);
    sdmx(
        &format!("{line}{}", line.replace(",,A,FR", ",1,A,DE")),
        &[good, "A DE 2021 1 @R3C6"],
        &["warning several-update-stamps"],
    );
    sdmx(&line.replace(",1,,", ",1,\","), &[], &["error unpaired-quote"]);
    sdmx("", &[], &["error no-data"]);
    refuse(b"DATAFLOW,LAST UPDATE,freq,geo,TIME,OBS_VALUE\nx,,A,FR,2021,1\n", "header-not-understood");
    refuse(b"DATAFLOW,LAST UPDATE,freq,geo,OBS_VALUE,TIME_PERIOD\nx,,A,FR,2021,1\n", "header-not-understood");
    refuse(
        b"STRUCTURE,STRUCTURE_ID,STRUCTURE_NAME,Time frequency,TIME_PERIOD,OBS_VALUE\nd,x,n,Annual,2021,1\n",
        "header-not-understood",
    );
}

#[test]
fn tidy() {
    check("geo,period,value\nPL,2024,\"1.299,99\"\n", &["PL 2024 - @R2C3"], &["error not-a-number"]);
    check("geo,period,value\nPL,2024\nSE,2024,1\n", &["SE 2024 1 @R3C3"], &["error wrong-number-of-cells"]);
    check("geo,period,value\nPL,2024,1\nPL,2024,1\n", &["PL 2024 1 @R2C3", "PL 2024 1 @R3C3"], &["error duplicate-key"]);
    check("geo,period,value\nPL,undated,1\n", &["PL undated 1 @R2C3"], &["warning unknown-period"]);
    refuse(b"geo,geo,period,value\nPL,PL,2024,1\n", "header-not-understood");
    refuse(b"geo,GEO,period,value\nPL,PL,2024,1\n", "header-not-understood");
    refuse(b"geo,,period,value\nPL,PL,2024,1\n", "header-not-understood");
}

#[test]
fn maps() {
    refuse(br#"{"nutsLevel":2,"options":[{"code":"A","subtitle":"(%)","data":{"PL42":1}}]}"#, "map-option-not-read");
    let text = r#"{"nutsLevel":2,"options":[{"code":"A","subtitle":"(%, 2025)","data":{"PL42":"1,5","PL43":[1],"PL44":null}}]}"#;
    let rows =
        ["A PL42 2025 - @options[0].data.PL42", "A PL43 2025 - @options[0].data.PL43", "A PL44 2025 - @options[0].data.PL44"];
    check(text, &rows, &["error not-a-number", "error not-a-number"]);
}

/// A sheet of the Data Browser with what is given below its header.
fn browser(more: &[(u32, u32, &'static str)]) -> Vec<u8> {
    let mut cells = vec![(0, 0, "Dataset:"), (0, 1, "T [x]"), (1, 0, "GEO (Codes)"), (1, 1, "2023"), (1, 3, "2024")];
    cells.extend(more);
    workbook(&[("Sheet 1", &cells)])
}

#[test]
fn workbooks() {
    let options = ReadOptions::default();
    let sheet = |more: &[(u32, u32, &'static str)], rows: &[&str], codes: &[&str]| {
        check_with(&browser(more), &options, rows, codes);
    };
    sheet(&[(2, 0, "PL"), (2, 1, "1,5")], &["PL 2023 - @Sheet 1!B3"], &["error not-a-number"]);
    sheet(&[(2, 0, "PL"), (2, 1, "1"), (3, 1, "5")], &["PL 2023 1 @Sheet 1!B3"], &["error row-without-key"]);
    sheet(&[(2, 0, "PL"), (2, 1, "1"), (2, 9, "5")], &["PL 2023 1 @Sheet 1!B3"], &["error cell-without-period"]);
    sheet(&[(2, 0, "PL"), (2, 1, "1"), (2, 2, "q")], &["PL 2023 1 q| @Sheet 1!B3"], &["warning unknown-flag"]);
    sheet(
        &[(2, 0, "PL"), (2, 1, "1"), (3, 0, "PL"), (3, 1, "1")],
        &["PL 2023 1 @Sheet 1!B3", "PL 2023 1 @Sheet 1!B4"],
        &["error duplicate-key"],
    );
    sheet(&[(1, 5, "2023")], &[], &["error sheet-not-understood"]);
    sheet(&[(1, 5, "north")], &[], &["error sheet-not-understood"]);
    check_with(&workbook(&[("s", &[(0, 0, "Dataset:")])]), &options, &[], &["error sheet-not-understood"]);
    check_with(&workbook(&[("s", &[(0, 0, "x")])]), &options, &[], &["error unknown-format"]);
}

#[test]
fn broken_workbooks() {
    refuse(b"PK\x03\x04", "workbook-damaged");
    refuse(b"PK\x05\x06", "workbook-damaged");
    refuse(&zip(&[("a.txt".into(), "x".into())]), "unknown-format");
    let book = browser(&[(2, 0, "PL"), (2, 1, "1")]);
    for cut in (4..book.len()).step_by(97) {
        refuse(&book[..cut], "workbook-damaged");
    }
    let far = r#"<worksheet><sheetData><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>"#;
    refuse(&workbook_of(&[("s", far)]), "unknown-format");
    for xml in [
        "",
        "<worksheet/>",
        "<worksheet><sheetData><row><c r=\"A0\"><v>1</v></c></row></sheetData></worksheet>",
        "<worksheet><sheetData><row><c r=\"99999999999A\"><v>1</v></c></row></sheetData></worksheet>",
        "<worksheet><sheetData><row><c r=\"A1\" t=\"s\"><v>9</v></c></row></sheetData></worksheet>",
        "<worksheet><sheetData><row><c r=\"A1\"><v>1</v></c><c r=\"A1\"><v>2</v></c></row></sheetData></worksheet>",
    ] {
        refuse(&workbook_of(&[("s", xml)]), "workbook-damaged");
    }
    let small = ReadOptions { limits: Limits { unpacked: 500, cells: 100 }, ..ReadOptions::default() };
    check_with(&book, &small, &[], &["error too-large"]);
    let claim = r#"<sst uniqueCount="99999999999999"/>"#;
    refuse(&zip(&[("xl/sharedStrings.xml".into(), claim.into())]), "workbook-damaged");
}

#[test]
fn shapes() {
    let shape = Shape::default();
    let options = ReadOptions { shapes: std::slice::from_ref(&shape), ..ReadOptions::default() };
    check_with(b"a,b\n1,2\n", &options, &[], &["error shape-wrong"]);
    check_with(b"geo\\TIME_PERIOD\t2023\nPL\t1\n", &options, &["PL 2023 1 @R2C2"], &["info shape-not-used"]);
}
