//! Products, formats and languages of a run: what lies where, what is built anew, and what is said of a wrong call.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value as Json;

use super::kit::{Workspace, assert_same, said};

const STUDY: &str = "reports/milestone";

fn shipped(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("pipelines").join(path)).unwrap()
}

/// Runs and gives the publications that were written, as `territory product language`, sorted.
fn written(workspace: &Workspace, args: &[&str]) -> Vec<String> {
    let said = workspace.run(&[&["run", "--json"], args].concat());
    assert!(said.exit < 2, "{args:?}: {}", said.stderr);
    let summary: Json = serde_json::from_str(&said.stdout).unwrap();
    let text = |report: &Json, field: &str| report[field].as_str().unwrap().to_owned();
    let reports = summary["reports"].as_array().unwrap().iter().filter(|report| report["state"] == "written");
    let mut names: Vec<String> =
        reports.map(|report| ["territory", "product", "language"].map(|field| text(report, field)).join(" ")).collect();
    names.sort();
    names
}

/// Every address of a page that leads to a file beside it.
fn links(page: &[u8]) -> Vec<String> {
    let page = std::str::from_utf8(page).unwrap();
    let addresses = page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    addresses.filter(|address| !address.contains(':') && !address.starts_with('#')).map(str::to_owned).collect()
}

#[test]
fn each_product_has_its_folder_and_the_index_leads_to_them() {
    let workspace = Workspace::new();
    let args = ["--region", "PL42", "--product", "workbook,factsheet,report", "--format", "html,xlsx,svg", "--lang", "en,pl"];
    assert_eq!(written(&workspace, &args).len(), 6);
    let files = workspace.tree(STUDY);
    for path in
        ["en/report.html", "pl/tables.xlsx", "factsheet-en/factsheet.html", "workbook-pl/tables.xlsx", "en/observations.csv"]
    {
        assert!(files.contains_key(&format!("zachodniopomorskie/{path}")), "{path}");
    }
    for absent in ["workbook-en/report.html", "factsheet-en/tables.xlsx", "factsheet-en/report.html"] {
        assert!(!files.contains_key(&format!("zachodniopomorskie/{absent}")), "{absent}");
    }
    for (page, folder, other) in [("index.html", "en", "index.pl.html"), ("index.pl.html", "pl", "index.en.html")] {
        let links = links(&files[page]);
        let dead: Vec<&String> = links.iter().filter(|link| !files.contains_key(*link)).collect();
        assert!(dead.is_empty(), "{page}: {dead:?}");
        assert!(links.iter().any(|link| link == other), "{page}: no way to {other}");
        let own = |path: &&String| path.starts_with("zachodniopomorskie/") && path.contains(&format!("{folder}/"));
        // Figures as files of their own stand in index.json.
        let named = files.keys().filter(own).filter(|path| !path.ends_with(".digest") && !path.contains("/figures/"));
        let unnamed: Vec<&String> = named.filter(|path| !links.contains(path)).collect();
        assert!(unnamed.is_empty(), "{page}: {unnamed:?}");
    }
    // A fact sheet's table holds what it shows.
    let lines = |path: &str| files[&format!("zachodniopomorskie/{path}")].split(|byte| *byte == b'\n').count();
    assert!(lines("factsheet-en/observations.csv") < lines("en/observations.csv"));
}

#[test]
fn only_what_shows_a_change_is_built_anew() {
    let workspace = Workspace::new();
    let study = ["--study", "milestone", "--format", "csv", "--lang", "en,pl", "--product", "report,comparison"];
    assert_eq!(written(&workspace, &study).len(), 20);
    let check = |what: &str, path: &str, text: String, expected: &[&str]| {
        let before = workspace.tree(STUDY);
        workspace.write(&format!("pipelines/{path}"), text);
        let found = written(&workspace, &study);
        assert_eq!(found, expected, "{what}");
        let kept = |tree: std::collections::BTreeMap<String, Vec<u8>>| {
            let anew = |path: &String| {
                expected.iter().any(|name| {
                    let mut parts = name.split(' ');
                    let (place, _, language) = (parts.next().unwrap(), parts.next(), parts.next().unwrap());
                    path.starts_with(&format!("{place}/{language}/"))
                })
            };
            let hidden = |path: &String| path.ends_with(".digest") || !path.contains('/');
            tree.into_iter().filter(|(path, _)| !anew(path) && !hidden(path)).collect()
        };
        assert_same(&kept(before), &kept(workspace.tree(STUDY)), what);
    };
    let language = shipped("languages/pl.toml");
    check("a remark in the other language", "languages/fi.toml", format!("{}\n# remark\n", shipped("languages/fi.toml")), &[]);
    let polish: Vec<String> = super::kit::NINE.iter().map(|id| format!("{id} report pl")).collect();
    let mut polish: Vec<&str> = polish.iter().map(String::as_str).chain(["comparison comparison pl"]).collect();
    polish.sort_unstable();
    let word = language.replacen("\"changes.words\" = \"", "\"changes.words\" = \"Nowe: ", 1);
    check("a word of one language", "languages/pl.toml", word, &polish);
    let unused = shipped("indicators/median_age.toml").replacen("name = \"", "name = \"Unused: ", 1);
    check("an indicator of no chapter", "indicators/of_no_chapter.toml", unused, &[]);
    let table = shipped("dataflows/destatis/12531-0043.toml").replacen("title = \"", "title = \"Anew: ", 1);
    check(
        "a table that one territory draws on",
        "dataflows/destatis/12531-0043.toml",
        table,
        &["burgenlandkreis report en", "burgenlandkreis report pl", "comparison comparison en", "comparison comparison pl"],
    );
    // Nothing is left to do, and `plan` says so.
    assert!(written(&workspace, &study).is_empty());
    let plan = workspace.run(&[&["plan"], &study[..]].concat());
    assert!(!plan.stdout.contains("to build") && !plan.stdout.contains("to check"), "{}", plan.stdout);
    let page = workspace.tree(STUDY)["index.json"].clone();
    let entries: Json = serde_json::from_slice(&page).unwrap();
    let states: Vec<&str> = entries.as_array().unwrap().iter().filter_map(|entry| entry["state"].as_str()).collect();
    assert_eq!(states.iter().filter(|state| **state == "updated").count(), 4, "of the last publication: {states:?}");
}

#[test]
fn a_study_of_several_products_is_published_whole_or_not() {
    let workspace = Workspace::new();
    let args = ["run", "--study", "milestone", "--format", "csv", "--product", "report,factsheet,comparison"];
    let mut child = workspace.spawn(&args);
    let staged = || workspace.tree("reports/.tmp-milestone").len();
    while child.try_wait().unwrap().is_none() && staged() < 12 {
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    let _ = Command::new("kill").args(["-INT", &child.id().to_string()]).stderr(Stdio::null()).status();
    let said = said(&child.wait_with_output().unwrap());
    assert_eq!(said.exit, 130, "{}{}", said.stdout, said.stderr);
    assert!(workspace.tree("reports").is_empty(), "{:?}", workspace.tree("reports").keys());
    assert_eq!(workspace.run(&args).exit, 0);
    let files = workspace.tree("reports");
    assert_eq!(files.keys().filter(|path| path.ends_with("manifest.json")).count(), 19);
    assert!(!files.keys().any(|path| path.contains(".tmp-") || path.contains(".previous")));
    // One product alone leaves the others.
    assert_eq!(written(&workspace, &["--region", "asco", "--product", "workbook", "--format", "xlsx"]), ["asco workbook en"]);
    let after = workspace.tree(STUDY);
    assert!(after.contains_key("asco/workbook-en/tables.xlsx") && after.contains_key("asco/en/observations.csv"));
    assert!(links(&after["index.html"]).iter().any(|link| link == "asco/workbook-en/tables.xlsx"));
}

#[test]
fn a_wrong_template_is_said_and_nothing_is_built() {
    for (path, bytes, message, hint) in [
        ("templates/report.htm", b"x".as_slice(), "report.htm is no template", "did you mean report.html?"),
        ("templates/reference.docx", b"no archive", "reference.docx is no Word document", "save it as .docx"),
        ("templates/report.css", b"\xff", "report.css is no UTF-8 text", "save the file as UTF-8"),
        ("templates", b"", "templates is a file, expected a folder", "rename it"),
    ] {
        let workspace = Workspace::new();
        workspace.write(path, bytes);
        for args in [&["run", "--region", "PL42", "--format", "csv"][..], &["check"]] {
            let said = workspace.run(args);
            assert_eq!(said.exit, 2, "{path}: {}", said.stderr);
            assert!(said.stderr.contains(message) && said.stderr.contains(hint), "{path}: {}", said.stderr);
        }
        assert_eq!(workspace.tree("").len(), 1, "{path}: something was written");
    }
}

#[test]
fn a_template_that_fails_publishes_nothing() {
    let workspace = Workspace::new();
    assert_eq!(workspace.run(&["run", "--region", "PL42", "--format", "html"]).exit, 0);
    let before = workspace.tree("reports");
    workspace.write("templates/report.html", "<html>{{ nothing_of_that_name }}</html>");
    let said = workspace.run(&["run", "--region", "PL42", "--format", "html"]);
    assert_eq!(said.exit, 2, "{}", said.stderr);
    for part in ["zachodniopomorskie (en)", "report.html", "nothing_of_that_name", "nothing of this run was published"] {
        assert!(said.stderr.contains(part), "{part}: {}", said.stderr);
    }
    assert_same(&before, &workspace.tree("reports"), "a failed template");
    // The page over the study comes last, and fails before anything is put in its place all the same.
    workspace.write(
        "templates/report.html",
        shipped("../crates/baseline-render/templates/report.html").replace("<main", "<main data-ours"),
    );
    workspace.write("templates/index.html", "<html>{{ nothing_of_that_name }}</html>");
    let said = workspace.run(&["run", "--region", "PL42", "--format", "html"]);
    assert_eq!(said.exit, 2, "{}", said.stderr);
    assert!(said.stderr.contains("index.en.html") && said.stderr.contains("nothing of this run"), "{}", said.stderr);
    assert_same(&before, &workspace.tree("reports"), "a failed page over the study");
}

#[test]
fn a_template_counts_for_what_is_up_to_date() {
    let workspace = Workspace::new();
    let run = ["--region", "PL42", "--format", "csv"];
    assert_eq!(written(&workspace, &run).len(), 1);
    workspace.write("templates/report.css", "body { color: black }");
    assert_eq!(written(&workspace, &run).len(), 1);
    assert_eq!(written(&workspace, &run).len(), 0);
}
