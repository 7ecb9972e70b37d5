//! What happens when a run is cut short: nothing half-written, and the next run completes to the same bytes.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::kit::{Workspace, assert_same, clean, said, study, tree};

const TERRITORY: &str = "reports/milestone/zachodniopomorskie";
const RUN: [&str; 3] = ["run", "--region", "PL42"];

fn signal(name: &str, process: u32) {
    // The process may have ended by itself: then there is nobody to signal.
    let _ = Command::new("kill").args([&format!("-{name}"), &process.to_string()]).stderr(Stdio::null()).status();
}

/// The published report is as its manifest says, or there is none.
fn whole_or_absent(workspace: &Workspace) -> bool {
    let folder = workspace.join(&format!("{TERRITORY}/en"));
    if !folder.exists() {
        return false;
    }
    let files = tree(&folder);
    let manifest: serde_json::Value =
        serde_json::from_slice(&files["manifest.json"]).expect("a published folder has its manifest");
    for file in manifest["files"].as_array().unwrap() {
        let bytes = &files[file["path"].as_str().unwrap()];
        assert_eq!(bytes.len() as u64, file["bytes"].as_u64().unwrap(), "{file}");
    }
    true
}

/// The next run completes, to the bytes of an undisturbed one, and leaves nothing lying about.
fn completes(workspace: &Workspace) {
    let said = workspace.run(&RUN);
    assert_eq!(said.exit, 0, "{}", said.stderr);
    assert_same(&tree(&study().workspace.join(TERRITORY)), &workspace.tree(TERRITORY), "after an interruption");
    nothing_left(workspace);
}

fn nothing_left(workspace: &Workspace) {
    let left: Vec<String> = workspace
        .tree("")
        .into_keys()
        .filter(|path| path.split('/').any(|part| part.starts_with(".tmp-") || part.ends_with(".previous")))
        .collect();
    assert!(left.is_empty(), "left over: {left:?}");
}

/// Starts a run and sends a signal as soon as `now` says so; the exit code.
fn interrupted(workspace: &Workspace, name: &str, now: impl Fn(&Path, Duration) -> bool) -> i32 {
    let mut child = workspace.spawn(&RUN);
    let start = Instant::now();
    while child.try_wait().unwrap().is_none() && !now(workspace.path(), start.elapsed()) {
        thread::sleep(Duration::from_millis(1));
    }
    signal(name, child.id());
    said(&child.wait_with_output().unwrap()).exit
}

/// Files that the publication in the making has.
fn staged(workspace: &Path) -> usize {
    tree(&workspace.join(TERRITORY).join(".tmp-en")).len()
}

#[test]
fn ctrl_c_publishes_nothing_or_all() {
    for wait in [0, 300, 900, 2000] {
        let workspace = Workspace::new();
        let exit = interrupted(&workspace, "INT", |_, passed| passed >= Duration::from_millis(wait));
        let published = whole_or_absent(&workspace);
        assert_eq!(exit, if published { 0 } else { 130 }, "after {wait} ms");
        if wait == 900 {
            completes(&workspace);
        }
    }
}

#[test]
fn a_killed_run_publishes_nothing_and_the_next_completes() {
    for files in [1, 12] {
        let workspace = Workspace::new();
        interrupted(&workspace, "KILL", |path, _| staged(path) >= files);
        whole_or_absent(&workspace);
        completes(&workspace);
    }
}

#[test]
fn a_killed_rebuild_leaves_the_last_publication_or_the_new_one() {
    let workspace = Workspace::new();
    assert_eq!(workspace.run(&RUN).exit, 0);
    let old = workspace.tree(TERRITORY);
    let shipped = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("pipelines/studies/milestone.toml")).unwrap();
    workspace.write("pipelines/studies/milestone.toml", shipped.replacen("title = \"", "title = \"Anew: ", 1));
    interrupted(&workspace, "KILL", |path, _| staged(path) >= 3);
    assert!(whole_or_absent(&workspace), "the last publication is gone");
    let after = workspace.tree(&format!("{TERRITORY}/en"));
    let before: std::collections::BTreeMap<_, _> =
        old.iter().map(|(name, bytes)| (name.trim_start_matches("en/").to_owned(), bytes.clone())).collect();
    if !String::from_utf8_lossy(&after["report.html"]).contains("Anew: ") {
        assert_same(&before, &after, "the last publication");
    }
    assert_eq!(workspace.run(&RUN).exit, 0);
    assert!(String::from_utf8_lossy(&workspace.tree(TERRITORY)["en/report.html"]).contains("Anew: "));
    nothing_left(&workspace);
}

#[test]
fn what_a_dead_run_left_is_cleaned_and_never_published() {
    let workspace = Workspace::new();
    for place in [
        "reports/.tmp-milestone/x",
        "reports/milestone/asco/.tmp-en/report.html",
        "reports/milestone/zachodniopomorskie/.tmp-en/report.html",
        "reports/milestone/zachodniopomorskie/.en.previous/report.html",
    ] {
        workspace.write(place, "half a truth");
    }
    completes(&workspace);
    assert!(!workspace.tree("reports").values().any(|bytes| bytes == b"half a truth"));
}

#[test]
fn a_publication_that_was_moved_aside_comes_back() {
    let workspace = Workspace::new();
    assert_eq!(workspace.run(&RUN).exit, 0);
    fs::rename(workspace.join(&format!("{TERRITORY}/en")), workspace.join(&format!("{TERRITORY}/.en.previous"))).unwrap();
    let said = workspace.run(&RUN);
    assert!(said.stdout.contains("unchanged"), "{}", said.stdout);
    completes(&workspace);
}

/// Runs under a limit of the size of a file, which fails a write as a full disk does.
fn cramped(workspace: &Workspace, blocks: usize, args: &str) -> super::kit::Said {
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec '{}' {args}", env!("CARGO_BIN_EXE_baseline"));
    let mut command = Command::new("sh");
    command.args(["-c", &script]).current_dir(workspace.path());
    clean(&mut command);
    said(&command.output().unwrap())
}

#[test]
fn a_full_disk_is_said_and_the_last_publication_stays() {
    let workspace = Workspace::new();
    let first = cramped(&workspace, 64, "run --region PL42");
    assert_eq!(first.exit, 4, "{}", first.stderr);
    assert!(first.stderr.contains("cannot write") && first.stderr.contains("hint:"), "{}", first.stderr);
    assert!(!workspace.join(&format!("{TERRITORY}/en")).exists());
    completes(&workspace);
    let before = workspace.tree("reports");
    let second = cramped(&workspace, 64, "run --region PL42 --format csv");
    assert_eq!(second.exit, 4, "{}", second.stderr);
    let after = workspace.tree("reports").into_iter().filter(|(name, _)| !name.contains("/.tmp-")).collect();
    assert_same(&before, &after, "a full disk");
}

#[test]
fn an_output_that_cannot_be_written_whole_is_not_there() {
    let workspace = Workspace::new();
    let table: String = (0..20_000).map(|number| format!("A,X{number}\t{number} \n")).collect();
    workspace.write("t.tsv", format!("freq,geo\\TIME_PERIOD\t2023 \n{table}"));
    workspace.write("out.csv", "the last one");
    let said = cramped(&workspace, 64, "read t.tsv --output out.csv");
    assert_eq!(said.exit, 4, "{}", said.stderr);
    assert_eq!(workspace.tree("")["out.csv"], b"the last one");
    nothing_left(&workspace);
}
