//! Whatever stands in the files and parameters: an answer of finite numbers, or a fault with a place; never a panic.

use std::collections::BTreeMap;

use baseline_method::{Cell, Sheet, compute, find};
use proptest::prelude::*;

const CELLS: [&str; 18] =
    ["", "0", "1", "2", "3", "-1", "0.5", "1e308", "-1e308", "1e-308", "NaN", "inf", "a", "b", ":", "2020", "2021", "higher"];

const NAMES: [&str; 22] = [
    "id",
    "year",
    "x",
    "y",
    "a",
    "b",
    "indicator",
    "weight",
    "worst",
    "best",
    "lower",
    "upper",
    "direction",
    "group",
    "weight_in_group",
    "group_weight_in_index_geometric",
    "fill",
    "level",
    "value",
    "unit",
    "status",
    "nuts2",
];

const PARAMS: [(&str, &[&str]); 22] = [
    ("weighting", &["given", "equal,expert", "dirichlet"]),
    ("imputation", &["keep", "exclude,keep", "spread"]),
    ("spread", &["B:1;M:2", "B:1e308", "x"]),
    ("error_form", &["cv", "half_width"]),
    ("period", &["2020", "2021"]),
    ("table", &["pairs", "frequencies", "draws"]),
    ("method", &["minmax", "all", "target", "rank,zscore"]),
    ("lower_is_better", &["x", "all", "y;x"]),
    ("reference", &["a", "1"]),
    ("target", &["2", "-1", "1e308"]),
    ("bands", &["0:0 50:1", "5:1", ""]),
    ("scale", &["100", "0", "-1"]),
    ("treat", &["coinr"]),
    ("normalisation", &["zscore", "rank", "raw", "goalposts", "categorical"]),
    ("aggregation", &["geometric", "arithmetic,geometric", "x"]),
    ("fill", &["carry", "interpolate"]),
    ("floor", &["1", "1e308"]),
    ("availability", &["0", "1"]),
    ("rescale", &["yes"]),
    ("layout", &["long", "wide", "matrix"]),
    ("most", &["1", "0", "99"]),
    ("years", &["2019-2022", "9-1", "x"]),
];

const FILES: [&str; 8] = ["structure", "weights", "goalposts", "targets", "directions", "errors", "grades", "ranges"];

fn table() -> impl Strategy<Value = String> {
    let columns = proptest::sample::subsequence(NAMES.to_vec(), 1..6).prop_shuffle();
    let rows = proptest::collection::vec(proptest::collection::vec(proptest::sample::select(CELLS.to_vec()), 6), 1..6);
    (columns, rows).prop_map(|(columns, rows)| {
        let mut text = format!("{}\n", columns.join(","));
        for row in rows {
            text.push_str(&format!("{}\n", row[..columns.len()].join(",")));
        }
        text
    })
}

/// A table that most methods get through: names, a year, numbers.
fn numbers() -> impl Strategy<Value = String> {
    let cell = proptest::sample::select(vec!["", "0", "1", "2", "5", "-1", "1e308", "-1e308", "1e-308", "7.5"]);
    proptest::collection::vec((cell.clone(), cell), 1..7).prop_map(|rows| {
        let lines = rows.iter().enumerate().map(|(row, (x, y))| format!("u{},{},{x},{y}\n", row / 2, 2020 + row % 2));
        format!("id,year,x,y\n{}", lines.collect::<String>())
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_panic(
        method in proptest::sample::select(vec!["normalise", "composite", "outranking", "kemeny", "impute", "monte-carlo", "sobol"]),
        input in prop_oneof![table(), numbers()],
        files in proptest::collection::vec((proptest::sample::select(FILES.to_vec()), table()), 0..2),
        chosen in proptest::collection::vec((proptest::sample::select(PARAMS.to_vec()), 0..5_usize), 0..4),
    ) {
        let method = find(method).unwrap();
        let known = |name: &str, file: bool| method.params.iter().any(|param| param.name == name && param.file == file);
        let mut params = BTreeMap::new();
        for ((name, values), value) in chosen {
            if known(name, false) {
                params.insert(name.to_owned(), values[value % values.len()].to_owned());
            }
        }
        // Few: it is the input that is tried.
        for (name, few) in [("draws", "8"), ("samples", "4")] {
            if known(name, false) {
                params.insert(name.to_owned(), few.to_owned());
            }
        }
        let mut sheets = BTreeMap::new();
        for (name, text) in files {
            if known(name, true) && let Ok(sheet) = Sheet::read(name, text.as_bytes()) {
                params.insert(name.to_owned(), format!("{name}.csv"));
                sheets.insert(name.to_owned(), sheet);
            }
        }
        let Ok(sheet) = Sheet::read("x.csv", input.as_bytes()) else { return Ok(()) };
        match compute(method, &sheet, &params, &sheets) {
            Ok(answer) => {
                for cell in answer.rows.iter().flatten().chain(answer.facts.iter().map(|fact| &fact.1)) {
                    prop_assert!(!matches!(cell, Cell::Number(number) if !number.is_finite()), "{}", answer.csv());
                }
                prop_assert!(answer.rows.iter().all(|row| row.len() == answer.columns.len()), "{}", answer.csv());
            }
            Err(fault) => prop_assert!(!fault.to_string().is_empty() && !fault.hint().is_empty(), "{fault:?}"),
        }
    }
}
