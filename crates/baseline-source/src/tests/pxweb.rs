//! JSON of PxWeb and JSON-stat of other offices: specimens, then real files.

use baseline_model::{Reading, Role};

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::real::{counts, reading};
use super::{check, codes, line};
use crate::{ReadOptions, read};

/// `list code label <parent`, one an entry.
fn described(reading: &Reading) -> Vec<String> {
    let entries = reading.descriptions.iter().flat_map(|description| &description.entries);
    entries.map(|entry| format!("{} {} {} <{}", entry.list, entry.code, entry.label, entry.parent)).collect()
}

fn describes(input: &str, format: &str, expected: &[&str], findings: &[&str]) -> Reading {
    let reading = read(input.as_bytes(), "file", &ReadOptions::default());
    assert_eq!(reading.format, format, "{input}");
    assert_eq!(described(&reading), expected, "{input}");
    assert_eq!(codes(&reading), findings, "{input}: {:?}", reading.findings);
    assert!(reading.tables.is_empty());
    reading
}

const DIMENSIONS: &str = r#""Region":{"label":"region","category":{"index":["00","0580"],"label":{"00":"Riket","0580":"Linköping"}}},
    "Tid":{"label":"kvartal","category":{"index":{"2024K1":0,"2024K2":1}}}"#;

#[test]
fn jsonstat_of_offices() {
    let cube = |members: &str| {
        format!(
            r#"{{"class":"dataset","source":"SCB","updated":"2026-06-08T06:00:00Z",{members},"id":["Region","Tid"],"size":[2,2],
            "role":{{"time":["Tid"],"geo":["Region"]}},"extension":{{"px":{{"tableid":"TAB1"}}}},"dimension":{{{DIMENSIONS}}}}}"#
        )
    };
    let marks = ["00 2024-Q1 1 @#0", "00 2024-Q2 - ..| @#1", "0580 2024-Q1 - .| @#2", "0580 2024-Q2 - a|b| @#3"];
    let reading = check(&cube(r#""value":[1,null,null,null],"status":{"1":"..","2":".","3":"a|b"}"#), &marks, &[]);
    let table = &reading.tables[0];
    assert_eq!((table.dataflow.as_deref(), table.updated.as_deref()), (Some("tab1"), Some("2026-06-08T06:00:00Z")));
    let region = &table.dimensions[0];
    assert_eq!((region.id.as_str(), region.label.as_str(), region.role), ("region", "region", Some(Role::Geo)));
    assert_eq!((table.period.label.as_str(), table.period.role), ("kvartal", Some(Role::Time)));
    // Without a role the name and the codes must both say time.
    let unmarked = cube(r#""value":[1,2,3,4]"#).replace("\"role\"", "\"rolle\"");
    assert_eq!(read(unmarked.as_bytes(), "file", &ReadOptions::default()).tables[0].period.dictionary, ["2024-Q1", "2024-Q2"]);
    let metadata = ["Region 00 Riket <", "Region 0580 Linköping <", "Tid 2024K1  <", "Tid 2024K2  <"];
    describes(&cube(r#""value":[]"#), "JSON-stat 2.0", &metadata, &[]);
    describes(&cube(r#""x":1"#), "JSON-stat 2.0", &metadata, &[]);
}

#[test]
fn jsonstat_one() {
    let inner = format!(
        r#""label":"T","value":{{"0":5,"3":7}},"status":["u"],"dimension":{{"id":["Region","Tid"],"size":[2,2],"role":{{"time":["Tid"]}},{DIMENSIONS}}}"#
    );
    let rows = ["00 2024-Q1 5 u| @#0", "0580 2024-Q2 7 u| @#3"];
    let reading = check(&format!(r#"{{"dataset":{{{inner}}}}}"#), &rows, &[]);
    assert_eq!(reading.format, "JSON-stat 1");
    check(&format!("{{{inner}}}"), &rows, &[]);
    let bundle = format!(r#"{{"a":{{{inner}}},"b":{{{inner}}}}}"#);
    let both = ["00 2024-Q1 5 u| @1#0", "0580 2024-Q2 7 u| @1#3", "00 2024-Q1 5 u| @2#0", "0580 2024-Q2 7 u| @2#3"];
    check(&bundle, &both, &[]);
}

#[test]
fn jsonstat_collections() {
    let link = r#"{"class":"dataset","href":"https://office.example/a.json","label":"A"}"#;
    let links = format!(r#"{{"class":"collection","label":"C","link":{{"item":[{link}]}}}}"#);
    describes(&links, "JSON-stat 2.0", &["table https://office.example/a.json A <"], &[]);
    let inside =
        format!(r#"{{"class":"dataset","id":["Region","Tid"],"size":[2,2],"value":{{"3":7}},"dimension":{{{DIMENSIONS}}}}}"#);
    let reading = check(
        &format!(r#"{{"class":"collection","link":{{"item":[{inside},{link}]}}}}"#),
        &["0580 2024K2 7 @1#3"],
        &["warning unknown-period"],
    );
    assert_eq!(described(&reading), ["table https://office.example/a.json A <"]);
    let sex = r#"{"class":"dimension","label":"sex","category":{"index":["T","F"],"label":{"T":"total"},"child":{"T":["F"]}}}"#;
    describes(sex, "JSON-stat 2.0", &["sex T total <", "sex F  <T"], &[]);
}

#[test]
fn descriptions() {
    let metadata = r#"{"title":"T","variables":[{"code":"Region","text":"region","values":["00","0580"],"valueTexts":["Riket","Linköping"]},
        {"code":"Vara","text":"vara","values":null,"valueTexts":null},{"code":"Tid","text":"år","values":["2024"],"valueTexts":["2024"],"time":true}]}"#;
    describes(metadata, "PxWeb metadata", &["Region 00 Riket <", "Region 0580 Linköping <", "Vara   <", "Tid 2024 2024 <"], &[]);
    for (from, to) in [(r#""valueTexts":["2024"]"#, r#""valueTexts":[]  "#), (r#","valueTexts":["2024"]"#, "")] {
        let reading = read(metadata.replace(from, to).as_bytes(), "file", &ReadOptions::default());
        assert_eq!(described(&reading).last().unwrap(), "Tid 2024  <");
    }
    for (from, to) in [
        (r#""code":"Tid""#, r#""code":5"#),
        (r#"["2024"],"v"#, r#"["2024","2025"],"v"#),
        (r#""code":"Vara""#, r#""code":"Tid""#),
        ("[\"00\",\"0580\"]", "[\"00\",\"00\"]"),
        ("[\"00\",\"0580\"]", "[0,1]"),
    ] {
        let faulty = metadata.replace(from, to);
        assert_ne!(faulty, metadata);
        describes(&faulty, "PxWeb metadata", &[], &["error pxweb-metadata"]);
    }
    let list =
        r#"[{"id":"BE","type":"l","text":"Population"},{"id":"t.px","type":"t","text":"Table","updated":"2026-02-22T08:00:00"}]"#;
    describes(list, "PxWeb list of tables", &["folder BE Population <", "table t.px Table <"], &[]);
    describes(r#"[{"dbid":"ssd","text":"SSD"}]"#, "PxWeb list of tables", &["folder ssd SSD <"], &[]);
    let found = r#"[{"id":"05E1.px","path":"/05","title":"Citizens","score":1.2,"published":"2026-01-01"}]"#;
    describes(found, "PxWeb list of tables", &["table 05E1.px Citizens </05"], &[]);
    describes(
        r#"{"maxValues":10000,"maxCells":100000,"CORS":true}"#,
        "PxWeb settings",
        &["setting maxValues 10000 <", "setting maxCells 100000 <", "setting CORS true <"],
        &[],
    );
    let aggregation =
        r#"{"id":"agg_A","label":"Aged","type":"Aggregation","values":[{"code":"-9","label":"0-9","valueMap":["0","1"]}]}"#;
    describes(aggregation, "PxWeb codelist", &["agg_A -9 0-9 <", "agg_A 0  <-9", "agg_A 1  <-9"], &[]);
    let query = r#"{"query":[{"code":"Region","selection":{"filter":"vs:R","values":[]}},{"code":"Tid","selection":{"filter":"item","values":["2024"]}}],"response":{"format":"px"}}"#;
    describes(query, "PxWeb query", &["Region   <", "Tid 2024  <"], &["info query"]);
    describes(
        r#"{"selection":[{"variableCode":"Tid","valueCodes":["2024"]}]}"#,
        "PxWeb query",
        &["Tid 2024  <"],
        &["info query"],
    );
}

#[test]
fn errors() {
    for text in [
        r#"{"error":"Too many values selected"}"#,
        r#"{"type":"Parameter error","title":"Too many cells selected","status":403,"detail":"x"}"#,
    ] {
        let reading = check(text, &[], &["error error-body"]);
        assert!(reading.findings[0].message.contains("Too many"), "{:?}", reading.findings);
    }
}

const OWN: &str = r#"{"columns":[{"code":"Region","text":"region","type":"d"},{"code":"Tid","text":"år","type":"t"},{"code":"N1","text":"Count","type":"c"},{"code":"N2","text":"Change","type":"c"}],
    "comments":[],"data":[{"key":["00","2024"],"values":["10587710","-1.5"]},{"key":["0580","2024"],"values":["..",""]}],"metadata":[{"updated":"2026-02-22T07:00:00Z","label":"T"}]}"#;

#[test]
fn own_json() {
    let rows = ["00 N1 2024 10587710 @#0", "00 N2 2024 -1.5 @#1", "0580 N1 2024 - ..| @#2", "0580 N2 2024 - @#3"];
    let reading = check(OWN, &rows, &[]);
    assert_eq!(reading.format, "PxWeb JSON");
    assert_eq!((reading.tables[0].title.as_deref(), reading.tables[0].dimensions[0].label.as_str()), (Some("T"), "region"));
    let unclear = ["00 N1 2024 - @#0", "00 N2 2024 -1.5 @#1", "0580 N1 2024 - ..| @#2", "0580 N2 2024 - @#3"];
    check(&OWN.replace("10587710", "10 587"), &unclear, &["error not-a-number"]);
    for (from, to) in [
        (r#"["00","2024"]"#, r#"["00"]"#),
        (r#"["10587710","-1.5"]"#, r#"["1"]"#),
        (r#"["10587710","-1.5"]"#, "[1,2]"),
        (r#""code":"Tid""#, r#""code":"Region""#),
        (r#""type":"c""#, r#""type":"d""#),
    ] {
        check(&OWN.replace(from, to), &[], &["error pxweb-inconsistent"]);
    }
    let twice = OWN.replace("\"0580\"", "\"00\"");
    assert_eq!(codes(&read(twice.as_bytes(), "file", &ReadOptions::default())), ["error duplicate-key"]);
}

/// Rows, values and marks, the sum over all tables, and no finding above information.
fn real(file: &str, format: &str, expected: [usize; 3], total: f64) -> Option<Reading> {
    let reading = reading(&format!("national/{file}"), &ReadOptions::default())?;
    assert_eq!((reading.format.as_str(), counts(&reading)), (format, expected), "{file}");
    let sum: f64 = reading.tables.iter().flat_map(|table| table.value.iter().flatten()).sum();
    assert!((sum - total).abs() < 1e-9 * total.max(1.0), "{file}: {sum}");
    assert!(codes(&reading).iter().all(|code| code == "info unit"), "{file}: {:?}", reading.findings);
    Some(reading)
}

fn has(reading: Option<Reading>, expected: &str) {
    let Some(reading) = reading else { return };
    let found = reading.tables.iter().any(|table| (0..table.len()).any(|row| line(table, row) == expected));
    assert!(found, "{expected}");
}

/// Counts and sums come from another parser.
#[test]
fn fixtures() {
    let (one, two) = ("JSON-stat 1", "JSON-stat 2.0");
    real("jsonstat-fixtures/galicia-2.0.json", two, [3_960, 3_956, 0], 87_493_659.0);
    real("jsonstat-fixtures/galicia.json", one, [3_960, 3_956, 0], 87_493_659.0);
    has(
        real("jsonstat-fixtures/oecd-canada.json", one, [552, 552, 192], 3_323.825_332 + 140_121.4),
        "UNR AU 2003 5.943826289 @1#0",
    );
    real("jsonstat-fixtures/us-labor-ds.json.gz", one, [12_880, 12_880, 0], 312_551_708.999_999);
    let income = real("scb/v1_jsonstat2_response_HE0110.json", two, [9, 9, 0], 2_741.5);
    has(income, "1 tot16+ HE0110J8 2020 332.8 @#0");
    let population = real("scb/v2_TAB6471_data.json", two, [2_772, 2_772, 0], 84_837_753.0);
    if let Some(reading) = &population {
        assert_eq!(reading.tables[0].updated.as_deref(), Some("2026-06-08T06:00:00Z"));
        assert_eq!(reading.tables[0].dataflow.as_deref(), Some("tab6471"));
    }
    let cities = real("statfin/v1_jsonstat2_11re_three_cities_2026.json", two, [3, 3, 0], 1_273_064.0);
    if let Some(reading) = &cities {
        let region = reading.tables[0].dimension("alue_23_20260101").unwrap();
        assert_eq!((region.label.as_str(), region.role), ("Alue", Some(Role::Geo)));
    }
    has(cities, "KU091 SSS SSS vaerak-vaesto 2025 694392 @#1");
}

/// Entries of a file that holds no figures.
fn entries(file: &str, format: &str, expected: usize, findings: &[&str]) -> Option<Reading> {
    let reading = reading(&format!("national/{file}"), &ReadOptions::default())?;
    assert_eq!((reading.format.as_str(), described(&reading).len()), (format, expected), "{file}");
    assert_eq!(codes(&reading), findings, "{file}");
    Some(reading)
}

#[test]
fn real_descriptions() {
    entries("jsonstat-fixtures/collection.json", "JSON-stat 2.0", 8, &[]);
    entries("jsonstat-fixtures/dimension.json", "JSON-stat 2.0", 3, &[]);
    entries("scb/v1_metadata_HE0110.json", "PxWeb metadata", 312 + 3 + 19 + 27 + 4 + 24, &[]);
    // 312 + 134 + 3 + 1 + 16 codes, and the codelists of region (3) and age (4).
    entries("scb/v2_TAB6471_metadata.json", "JSON-stat 2.0", 466 + 7, &[]);
    entries("scb/v2_codelist_agg_Alder10arJ.json", "PxWeb codelist", 111, &[]);
    entries("scb/v2_config.json", "PxWeb settings", 8, &[]);
    entries("scb/v2_search.json", "PxWeb list of tables", 10, &[]);
    entries("scb/v2_tables.json", "PxWeb list of tables", 20, &[]);
    entries("scb/v1_query_HE0110.json", "PxWeb query", 1 + 3 + 1 + 1 + 3, &["info query"]);
    entries("statfin/v1_query_vaerak_sv.json", "PxWeb query", 16, &["info query"]);
    let fixture = |file: &str, format: &str, expected, findings: &[&str]| {
        entries(&format!("pxweb-fixtures/{file}.json"), format, expected, findings);
    };
    fixture("v2_GetApiConfiguration", "PxWeb settings", 8, &[]);
    fixture("v2_ListAllTables", "PxWeb list of tables", 5, &[]);
    fixture("v2_TableById_tab004", "PxWeb list of tables", 1, &[]);
    fixture("v2_MetadataById_tab001_js2", "JSON-stat 2.0", 59, &[]);
    fixture("v2_MetadataById_tab004_js2", "JSON-stat 2.0", 54, &[]);
    fixture("ropengov_json-stat_query_example", "PxWeb query", 5, &["info query"]);
    fixture("ropengov_json_big_query_example", "PxWeb query", 232, &["info query"]);
    fixture("ropengov_json_query_agg_example", "PxWeb query", 9, &["info query"]);
    fixture("ropengov_sq-api_table_statfin_eot_pxt_132a.px", "PxWeb query", 5, &["info query"]);
    fixture("ropengov_api", "PxWeb list of services", 30, &[]);
}

/// A cube and the way in which it is written.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is one of two ways to write the same")]
struct Cube {
    sizes: Vec<usize>,
    cells: Vec<(Option<i32>, Option<u8>)>,
    one: bool,
    sparse: bool,
    status_array: bool,
    index_array: bool,
}

fn cubes() -> impl Strategy<Value = Cube> {
    let flags = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    prop::collection::vec(1_usize..4, 1..4).prop_flat_map(move |sizes| {
        let cells: usize = sizes.iter().product();
        // A row of nothing but blanks is metadata, so one figure is always there.
        let cell = (prop::option::of(-999..999), prop::option::of(0_u8..4));
        (Just(sizes), prop::collection::vec(cell, cells), flags).prop_map(
            |(sizes, mut cells, (one, sparse, status_array, index_array))| {
                cells[0].0 = Some(1);
                Cube { sizes, cells, one, sparse, status_array, index_array }
            },
        )
    })
}

const MARKS: [&str; 4] = ["..", ".", "-", "u|C"];

fn encode(cube: &Cube) -> Json {
    let ids: Vec<String> =
        (0..cube.sizes.len()).map(|number| if number == 0 { "Tid".into() } else { format!("D{number}") }).collect();
    let code = |id: &str, number: usize| if id == "Tid" { (2000 + number).to_string() } else { format!("c{number}") };
    let mut dimension = serde_json::Map::new();
    for (id, size) in ids.iter().zip(&cube.sizes) {
        let codes: Vec<String> = (0..*size).map(|number| code(id, number)).collect();
        let labels: serde_json::Map<String, Json> =
            codes.iter().map(|code| (code.clone(), json!(format!("text {code}")))).collect();
        let positions: serde_json::Map<String, Json> =
            codes.iter().enumerate().rev().map(|(place, code)| (code.clone(), json!(place))).collect();
        let category = match (cube.index_array, codes.len()) {
            (true, _) => json!({ "index": codes, "label": labels }),
            (false, 1) => json!({ "label": labels }),
            (false, _) => json!({ "index": positions }),
        };
        dimension.insert(id.clone(), json!({ "label": id.to_lowercase(), "category": category }));
    }
    let values: Vec<Option<f64>> = cube.cells.iter().map(|(value, _)| value.map(|value| f64::from(value) / 8.0)).collect();
    let marks: Vec<Option<&str>> = cube.cells.iter().map(|(_, mark)| mark.map(|mark| MARKS[usize::from(mark)])).collect();
    let sparse = |cells: &[Json]| -> Json {
        Json::Object(
            cells
                .iter()
                .enumerate()
                .filter(|(_, cell)| !cell.is_null())
                .map(|(place, cell)| (place.to_string(), cell.clone()))
                .collect(),
        )
    };
    let list = |cells: Json| cells.as_array().cloned().unwrap_or_default();
    let value = if cube.sparse { sparse(&list(json!(values))) } else { json!(values) };
    // An array of one status stands for all cells.
    let status = if cube.status_array && marks.len() > 1 { json!(marks) } else { sparse(&list(json!(marks))) };
    let (size, role) = (json!(cube.sizes), json!({ "time": ["Tid"] }));
    if cube.one {
        dimension.insert("id".into(), json!(ids));
        dimension.insert("size".into(), size);
        dimension.insert("role".into(), role);
        json!({ "dataset": { "dimension": dimension, "value": value, "status": status } })
    } else {
        json!({ "class": "dataset", "source": "SCB", "id": ids, "size": size, "role": role, "dimension": dimension, "value": value, "status": status })
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn cubes_come_back(cube in cubes()) {
        let text = encode(&cube).to_string();
        let reading = read(text.as_bytes(), "file", &ReadOptions::default());
        prop_assert!(reading.findings.is_empty(), "{text}\n{:?}", reading.findings);
        let mut expected = Vec::new();
        for (index, (value, mark)) in cube.cells.iter().enumerate() {
            if cube.sparse && value.is_none() && mark.is_none() {
                continue;
            }
            let (mut rest, mut key) = (index, Vec::new());
            for (place, size) in cube.sizes.iter().enumerate().rev() {
                key.push(if place == 0 { (2000 + rest % size).to_string() } else { format!("c{}", rest % size) });
                rest /= size;
            }
            // Time is the first dimension and is printed last.
            let period = key.pop().unwrap();
            key.reverse();
            key.push(period);
            key.push(value.map_or("-".into(), |value| (f64::from(value) / 8.0).to_string()));
            key.extend(mark.map(|mark| format!("{}|", MARKS[usize::from(mark)])));
            key.push(format!("@#{index}"));
            expected.push(key.join(" "));
        }
        prop_assert_eq!(super::rows(&reading), expected, "{}", text);
    }
}
