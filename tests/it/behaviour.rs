//! How the program names territories and shares a workspace.

use std::fs::File;

use serde_json::Value as Json;

use super::kit::Workspace;

/// `--region typed` must mean the territory.
fn check(typed: &str, territory: &str) {
    let workspace = Workspace::new();
    let said = workspace.run(&["plan", "--region", typed, "--json"]);
    assert_eq!(said.exit, 0, "{typed}: {}", said.stderr);
    let plan: Json = serde_json::from_str(&said.stdout).unwrap();
    let folder = plan["reports"][0]["folder"].as_str().unwrap();
    assert!(folder.ends_with(&format!("milestone/{territory}/en")), "{typed}: {folder}");
}

#[test]
fn a_territory_is_found_by_id_name_and_code_in_any_spelling() {
    for (typed, territory) in [
        ("PL42", "zachodniopomorskie"),
        ("pl42", "zachodniopomorskie"),
        ("Zachodniopomorskie", "zachodniopomorskie"),
        ("Ascó", "asco"),
        ("asco", "asco"),
        ("ASCÓ", "asco"),
        ("Asco\u{301}", "asco"),
        ("43019", "asco"),
        ("Jyvaskyla", "jyvaskyla"),
        ("jyväskylä", "jyvaskyla"),
        ("179", "jyvaskyla"),
        ("Κεντρική Μακεδονία", "central_macedonia"),
        ("ΚΕΝΤΡΙΚΗ ΜΑΚΕΔΟΝΙΑ", "central_macedonia"),
        ("Central Macedonia", "central_macedonia"),
        ("EL52", "central_macedonia"),
        ("0580", "linkoping"),
        ("Linköping", "linkoping"),
        ("GM1966", "het_hogeland"),
        ("het hogeland", "het_hogeland"),
        ("DEE08", "burgenlandkreis"),
        ("ITC1", "piemonte"),
        ("094", "postojna"),
        ("  Postojna ", "postojna"),
    ] {
        check(typed, territory);
    }
}

#[test]
fn a_second_run_is_told_who_holds_the_workspace_and_leaves() {
    let workspace = Workspace::new();
    workspace.write("data/lock", "process 4711, since 2026-11-22T03:00:00Z\n");
    let lock = File::options().write(true).open(workspace.join("data/lock")).unwrap();
    lock.lock().unwrap();
    for args in [&["run", "--region", "PL42"][..], &["refresh", "--study", "milestone"], &["pull", "eurostat/lfsa_eoqgan"]] {
        let said = workspace.run(args);
        assert_eq!(said.exit, 5, "{args:?}: {}", said.stderr);
        assert!(said.stderr.contains("process 4711") && said.stderr.contains("hint:"), "{}", said.stderr);
    }
    assert_eq!(workspace.tree("").len(), 1, "the second run wrote something");
    // What only looks does not need the lock.
    assert_eq!(workspace.run(&["plan", "--region", "PL42"]).exit, 0);
    drop(lock);
    assert_eq!(
        workspace.run(&["run", "--region", "PL42", "--format", "csv"]).exit,
        0,
        "a lock file of a dead process is no lock"
    );
}

#[test]
fn a_reader_that_closes_the_pipe_is_no_error() {
    let workspace = Workspace::new();
    let program = env!("CARGO_BIN_EXE_baseline");
    let script = format!("'{program}' list files | head -n 1; exit ${{PIPESTATUS:-0}}");
    let output = std::process::Command::new("sh").args(["-c", &script]).current_dir(workspace.path()).output().unwrap();
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn json_goes_to_stdout_alone() {
    let workspace = Workspace::new();
    let said = workspace.run(&["run", "--region", "PL42", "--format", "csv", "--json"]);
    let summary: Json = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!(summary["reports"][0]["state"], "written");
    assert_eq!(summary["reports"][0]["territory"], "zachodniopomorskie");
    let said = workspace.run(&["--quiet", "run", "--region", "PL42", "--format", "csv"]);
    assert_eq!((said.exit, said.stdout.as_str(), said.stderr.as_str()), (0, "", ""));
}

#[test]
fn doctor_finds_a_sound_installation() {
    let said = Workspace::new().run(&["doctor"]);
    assert_eq!(said.exit, 0, "{}", said.stdout);
    assert!(!said.stdout.contains("FAIL"), "{}", said.stdout);
}
