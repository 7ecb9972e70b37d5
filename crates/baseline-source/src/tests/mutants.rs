//! No bytes make a reader panic, and what it returns is sound.

use proptest::collection::vec;
use proptest::prelude::*;

use super::sound;
use crate::specimen::{gzip, old_workbook, workbook_of};
use crate::{Labels, Limits, ReadOptions, read};
use baseline_model::definitions::Shape;

const SPECIMENS: &[&str] = &[
    "freq,unit,geo\\TIME_PERIOD\t2023 \t2024 \r\nA,PC,AT\t69.3 \t70.4 b\r\nA,PC,BA\t: \t: bu\r\n",
    r#"[{"x":{"value":{"0":1.5,"3":null},"status":{"3":"u|C"},"id":["geo","time"],"size":[2,2],"dimension":{"geo":{"category":{"index":{"PL":1,"SE":0}}},"time":{"category":{"index":["2023","2024"]}}},"extension":{"id":"X"}}}]"#,
    r#"{"value":[1,2],"status":["u","p"],"id":["geo","time"],"size":[2,1],"dimension":{"geo":{"category":{"index":["PL","SE"]}},"time":{"category":{"label":{"2024":"2024"}}}}}"#,
    "DATAFLOW,LAST UPDATE,freq,geo,TIME_PERIOD,OBS_VALUE,OBS_FLAG,CONF_STATUS\nESTAT:X(1.0),11/06/26,Annual,Greece,2021,66.5,bd,C\n",
    "STRUCTURE,STRUCTURE_ID,STRUCTURE_NAME,freq,Time,geo,Geo,TIME_PERIOD,Time,OBS_VALUE,V,OBS_FLAG,F,CONF_STATUS,C\ndataflow,E:X(1.0),\"n, m\",A,Annual,AT,Austria,2021,,1,,u,low,,\n",
    "geo,period,value,obs_status,conf_status,position\nPL42,2024,76.7,bu,,R12C4\nPL43,2024,,u,C,R13C4\n",
    r#"{"nutsLevel":2,"options":[{"code":"A","title":"T","subtitle":"(%, 2025)","footnote":"N","data":{"PL42":41.8,"PL43":":"}}]}"#,
    super::sdmx::GENERIC,
    super::sdmx::SPECIFIC,
    super::sdmx::STRUCTURE,
    super::sdmx::CONSTRAINT,
    super::sdmx::JSON,
    super::sdmx::JSON_STRUCTURE,
    super::sdmx::OECD,
    super::sdmx::ISTAT,
    "CHARSET=\"ANSI\";LANGUAGE=\"en\";TITLE=\"T\";STUB=\"r\";HEADING=\"y\";VALUES(\"r\")=\"a\",\"b; c\";CODES(\"r\")=\"00\",\"0580\";\nVALUES(\"y\")=\"2023\",\"2024\";TIMEVAL(\"y\")=TLIST(A1,\"2023\"-\"2024\");\nDATA=\n1 -2.5\n\"..\" 1E3;\n",
    "MATRIX=\"M\";STUB=\"r\";HEADING=\"y\";VALUES(\"r\")=\"a\",\"b\";VALUES(\"y\")=\"2023\",\"2024\";KEYS(\"r\")=VALUES;DATA=\"b\",1 2\n\"a\",\"-\" 4;",
    r#"{"dataset":{"value":{"0":5,"3":null},"status":["u"],"dimension":{"id":["r","y"],"size":[2,2],"role":{"time":["y"]},"r":{"category":{"index":["a","b"]}},"y":{"category":{"index":{"2023":0,"2024":1}}}}}}"#,
    r#"{"columns":[{"code":"r","text":"r","type":"d"},{"code":"y","text":"y","type":"t"},{"code":"n","text":"n","type":"c"}],"data":[{"key":["a","2024"],"values":["1.5"]},{"key":["b","2024"],"values":[".."]}]}"#,
    r#"{"title":"T","variables":[{"code":"r","text":"r","values":["a"],"valueTexts":["A"]},{"code":"y","text":"y","values":["2024"],"valueTexts":["2024"],"time":true}]}"#,
    r#"{"id":"agg_A","label":"A","type":"Aggregation","values":[{"code":"-9","label":"0-9","valueMap":["0","1"]}]}"#,
];

const SHEET: &str = r#"<worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>Dataset:</t></is></c><c r="B1" t="str"><v>T [x]</v></c></row>
    <row r="2"><c r="A2" t="str"><v>GEO (Codes)</v></c><c r="B2"><v>2023</v></c></row>
    <row r="3"><c r="A3" t="str"><v>PL</v></c><c r="B3"><v>1.5</v></c><c r="C3" t="str"><v>bu</v></c></row></sheetData></worksheet>"#;

pub(super) fn survive(bytes: &[u8]) {
    let labels = Labels { by_dimension: [("freq".to_owned(), [("Annual".to_owned(), "A".to_owned())].into())].into() };
    let shape: Shape = toml::from_str("[[blocks]]\nsheet = \"s\"\nperiod_column = \"period\"\nkeys = [{ column = \"geo\", dimension = \"geo\" }]\nmeasures = [{ column = \"value\", code = \"v\" }]").unwrap();
    let limits = Limits { unpacked: 1 << 20, cells: 10_000 };
    for options in [
        ReadOptions { limits, ..ReadOptions::default() },
        ReadOptions { labels: Some(&labels), shapes: std::slice::from_ref(&shape), limits, ..ReadOptions::default() },
    ] {
        let reading = read(bytes, "mutant", &options);
        sound(&reading);
        let rows: usize = reading.tables.iter().map(baseline_model::RawTable::len).sum();
        assert!(rows > 0 || !reading.descriptions.is_empty() || !reading.findings.is_empty(), "nothing read and nothing said");
    }
}

/// Bytes replaced, inserted and removed at places given as shares of the length.
pub(super) fn mutate(bytes: &[u8], edits: &[(u16, u8, u8)], cut: u16) -> Vec<u8> {
    let place = |share: u16, length: usize| usize::from(share) * length / (usize::from(u16::MAX) + 1);
    let mut bytes = bytes.to_vec();
    for (share, kind, byte) in edits {
        let at = place(*share, bytes.len());
        match kind % 4 {
            0 if at < bytes.len() => bytes[at] = *byte,
            1 => bytes.insert(at, *byte),
            2 if at < bytes.len() => drop(bytes.remove(at)),
            // Bytes that mean something are met too seldom by chance.
            3 => bytes.insert(at, b"\t\n,\\\"{}[]:;| 0-.<>/&=!"[usize::from(*byte) % 22]),
            _ => {}
        }
    }
    if cut < u16::MAX / 2 {
        bytes.truncate(place(cut * 2, bytes.len()));
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn texts(number in 0..SPECIMENS.len(), edits in vec(any::<(u16, u8, u8)>(), 0..6), cut in any::<u16>()) {
        survive(&mutate(SPECIMENS[number].as_bytes(), &edits, cut));
    }

    #[test]
    fn packed(number in 0..SPECIMENS.len(), edits in vec(any::<(u16, u8, u8)>(), 0..3), cut in any::<u16>()) {
        survive(&mutate(&gzip(SPECIMENS[number].as_bytes()), &edits, cut));
    }

    #[test]
    fn sheets(edits in vec(any::<(u16, u8, u8)>(), 0..6), cut in any::<u16>()) {
        survive(&workbook_of(&[("s", &String::from_utf8_lossy(&mutate(SHEET.as_bytes(), &edits, cut)))]));
    }

    #[test]
    fn old_workbooks(edits in vec(any::<(u16, u8, u8)>(), 0..6), cut in any::<u16>()) {
        survive(&mutate(&old_workbook("s", &[(0, 0, "geo"), (0, 1, "period"), (0, 2, "value"), (1, 0, "PL"), (1, 1, "2024"), (1, 2, "1.5")]), &edits, cut));
    }

    #[test]
    fn layouts(edits in vec(any::<(u16, u8, u8)>(), 0..6), cut in any::<u16>()) {
        let layout = "[[blocks]]\nbegins = '*#'\nheader_rows = 2\nfootnotes = true\nperiod_column = 'p'\nperiods = ['{year}']\nkeys = [{ column = 'p', dimension = 'd', carry = true, codes = { A = 'a' } }]\ncrosses = [{ levels = [{ row = 1, dimension = 'x', codes = { X = '1' } }, { row = 2, dimension = 'y', codes = { Y = '2' } }] }]";
        let shape: Shape = toml::from_str(layout).unwrap();
        let options = ReadOptions { shapes: std::slice::from_ref(&shape), ..ReadOptions::default() };
        let text = mutate(b"T1,,\np,X,\n,Y,\nA,,\n2024,1,\n2025,2,\nT2,,\np,X,\n,Y,\nA,,\n2026,1.5,\n(1) note,,\n", &edits, cut);
        sound(&read(&text, "mutant", &options));
    }

    #[test]
    fn archives(edits in vec(any::<(u16, u8, u8)>(), 0..4), cut in any::<u16>()) {
        survive(&mutate(&workbook_of(&[("s", SHEET)]), &edits, cut));
    }

    #[test]
    fn anything(bytes in vec(any::<u8>(), 0..200)) {
        survive(&bytes);
    }
}
