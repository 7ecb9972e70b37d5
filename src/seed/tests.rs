use std::path::{Path, PathBuf};

use baseline_model::definitions::{DefinitionFile, Definitions, parse};

use super::*;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The shipped definitions.
fn definitions() -> Definitions {
    let base = root().join("pipelines");
    let mut files = Vec::new();
    let mut folders = vec![base.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "toml" || extension == "csv") {
                let relative = path.strip_prefix(&base).unwrap().to_str().unwrap().replace('\\', "/");
                files.push(DefinitionFile { path: relative, text: std::fs::read_to_string(&path).unwrap(), from: "test".into() });
            }
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let (definitions, errors) = parse(&files);
    assert!(errors.is_empty(), "{errors:#?}");
    definitions
}

fn committed(folder: &Path, below: &Path, files: &mut Vec<(String, Vec<u8>)>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            committed(&path, below, files);
        } else {
            let relative = path.strip_prefix(below).unwrap().to_str().unwrap().replace('\\', "/");
            files.push((relative, std::fs::read(&path).unwrap()));
        }
    }
}

/// Rebuilds the shipped seed from the collected originals: not a byte may differ. `BASELINE_BLESS=1` writes it.
#[test]
fn the_committed_seed_is_what_the_recipe_gives() {
    let originals = root().join("../shared/data");
    if !originals.is_dir() {
        println!("skipped: no folder of originals beside the project");
        return;
    }
    let recipe = std::fs::read_to_string(root().join("data/seed.toml")).unwrap();
    let read = |file: &str| std::fs::read(originals.join(file)).map_err(|error| error.to_string());
    let seed = build(&recipe, &read, &definitions()).unwrap_or_else(|faults| panic!("{}", faults.join("\n")));
    for finding in &seed.findings {
        println!("{finding}");
    }
    let folder = root().join("data/seed");
    let mut found = Vec::new();
    committed(&folder, &folder, &mut found);
    found.sort();
    if std::env::var_os("BASELINE_BLESS").is_some() {
        for (path, _) in found {
            std::fs::remove_file(folder.join(path)).unwrap();
        }
        for (path, bytes) in &seed.files {
            let path = folder.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        }
        return;
    }
    let names = |files: &[(String, Vec<u8>)]| files.iter().map(|(path, _)| path.clone()).collect::<Vec<_>>();
    assert_eq!(names(&found), names(&seed.files));
    for ((path, before), (_, now)) in found.iter().zip(&seed.files) {
        assert!(before == now, "{path} differs from what the recipe gives; BASELINE_BLESS=1 writes it anew");
    }
}
