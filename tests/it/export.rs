//! `baseline export`: what the package says of its files is true, and other programs can join them.

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};

use super::kit::{Workspace, assert_same};

#[test]
fn the_package_describes_its_files() {
    let workspace = Workspace::new();
    let said = workspace.run(&["export", "--region", "postojna", "--out", "package"]);
    assert_eq!(said.exit, 0, "{}", said.stderr);
    let files = workspace.tree("package");
    let package: serde_json::Value = serde_json::from_slice(&files["datapackage.json"]).expect("JSON");
    let resources = package["resources"].as_array().expect("a list");
    let listed: BTreeSet<&str> = resources.iter().filter_map(|resource| resource["path"].as_str()).collect();
    let there: BTreeSet<&str> = files.keys().map(String::as_str).filter(|path| *path != "datapackage.json").collect();
    assert_eq!(listed, there);
    for resource in resources {
        let bytes = &files[resource["path"].as_str().expect("a path")];
        let hash: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(resource["hash"], format!("sha256:{hash}"), "{}", resource["path"]);
        assert_eq!(resource["bytes"], bytes.len(), "{}", resource["path"]);
    }
    let column = |file: &str, name: &str| -> Vec<String> {
        let mut reader = csv::Reader::from_reader(files[file].as_slice());
        let index = reader.headers().expect("a header").iter().position(|header| header == name).expect("the column");
        reader.records().map(|record| record.expect("whole rows")[index].to_owned()).collect()
    };
    let ids = column("observations.csv", "id");
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
    for (column_here, file) in [("indicator", "indicators.csv"), ("territory", "places.csv")] {
        let known: BTreeSet<String> = column(file, "id").into_iter().collect();
        assert!(column("observations.csv", column_here).iter().all(|value| known.contains(value)), "{column_here}");
    }
    workspace.write(".tmp-theirs/answers.csv", "kept");
    // A second export replaces the first; another folder of the user's is left alone.
    assert_eq!(workspace.run(&["export", "--region", "postojna", "--out", "package", "--format", "csv"]).exit, 0);
    assert!(!workspace.tree("package").contains_key("observations.parquet"));
    workspace.write("mine/notes.txt", "kept");
    // Somebody else's package, and an export into which a file of the user's was put.
    workspace.write("theirs/datapackage.json", r#"{"name": "survey", "resources": [{"path": "answers.csv"}]}"#);
    workspace.write("theirs/answers.csv", "kept");
    workspace.write("package/notes.txt", "kept");
    for folder in ["mine", "theirs", "package"] {
        let before = workspace.tree(folder);
        let refused = workspace.run(&["export", "--out", folder]);
        assert!(refused.exit == 2 && refused.stderr.contains("none of an earlier export"), "{folder}: {}", refused.stderr);
        assert_same(&before, &workspace.tree(folder), folder);
    }
    assert!(workspace.tree(".tmp-theirs").contains_key("answers.csv"), "only what is ours is cleaned up");
}

#[test]
fn our_own_reader_reads_it() {
    let workspace = Workspace::new();
    assert_eq!(workspace.run(&["export", "--region", "postojna", "--out", "package", "--format", "sdmx-csv"]).exit, 0);
    let said = workspace.run(&["read", "package/observations.sdmx.csv"]);
    assert_eq!(said.exit, 0, "{}", said.stderr);
    let rows = |text: &str| text.lines().count();
    let bytes = &workspace.tree("package")["observations.sdmx.csv"];
    assert_eq!(rows(&said.stdout), rows(std::str::from_utf8(bytes).expect("UTF-8")));
}
