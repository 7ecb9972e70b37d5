//! What every format states, read right.

use super::{check, check_with};
use crate::specimen::{gzip, workbook};
use crate::{Labels, ReadOptions};
use baseline_model::definitions::Shape;

const TSV: &str = "freq,unit,geo\\TIME_PERIOD\t2023 \t2024 \r\nA,PC,AT\t69.3 \t70.4 b\r\nA,PC,BA\t: \t: bu\r\n";

#[test]
fn tsv_current() {
    let expected = ["A PC AT 2023 69.3 @R2C2", "A PC AT 2024 70.4 b| @R2C3", "A PC BA 2023 - @R3C2", "A PC BA 2024 - bu| @R3C3"];
    let reading = check(TSV, &expected, &[]);
    assert_eq!(reading.format, "Eurostat TSV");
    assert_eq!(reading.tables[0].dimensions[2].id, "geo");
    check_with(&gzip(TSV.as_bytes()), &ReadOptions::default(), &expected, &[]);
    check(&format!("\u{feff}{TSV}"), &expected, &[]);
    check(&TSV.replace("\r\n", "\n"), &expected, &[]);
}

#[test]
fn tsv_legacy() {
    let legacy = "sex,unit,age,geo\\time\t2022 \t2021 \nF,NR,TOTAL,AL\t1406532 \t:c\nF,NR,TOTAL,AT\t0n\t-1.5 p";
    let expected = [
        "F NR TOTAL AL 2022 1406532 @R2C2",
        "F NR TOTAL AL 2021 - c| @R2C3",
        "F NR TOTAL AT 2022 0 n| @R3C2",
        "F NR TOTAL AT 2021 -1.5 p| @R3C3",
    ];
    check(legacy, &expected, &[]);
    let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain(legacy.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    check_with(&utf16, &ReadOptions::default(), &expected, &[]);
}

/// A cube of two regions and two years with what stands in `members`.
fn cube(members: &str) -> String {
    format!(
        r#"{{"version":"2.0","class":"dataset","label":"T","updated":"2026-06-30T11:00:00+0200",{members},"id":["geo","time"],"size":[2,2],
        "dimension":{{"geo":{{"category":{{"index":{{"PL":1,"SE":0}}}}}},"time":{{"category":{{"index":["2023","2024"]}}}}}},
        "extension":{{"id":"LFSA_X"}}}}"#
    )
}

#[test]
fn jsonstat_forms() {
    let sparse = ["SE 2023 1.5 b| @#0", "PL 2024 - u|C @#3"];
    let reading = check(&cube(r#""value":{"0":1.5},"status":{"3":"u|C","0":"b"}"#), &sparse, &[]);
    let table = &reading.tables[0];
    assert_eq!(table.dataflow.as_deref(), Some("lfsa_x"));
    assert_eq!(table.updated.as_deref(), Some("2026-06-30T11:00:00+0200"));
    assert_eq!(table.title.as_deref(), Some("T"));
    check(&cube(r#""value":{"0":1.5},"status":["b",null,null,"u|C"]"#), &sparse, &[]);
    check(&cube(r#""value":{"3":null},"status":{"3":"|C"}"#), &["PL 2024 - |C @#3"], &[]);
    check(&cube(r#""value":{"3":2},"status":"p""#), &["PL 2024 2 p| @#3"], &[]);
    check(&cube(r#""value":{"3":2},"status":["p"]"#), &["PL 2024 2 p| @#3"], &[]);
    check(&cube(r#""value":{"3":2,"1":7}"#), &["SE 2024 7 @#1", "PL 2024 2 @#3"], &[]);
    let dense = ["SE 2023 1 @#0", "SE 2024 - @#1", "PL 2023 3 e| @#2", "PL 2024 4 @#3"];
    check(&cube(r#""value":[1,null,3,4],"status":{"2":"e"}"#), &dense, &[]);
    check(&cube(r#""value":{},"status":{"1":"u"}"#), &["SE 2024 - u| @#1"], &[]);
}

#[test]
fn jsonstat_wrapped() {
    let answer = cube(r#""value":{"0":1}"#);
    check(&format!("[{answer},{answer}]"), &["SE 2023 1 @1#0", "SE 2023 1 @2#0"], &[]);
    check(&format!(r#"[{{"url":"u","respuesta":{answer}}}]"#), &["SE 2023 1 @1#0"], &[]);
}

#[test]
fn jsonstat_single_category_and_roles() {
    let text = r#"{"id":["Region","Tid"],"size":[1,1],"value":[5],"role":{"time":["Tid"]},
        "dimension":{"Region":{"category":{"label":{"0580":"Linköping"}}},"Tid":{"category":{"index":["2024"]}}}}"#;
    let reading = check(text, &["0580 2024 5 @#0"], &[]);
    assert_eq!(reading.tables[0].dimensions[0].id, "region");
}

const SDMX1: &str = "DATAFLOW,LAST UPDATE,freq,citizen,geo,TIME_PERIOD,OBS_VALUE,OBS_FLAG,CONF_STATUS\n\
    ESTAT:LFSA_X$DEFAULTVIEW(1.0),11/06/26 23:00:00,A,FOR,FR,2021,66.5,bd,\n\
    ESTAT:LFSA_X$DEFAULTVIEW(1.0),11/06/26 23:00:00,A,FOR,FR,2022,,,C\n\
    ESTAT:LFSA_X$DEFAULTVIEW(1.0),11/06/26 23:00:00,A,FOR,FR,2023,:,u,\n";

#[test]
fn sdmx_one() {
    let expected = ["A FOR FR 2021 66.5 bd| @R2C7", "A FOR FR 2022 - |C @R3C7", "A FOR FR 2023 - u| @R4C7"];
    let reading = check(SDMX1, &expected, &[]);
    assert_eq!(reading.format, "SDMX-CSV 1.0");
    assert_eq!(reading.tables[0].dataflow.as_deref(), Some("lfsa_x"));
    assert_eq!(reading.tables[0].updated.as_deref(), Some("11/06/26 23:00:00"));
    let both = "DATAFLOW: Dataflow,LAST UPDATE,freq: Time frequency,geo: Reporting,TIME_PERIOD: Time,OBS_VALUE\nx,,A: Annual,FR: France,2021,1\n";
    let both = both.replacen("DATAFLOW: Dataflow", "DATAFLOW", 1);
    check(&both, &["A FR 2021 1 @R2C6"], &[]);
}

#[test]
fn sdmx_two() {
    let ids =
        "STRUCTURE,STRUCTURE_ID,freq,geo,TIME_PERIOD,OBS_VALUE,OBS_FLAG,CONF_STATUS\ndataflow,ESTAT:LFSA_X(1.0),A,AT,2021,5,u,\n";
    check(ids, &["A AT 2021 5 u| @R2C6"], &[]);
    let both = "STRUCTURE,STRUCTURE_ID,STRUCTURE_NAME,freq,Time frequency,geo,Geopolitical entity (reporting),TIME_PERIOD,Time,OBS_VALUE,\
        Observation value,OBS_FLAG,Observation status (Flag) V2 structure,CONF_STATUS,Confidentiality status (flag)\n\
        dataflow,ESTAT:LFSA_X(1.0),\"Employment, by sex (1 000)\",A,Annual,AT,Austria,2021,,,,u,low reliability,,\n";
    let reading = check(both, &["A AT 2021 - u| @R2C10"], &[]);
    assert_eq!(reading.format, "SDMX-CSV 2.0");
    assert_eq!(reading.tables[0].title.as_deref(), Some("Employment, by sex (1 000)"));
    assert_eq!(reading.tables[0].dataflow.as_deref(), Some("lfsa_x"));
}

fn labels() -> Labels {
    let list = |pairs: &[(&str, &str)]| pairs.iter().map(|(label, code)| ((*label).to_owned(), (*code).to_owned())).collect();
    Labels {
        by_dimension: [
            ("freq".to_owned(), list(&[("Annual", "A")])),
            ("geo".to_owned(), list(&[("Greece", "EL"), ("Germany", "DE")])),
        ]
        .into(),
    }
}

#[test]
fn sdmx_labels_only() {
    let text = "DATAFLOW,LAST UPDATE,freq,geo,TIME_PERIOD,OBS_VALUE,OBS_FLAG,CONF_STATUS\nESTAT:X(1.0),,Annual,Greece,2021,5,,\n";
    let labels = labels();
    let options = ReadOptions { labels: Some(&labels), ..ReadOptions::default() };
    check_with(text.as_bytes(), &options, &["A EL 2021 5 @R2C6"], &[]);
    let reading = check_with(text.replace("Greece", "Grecce").as_bytes(), &options, &[], &["error unknown-label"]);
    assert!(reading.findings[0].message.contains("`Grecce`; nearest is `Greece`"), "{}", reading.findings[0]);
    assert!(reading.findings[0].hint.contains("labels=both"));
    check(text, &[], &["error labels-only", "error labels-only"]);
}

#[test]
fn tidy() {
    let plain = "freq,geo,period,value\nA,PL42,2024,76.7\nA,PL43,2024,\n";
    check(plain, &["A PL42 2024 76.7 @R2C4", "A PL43 2024 - @R3C4"], &[]);
    check(&plain.replace('\n', "\r\n"), &["A PL42 2024 76.7 @R2C4", "A PL43 2024 - @R3C4"], &[]);
    let quoted = "geo,period,value,note\r\nPL42,2024,1,\"a\nb\"\r\n\r\nPL43,2024,2,c\r\n";
    check(quoted, &["PL42 a\nb 2024 1 @R2C3", "PL43 c 2024 2 @R5C3"], &[]);
    let full = "geo,period,value,obs_status,conf_status,position,original\nPL42,2024,76.7,bu,,R12C4,1\nPL43,2024,:,u,C,R13C4,2\n";
    let reading = check(full, &["PL42 1 2024 76.7 bu| @R12C4", "PL43 2 2024 - u|C @R13C4"], &[]);
    assert_eq!(reading.tables[0].dimensions[1].id, "original");
}

#[test]
fn map() {
    let text = r#"{"nutsLevel":2,"options":[{"code":"A","title":"Employment rate","subtitle":"(% of people aged 25–64, by NUTS 2 regions, 2025)",
        "footnote":"Note: Iceland, 2024.","data":{"PL42":41.8,"PL43":":"}},
        {"code":"B","title":"Employment rate","subtitle":"(%, 2025)","footnote":"Note: Iceland, 2024.","data":{"PL42":90}}]}"#;
    let expected =
        ["A PL42 2025 41.8 @options[0].data.PL42", "A PL43 2025 - @options[0].data.PL43", "B PL42 2025 90 @options[1].data.PL42"];
    let reading = check(text, &expected, &["info footnote"]);
    assert_eq!(reading.findings[0].message, "Note: Iceland, 2024.");
    assert_eq!(reading.tables[0].title.as_deref(), Some("Employment rate"));
}

/// The head of a Data Browser sheet of one sex.
fn head(sex: &'static str) -> Vec<(u32, u32, &'static str)> {
    vec![
        (0, 0, "Data extracted on 23/12/2025 01:20:35 from [ESTAT]"),
        (1, 0, "Dataset: "),
        (1, 1, "Employment rates [lfst_x$defaultview]"),
        (2, 0, "Last updated: "),
        (2, 1, "11/12/2025 23:00"),
        (4, 0, "Sex [SEX]"),
        (4, 2, sex),
    ]
}

#[test]
fn data_browser() {
    let mut one = head("Total [T]");
    one.extend([
        (6, 0, "GEO (Codes)"),
        (6, 1, "GEO (Labels)"),
        (6, 2, "2023"),
        (6, 4, "2024"),
        (7, 0, "BE"),
        (7, 1, "Belgium"),
        (7, 2, "23.4"),
        (7, 3, "b"),
        (7, 4, ":"),
        (7, 5, "u"),
        (9, 0, "BG"),
        (9, 1, "Bulgaria"),
        (9, 2, "5"),
        (9, 4, "6"),
        (11, 0, "Special value"),
        (12, 0, ":"),
        (12, 1, "not available"),
        (13, 0, "Observation flags:"),
        (14, 0, "b"),
        (14, 1, "break"),
    ]);
    let mut two = head("Males [M]");
    two.extend([
        (6, 0, "TIME"),
        (6, 2, "2023"),
        (6, 4, "2024"),
        (7, 0, "GEO (Codes)"),
        (7, 1, "GEO (Labels)"),
        (8, 0, "BE"),
        (8, 1, "Belgium"),
        (8, 4, "7"),
    ]);
    let book = workbook(&[("Summary", &[(5, 0, "Employment rates [lfst_x$defaultview]")]), ("Sheet 1", &one), ("Sheet 2", &two)]);
    let expected = [
        "T BE 2023 23.4 b| @Sheet 1!C8",
        "T BE 2024 - u| @Sheet 1!E8",
        "T BG 2023 5 @Sheet 1!C10",
        "T BG 2024 6 @Sheet 1!E10",
        "M BE 2024 7 @Sheet 2!E9",
    ];
    let reading = check_with(&book, &ReadOptions::default(), &expected, &[]);
    let table = &reading.tables[0];
    assert_eq!((table.dataflow.as_deref(), table.title.as_deref()), (Some("lfst_x"), Some("Employment rates")));
    assert_eq!(table.updated.as_deref(), Some("11/12/2025 23:00"));
    assert_eq!(table.dimensions.iter().map(|column| column.id.as_str()).collect::<Vec<_>>(), ["sex", "geo"]);
}

#[test]
fn data_browser_with_labels_only() {
    let mut sheet = head("Total [T]");
    sheet.extend([(6, 0, "GEO (Labels)"), (6, 1, "2023"), (7, 0, "Greece"), (7, 1, "5")]);
    let labels = labels();
    let options = ReadOptions { labels: Some(&labels), ..ReadOptions::default() };
    check_with(&workbook(&[("Sheet 1", &sheet)]), &options, &["T EL 2023 5 @Sheet 1!B8"], &[]);
}

fn shape(toml: &str) -> Shape {
    toml::from_str(toml).unwrap()
}

const WIDE: &str = r#"
    title = "By birth"
    [[blocks]]
    keys = [{ column = "nuts", dimension = "geo" }]
    ignore = ["name"]
    measures = [{ column = "native", code = "emp_nat", period = "2025" }, { column = "migration", code = "netmig", period = "2024" }]
"#;

#[test]
fn wide_csv() {
    let shape = shape(WIDE);
    let options = ReadOptions { shapes: std::slice::from_ref(&shape), ..ReadOptions::default() };
    let expected =
        ["emp_nat PL42 2025 76.7 @R2C3", "netmig PL42 2024 -1.5 @R2C4", "emp_nat PL43 2025 - @R3C3", "netmig PL43 2024 2 @R3C4"];
    check_with(b"nuts,name,native,migration\nPL42,Z,76.7,-1.5\nPL43,L,,2\n", &options, &expected, &[]);
    let drift = b"nuts,name,natives,migration,new\nPL42,Z,76.7,-1.5,0\n";
    let reading =
        check_with(drift, &options, &["netmig PL42 2024 -1.5 @R2C4"], &["error column-missing", "warning column-undeclared"]);
    let message = &reading.findings[0].message;
    assert!(message.contains("expected the column `native`") && message.contains("nearest is `natives`"), "{message}");
    check_with(
        b"code,name,native,migration\nPL42,Z,76.7,-1.5\n",
        &options,
        &[],
        &["error column-missing", "warning column-undeclared"],
    );
    check_with(b"nuts,name,native,migration\n,total,76.7,-1.5\n", &options, &[], &["error row-without-key"]);
}

#[test]
fn shaped_workbook() {
    let shape = shape(
        r#"
        [[blocks]]
        sheet = "Scores"
        constants = { form = "score" }
        keys = [{ column = "Country Code", dimension = "geo" }]
        period_column = "Release Year"
        measures = [{ column = "Skills mismatch", code = "mismatch" }]
        [[blocks]]
        sheet = "RawData"
        header_row = 2
        constants = { form = "raw" }
        keys = [{ column = "Code", dimension = "geo" }]
        period = "2024"
        missing = ["n/a"]
        measures = [{ column = "Rate", code = "rate" }]
        "#,
    );
    let scores: [(u32, u32, &str); 6] = [
        (0, 0, "Country Code"),
        (0, 1, "Release Year"),
        (0, 2, "Skills mismatch"),
        (1, 0, "PL"),
        (1, 1, "2024"),
        (1, 2, "7.762"),
    ];
    let raw: [(u32, u32, &str); 6] = [(1, 1, "Code"), (1, 2, "Rate"), (2, 1, "PL"), (2, 2, "19.9"), (3, 1, "SE"), (3, 2, "n/a")];
    let book = workbook(&[("Notes", &[(1, 1, "x")]), ("Scores", &scores), ("RawData", &raw)]);
    let options = ReadOptions { shapes: std::slice::from_ref(&shape), ..ReadOptions::default() };
    let expected =
        ["mismatch score PL 2024 7.762 @Scores!C2", "rate raw PL 2024 19.9 @RawData!C3", "rate raw SE 2024 - @RawData!C4"];
    let reading = check_with(&book, &options, &expected, &[]);
    assert_eq!(reading.format, "declared shape");
    let reading = check_with(
        &workbook(&[("Score", &scores), ("RawData", &raw)]),
        &options,
        &expected_of(&["RawData"], &expected),
        &["error sheet-missing"],
    );
    assert!(reading.findings[0].message.contains("nearest is `Score`"));
}

fn expected_of<'e>(sheets: &[&str], rows: &[&'e str]) -> Vec<&'e str> {
    rows.iter().copied().filter(|row| sheets.iter().any(|sheet| row.contains(sheet))).collect()
}

#[test]
fn shapes_refuse_unknown_keys() {
    assert!(toml::from_str::<Shape>("blocks = []\ntitel = \"x\"").is_err());
    assert!(toml::from_str::<Shape>("[[blocks]]\nkey = []").is_err());
}
