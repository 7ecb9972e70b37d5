//! Against small workspaces made on the spot, and against everything that is embedded.

use std::fs;

use super::*;

/// A workspace with these files, and what loading its definitions gives.
fn load(files: &[(&str, &[u8])]) -> (tempfile::TempDir, Result<Loaded, LoadError>) {
    let workspace = tempfile::tempdir().unwrap();
    for (path, bytes) in files {
        let path = workspace.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    let loaded = definitions(workspace.path());
    (workspace, loaded)
}

/// The definitions, or the panic that a person can read.
fn shown(loaded: Result<Loaded, LoadError>) -> Loaded {
    loaded.unwrap_or_else(|error| panic!("{:?}", report(&error)))
}

/// The error as a person reads it contains all parts.
fn refused(files: &[(&str, &[u8])], parts: &[&str]) {
    let (_workspace, loaded) = load(files);
    match loaded {
        Ok(_) => panic!("must be refused: {parts:?}"),
        Err(error) => check(&error, parts),
    }
}

fn check(error: &LoadError, parts: &[&str]) {
    let text = format!("{:?}", report(error));
    let plain: String = text.replace('\u{2502}', " ").split_whitespace().collect::<Vec<_>>().join(" ");
    for part in parts {
        assert!(plain.contains(part), "expected {part}\nfound {text}");
    }
}

const SOURCE: &[u8] = b"name = \"Eurostat\"\nprotocol = \"none\"\nlicence = \"CC BY 4.0\"\ncitation = \"{code}\"\n";

#[test]
fn shipped_definitions_are_without_fault() {
    let (_workspace, loaded) = load(&[]);
    let loaded = shown(loaded);
    assert!(loaded.files.iter().all(|file| file.from == EMBEDDED));
    assert_eq!(loaded.hash.len(), 64);
    assert!(!loaded.definitions.territories.is_empty() || loaded.files.is_empty());
}

#[test]
fn local_files_override_one_by_one() {
    let (_empty, shipped) = load(&[]);
    let shipped = shown(shipped);
    let (workspace, loaded) =
        load(&[("pipelines/sources/another.toml", SOURCE), ("pipelines/.hidden", b"x"), ("pipelines/sources/a.toml~", b"x")]);
    let loaded = shown(loaded);
    assert_eq!(loaded.files.len(), shipped.files.len() + 1);
    assert!(loaded.definitions.sources.contains_key("another"));
    assert_ne!(loaded.hash, shipped.hash);
    let local = loaded.files.iter().find(|file| file.path == "sources/another.toml").unwrap();
    assert_eq!(local.from, workspace.path().join("pipelines").display().to_string());
}

#[test]
fn the_same_content_has_the_same_hash_and_says_which_is_used() {
    let (_empty, shipped) = load(&[]);
    let shipped = shown(shipped);
    let Some(first) = shipped.files.first() else {
        println!("skipped: no definitions are embedded");
        return;
    };
    let (_workspace, loaded) = load(&[(&format!("pipelines/{}", first.path), first.text.as_bytes())]);
    let loaded = shown(loaded);
    assert_eq!(loaded.hash, shipped.hash);
    assert_ne!(loaded.files[0].from, EMBEDDED);
    assert!(loaded.files[1..].iter().all(|file| file.from == EMBEDDED));
}

#[test]
fn all_faults_are_shown_with_their_lines() {
    refused(
        &[
            (
                "pipelines/sources/another.toml",
                b"name = \"x\"\nprotocl = \"none\"\nlicence = \"l\"\ncitation = \"c\"\ntries = \"five\"\n",
            ),
            ("pipelines/codelists/x.csv", b"code\na,b\n"),
            ("pipelines/notes.txt", b""),
        ],
        &[
            "5 faults in the definitions",
            "unknown key `protocl`",
            "pipelines/sources/another.toml:2:1",
            "protocl = \"none\"",
            "did you mean `protocol`?",
            "pipelines/sources/another.toml: missing key `protocol`",
            "another.toml:5:9",
            "wrong type at `tries`: expected a whole number, not negative, found the text \"five\"",
            "x.csv:2:1",
            "expected 1 cells (code), found 2",
            "notes.txt: `notes.txt` lies directly under pipelines/",
        ],
    );
}

#[test]
fn cross_references_are_shown_too() {
    refused(
        &[(
            "pipelines/dataflows/eurostad/a.toml",
            b"title = \"t\"\nfrequency = \"annual\"\nlevels = [\"lau\"]\ndimensions = { geo = \"geo\" }\n",
        )],
        &["one fault in the definitions", "the folder `eurostad` is no source"],
    );
}

#[test]
fn what_is_no_definition_file() {
    refused(&[("pipelines", b"")], &["pipelines is a file, expected a folder"]);
    refused(&[("pipelines/sources/b.toml", b"name = \"\xff\"")], &["b.toml is no UTF-8 text: byte 9", "save the file as UTF-8"]);
    refused(&[("pipelines/a/b/c/d/e/f.toml", b"")], &["cannot be read", "too deep"]);
}

#[test]
fn files_that_cannot_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("lfsa_eoqgan.tsv.gz"), b"bytes").unwrap();
    assert_eq!(read_file(&path("lfsa_eoqgan.tsv.gz")).unwrap(), b"bytes");
    let wrong = |name: &str, parts: &[&str]| check(&read_file(&path(name)).expect_err(name), parts);
    wrong("lfsa_eoqgan.tsv", &["lfsa_eoqgan.tsv does not exist", "did you mean", "lfsa_eoqgan.tsv.gz?"]);
    wrong("none/a.tsv", &["a.tsv does not exist", "none does not exist either"]);
    wrong("", &["is a folder, expected a file"]);
    wrong("lfsa_eoqgan.tsv.gz/a", &["lfsa_eoqgan.tsv.gz is a file, expected a folder"]);
}

#[test]
fn the_limit_holds_for_pipes() {
    let read = |limit| files::read_at_most(&b"12345"[..], Path::new("standard input"), limit, 0);
    assert_eq!(read(5).unwrap(), b"12345");
    check(&read(4).unwrap_err(), &["standard input is larger than 4 bytes"]);
}

#[test]
fn every_shipped_table_unpacks_and_has_its_receipt() {
    for (dataflow, receipt) in seed_receipts() {
        let bytes = seed_bytes(&dataflow).expect("listed with its receipt");
        assert_eq!(receipt.dataflow, dataflow);
        assert_eq!(dataflow.split('/').next(), Some(receipt.source.as_str()));
        assert_eq!(receipt.kind, "seed");
        let rows = String::from_utf8(bytes).expect("the seed is text").matches('\n').count();
        let kept: u64 = receipt.originals.iter().map(|original| original.observations).sum();
        assert_eq!(rows as u64, kept + 1, "{dataflow}: rows and the receipt's observations");
    }
    assert_eq!(seed_bytes("no/such"), None);
}
