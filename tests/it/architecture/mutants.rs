//! Each rule catches what it is there for, and nothing else.

use super::*;

/// Faults of a file with this code; the expected part must occur, or there must be none when it is empty.
fn check(path: &str, text: &str, expected: &str) {
    let code = source::without_tests(&code_only(text));
    let found = faults(path, &code);
    let right = if expected.is_empty() { found.is_empty() } else { found.iter().any(|fault| fault.contains(expected)) };
    assert!(right, "{path}: {text}\nexpected {expected:?}\nfound {found:?}");
}

#[test]
fn polars() {
    check("src/compose/tables.rs", "use polars::prelude::*;", "polars stands only");
    check("src/run/mod.rs", "fn f() -> polars::prelude::PolarsResult<()> { todo() }", "polars stands only");
    check("crates/baseline-model/src/raw.rs", "use polars::prelude::*;", "polars stands only");
    check("src/compare/position.rs", "use polars::prelude::*;", "");
    check("src/compose/tables.rs", "// polars would do\nlet name = \"polars\"; /* polars */", "");
}

#[test]
fn network() {
    check("src/store.rs", "let client = reqwest::blocking::Client::new();", "the network stands only");
    check("crates/baseline-source/src/read.rs", "use std::net::TcpStream;", "the network stands only");
    check("src/pull/wire.rs", "let client = reqwest::blocking::Client::new();", "");
}

#[test]
fn disk() {
    check("src/compose/export.rs", "std::fs::write(path, bytes)", "the disk stands only");
    check("src/run/mod.rs", "use std::{fs, io};", "the disk stands only");
    check("src/run/mod.rs", "if path.exists() {}", "the disk stands only");
    check("src/pull.rs", "let file = File::open(path);", "the disk stands only");
    check("crates/baseline-render/src/html.rs", "use std::fs;", "the disk stands only");
    check("src/run/manifest.rs", "struct File { name: String }\nlet file = File { name };", "");
    check("src/load/files.rs", "use std::fs;", "");
    check("src/store/atomic.rs", "std::fs::rename(a, b)", "");
    check("src/run/mod.rs", "let offset = 1; let profile = 2; #[cfg(test)] mod tests { use std::fs; }", "");
}

#[test]
fn clock_and_environment() {
    check("src/run/mod.rs", "let now = std::time::SystemTime::now();", "the clock stands only");
    check("src/store.rs", "let now = jiff::Timestamp::now();", "the clock stands only");
    check("src/pull/fetch.rs", "let start = Instant::now();", "the clock stands only");
    check("src/pull/clock.rs", "let start = Instant::now();", "");
    check("src/cli/run.rs", "let now = jiff::Timestamp::now();", "");
    check("src/pull/fetch.rs", "fn at(&self) -> Timestamp { now }\nlet now = self.clock.now();", "");
    check("src/load.rs", "let home = std::env::var(name);", "the environment stands only");
    check("src/load.rs", "use std::env; let home = env::var(name);", "the environment stands only");
    check("crates/baseline-source/src/read.rs", "use std::{env, io};\nenv::args()", "the environment stands only");
    check("src/load.rs", "let root = env!(\"CARGO_MANIFEST_DIR\");", "");
    check("src/main.rs", "std::env::args()", "");
}

#[test]
fn printing() {
    check("src/run/mod.rs", "println!(\"done\");", "only cli and main print");
    check("src/pull.rs", "eprintln!();", "only cli and main print");
    check("src/derive/mod.rs", "dbg!(frame);", "only cli and main print");
    check("src/run/mod.rs", "let out = std::io::stdout();", "only cli and main print");
    check("src/run/mod.rs", "std::process::exit(1);", "only cli and main end");
    check("src/main.rs", "println!(\"done\"); std::process::exit(1)", "");
    check("src/run/mod.rs", "let print = 1; if print != 2 {} writeln!(text, \"println!\");", "");
}

#[test]
fn other_processes() {
    check("src/cli/data.rs", "std::process::Command::new(program)", "another process is started");
    check("src/pull.rs", "use std::process::{Command, Stdio};", "another process is started");
    check("src/load.rs", "rustix::process::setrlimit(a, b)", "another process is started");
    check("src/load.rs", "child.stdout.take()", "only cli and main print");
    check("src/load/sandbox.rs", "use std::process::{Command, Stdio}; child.stdout.take()", "");
    check("src/load/sandbox.rs", "println!(\"x\")", "only cli and main print");
    check("src/cli/args.rs", "pub enum Command {} std::process::id()", "");
}

#[test]
fn climbing() {
    check("src/load.rs", "use crate::run::Plan;", "load (floor 3) imports run (floor 4)");
    check("src/run/mod.rs", "use crate::cli::Args;", "run (floor 4) imports cli (floor 5)");
    check("src/compose/mod.rs", "use crate::store::Store;", "compose (floor 3) imports store (floor 3)");
    check("src/store.rs", "fn f(figures: &crate::derive::Figures) {}", "store (floor 3) imports derive (floor 3)");
    check("src/extra.rs", "", "has no floor");
    check("src/run/mod.rs", "use crate::compose; use crate::store::Store; use crate::run::x;", "");
    check("src/compose/mod.rs", "use crate::compare::Gap; use super::frame;", "");
    check("src/pull.rs", "use crate::store::Store;", "");
}

#[test]
fn attributes_are_found() {
    let found = |text: &str| everywhere("a.rs", text);
    assert_eq!(found("#[allow(dead_code)]\nfn f() {}").len(), 1);
    assert_eq!(found("#![allow(clippy::all)]").len(), 1);
    assert_eq!(found("#[cfg_attr(test, allow(dead_code))]").len(), 1);
    assert_eq!(found("#[expect(dead_code)]").len(), 1);
    none(&found("#[expect(dead_code, reason = \"why\")]\nfn allow(x: u8) { allow(1) } // #[allow(x)]"));
}

#[test]
fn paths_of_one_machine() {
    let found = |root: &str| machine_paths("a.md", &format!("see {root} for more")).len();
    for root in ["root", "home", "Users", "work", "tmp"] {
        assert_eq!(found(&format!("/{root}/x")), 1, "{root}");
        assert_eq!(found(&format!("https://example.org/{root}/x")), 0, "{root}");
    }
    assert_eq!(machine_paths("a.rs", &format!("let p = \"{}/x\";", ["", "root"].join("/"))).len(), 1);
}

#[test]
fn long_modules() {
    let lines = |count: usize| "x\n".repeat(count);
    assert_eq!(too_long("src/a.rs", &lines(LINES + 1)).len(), 1);
    none(&too_long("src/a.rs", &lines(LINES)));
    assert_eq!(undocumented("src/a.rs", "use x;").len(), 1);
}

#[test]
fn tests_are_left_out() {
    let code = "fn a() {}\n#[cfg(test)]\nmod tests {\n fn b() { if x { } }\n}\nfn c() {}\n#[cfg(test)]\nmod more;\nfn d() {}";
    let kept = source::without_tests(code);
    assert!(kept.contains("fn a") && kept.contains("fn c") && kept.contains("fn d") && !kept.contains("fn b"), "{kept}");
    assert_eq!(test_modules("src/load.rs", "#[cfg(test)]\nmod tests;"), ["src/load/tests"]);
    assert_eq!(test_modules("src/compare/mod.rs", "#[cfg(test)]\npub(crate) mod specimen;\nmod x;"), ["src/compare/specimen"]);
    assert!(test_modules("src/load.rs", "#[cfg(test)]\nmod tests { }").is_empty());
}

#[test]
fn only_code_is_read() {
    for (text, expected) in [
        ("a \"fs\" b", "a b"),
        ("a r#\"fs \" fs\"# b", "a b"),
        ("a b\"fs\" br\"fs\" c", "a b b c"),
        ("a // fs\nb", "a b"),
        ("a /* fs /* fs */ fs */ b", "a b"),
        ("a '\"' b '\\'' c 'x d", "a b c 'x d"),
        ("a \"\\\" fs\" b", "a b"),
        ("for r#type in fr {}", "for r#type in fr {}"),
    ] {
        let code = code_only(text);
        assert_eq!(code.split_whitespace().collect::<Vec<_>>().join(" "), expected, "{text}");
        assert_eq!(code.lines().count(), text.lines().count());
    }
}

const LOCK: &str = "[[package]]\nname = \"baseline-model\"\ndependencies = [\n \"serde\",\n]\n\n[[package]]\nname = \"serde\"\nversion = \"1\"\n\n\
    [[package]]\nname = \"baseline-source\"\ndependencies = [\n \"baseline-model\",\n \"csv 1.4.0\",\n]\n\n[[package]]\nname = \"csv\"\n\n\
    [[package]]\nname = \"baseline-method\"\ndependencies = [\n \"baseline-model\",\n \"csv 1.4.0\",\n]\n\n\
    [[package]]\nname = \"baseline-render\"\ndependencies = [\n \"baseline-model\",\n]\n";

#[test]
fn dependency_trees() {
    let mutant = |from: &str, to: &str, expected: &str| {
        assert!(LOCK.contains(from));
        let found = lock_faults(&LOCK.replacen(from, to, 1));
        assert!(found.iter().any(|fault| fault == expected), "{from} -> {to}: {found:?}");
    };
    none(&lock_faults(LOCK));
    mutant("\"serde\",\n]", "\"serde\",\n \"polars-core\",\n]", "baseline-render needs polars-core");
    mutant("name = \"csv\"\n", "name = \"csv\"\ndependencies = [\n \"reqwest\",\n]\n", "baseline-source needs reqwest");
    mutant("\"serde\",\n]", "\"serde\",\n \"baseline-source\",\n]", "baseline-model imports baseline-source");
    mutant(
        "[\n \"baseline-model\",\n]\n",
        "[\n \"baseline-model\",\n \"baseline-source\",\n]\n",
        "baseline-render imports baseline-source",
    );
    mutant("name = \"baseline-render\"", "name = \"other\"", "Cargo.lock does not know baseline-render");
}

#[test]
fn manifests() {
    let good = "[dependencies]\ncsv.workspace = true\n\n[lints]\nworkspace = true\n";
    none(&manifest_faults("Cargo.toml", good));
    assert_eq!(manifest_faults("Cargo.toml", &good.replace("csv.workspace = true", "csv = \"1\"")).len(), 1);
    assert_eq!(manifest_faults("Cargo.toml", &good.replace("[lints]\nworkspace = true", "")).len(), 1);
}
