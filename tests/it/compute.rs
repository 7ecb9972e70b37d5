//! `compute` and `method` for everything in the list of methods.

use baseline_method::METHODS;
use serde_json::Value as Json;

use super::kit::{Workspace, rows, study};

#[test]
fn every_method_runs_its_example() {
    let workspace = Workspace::new();
    for method in METHODS {
        let (_, params) = method.example;
        let input = format!("{}.csv", method.id);
        let shown = workspace.run(&["compute", method.id, "--example"]);
        assert_eq!((shown.exit, shown.stdout.as_str()), (0, method.example.0), "{}: {}", method.id, shown.stderr);
        workspace.write(&input, &shown.stdout);
        let given: Vec<String> = params.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut args = vec!["compute", method.id, "--input", &input];
        for (param, (name, value)) in given.iter().zip(params) {
            if method.params.iter().any(|param| param.name == *name && param.file) {
                let shown = workspace.run(&["compute", method.id, &format!("--example={name}")]);
                assert_eq!(shown.exit, 0, "{}: the file {value} is not in the program: {}", method.id, shown.stderr);
                workspace.write(value, &shown.stdout);
            }
            args.extend(["--param", param]);
        }
        let said = workspace.run(&args);
        assert_eq!(said.exit, 0, "{}: {}", method.id, said.stderr);
        let table = rows(said.stdout.as_bytes());
        assert!(!table.is_empty(), "{}", method.id);
        // The same as JSON, by a file, and from standard input.
        let json = workspace.run(&[&args[..], &["--json"]].concat());
        let json: Json = serde_json::from_str(&json.stdout).unwrap();
        assert_eq!(json["table"].as_array().unwrap().len(), table.len(), "{}", method.id);
        args[3] = "-";
        let piped = workspace.run_with_input(&[&args[..], &["--output", "answer.csv"]].concat(), method.example.0.as_bytes());
        assert_eq!((piped.exit, piped.stdout.as_str()), (0, ""), "{}: {}", method.id, piped.stderr);
        assert_eq!(String::from_utf8_lossy(&workspace.tree("")["answer.csv"]), said.stdout, "{}", method.id);
    }
}

#[test]
fn every_method_formula_and_indicator_is_described() {
    let workspace = Workspace::new();
    let list: Json = serde_json::from_str(&workspace.run(&["method", "--list", "--json"]).stdout).unwrap();
    let ids = |key: &str| -> Vec<String> {
        list[key].as_array().unwrap().iter().map(|entry| entry["id"].as_str().unwrap().to_owned()).collect()
    };
    for id in ids("methods").into_iter().chain(ids("formulas")) {
        let said = workspace.run(&["method", &id]);
        assert_eq!(said.exit, 0, "{id}: {}", said.stderr);
        assert!(said.stdout.contains("formula") && said.stdout.contains("about"), "{id}: {}", said.stdout);
    }
    let indicators: Json = serde_json::from_str(&workspace.run(&["list", "indicators", "--json"]).stdout).unwrap();
    let first = indicators.as_array().unwrap().iter().map(|entry| entry["id"].as_str().unwrap());
    for id in first.step_by(10) {
        let said = workspace.run(&["method", id, "--json"]);
        let json: Json = serde_json::from_str(&said.stdout).unwrap();
        assert!(json["universe"].as_str().is_some_and(|universe| !universe.is_empty()), "{id}: {}", said.stdout);
    }
}

#[test]
fn a_method_names_the_figures_it_was_applied_to() {
    let json =
        |id: &str| -> Json { serde_json::from_str(&study().run(&["method", id, "--json", "--figures", "2"]).stdout).unwrap() };
    let gap = json("gap");
    let count = gap["last_run"]["by_formula"]["gap_pp"].as_u64().unwrap();
    let measured = study().by_id().keys().filter(|id| id.ends_with(".gap_pp")).count();
    assert_eq!(usize::try_from(count).unwrap(), measured);
    let first = &gap["last_run"]["first"];
    assert_eq!(first.as_array().unwrap().len(), 2);
    assert!(first[0]["inputs"][0]["cell"].as_str().is_some_and(|cell| cell.starts_with("eurostat/")), "{first}");
    let indicator = json("over_qualification");
    let table = &indicator["last_run"]["tables"][0];
    assert_eq!(
        (table["table"].as_str(), table["vintage"].as_str()),
        (Some("eurostat/lfsa_eoqgan"), Some("2026-06-30T11:00:00+0200"))
    );
}

#[test]
fn a_report_that_was_edited_is_left_out() {
    let workspace = Workspace::new();
    assert_eq!(workspace.run(&["run", "--region", "asco", "--format", "csv"]).exit, 0);
    let place = "reports/milestone/asco/en/provenance.json";
    let text = String::from_utf8(workspace.tree("")[place].clone()).unwrap();
    workspace.write(place, text.replace("\"gap_pp\"", "\"difference\""));
    let said = workspace.run(&["method", "gap"]);
    assert_eq!(said.exit, 0);
    assert!(said.stderr.contains("warning[report-left-out]") && said.stdout.contains("no report here yet"), "{said:?}");
}
