//! Calls of the program and what it must say: a case is a folder below `tests/golden/cli`.
//!
//! `args` has an argument a line, `stdin` is optional, `files/` is copied into a fresh workspace, and `expected.*` is
//! what must come of it: exit code, both streams, and the files that are there afterwards beside the copied ones.
//! `BASELINE_BLESS=1` rewrites the expectations; read the difference before committing it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::kit::{Workspace, tree};

#[test]
fn every_case_says_what_it_must() {
    let bless = std::env::var_os("BASELINE_BLESS").is_some();
    let mut cases: Vec<PathBuf> =
        fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    cases.sort();
    assert!(cases.len() > 30, "only {} cases found", cases.len());
    let faults: Vec<String> = cases.par_iter().flat_map_iter(|case| check(case, bless)).collect();
    assert!(faults.is_empty(), "{} faults; BASELINE_BLESS=1 rewrites\n\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn every_documented_exit_code_of_a_command_has_a_case() {
    let expected: Vec<String> = tree(&folder())
        .iter()
        .filter(|(name, _)| name.ends_with("/expected.exit"))
        .map(|(_, code)| String::from_utf8_lossy(code).trim().to_owned())
        .collect();
    // 3 needs a source that cannot be reached, 5 and 130 a second process: `refresh` and `behaviour` have them.
    for code in ["0", "1", "2", "4"] {
        assert!(expected.iter().any(|found| found == code), "no case ends with {code}");
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/cli")
}

/// The differences of a case, in words.
fn check(case: &Path, bless: bool) -> Vec<String> {
    let name = case.file_name().unwrap().to_string_lossy();
    let workspace = Workspace::new();
    let given = tree(&case.join("files"));
    for (path, bytes) in &given {
        workspace.write(path, bytes);
    }
    let args = fs::read_to_string(case.join("args")).unwrap();
    let args: Vec<&str> = args.lines().collect();
    let said = workspace.run_with_input(&args, &fs::read(case.join("stdin")).unwrap_or_default());
    let place = workspace.path().display().to_string();
    let normal = |text: &str| text.replace(&place, "[workspace]");
    let left: String =
        workspace.tree("").keys().filter(|path| !given.contains_key(*path)).map(|path| format!("{path}\n")).collect();
    let found: BTreeMap<&str, String> = BTreeMap::from([
        ("expected.exit", format!("{}\n", said.exit)),
        ("expected.stdout", normal(&said.stdout)),
        ("expected.stderr", normal(&said.stderr)),
        ("expected.files", left),
    ]);
    let mut faults = Vec::new();
    if said.stderr.contains("panicked at") {
        faults.push(format!("{name}: a panic\n{}", said.stderr));
    }
    for (file, text) in found {
        let path = case.join(file);
        let expected = fs::read_to_string(&path).unwrap_or_default();
        if expected == text {
            continue;
        }
        if !bless {
            faults.push(format!("{name}/{file}\n--- expected\n{expected}\n--- found\n{text}"));
        } else if text.is_empty() {
            fs::remove_file(&path).unwrap();
        } else {
            fs::write(&path, &text).unwrap();
        }
    }
    faults
}
