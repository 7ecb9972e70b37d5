//! GUS BDL: specimens of our own, the recorded list beside the project, and mutants.

use proptest::collection::vec;
use proptest::prelude::*;

use super::mutants::{mutate, survive};
use super::{check, sound};
use crate::{ReadOptions, read};
use baseline_model::{Reading, Role};

/// A page of a variable with the values of Zachodniopomorskie.
fn page(values: &str) -> String {
    format!(
        r#"{{"totalRecords":1,"variableId":60270,"measureUnitId":9,"lastUpdate":"2025-10-01","page":0,"pageSize":100,"links":{{"self":"x"}},"results":[{{"id":"023200000000","name":"ZACHODNIOPOMORSKIE","values":[{values}]}}]}}"#
    )
}

#[test]
fn by_variable() {
    let reading = check(
        &page(r#"{"year":"2023","val":4.1,"attrId":1},{"year":"2024","val":0,"attrId":0}"#),
        &["023200000000 60270 9 2023 4.1 @results[0].values[0]", "023200000000 60270 9 2024 0 @results[0].values[1]"],
        &[],
    );
    let table = &reading.tables[0];
    assert_eq!(reading.format, "GUS BDL JSON");
    assert_eq!(
        table.dimensions.iter().map(|column| column.id.as_str()).collect::<Vec<_>>(),
        ["unit_id", "variable", "measure_unit"]
    );
    assert_eq!((table.dimensions[0].role, table.updated.as_deref()), (Some(Role::Geo), Some("2025-10-01")));
}

#[test]
fn attributes() {
    let one = |attribute: &str, value: &str, expected: &str, codes: &[&str]| {
        let cell = format!(r#"{{"year":"2024","val":{value},"attrId":{attribute}}}"#);
        check(&page(&cell), &[&format!("023200000000 60270 9 2024 {expected} @results[0].values[0]")], codes);
    };
    for missing in ["4", "14", "15", "50", "91"] {
        one(missing, "0", &format!("- {missing}|"), &[]);
        one(missing, "12.5", &format!("- {missing}|"), &[]);
    }
    for real in ["3", "7", "9", "11", "13", "17", "20", "21", "94", "97", "98"] {
        one(real, "0", &format!("0 {real}|"), &[]);
    }
    one("0", "5", "5", &[]);
    one("1", "null", "-", &[]);
    one("77", "5", "- 77|", &["warning unknown-attribute"]);
    one("null", "5", "-", &["warning unknown-attribute"]);
    one("1", "\"5,5\"", "-", &["error not-a-number"]);
}

#[test]
fn by_unit() {
    check(
        r#"{"totalRecords":2,"unitId":"023200000000","unitName":"Z","page":0,"pageSize":10,"results":[
            {"id":60270,"measureUnitId":9,"values":[{"year":"2024","val":6.6,"attrId":1}]},
            {"id":64428,"measureUnitId":2,"values":[]}]}"#,
        &["023200000000 60270 9 2024 6.6 @results[0].values[0]"],
        &[],
    );
}

#[test]
fn pages() {
    let several = page(r#"{"year":"2024","val":1,"attrId":1}"#).replace(r#""totalRecords":1"#, r#""totalRecords":250"#);
    check(
        &several.replace(r#""page":0"#, r#""page":2"#).replace("250", "201"),
        &["023200000000 60270 9 2024 1 @results[0].values[0]"],
        &["info one-page"],
    );
    check(&several, &["023200000000 60270 9 2024 1 @results[0].values[0]"], &["warning page-incomplete", "info one-page"]);
    check(r#"{"totalRecords":0,"variableId":60270,"page":0,"pageSize":100,"results":[]}"#, &[], &["error no-data"]);
    check(&page("").replace(r#""id":"023200000000""#, r#""id":23200000000"#), &[], &["error no-key"]);
    let twice = r#"{"year":"2024","val":1,"attrId":1},{"year":"2024","val":2,"attrId":1}"#;
    check(
        &page(twice),
        &["023200000000 60270 9 2024 1 @results[0].values[0]", "023200000000 60270 9 2024 2 @results[0].values[1]"],
        &["error duplicate-key"],
    );
}

fn entries(reading: &Reading) -> Vec<String> {
    let all = reading.descriptions.iter().flat_map(|description| &description.entries);
    all.map(|entry| [&entry.list, &entry.code, &entry.label, &entry.parent].map(String::as_str).join("|")).collect()
}

#[test]
fn lists() {
    let list = |resource: &str, record: &str, expected: &[&str]| {
        let text = format!(
            r#"{{"totalRecords":1,"page":0,"pageSize":100,"links":{{"self":"https://x/api/v1/{resource}?page=0"}},"results":[{record}]}}"#
        );
        assert_eq!(entries(&check(&text, &[], &[])), expected);
    };
    list(
        "subjects",
        r#"{"id":"G7","parentId":"K3","name":"STAN","hasVariables":false,"children":["P2425"]}"#,
        &["subject|G7|STAN|K3", "subject|P2425||G7"],
    );
    let variable =
        r#"{"id":60270,"subjectId":"P2392","n1":"ogółem","n2":"mężczyźni","level":5,"measureUnitId":9,"measureUnitName":"%"}"#;
    list("variables", variable, &["variable|60270|ogółem, mężczyźni [%]|P2392"]);
    list(
        "units",
        r#"{"id":"023200000000","name":"Z","parentId":"020000000000","level":2}"#,
        &["unit|023200000000|Z|020000000000"],
    );
    list("attributes", r#"{"id":50,"name":"brak","symbol":"n","description":"x"}"#, &["attribute|50|n, brak|"]);
    list("levels", r#"{"id":2,"name":"Województwa"}"#, &["level|2|Województwa|"]);
    list("other", r#"{"id":2,"name":"x"}"#, &["code|2|x|"]);
    assert_eq!(entries(&check(variable, &[], &[])), ["variable|60270|ogółem, mężczyźni [%]|P2392"]);
    check(r#"{"totalRecords":0,"page":0,"pageSize":100,"results":[]}"#, &[], &["error no-data"]);
}

#[test]
fn recorded() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/national/bdl/subjects_response.json");
    let Ok(bytes) = std::fs::read(path) else {
        println!("skipped: {path} is not there");
        return;
    };
    let reading = read(&bytes, "subjects", &ReadOptions::default());
    sound(&reading);
    assert!(reading.findings.is_empty(), "{:?}", reading.findings);
    let found = entries(&reading);
    assert_eq!((found.len(), found[0].as_str(), found[1].as_str()), (303, "subject|K15|CENY|", "subject|G186||K15"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn mutated(edits in vec(any::<(u16, u8, u8)>(), 0..6), cut in any::<u16>()) {
        survive(&mutate(page(r#"{"year":"2024","val":4.1,"attrId":94}"#).as_bytes(), &edits, cut));
    }
}
