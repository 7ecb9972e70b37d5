//! Pulling and the scheduled job, through the program and against a provider on the loopback interface.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::{Value as Json, json};

use super::kit::{Row, Said, Workspace, assert_same, rows, said};
use super::server::Server;

const FLOW: &str = "eurostat/lfsa_eoqgan";
const REPORT: &str = "reports/milestone/zachodniopomorskie/en";

/// A workspace whose Eurostat is a server of ours.
pub fn bench() -> (Workspace, Server) {
    let (workspace, server) = (Workspace::new(), Server::new());
    direct(&workspace, &server.address);
    (workspace, server)
}

fn direct(workspace: &Workspace, address: &str) {
    let shipped = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("pipelines/sources/eurostat.toml")).unwrap();
    let changed = |line: &str| match line.split(" =").next().unwrap_or_default() {
        "base_url" => format!("base_url = \"http://{address}/api/dissemination\""),
        "pace_seconds" => "pace_seconds = 0.0".to_owned(),
        "tries" => "tries = 1".to_owned(),
        "timeouts" => "timeouts = { connect = 5.0, idle = 60.0, total = 60.0 }".to_owned(),
        _ => line.to_owned(),
    };
    workspace.write("pipelines/sources/eurostat.toml", shipped.lines().map(changed).collect::<Vec<_>>().join("\n"));
}

/// An answer as Eurostat gives it: over-qualification of 2024 and 2025 for nine countries and the EU.
pub fn answer(updated: &str, poland_non_eu_2025: f64) -> Vec<u8> {
    let countries = ["DE", "EL", "ES", "EU27_2020", "FI", "IT", "NL", "PL", "SE", "SI"];
    let citizens = ["EU27_2020_FOR", "FOR", "NAT", "NEU27_2020_FOR", "TOTAL"];
    let index = |codes: &[&str]| -> Json {
        codes.iter().enumerate().map(|(at, code)| ((*code).to_owned(), json!(at))).collect::<serde_json::Map<_, _>>().into()
    };
    let dimension = |codes: &[&str]| json!({ "label": "", "category": { "index": index(codes) } });
    let mut value = serde_json::Map::new();
    for (c, citizen) in citizens.iter().enumerate() {
        for (g, country) in countries.iter().enumerate() {
            for (t, year) in ["2024", "2025"].iter().enumerate() {
                let number = if (*citizen, *country, *year) == ("NEU27_2020_FOR", "PL", "2025") {
                    poland_non_eu_2025
                } else {
                    20.0 + 5.0 * c as f64 + g as f64
                };
                value.insert(((c * countries.len() + g) * 2 + t).to_string(), json!(number));
            }
        }
    }
    let table = json!({
        "version": "2.0", "class": "dataset", "label": "Over-qualification rates by citizenship", "source": "ESTAT", "updated": updated,
        "value": value,
        "id": ["freq", "unit", "sex", "age", "citizen", "geo", "time"],
        "size": [1, 1, 1, 1, citizens.len(), countries.len(), 2],
        "dimension": { "freq": dimension(&["A"]), "unit": dimension(&["PC"]), "sex": dimension(&["T"]), "age": dimension(&["Y20-64"]), "citizen": dimension(&citizens), "geo": dimension(&countries), "time": dimension(&["2024", "2025"]) },
        "extension": { "lang": "EN", "id": "LFSA_EOQGAN", "agencyId": "ESTAT", "version": "1.0" }
    });
    serde_json::to_vec(&table).unwrap()
}

fn inventory(changed: &str) -> String {
    format!(
        "Code\tType\tSource dataset\tLast data change\tLast structural change\nLFSA_EOQGAN\tDATASET\t-\t{changed}\t2026-01-01T11:00:00+0100\n"
    )
}

fn run(workspace: &Workspace) -> Said {
    let said = workspace.run(&["run", "--region", "PL42", "--format", "html"]);
    assert!(said.exit < 2, "{}", said.stderr);
    said
}

fn observation(workspace: &Workspace, id: &str) -> Row {
    rows(&workspace.tree(REPORT)["observations.csv"]).into_iter().find(|row| row["id"] == id).unwrap_or_else(|| panic!("no {id}"))
}

/// `seed` or `pull`.
fn kind(workspace: &Workspace) -> String {
    let manifest: Json = serde_json::from_slice(&workspace.tree(REPORT)["manifest.json"]).unwrap();
    manifest["dataflows"].as_array().unwrap().iter().find(|flow| flow["dataflow"] == FLOW).unwrap()["kind"]
        .as_str()
        .unwrap()
        .to_owned()
}

/// Folders of stored states of the table.
fn vintages(workspace: &Workspace) -> usize {
    let folders: std::collections::BTreeSet<String> = workspace
        .tree(&format!("data/raw/{FLOW}"))
        .keys()
        .filter_map(|path| path.split_once('/').map(|(folder, _)| folder.to_owned()))
        .collect();
    folders.len()
}

const LATEST: &str = "over_qualification.zachodniopomorskie.non_eu.T.Y20-64.2025";

#[test]
fn an_indicator_without_figures_has_them_from_the_day_its_table_is_pulled() {
    let (workspace, server) = bench();
    let listed = |state: &str| {
        let said = workspace.run(&["list", "indicators"]);
        let line = said.stdout.lines().find(|line| line.starts_with("activity_rate ")).unwrap_or_default();
        assert!(line.contains(state), "{line}");
    };
    listed("none yet: eurostat/lfsa_argan, eurostat/lfst_r_lfp2actrtn");
    let before = run(&workspace);
    assert_eq!(before.exit, 0, "a table that was never at hand is no fault: {}", before.stderr);
    let coverage = String::from_utf8(workspace.tree(REPORT)["report.html"].clone()).unwrap();
    assert!(coverage.contains("would be filled by") && coverage.contains("eurostat/lfsa_argan"), "the coverage names it");
    assert!(!workspace.tree(REPORT)["observations.csv"].windows(14).any(|text| text == b"activity_rate."), "no empty rows");
    server.answer("lfsa_argan", answer("2026-12-01T11:00:00+0100", 71.5));
    let pulled = workspace.run(&["pull", "eurostat/lfsa_argan"]);
    assert_eq!(pulled.exit, 0, "{}{}", pulled.stdout, pulled.stderr);
    listed("pulled");
    run(&workspace);
    let rate = observation(&workspace, "activity_rate.zachodniopomorskie.non_eu.T.Y20-64.2025");
    assert_eq!((rate["value"].as_str(), rate["grade"].as_str()), ("71.5", "D"));
}

#[test]
fn what_was_pulled_is_in_the_next_report_with_its_vintage() {
    let (workspace, server) = bench();
    run(&workspace);
    assert_eq!(kind(&workspace), "seed");
    server.answer("lfsa_eoqgan", answer("2026-12-01T11:00:00+0100", 51.5));
    let said = workspace.run(&["pull", FLOW]);
    assert_eq!(said.exit, 0, "{}{}", said.stdout, said.stderr);
    assert!(said.stdout.contains("new"), "{}", said.stdout);
    assert_eq!(server.asked().len(), 1);
    run(&workspace);
    assert_eq!(kind(&workspace), "pull");
    let row = observation(&workspace, LATEST);
    assert_eq!((row["value"].as_str(), row["grade"].as_str()), ("51.5", "D"));
    assert!(row["vintage"].contains("2026-12-01"), "{}", row["vintage"]);
    let why = workspace.run(&["why", LATEST]);
    assert!(why.stdout.contains(&format!("http://{}/", server.address)) && why.stdout.contains("sha256"), "{}", why.stdout);
}

#[test]
fn unchanged_content_makes_no_new_vintage() {
    let (workspace, server) = bench();
    server.answer("lfsa_eoqgan", answer("2026-12-01T11:00:00+0100", 51.5));
    assert_eq!(workspace.run(&["pull", FLOW]).exit, 0);
    // That it was asked is noted; the states themselves are untouched.
    let states = || workspace.tree("data/raw").into_iter().filter(|(name, _)| !name.ends_with("checks.jsonl")).collect();
    let stored = states();
    let said = workspace.run(&["pull", FLOW]);
    assert_eq!(said.exit, 0);
    assert!(said.stdout.contains("unchanged"), "{}", said.stdout);
    assert_eq!(vintages(&workspace), 1);
    assert_same(&stored, &states(), "unchanged content");
}

#[test]
fn a_changed_answer_makes_a_second_vintage_and_the_newest_is_used() {
    let (workspace, server) = bench();
    server.answer("lfsa_eoqgan", answer("2026-12-01T11:00:00+0100", 51.5));
    assert_eq!(workspace.run(&["pull", FLOW]).exit, 0);
    run(&workspace);
    server.answer("lfsa_eoqgan", answer("2026-12-15T11:00:00+0100", 52.5));
    assert_eq!(workspace.run(&["pull", FLOW]).exit, 0);
    assert_eq!(vintages(&workspace), 2);
    run(&workspace);
    assert_eq!(observation(&workspace, LATEST)["value"], "52.5");

    // The page over the study says what has changed since.
    let index = workspace.tree("reports/milestone");
    let entries: Json = serde_json::from_slice(&index["index.json"]).unwrap();
    let changes = &entries[0]["changes"];
    assert_eq!(entries[0]["state"], "updated");
    assert!(changes["numbers"].as_u64() > Some(0), "{changes}");
    let line =
        changes["lines"].as_array().unwrap().iter().find(|line| line["id"] == LATEST).unwrap_or_else(|| panic!("{changes}"));
    assert_eq!((line["before"]["value"].as_f64(), line["after"]["value"].as_f64()), (Some(51.5), Some(52.5)), "{line}");
    let page = String::from_utf8(index["index.html"].clone()).unwrap();
    assert!(page.contains("51.5") && page.contains("52.5") && page.contains("(D)"), "with the grade of both");
}

#[test]
fn the_scheduled_job_rebuilds_what_changed_and_says_what_failed() {
    let (workspace, server) = bench();
    server.answer("lfsa_eoqgan", answer("2026-12-01T11:00:00+0100", 51.5));
    server.answer("inventory", inventory("2026-12-01T11:00:00+0100"));
    let refresh = ["refresh", "--region", "PL42", "--format", "html", "--json"];
    let first = workspace.run(&refresh);
    // The other tables were not found: done, but with failed sources.
    assert_eq!(first.exit, 1, "{}", first.stderr);
    let summary: Json = serde_json::from_str(&first.stdout).unwrap();
    let outcome = |summary: &Json, flow: &str| {
        summary["pulled"].as_array().unwrap().iter().find(|pulled| pulled["dataflow"] == flow).unwrap()["outcome"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(outcome(&summary, FLOW), "new");
    assert_eq!(outcome(&summary, "eurostat/lfsa_ergan"), "failed");
    let vintage =
        summary["pulled"].as_array().unwrap().iter().find(|pulled| pulled["dataflow"] == FLOW).unwrap()["vintage"].clone();
    assert_eq!((summary["exit"].as_i64(), summary["reports"][0]["state"].as_str()), (Some(1), Some("written")));
    assert_eq!(observation(&workspace, LATEST)["value"], "51.5");
    assert_eq!(kind(&workspace), "pull");
    assert_eq!(workspace.tree("reports")["milestone.refresh.json"], first.stdout.as_bytes());

    // Nothing changed since: the table is not asked for again, the report is not touched.
    server.asked();
    let before = workspace.tree(REPORT);
    let second = workspace.run(&refresh);
    let summary: Json = serde_json::from_str(&second.stdout).unwrap();
    assert_eq!(outcome(&summary, FLOW), "unchanged");
    assert_eq!(summary["reports"][0]["state"], "unchanged");
    assert!(!server.asked().iter().any(|path| path.contains("/data/lfsa_eoqgan")), "asked for what had not changed");
    assert_same(&before, &workspace.tree(REPORT), "nothing changed");

    // The source fails: the last good figures stay, with their date, and the exit code says it.
    server.forget();
    let third = workspace.run(&refresh);
    assert_eq!(third.exit, 1);
    let summary: Json = serde_json::from_str(&third.stdout).unwrap();
    let failed = summary["pulled"].as_array().unwrap().iter().find(|pulled| pulled["dataflow"] == FLOW).unwrap().clone();
    assert_eq!(failed["outcome"], "failed");
    assert!(failed["vintage"].is_string() && failed["vintage"] == vintage, "{failed}");
    assert!(
        third.stderr.contains("lfsa_eoqgan") || summary["findings"].to_string().contains("lfsa_eoqgan"),
        "the failure is not named"
    );
    assert_same(&before, &workspace.tree(REPORT), "a failed source");
}

#[test]
fn an_answer_that_is_no_table_is_not_stored() {
    let (workspace, server) = bench();
    let cut = answer("2026-12-01T11:00:00+0100", 51.5);
    for body in [
        b"<!DOCTYPE html><html><head><title>Maintenance</title></head><body></body></html>".to_vec(),
        cut[..cut.len() / 2].to_vec(),
    ] {
        server.answer("lfsa_eoqgan", body);
        let said = workspace.run(&["pull", FLOW]);
        assert!(said.stdout.contains("failed"), "{}", said.stdout);
        assert!(said.exit == 1 || said.exit == 3, "{}", said.exit);
        assert_eq!(vintages(&workspace), 0);
    }
    run(&workspace);
    assert_eq!(kind(&workspace), "seed");
}

#[test]
fn nothing_reachable_and_nothing_stored_is_exit_code_3() {
    let workspace = Workspace::new();
    // A port that was free a moment ago: nobody answers.
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    direct(&workspace, &address);
    let flow =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("pipelines/dataflows/eurostat/lfsa_eoqgan.toml"))
            .unwrap();
    workspace.write("pipelines/dataflows/eurostat/lfsa_mine.toml", flow);
    let said = workspace.run(&["pull", "eurostat/lfsa_mine"]);
    assert_eq!(said.exit, 3, "{}{}", said.stdout, said.stderr);
    assert!(said.stdout.contains("failed"), "{}", said.stdout);
    let found: Vec<String> = workspace.tree("data").into_keys().filter(|path| path.starts_with("raw")).collect();
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn ctrl_c_while_waiting_for_a_provider_ends_the_whole_job() {
    let (workspace, server) = bench();
    server.answer("", Vec::new());
    for args in [&["pull", FLOW][..], &["refresh", "--region", "PL42", "--format", "html"]] {
        server.asked();
        let mut child = workspace.spawn(args);
        // It waits for an answer that never comes.
        while server.asked().is_empty() && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(5));
        }
        let _ = Command::new("kill").args(["-INT", &child.id().to_string()]).stderr(Stdio::null()).status();
        let said = said(&child.wait_with_output().unwrap());
        assert_eq!(said.exit, 130, "{args:?}: {}{}", said.stdout, said.stderr);
        let left: Vec<String> =
            workspace.tree("").into_keys().filter(|path| path.starts_with("reports") || path.contains(".tmp-")).collect();
        assert!(left.is_empty(), "{left:?}");
    }
}
