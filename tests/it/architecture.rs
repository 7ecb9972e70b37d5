//! The floors of ARCHITECTURE.md, kept true by reading our own sources.
//!
//! Every rule is a function of a path and a text, and is proven by mutants that it must catch. Comments,
//! texts in quotes and test code are left out first: a rule is about what the program does.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

mod source;

use source::{attributes, code_only, test_modules, words};

/// Lines of a module at most, tests aside.
const LINES: usize = 500;
/// Modules that are a list: these may be longer.
const LISTS: &[&str] = &[];

/// Floors of the root package; what stands on one floor on different sides does not meet.
const FLOORS: &[(&str, u8, Side)] = &[
    ("main", 5, Side::Both),
    ("cli", 5, Side::Both),
    ("run", 4, Side::Both),
    ("load", 3, Side::Edge),
    ("pull", 3, Side::Edge),
    ("store", 3, Side::Edge),
    ("frame", 3, Side::Compute),
    ("harmonise", 3, Side::Compute),
    ("derive", 3, Side::Compute),
    ("compare", 3, Side::Compute),
    ("compose", 3, Side::Compute),
    ("export", 3, Side::Compute),
    ("check", 3, Side::Compute),
    ("reconcile", 3, Side::Compute),
    ("disclose", 3, Side::Compute),
    ("survey", 3, Side::Compute),
    ("partner", 3, Side::Compute),
    ("seed", 3, Side::Compute),
    ("microdata", 3, Side::Compute),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    /// Disk and network.
    Edge,
    /// Figures, without any of these.
    Compute,
    Both,
}

/// Modules of the root package where something may stand that may stand nowhere else.
const POLARS: &[&str] = &["frame", "harmonise", "derive", "compare", "microdata"];
const NETWORK: &[&str] = &["pull"];
const DISK: &[&str] = &["load", "store"];
const OUTSIDE: &[&str] = &["cli", "main"];
/// Waiting needs a clock: the one file that has it hands it on as a value, so that tests have another.
const CLOCK: &[&str] = &["src/pull/clock.rs"];

/// Another process is started, and its output read, in one file.
const CHILD: &[&str] = &["src/load/sandbox.rs"];

/// Packages that must not be below the crates.
const HEAVY: &[&str] = &["polars", "reqwest", "hyper", "tokio", "ureq", "rustls"];

/// The top module of a file of the root package (`compose` for `src/compose/tables.rs`); none for the crates.
fn module(path: &str) -> Option<&str> {
    let rest = path.strip_prefix("src/")?;
    let first = rest.split('/').next()?;
    Some(first.strip_suffix(".rs").unwrap_or(first))
}

fn stands_in(path: &str, modules: &[&str]) -> bool {
    module(path).is_some_and(|module| modules.contains(&module))
}

/// Faults of one source file; `code` is its text without comments, quoted texts and tests.
fn faults(path: &str, code: &str) -> Vec<String> {
    let words = words(code);
    let has = |word: &str| words.iter().any(|(found, _)| *found == word);
    let calls =
        |name: &str| words.iter().any(|(word, after)| *word == name && after.starts_with('!') && !after.starts_with("!="));
    let mut faults = Vec::new();
    let mut rule = |broken: bool, message: &str| {
        if broken {
            faults.push(format!("{path}: {message}"));
        }
    };
    rule(has("polars") && !stands_in(path, POLARS), "polars stands only in frame, harmonise, derive, compare and microdata");
    let network = ["reqwest", "rustls", "TcpStream", "TcpListener", "UdpSocket", "ureq"];
    rule(network.into_iter().any(has) && !stands_in(path, NETWORK), "the network stands only in pull");
    let opens = words
        .windows(2)
        .any(|pair| pair[0] == ("File", "::") && matches!(pair[1].0, "open" | "create" | "create_new" | "options"));
    let disk = ["fs", "OpenOptions", "read_dir", "is_file", "is_dir", "exists", "try_exists", "canonicalize"];
    rule((opens || disk.into_iter().any(has)) && !stands_in(path, DISK), "the disk stands only in load and store");
    let clock = ["SystemTime", "Instant"].into_iter().any(has)
        || words.windows(2).any(|pair| matches!(pair[0], ("Timestamp" | "Zoned" | "Utc" | "Local", "::")) && pair[1].0 == "now");
    rule(clock && !stands_in(path, OUTSIDE) && !CLOCK.contains(&path), "the clock stands only in cli and main");
    let environment = words.windows(2).any(|pair| pair[0].0 == "env" && pair[0].1.starts_with("::"))
        || words.windows(3).any(|three| three[0].0 == "std" && three[1].0 == "env");
    rule(environment && !stands_in(path, OUTSIDE), "the environment stands only in cli and main");
    let prints = ["println", "eprintln", "print", "eprint", "dbg"].into_iter().any(calls);
    let outputs = ["stdout", "stderr"].into_iter().any(has) && !CHILD.contains(&path);
    rule((prints || outputs) && !stands_in(path, OUTSIDE), "only cli and main print");
    let starts = has("Stdio") || words.windows(2).any(|pair| pair[0] == ("process", "::") && pair[1].0 == "Command");
    rule((starts || has("rustix")) && !CHILD.contains(&path), "another process is started and limited only in load/sandbox");
    rule(has("process") && has("exit") && !stands_in(path, OUTSIDE), "only cli and main end the program");
    faults.extend(climbs(path, &words));
    faults
}

/// An import from a higher floor, or from the other side of the same one.
fn climbs(path: &str, words: &[(&str, &str)]) -> Vec<String> {
    let floor = |module: &str| FLOORS.iter().find(|(name, ..)| *name == module);
    let Some(own) = module(path) else { return Vec::new() };
    let Some((_, height, side)) = floor(own) else {
        return vec![format!("{path}: the module `{own}` has no floor: give it one here and in ARCHITECTURE.md")];
    };
    let mut faults = Vec::new();
    for pair in words.windows(2).filter(|pair| pair[0].0 == "crate" && pair[0].1.starts_with("::")) {
        let Some((name, other, other_side)) = floor(pair[1].0).filter(|(name, ..)| *name != own) else { continue };
        let sides = *side != Side::Both && *other_side != Side::Both && side != other_side;
        if other > height || (other == height && sides) {
            faults.push(format!("{path}: {own} (floor {height}) imports {name} (floor {other})"));
        }
    }
    faults
}

/// Faults that count in tests too.
fn everywhere(path: &str, text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    for attribute in attributes(&code_only(text)) {
        let words = words(&attribute);
        if words.iter().any(|(word, after)| *word == "allow" && after.starts_with('(')) {
            faults.push(format!("{path}: `allow` in an attribute; use #[expect(lint, reason = ...)]"));
        }
        let expects = words.iter().any(|(word, after)| *word == "expect" && after.starts_with('('));
        if expects && !words.iter().any(|(word, _)| *word == "reason") {
            faults.push(format!("{path}: `expect` without a reason"));
        }
    }
    faults
}

/// A place on somebody's machine has no meaning on another.
fn machine_paths(path: &str, text: &str) -> Vec<String> {
    // Put together here, or this file would be found itself.
    let roots = ["root", "home", "Users", "work", "tmp"].map(|root| format!("/{root}/"));
    let found = roots.iter().filter(|root| {
        text.match_indices(root.as_str()).any(|(at, _)| {
            let before = text[..at].chars().next_back();
            // Part of a web address or of a longer path.
            !before.is_some_and(|letter| letter.is_alphanumeric() || matches!(letter, '.' | '_' | '-' | '}' | '>' | '/'))
        })
    });
    found.map(|root| format!("{path}: a path of one machine (`{root}`)")).collect()
}

fn too_long(path: &str, code: &str) -> Vec<String> {
    let lines = code.trim_end().lines().count();
    if lines <= LINES || LISTS.contains(&path) {
        return Vec::new();
    }
    vec![format!("{path}: {lines} lines, at most {LINES} (lists and tests aside)")]
}

/// Says what it is for before anything else.
fn undocumented(path: &str, text: &str) -> Vec<String> {
    if text.starts_with("//!") { Vec::new() } else { vec![format!("{path}: does not begin with a doc comment (//!)")] }
}

/// What the package of a lock file needs, directly or not.
fn closure(lock: &str, package: &str) -> BTreeSet<String> {
    let packages = packages(lock);
    let mut reached = BTreeSet::new();
    let mut open = vec![package.to_owned()];
    while let Some(next) = open.pop() {
        for needed in packages.get(&next).into_iter().flatten() {
            if reached.insert(needed.clone()) {
                open.push(needed.clone());
            }
        }
    }
    reached
}

/// Package name -> names of what it needs; versions of one name are taken together, which can only find more.
fn packages(lock: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut packages: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for block in lock.split("[[package]]").skip(1) {
        let name = block.lines().find_map(|line| line.strip_prefix("name = ")).map_or("", |name| name.trim_matches('"'));
        let needs = block.split_once("dependencies = [").map_or("", |(_, list)| list.split(']').next().unwrap_or(""));
        let needs = needs.split(',').map(|entry| entry.trim().trim_matches('"').split(' ').next().unwrap_or("").to_owned());
        packages.entry(name.to_owned()).or_default().extend(needs.filter(|need| !need.is_empty()));
    }
    packages
}

/// The crates' floors by what they need: the model nothing of ours, the others only the model, none anything heavy.
fn lock_faults(lock: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let model = Some("baseline-model");
    for (package, ours) in
        [("baseline-model", None), ("baseline-method", model), ("baseline-source", model), ("baseline-render", model)]
    {
        let needed = closure(lock, package);
        if needed.is_empty() {
            faults.push(format!("Cargo.lock does not know {package}"));
        }
        for name in &needed {
            let family = name.split('-').next().unwrap_or_default();
            if HEAVY.contains(&family) {
                faults.push(format!("{package} needs {name}"));
            }
            if family == "baseline" && Some(name.as_str()) != ours {
                faults.push(format!("{package} imports {name}"));
            }
        }
    }
    faults
}

/// A package takes versions and lints from the workspace.
fn manifest_faults(path: &str, text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    if !text.contains("[lints]\nworkspace = true") {
        faults.push(format!("{path}: does not take the workspace's lints"));
    }
    let mut dependencies = false;
    for line in text.lines() {
        if let Some(section) = line.strip_prefix('[') {
            dependencies = section.trim_end_matches(']').ends_with("dependencies") && !section.starts_with("workspace");
        } else if dependencies && line.contains('=') && !line.trim_start().starts_with('#') && !line.contains("workspace = true")
        {
            faults.push(format!("{path}: a version outside the workspace's list: {line}"));
        }
    }
    faults
}

/// Path relative to the repository (with `/`) and text of every file with one of these endings.
fn ours(endings: &[&str]) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    let mut open: Vec<String> = ["src", "crates", "tests", "pipelines", ".ci"].map(str::to_owned).to_vec();
    for name in ["build.rs", "Cargo.toml", "README.md", "ARCHITECTURE.md"] {
        if let Ok(text) = fs::read_to_string(root.join(name)) {
            found.push((name.to_owned(), text));
        }
    }
    while let Some(folder) = open.pop() {
        let Ok(entries) = fs::read_dir(root.join(&folder)) else { continue };
        for entry in entries.flatten() {
            let path = format!("{folder}/{}", entry.file_name().display());
            if entry.path().is_dir() {
                // The fuzz targets are a workspace of their own, for another compiler.
                if !path.ends_with("/fuzz") {
                    open.push(path);
                }
            } else if let Ok(text) = fs::read_to_string(entry.path()) {
                found.push((path, text));
            }
        }
    }
    found.retain(|(path, _)| endings.iter().any(|ending| path.ends_with(ending)));
    found.sort();
    found
}

/// The sources of the program without test code: path, text, and text without comments, quoted texts and tests.
fn sources() -> Vec<(String, String, String)> {
    let all = ours(&[".rs"]);
    let tests: BTreeSet<String> = all.iter().flat_map(|(path, text)| test_modules(path, text)).collect();
    all.into_iter()
        .filter(|(path, _)| path.starts_with("src/") || (path.starts_with("crates/") && path.contains("/src/")))
        .filter(|(path, _)| !tests.iter().any(|test| path == &format!("{test}.rs") || path.starts_with(&format!("{test}/"))))
        .map(|(path, text)| {
            let code = source::without_tests(&code_only(&text));
            (path, text, code)
        })
        .collect()
}

fn none(faults: &[String]) {
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn floors() {
    let sources = sources();
    assert!(sources.len() > 20, "our own sources were not found");
    none(&sources.iter().flat_map(|(path, _, code)| faults(path, code)).collect::<Vec<_>>());
}

#[test]
fn sizes_and_docs() {
    let sources = sources();
    let long = sources.iter().flat_map(|(path, text, code)| {
        let kept = code.lines().count();
        // Comments count: a module is read with them.
        too_long(path, &text.lines().take(kept).collect::<Vec<_>>().join("\n"))
    });
    none(&long.chain(sources.iter().flat_map(|(path, text, _)| undocumented(path, text))).collect::<Vec<_>>());
}

#[test]
fn attributes_and_machine_paths() {
    none(&ours(&[".rs"]).iter().flat_map(|(path, text)| everywhere(path, text)).collect::<Vec<_>>());
    let texts = ours(&[".rs", ".toml", ".md", ".csv", ".html", "/run"]);
    none(&texts.iter().flat_map(|(path, text)| machine_paths(path, text)).collect::<Vec<_>>());
}

#[test]
fn dependencies() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let lock = fs::read_to_string(root.join("Cargo.lock")).expect("the lock file is part of the repository");
    none(&lock_faults(&lock));
    let manifests = ours(&["Cargo.toml"]);
    assert_eq!(manifests.len(), 5, "the root package and four crates: no sixth until one passes 8,000 lines");
    none(&manifests.iter().flat_map(|(path, text)| manifest_faults(path, text)).collect::<Vec<_>>());
}

mod mutants;
