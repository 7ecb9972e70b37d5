//! Mini-worlds: two sources as text, verdicts out.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use baseline_model::definitions::{DefinitionFile, parse};
use baseline_model::{Original, Receipt};
use baseline_source::ReadOptions;

use super::*;
use crate::derive::derive;
use crate::harmonise::{Tidy, harmonise};

const DEFINITIONS: &[(&str, &str)] = &[
    ("sources/a.toml", "name = 'A'\nprotocol = 'none'\nlicence = 'L'\ncitation = '{code}'\n"),
    ("sources/b.toml", "name = 'B'\nprotocol = 'none'\nlicence = 'L'\ncitation = '{code}'\n"),
    (
        "dataflows/a/rates.toml",
        "title = 'R'\nfrequency = 'annual'\nlevels = ['nuts3', 'country']\ndimensions = { geo = 'geo' }\n",
    ),
    (
        "dataflows/b/rates.toml",
        "title = 'R'\nfrequency = 'annual'\nlevels = ['nuts3', 'country']\ndimensions = { geo = 'geo' }\n",
    ),
    ("codelists/geo.csv", "code,alias,label\nDE,,Germany\n"),
    (
        "indicators/theirs.toml",
        "name = 'T'\nunit = 'percent'\ndirection = 'neutral'\nuniverse = 'u'\nconcept = 'c'\ndecimals = 1\n\
         [[series]]\ndataflow = 'b/rates'\nset = { origin = 'total', sex = 'T', age = 'Y20-64' }\n[headline]\nage = 'Y20-64'\n",
    ),
    (
        "territories/district.toml",
        "level = 'nuts3'\ncountry = 'DE'\nkind = 'new_arrival_region'\npartner = 'P'\nnames = { en = 'District' }\n\
         parents = { DEE0 = 'Land', DE = 'Germany' }\ncodes = { b = '15084' }\nnuts.2021 = { nuts3 = 'DEE08', nuts2 = 'DEE0' }\n",
    ),
    (
        "studies/one.toml",
        "title = 'One'\nterritories = ['district']\nconcept = 'citizenship'\nbenchmarks = {}\n\
         programme = { name = 'N', project = 'P', period = '2025' }\n[[chapters]]\nid = 'all'\nindicators = ['ours']\n",
    ),
];

const OURS: &str = "name = 'O'\nunit = 'percent'\ndirection = 'neutral'\nuniverse = 'u'\nconcept = 'c'\ndecimals = 1\n\
                    [[series]]\ndataflow = 'a/rates'\nset = { origin = 'total', sex = 'T', age = 'TOTAL' }\n";

const HEAD: &str = "[[compare_with]]\nindicator = 'theirs'\nunit = 'pp'\nhere = { age = 'TOTAL' }\nthere = { age = 'Y20-64' }\n";

/// The figures of a world; `tables` are rows of `a/rates` and of `b/rates`.
fn world(ours: &str, tables: [&str; 2]) -> (Definitions, Figures) {
    let text = format!("{OURS}{ours}");
    let files: Vec<DefinitionFile> = DEFINITIONS
        .iter()
        .map(|(path, text)| (*path, (*text).to_owned()))
        .chain([("indicators/ours.toml", text)])
        .map(|(path, text)| DefinitionFile { path: path.into(), text, from: "test".into() })
        .collect();
    let (definitions, errors) = parse(&files);
    assert!(errors.is_empty(), "{errors:?}");
    let keep: BTreeSet<String> = ["DEE08", "15084", "DE"].map(str::to_owned).into();
    let mut tidy: BTreeMap<String, Tidy> = BTreeMap::new();
    for (id, rows) in [("a/rates", tables[0]), ("b/rates", tables[1])] {
        let text = format!("geo,original,period,value,obs_status\n{rows}");
        let table = baseline_source::read(text.as_bytes(), id, &ReadOptions::default()).tables.remove(0);
        let original = Original { file: "f".into(), sha256: "0123456789abcdef".into(), ..Original::default() };
        let receipt = Receipt {
            source: id[..1].into(),
            dataflow: "rates".into(),
            originals: vec![original.clone(), original],
            ..Receipt::default()
        };
        let flow = harmonise(&definitions, id, &definitions.dataflows[id], table, Arc::new(receipt), &keep).expect("a table");
        tidy.insert(id.into(), flow);
    }
    let figures = derive(&definitions, &definitions.studies["one"], &tidy).expect("figures");
    (definitions, figures)
}

/// Every comparison as `kind verdict id: used other difference`.
fn check(ours: &str, tables: [&str; 2], expected: &[&str]) {
    let (definitions, figures) = world(ours, tables);
    let found = reconcile(&definitions, &definitions.studies["one"], &figures);
    let number = |observation: &Observation| observation.value.number().map_or("-".into(), |number| format!("{number:.1}"));
    let lines: Vec<String> = found
        .comparisons
        .iter()
        .map(|one| {
            let numbers = [&one.used, &one.other, &one.difference].map(number).join(" ");
            format!("{} {} {}: {numbers}", one.kind.code(), one.verdict.code(), one.difference.id)
        })
        .collect();
    assert_eq!(lines, expected);
}

const OWN: &str = "ours.district.total.T.TOTAL.2023.against_theirs";

#[test]
fn tolerance_and_reason() {
    let one = |rule: &str, there: &str, verdict: &str| {
        let expected = format!("declared {verdict} {OWN}: 24.7 {there} {:.1}", 24.7 - there.parse::<f64>().expect("a number"));
        check(&format!("{HEAD}{rule}"), ["DEE08,1,2023,24.7,\n", &format!("15084,1,2023,{there},\n")], &[&expected]);
    };
    one("tolerance = 0.5\n", "24.7", "agrees");
    one("tolerance = 0.5\n", "24.2", "agrees");
    one("tolerance = 0.5\n", "24.1", "open");
    one("tolerance = 0.5\nreason = 'noise'\nnote = 'n'\n", "24.1", "explained");
    one("tolerance = 0.5\nreason = 'noise'\nnote = 'n'\nlimit = 2\n", "22.7", "explained");
    one("tolerance = 0.5\nreason = 'noise'\nnote = 'n'\nlimit = 2\n", "22.6", "open");
}

#[test]
fn in_percent_of_ours() {
    let rule = HEAD.replace("'pp'", "'percent'") + "tolerance = 10\n";
    check(&rule, ["DEE08,1,2023,10,\n", "DEE08,1,2023,11,\n"], &[&format!("declared agrees {OWN}: 10.0 11.0 -1.0")]);
    check(&rule, ["DEE08,1,2023,10,\n", "DEE08,1,2023,8.9,\n"], &[&format!("declared open {OWN}: 10.0 8.9 1.1")]);
    check(&rule, ["DEE08,1,2023,0,\n", "DEE08,1,2023,0,\n"], &[&format!("declared agrees {OWN}: 0.0 0.0 0.0")]);
    check(&rule, ["DEE08,1,2023,0,\n", "DEE08,1,2023,1,\n"], &[&format!("declared open {OWN}: 0.0 1.0 -1.0")]);
}

#[test]
fn only_what_both_state_with_a_number() {
    let rule = &format!("{HEAD}tolerance = 0\n");
    check(rule, ["DEE08,1,2023,1,\n", "DEE08,1,2022,1,\n"], &[]);
    check(rule, ["DEE08,1,2023,1,\n", "DE,1,2023,1,\n"], &[]);
    check(rule, ["DEE08,1,2023,1,\n", "DEE08,1,2023,,u\n"], &[]);
    check(
        rule,
        ["DE,1,2023,1,\n", "DE,1,2023,1,\n"],
        &["declared agrees ours.district.total.T.TOTAL.2023.against_theirs: 1.0 1.0 0.0"],
    );
}

/// The code of a place in one source is nothing in another.
#[test]
fn a_code_counts_in_its_own_source() {
    let rule = &format!("{HEAD}tolerance = 0\n");
    check(rule, ["15084,1,2023,1,\n", "15084,1,2023,2,\n"], &[]);
}

#[test]
fn other_periods() {
    let rule = HEAD.replace("unit", "their_period = '{year-1}-12-31'\nunit") + "tolerance = 0\n";
    let expected = format!("declared agrees {OWN}: 5.0 5.0 0.0");
    check(&rule, ["DEE08,1,2023,5,\n", "15084,1,2022-12-31,5,\n15084,1,2023-12-31,6,\n"], &[&expected]);
}

#[test]
fn vintages_and_series_that_state_a_cell_differently() {
    let id = "ours.district.total.T.TOTAL.2023";
    check(
        "",
        ["DEE08,1,2023,5,\nDEE08,2,2023,6,\nDEE08,2,2022,6,\n", "DEE08,1,2023,5,\n"],
        &[&format!("vintage explained {id}.against_stated_2: 5.0 6.0 -1.0")],
    );
    let second = "[[series]]\ndataflow = 'b/rates'\nset = { origin = 'total', sex = 'T', age = 'TOTAL' }\n";
    let own = "[[compare_with]]\nindicator = 'ours'\nunit = 'own'\nreason = 'universe'\nnote = 'n'\ntolerance = 0.1\n";
    let tables = ["DEE08,1,2023,5,\n", "DEE08,1,2023,6,\n"];
    check(second, tables, &[&format!("series open {id}.against_stated_2: 5.0 6.0 -1.0")]);
    check(&format!("{second}{own}"), tables, &[&format!("series explained {id}.against_stated_2: 5.0 6.0 -1.0")]);
    // The same in print.
    check(
        second,
        ["DEE08,1,2023,5,\n", "DEE08,1,2023,5.04,\n"],
        &[&format!("series agrees {id}.against_stated_2: 5.0 5.0 -0.0")],
    );
    check(second, ["DEE08,1,2023,5,\n", "DEE08,1,2023,5,\n"], &[]);
}

#[test]
fn a_revision_is_found_between_two_states() {
    let (definitions, before) = world("", ["DEE08,1,2022,5,\nDEE08,1,2023,7,\n", "DEE08,1,2023,5,\n"]);
    let (_, after) = world("", ["DEE08,1,2022,5,\nDEE08,1,2023,8,\n", "DEE08,1,2023,5,\n"]);
    let found = revisions(&definitions, &definitions.studies["one"], &before, &after);
    let ids: Vec<&str> = found.iter().map(|one| one.difference.id.0.as_str()).collect();
    assert_eq!(ids, ["ours.district.total.T.TOTAL.2023.against_earlier"]);
    assert_eq!(found[0].verdict, Verdict::Explained);
}

#[test]
fn a_pair_without_a_common_fact_is_said() {
    let (definitions, figures) = world(&format!("{HEAD}tolerance = 0\n"), ["DEE08,1,2023,1,\n", "DEE08,1,2022,1,\n"]);
    let found = reconcile(&definitions, &definitions.studies["one"], &figures);
    let pair = Pair { indicator: "ours".into(), other: "theirs".into(), agree: 0, explained: 0, open: 0 };
    assert_eq!((found.pairs.as_slice(), found.is_open()), (&[pair][..], false));
}
