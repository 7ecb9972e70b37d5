//! The same inputs give the same bytes, whoever runs it, where and on how many threads.

use std::fs;
use std::process::Command;

use super::kit::{NINE, Workspace, assert_same, said, study, tree};

/// Builds with an environment and compares with the shared study; `args` choose the reports.
fn check(args: &[&str], environment: &[(&str, &str)], territories: &[&str]) {
    let workspace = Workspace::new();
    let mut command = workspace.command(args);
    command.envs(environment.iter().copied());
    let said = said(&command.output().unwrap());
    assert_eq!(said.exit, 0, "{}", said.stderr);
    for territory in territories {
        assert_same(
            &tree(&study().workspace.join("reports/milestone").join(territory)),
            &workspace.tree(&format!("reports/milestone/{territory}")),
            &format!("{territory} with {environment:?}"),
        );
    }
}

#[test]
fn one_thread_far_east_turkish() {
    check(
        &["run", "--region", "PL42"],
        &[
            ("RAYON_NUM_THREADS", "1"),
            ("POLARS_MAX_THREADS", "1"),
            ("TZ", "Pacific/Auckland"),
            ("LC_ALL", "tr_TR.UTF-8"),
            ("LANG", "tr_TR.UTF-8"),
        ],
        &["zachodniopomorskie"],
    );
}

#[test]
fn eight_threads_greenwich_german_all_nine_and_the_comparison() {
    let all: Vec<&str> = NINE.into_iter().chain(["comparison"]).collect();
    check(
        &["run", "--study", "milestone", "--product", "report,comparison"],
        &[("RAYON_NUM_THREADS", "8"), ("POLARS_MAX_THREADS", "8"), ("TZ", "UTC"), ("LC_ALL", "de_DE.UTF-8"), ("LANGUAGE", "de")],
        &all,
    );
}

#[test]
fn another_working_folder_and_nothing_in_the_environment() {
    let workspace = Workspace::new();
    let elsewhere = Workspace::new();
    let mut command = Command::new(env!("CARGO_BIN_EXE_baseline"));
    command.env_clear().current_dir(elsewhere.path());
    command.args(["--workspace", workspace.path().to_str().unwrap(), "run", "--region", "asco"]);
    let said = said(&command.output().unwrap());
    assert_eq!(said.exit, 0, "{}", said.stderr);
    assert_same(
        &tree(&study().workspace.join("reports/milestone/asco")),
        &workspace.tree("reports/milestone/asco"),
        "another working folder",
    );
    assert!(elsewhere.tree("").is_empty(), "something was written where the program was called");
}

#[test]
fn the_order_and_the_spelling_of_regions_change_nothing() {
    let workspace = Workspace::new();
    let said = workspace.run(&["run", "--region", "Ascó", "--region", "PL42", "--region", "asco", "--format", "csv"]);
    assert_eq!(said.exit, 0, "{}", said.stderr);
    let other = Workspace::new();
    assert_eq!(other.run(&["run", "--region", "zachodniopomorskie", "--region", "43019", "--format", "csv"]).exit, 0);
    assert_same(&workspace.tree("reports"), &other.tree("reports"), "order");
}

#[test]
fn a_second_run_touches_nothing_and_says_so() {
    let workspace = Workspace::new();
    let args = ["run", "--region", "PL42", "--format", "html"];
    assert!(workspace.run(&args).stdout.contains("written"));
    let stamps = || -> Vec<_> {
        let folder = workspace.join("reports/milestone/zachodniopomorskie/en");
        let mut stamps: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap())
            .map(|entry| (entry.file_name(), entry.metadata().unwrap().modified().unwrap()))
            .collect();
        stamps.sort();
        stamps
    };
    let (before, files) = (stamps(), workspace.tree("reports"));
    let second = workspace.run(&args);
    assert_eq!(second.exit, 0);
    assert!(second.stdout.contains("unchanged") && !second.stdout.contains("written"), "{}", second.stdout);
    assert_eq!(before, stamps());
    assert_same(&files, &workspace.tree("reports"), "second run");
}

#[test]
fn a_file_that_was_edited_is_made_anew() {
    let workspace = Workspace::new();
    let args = ["run", "--region", "PL42", "--format", "html"];
    assert_eq!(workspace.run(&args).exit, 0);
    let files = workspace.tree("reports");
    workspace.write("reports/milestone/zachodniopomorskie/en/observations.csv", "edited");
    assert!(workspace.run(&args).stdout.contains("written"));
    assert_same(&files, &workspace.tree("reports"), "after an edit");
}
