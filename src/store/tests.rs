use std::fs;
use std::io::{ErrorKind, Write};
use std::path::Path;

use baseline_model::{Original, Receipt};
use flate2::{Compression, GzBuilder};
use tempfile::TempDir;

use super::*;

const FLOW: &str = "eurostat/t1";

fn workspace() -> (TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    (folder, store)
}

fn receipt(bodies: &[&[u8]]) -> Receipt {
    let original = |(number, body): (usize, &&[u8])| Original {
        file: format!("t1.{}.json", number + 1),
        url: format!("https://stat.example/{number}"),
        retrieved: "2026-11-22T03:00:00Z".into(),
        sha256: sha256(body),
        length: body.len() as u64,
        ..Original::default()
    };
    Receipt {
        source: "eurostat".into(),
        dataflow: "t1".into(),
        kind: "pull".into(),
        originals: bodies.iter().enumerate().map(original).collect(),
        ..Receipt::default()
    }
}

fn put(store: &Store, name: &str, bodies: &[&[u8]]) -> Result<Put, StoreError> {
    let owned: Vec<_> = bodies.iter().map(|body| body.to_vec()).collect();
    store.put_vintage(FLOW, name, &owned, &receipt(bodies), &Check { at: name.into(), ..Check::default() }, &mut |_| Ok(None))
}

/// Names of the whole vintages and codes of the findings.
fn check(store: &Store, expected: &[&str], findings: usize) {
    let (vintages, found) = store.vintages(FLOW).unwrap();
    let names: Vec<_> = vintages.iter().map(|vintage| vintage.name.as_str()).collect();
    assert_eq!((names.as_slice(), found.len()), (expected, findings), "{found:?}");
    let (latest, _) = store.latest(FLOW).unwrap();
    assert_eq!(latest.map(|vintage| vintage.name), expected.last().map(|name| (*name).to_owned()));
}

#[test]
fn vintages_come_and_stay() {
    let (_folder, store) = workspace();
    check(&store, &[], 0);
    assert!(matches!(put(&store, "20260101T000000Z-a", &[b"one", b"two"]), Ok(Put::New(_))));
    assert!(matches!(put(&store, "20260102T000000Z-b", &[b"one", b"two"]), Ok(Put::Unchanged(_))));
    check(&store, &["20260101T000000Z-a"], 0);
    assert_eq!(store.last_check(FLOW).unwrap().unwrap().at, "20260102T000000Z-b");
    assert_eq!(store.last_check(FLOW).unwrap().unwrap().vintage, "20260101T000000Z-a");
    assert!(matches!(put(&store, "20260103T000000Z-c", &[b"one", b"2"]), Ok(Put::New(_))));
    assert!(matches!(put(&store, "20260104T000000Z-d", &[b"one", b"two"]), Ok(Put::New(_))));
    check(&store, &["20260101T000000Z-a", "20260103T000000Z-c", "20260104T000000Z-d"], 0);
    let (latest, _) = store.latest(FLOW).unwrap();
    let latest = latest.unwrap();
    assert_eq!(latest.original(2).unwrap(), b"two");
    assert!(latest.original(0).is_err() && latest.original(3).is_err());
}

#[test]
fn a_clock_that_jumps_back_keeps_the_order() {
    let (_folder, store) = workspace();
    put(&store, "20260102T000000Z-a", &[b"one"]).unwrap();
    put(&store, "20260101T000000Z-b", &[b"two"]).unwrap();
    put(&store, "20260102T000000Z-a", &[b"three"]).unwrap();
    let (vintages, _) = store.vintages(FLOW).unwrap();
    let bodies: Vec<_> = vintages.iter().map(|vintage| vintage.original(1).unwrap()).collect();
    assert_eq!(bodies, [b"one".to_vec(), b"two".to_vec(), b"three".to_vec()]);
}

#[test]
fn packed_anew_is_unchanged() {
    let (_folder, store) = workspace();
    let pack = |time: u32, text: &[u8]| {
        let mut encoder = GzBuilder::new().mtime(time).write(Vec::new(), Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    };
    put(&store, "1", &[&pack(1, b"same")]).unwrap();
    assert!(matches!(put(&store, "2", &[&pack(2, b"same")]), Ok(Put::Unchanged(_))));
    assert!(matches!(put(&store, "3", &[&pack(2, b"other")]), Ok(Put::New(_))));
}

#[test]
fn what_is_broken_does_not_exist() {
    let (folder, store) = workspace();
    put(&store, "1", &[b"one"]).unwrap();
    put(&store, "2", &[b"two"]).unwrap();
    let at = folder.path().join("data/raw/eurostat/t1");
    let second = at.join("2");
    let damages: [&dyn Fn(); 6] = [
        &|| fs::write(second.join("t1.1.json"), b"tw0").unwrap(),
        &|| fs::write(second.join("t1.1.json"), b"tw").unwrap(),
        &|| fs::remove_file(second.join("t1.1.json")).unwrap(),
        &|| fs::remove_file(second.join("receipt.json")).unwrap(),
        &|| fs::write(second.join("receipt.json"), b"{\"source\":").unwrap(),
        &|| {
            let text = fs::read_to_string(second.join("receipt.json")).unwrap();
            fs::write(second.join("receipt.json"), text.replace("t1.1.json", "../../../lock")).unwrap();
        },
    ];
    for damage in damages {
        damage();
        check(&store, &["1"], 1);
        let (_, findings) = store.latest(FLOW).unwrap();
        assert_eq!(findings[0].code, "vintage-broken");
        assert!(!findings[0].hint.is_empty());
        fs::remove_dir_all(&second).unwrap();
        put(&store, "2", &[b"two"]).unwrap();
        check(&store, &["1", "2"], 0);
    }
}

#[test]
fn killed_before_the_receipt() {
    let (folder, store) = workspace();
    put(&store, "1", &[b"one"]).unwrap();
    let at = folder.path().join("data/raw/eurostat/t1");
    // As a kill leaves it: the building folder with files, without and even with its receipt.
    fs::create_dir(at.join(".tmp-2")).unwrap();
    fs::write(at.join(".tmp-2/t1.1.json"), b"two").unwrap();
    check(&store, &["1"], 0);
    fs::copy(at.join("1/receipt.json"), at.join(".tmp-2/receipt.json")).unwrap();
    check(&store, &["1"], 0);
    assert_eq!(store.clean_temporaries().unwrap(), [at.join(".tmp-2")]);
    assert!(!at.join(".tmp-2").exists());
    assert!(matches!(put(&store, "2", &[b"two"]), Ok(Put::New(_))));
    check(&store, &["1", "2"], 0);
}

#[test]
fn bad_names_and_receipts_are_refused() {
    let (folder, store) = workspace();
    for flow in ["t1", "../x/y", "eurostat/..", "eurostat/a/b", "eurostat/", "/t1"] {
        assert!(matches!(store.latest(flow), Err(StoreError::Name { .. })), "{flow}");
    }
    assert!(matches!(put(&store, "../x", &[b"one"]), Err(StoreError::Name { .. })));
    assert!(put(&store, "1", &[]).is_err());
    let mut wrong = receipt(&[b"one"]);
    wrong.originals[0].length = 4;
    assert!(matches!(
        store.put_vintage(FLOW, "1", &[b"one".to_vec()], &wrong, &Check::default(), &mut |_| Ok(None)),
        Err(StoreError::Damaged { .. })
    ));
    check(&store, &[], 0);
    assert!(!folder.path().join("data").exists());
}

#[test]
fn state_survives_cut_lines() {
    let (folder, store) = workspace();
    store.append_check(FLOW, &Check { at: "1".into(), ..Check::default() }).unwrap();
    let path = folder.path().join("data/raw/eurostat/t1/checks.jsonl");
    let mut text = fs::read_to_string(&path).unwrap();
    text.push_str("{\"at\":\"2\",\"vin");
    fs::write(&path, &text).unwrap();
    assert_eq!(store.last_check(FLOW).unwrap().unwrap().at, "1");
    store.append_check(FLOW, &Check { at: "3".into(), ..Check::default() }).unwrap();
    assert_eq!(store.last_check(FLOW).unwrap().unwrap().at, "3");
    let pace = Pace { last: "x".into(), requests: vec![(7, 1)], ..Pace::default() };
    assert_eq!(store.pace("127.0.0.1:80").unwrap(), Remembered::Nothing);
    store.set_pace("127.0.0.1:80", &pace).unwrap();
    assert_eq!(store.pace("127.0.0.1:80").unwrap(), Remembered::Known(pace.clone()));
    assert!(store.set_pace("../x", &pace).is_err());
}

#[test]
fn one_run_at_a_time() {
    let (_folder, store) = workspace();
    let held = store.lock("03:00").unwrap();
    let error = store.lock("03:01").unwrap_err();
    assert!(matches!(error, StoreError::Busy { .. }));
    let text = error.to_string();
    assert!(text.contains(&format!("process {}, since 03:00", std::process::id())) && text.contains("hint:"), "{text}");
    drop(held);
    assert!(store.lock("03:02").is_ok());
}

#[test]
fn files_are_replaced_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new folder/Łódź.txt");
    write_atomic(&path, b"one").unwrap();
    write_atomic(&path, b"two").unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"two");
    assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    let below_a_file = path.join("x.txt");
    let text = write_atomic(&below_a_file, b"x").unwrap_err().to_string();
    assert!(text.contains("hint:") && text.contains("Łódź.txt"), "{text}");
    let target = folder.path().join("taken");
    fs::create_dir_all(target.join("x")).unwrap();
    assert!(write_atomic(&target, b"x").is_err());
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "{left:?}");
}

fn tree(folder: &Path) -> Vec<String> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let text = if path.is_dir() { tree(&path).join(",") } else { fs::read_to_string(&path).unwrap() };
            format!("{}:{text}", path.file_name().unwrap().to_string_lossy())
        })
        .collect();
    files.sort();
    files
}

#[test]
fn folders_are_published_whole() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("en");
    for text in ["one", "two"] {
        let staged = staging(&target).unwrap();
        write_atomic(&staged.join("figures/a.svg"), text.as_bytes()).unwrap();
        publish(&staged, &target).unwrap();
        assert_eq!(tree(folder.path()), [format!("en:figures:a.svg:{text}")]);
    }
    assert!(matches!(publish(&folder.path().join("none"), &target), Err(StoreError::Publish { .. })));
    assert_eq!(tree(folder.path()), ["en:figures:a.svg:two"]);
    let file = folder.path().join("file");
    fs::write(&file, "x").unwrap();
    assert!(matches!(publish(&target, &file), Err(StoreError::Publish { .. })));
}

#[test]
fn interrupted_publications_are_settled() {
    let settled = |make: &dyn Fn(&Path)| {
        let folder = tempfile::tempdir().unwrap();
        make(folder.path());
        let restored = recover(folder.path()).unwrap().len();
        (restored, tree(folder.path()))
    };
    let write = |path: &Path, text: &str| {
        fs::create_dir_all(path).unwrap();
        fs::write(path.join("a"), text).unwrap();
    };
    // Killed after the old one was moved aside: it comes back, the unfinished one goes.
    let moved_aside = |at: &Path| {
        write(&at.join(".en.previous"), "old");
        write(&at.join(".tmp-en"), "new");
    };
    assert_eq!(settled(&moved_aside), (1, vec!["en:a:old".to_owned()]));
    // Killed before the old one was removed: the new one stays.
    let came_in = |at: &Path| {
        write(&at.join(".en.previous"), "old");
        write(&at.join("en"), "new");
    };
    assert_eq!(settled(&came_in), (0, vec!["en:a:new".to_owned()]));
    let undisturbed = |at: &Path| write(&at.join("en"), "old");
    assert_eq!(settled(&undisturbed), (0, vec!["en:a:old".to_owned()]));
    // Publishing again settles it too.
    let folder = tempfile::tempdir().unwrap();
    write(&folder.path().join(".en.previous"), "old");
    let target = folder.path().join("en");
    let staged = staging(&target).unwrap();
    write(&staged, "newer");
    publish(&staged, &target).unwrap();
    assert_eq!(tree(folder.path()), ["en:a:newer"]);
}

#[test]
fn messages_name_kind_and_hint() {
    let text = |kind: ErrorKind| io_error("write", Path::new("reports/x"))(kind.into()).to_string();
    for (kind, words) in [
        (ErrorKind::NotFound, "it is not there"),
        (ErrorKind::PermissionDenied, "permission denied"),
        (ErrorKind::ReadOnlyFilesystem, "read-only"),
        (ErrorKind::StorageFull, "no space left"),
        (ErrorKind::Other, "other error"),
    ] {
        let text = text(kind);
        assert!(text.starts_with("cannot write reports/x: ") && text.contains(words) && text.contains("\n  hint: "), "{text}");
    }
    let error = Store::open(Path::new("/nowhere at all")).unwrap_err();
    assert!(error.to_string().contains("it is not there"), "{error}");
}
