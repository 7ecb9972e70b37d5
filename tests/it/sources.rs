//! The sources as a person and a scheduled job meet them: pace across processes, secrets, held vintages, health.

use std::time::Duration;

use serde_json::Value as Json;

use super::kit::{Said, Workspace, said};
use super::refresh::{answer, bench};

const FLOW: &str = "eurostat/lfsa_eoqgan";
const SECRET: &str = "geheim0123456789abcdef";

/// Changes lines of the source's record, or adds them.
fn record(workspace: &Workspace, lines: &[(&str, &str)]) {
    let path = "pipelines/sources/eurostat.toml";
    let text = std::fs::read_to_string(workspace.join(path)).unwrap();
    let is_set = |line: &&str| lines.iter().any(|(key, _)| line.split(" =").next() == Some(*key));
    let mut kept: Vec<String> = lines.iter().map(|(key, value)| format!("{key} = {value}")).collect();
    kept.extend(text.lines().filter(|line| !is_set(line)).map(str::to_owned));
    workspace.write(path, kept.join("\n"));
}

#[test]
fn the_pace_holds_across_processes() {
    let (workspace, server) = bench();
    record(&workspace, &[("pace_seconds", "0.8")]);
    server.answer("lfsa_eoqgan", answer("2026-12-01T11:00:00+0100", 51.5));
    // The second and third begin while the first still waits or have to wait for the lock; none comes too early.
    for _ in 0..3 {
        let first = workspace.spawn(&["pull", FLOW]);
        let second = workspace.spawn(&["pull", FLOW]);
        for child in [first, second] {
            let said = said(&child.wait_with_output().unwrap());
            assert!([0, 5].contains(&said.exit), "{}", said.stderr);
        }
    }
    let times = server.times();
    assert!(times.len() >= 3);
    assert!(times.windows(2).all(|pair| pair[1] - pair[0] >= Duration::from_millis(750)), "{times:?}");
}

#[test]
fn a_window_that_is_used_up_parks_the_next_process() {
    let (workspace, server) = bench();
    record(&workspace, &[("windows", "[{ requests = 2, seconds = 36000 }]")]);
    server.answer("lfsa_eoqgan", answer("2026-12-01T11:00:00+0100", 51.5));
    for expected in [0, 0, 1] {
        let said = workspace.run(&["pull", FLOW]);
        assert_eq!(said.exit, expected, "{}{}", said.stdout, said.stderr);
    }
    let said = workspace.run(&["pull", FLOW]);
    assert!(said.stderr.contains("2 requests in 36000 s are allowed") && said.stderr.contains("hint: "), "{}", said.stderr);
    assert_eq!(server.times().len(), 2);
}

fn keyed(workspace: &Workspace, args: &[&str]) -> Said {
    let mut command = workspace.command(args);
    command.env("BASELINE_LOG", "trace").env("OFFICE_KEY", SECRET);
    said(&command.output().unwrap())
}

#[test]
fn secrets_are_nowhere() {
    let (workspace, server) = bench();
    record(
        &workspace,
        &[("credentials", "{ X-Key = \"OFFICE_KEY\" }"), ("register_url", "\"https://stat.example/register\""), ("tries", "2")],
    );
    let without = workspace.run(&["pull", FLOW]);
    assert!(
        without.stderr.contains("OFFICE_KEY") && without.stderr.contains("https://stat.example/register"),
        "{}",
        without.stderr
    );
    assert_eq!(server.times().len(), 0);
    let scan = |said: &Said| {
        assert!(!said.stdout.contains("geheim") && !said.stderr.contains("geheim"), "{}{}", said.stdout, said.stderr);
        for (path, bytes) in workspace.tree("") {
            assert!(!String::from_utf8_lossy(&bytes).contains("geheim"), "{path}");
        }
    };
    for body in [
        "",
        "<html><title>geheim0123456789abcdef</title></html>",
        r#"{"error":[{"status":400,"label":"geheim0123456789abcdef"}]}"#,
    ] {
        if !body.is_empty() {
            server.answer("lfsa_eoqgan", body);
        }
        let said = keyed(&workspace, &["pull", FLOW]);
        assert_ne!(said.exit, 0);
        scan(&said);
    }
    server.answer("lfsa_eoqgan", answer("2026-12-01T11:00:00+0100", 51.5));
    let said = keyed(&workspace, &["-vv", "pull", FLOW, "--json"]);
    assert_eq!(said.exit, 0, "{}", said.stderr);
    scan(&said);
    scan(&keyed(&workspace, &["doctor", "--sources", "eurostat", "--json"]));
    scan(&keyed(&workspace, &["run", "--region", "PL42", "--format", "html"]));
}

#[test]
fn a_vintage_that_lost_a_country_waits_for_a_person() {
    let (workspace, server) = bench();
    server.answer("lfsa_eoqgan", answer("2026-12-01T11:00:00+0100", 51.5));
    assert_eq!(workspace.run(&["pull", FLOW]).exit, 0);
    let refused = workspace.run(&["accept", FLOW]);
    assert_eq!(refused.exit, 2, "{}", refused.stderr);
    let lost = String::from_utf8(answer("2026-12-15T11:00:00+0100", 52.5)).unwrap().replace("\"SI\"", "\"XX\"");
    server.answer("lfsa_eoqgan", lost);
    let held = workspace.run(&["pull", FLOW]);
    assert_eq!(held.exit, 1);
    assert!(held.stdout.contains("held") && held.stderr.contains("SI may be XX now"), "{}{}", held.stdout, held.stderr);
    let run = workspace.run(&["run", "--region", "PL42", "--format", "html"]);
    assert_eq!(run.exit, 1, "{}", run.stderr);
    assert!(run.stderr.contains("vintage-held"), "{}", run.stderr);
    let accepted = workspace.run(&["accept", FLOW]);
    assert_eq!(accepted.exit, 0, "{}", accepted.stderr);
    assert_eq!(workspace.run(&["pull", FLOW]).exit, 0);
}

#[test]
fn the_health_of_a_source() {
    let (workspace, server) = bench();
    server.answer("lfsa_eoqgan", answer("2026-12-01T11:00:00+0100", 51.5));
    server.answer("lfsa_ergan", String::from_utf8(answer("x", 1.0)).unwrap().replace("citizen", "nationality"));
    let probed = workspace.run(&["doctor", "--sources", "eurostat", "--json"]);
    assert_eq!(probed.exit, 1, "{}", probed.stderr);
    let health: Json = serde_json::from_str(&probed.stdout).unwrap();
    assert_eq!((health[0]["source"].as_str(), health[0]["reachable"].as_bool()), (Some("eurostat"), Some(true)));
    let flow = |id: &str| health[0]["dataflows"].as_array().unwrap().iter().find(|flow| flow["dataflow"] == id).unwrap().clone();
    assert_eq!((flow(FLOW)["state"].as_str(), flow(FLOW)["updated"].as_str()), (Some("sound"), Some("2026-12-01T11:00:00+0100")));
    let changed = flow("eurostat/lfsa_ergan");
    assert!(changed["state"] == "changed" && changed["message"].as_str().unwrap().contains("citizen"), "{changed}");
    let missing = flow("eurostat/nama_10r_3gdp");
    assert_eq!(missing["state"], "missing", "{missing}");
    // As text, and without the network.
    let text = workspace.run(&["doctor", "--sources", "eurostat"]);
    assert!(text.stdout.contains("CHANGED") && text.stdout.contains("MISSING"), "{}", text.stdout);
    let calls = server.times().len();
    let offline = workspace.run(&["doctor", "--sources", "eurostat", "--offline"]);
    assert_eq!((offline.exit, server.times().len()), (0, calls), "{}", offline.stdout);
    assert!(offline.stdout.contains("offline"), "{}", offline.stdout);
    let forget = workspace.run(&["doctor", "--sources", "--forget-ban", "eurostat"]);
    assert!(forget.exit == 0 && forget.stdout.contains("nothing to forget"), "{}{}", forget.stdout, forget.stderr);
    assert_eq!(workspace.run(&["doctor", "--sources", "nobody"]).exit, 2);
    assert_eq!(workspace.run(&["doctor", "--offline"]).exit, 2);
}
