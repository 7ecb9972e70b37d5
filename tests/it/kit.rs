//! What the tests of the program have in common: a fresh workspace, the binary called as a user would, the outputs of
//! the whole study built once, and a small reader of marked-up text.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;

use tempfile::TempDir;

/// The nine territories of the study, sorted.
pub const NINE: [&str; 9] = [
    "asco",
    "burgenlandkreis",
    "central_macedonia",
    "het_hogeland",
    "jyvaskyla",
    "linkoping",
    "piemonte",
    "postojna",
    "zachodniopomorskie",
];

/// A folder of its own, removed in the end.
pub struct Workspace {
    folder: TempDir,
}

/// What a call of the program left.
#[derive(Debug)]
pub struct Said {
    pub exit: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Workspace {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn join(&self, relative: &str) -> PathBuf {
        self.path().join(relative)
    }

    pub fn write(&self, relative: &str, bytes: impl AsRef<[u8]>) {
        let path = self.join(relative);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    /// The program, not yet started, in this workspace.
    pub fn command(&self, args: &[&str]) -> Command {
        program(self.path(), args)
    }

    pub fn run(&self, args: &[&str]) -> Said {
        self.run_with_input(args, b"")
    }

    pub fn run_with_input(&self, args: &[&str], input: &[u8]) -> Said {
        let mut child = self.command(args).stdin(Stdio::piped()).spawn().unwrap();
        // A program that refuses its arguments does not read.
        let _ = child.stdin.take().unwrap().write_all(input);
        said(&child.wait_with_output().unwrap())
    }

    pub fn spawn(&self, args: &[&str]) -> Child {
        self.command(args).stdin(Stdio::null()).spawn().unwrap()
    }

    /// All files below a folder with their bytes, by relative path.
    pub fn tree(&self, relative: &str) -> BTreeMap<String, Vec<u8>> {
        tree(&self.join(relative))
    }
}

/// The program without anything of the caller's environment that could change what it says.
pub fn program(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_baseline"));
    command.current_dir(folder).args(args).stdout(Stdio::piped()).stderr(Stdio::piped());
    clean(&mut command);
    command
}

pub fn clean(command: &mut Command) {
    for name in [
        "BASELINE_LOG",
        "BASELINE_WORKSPACE",
        "COLUMNS",
        "FORCE_COLOR",
        "CLICOLOR_FORCE",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "http_proxy",
        "https_proxy",
        "ALL_PROXY",
        "all_proxy",
    ] {
        command.env_remove(name);
    }
    command.env("NO_COLOR", "1").env("LC_ALL", "C.UTF-8").env("NO_PROXY", "127.0.0.1");
}

pub fn said(output: &Output) -> Said {
    // A killed process has no code; 128 and the signal is what a shell says.
    let exit =
        output.status.code().unwrap_or_else(|| 128 + std::os::unix::process::ExitStatusExt::signal(&output.status).unwrap_or(0));
    Said {
        exit,
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// All files below a folder with their bytes, by relative path with `/`; none when the folder is missing.
pub fn tree(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    fn collect(folder: &Path, prefix: &str, into: &mut BTreeMap<String, Vec<u8>>) {
        for entry in fs::read_dir(folder).into_iter().flatten().map(Result::unwrap) {
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if entry.path().is_dir() {
                collect(&entry.path(), &format!("{name}/"), into);
            } else {
                into.insert(name, fs::read(entry.path()).unwrap());
            }
        }
    }
    let mut into = BTreeMap::new();
    collect(folder, "", &mut into);
    into
}

/// Asserts two trees to be byte-equal and names the files that are not.
pub fn assert_same(left: &BTreeMap<String, Vec<u8>>, right: &BTreeMap<String, Vec<u8>>, what: &str) {
    let names: Vec<&String> = left.keys().chain(right.keys()).collect();
    let mut differing: Vec<&String> = names.into_iter().filter(|name| left.get(*name) != right.get(*name)).collect();
    differing.sort();
    differing.dedup();
    assert!(differing.is_empty(), "{what}: these differ: {differing:?}");
    assert!(!left.is_empty(), "{what}: nothing to compare");
}

/// The outputs of `run --study milestone`.
pub struct Study {
    pub workspace: PathBuf,
    /// Territory (or `comparison`) -> files by relative path.
    pub reports: BTreeMap<String, BTreeMap<String, Vec<u8>>>,
    /// The same for `observations.csv`, parsed; the comparison's holds all territories.
    pub observations: BTreeMap<String, Vec<Row>>,
}

/// Column -> text of a line of `observations.csv`.
pub type Row = BTreeMap<String, String>;

/// Built once for all tests.
pub fn study() -> &'static Study {
    static STUDY: OnceLock<Study> = OnceLock::new();
    STUDY.get_or_init(|| {
        let workspace = Path::new(env!("CARGO_TARGET_TMPDIR")).join("study");
        if workspace.exists() {
            fs::remove_dir_all(&workspace).unwrap();
        }
        fs::create_dir_all(&workspace).unwrap();
        let args = ["run", "--study", "milestone", "--product", "report,comparison"];
        let said = said(&program(&workspace, &args).output().unwrap());
        assert_eq!(said.exit, 0, "{}", said.stderr);
        let mut reports: BTreeMap<String, BTreeMap<String, Vec<u8>>> = BTreeMap::new();
        for (path, bytes) in tree(&workspace.join("reports/milestone")) {
            // The page over all of them lies beside their folders.
            let Some((territory, rest)) = path.split_once('/') else { continue };
            reports.entry(territory.to_owned()).or_default().insert(rest.trim_start_matches("en/").to_owned(), bytes);
        }
        let observations =
            reports.iter().map(|(territory, files)| (territory.clone(), rows(&files["observations.csv"]))).collect();
        Study { workspace, reports, observations }
    })
}

impl Study {
    pub fn text(&self, territory: &str, file: &str) -> &str {
        std::str::from_utf8(&self.reports[territory][file]).unwrap()
    }

    pub fn html(&self, territory: &str) -> &str {
        self.text(territory, "report.html")
    }

    /// All territories' rows and what was computed of them, by id.
    pub fn by_id(&self) -> BTreeMap<&str, &Row> {
        self.observations.values().flatten().map(|row| (row["id"].as_str(), row)).collect()
    }

    pub fn run(&self, args: &[&str]) -> Said {
        said(&program(&self.workspace, args).output().unwrap())
    }
}

pub fn rows(bytes: &[u8]) -> Vec<Row> {
    let mut reader = csv::Reader::from_reader(bytes);
    let header = reader.headers().unwrap().clone();
    reader
        .records()
        .map(|record| header.iter().map(str::to_owned).zip(record.unwrap().iter().map(str::to_owned)).collect())
        .collect()
}

/// The folder of collected originals, when this checkout has it beside it.
#[expect(clippy::print_stderr, reason = "a skipped test says so")]
pub fn shared(relative: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared").join(relative);
    if path.exists() {
        return Some(path);
    }
    eprintln!("skipped: ../shared/{relative} is not there");
    None
}

/// The text of an element without markup, entities resolved.
pub fn plain(markup: &str) -> String {
    let mut text = String::new();
    let mut inside = false;
    for character in markup.chars() {
        match character {
            '<' => inside = true,
            '>' if inside => inside = false,
            other if !inside => text.push(other),
            _ => {}
        }
    }
    for (entity, character) in [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#x27;", "'"),
        ("&nbsp;", "\u{a0}"),
        ("&amp;", "&"),
    ] {
        text = text.replace(entity, character);
    }
    text
}

/// Every element of a name whose tag contains `with`: its opening tag and what it encloses. Elements of the same name
/// inside it are counted.
pub fn elements<'a>(markup: &'a str, name: &str, with: &str) -> Vec<(&'a str, &'a str)> {
    let (open, close) = (format!("<{name}"), format!("</{name}>"));
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(start) = markup[from..].find(&open).map(|at| from + at) {
        let after = start + open.len();
        from = after;
        if !markup[after..].starts_with([' ', '>', '\n']) {
            continue;
        }
        let Some(tag_end) = markup[after..].find('>').map(|at| after + at + 1) else { break };
        let tag = &markup[start..tag_end];
        if tag.ends_with("/>") || !tag.contains(with) {
            continue;
        }
        let (mut depth, mut at) = (1, tag_end);
        let end = loop {
            let Some(closing) = markup[at..].find(&close).map(|offset| at + offset) else { break markup.len() };
            if let Some(opening) = markup[at..closing].find(&open).map(|offset| at + offset) {
                at = opening + open.len();
                depth += usize::from(markup[at..].starts_with([' ', '>', '\n']));
            } else {
                depth -= 1;
                at = closing + close.len();
                if depth == 0 {
                    break closing;
                }
            }
        };
        found.push((tag, &markup[tag_end..end]));
    }
    found
}

pub fn is_svg(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|extension| extension == "svg")
}

/// An attribute of an opening tag.
pub fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let start = tag.find(&format!(" {name}=\""))? + name.len() + 3;
    tag[start..].split('"').next()
}
