//! The example of every method gives the answer that stands beside it. `BASELINE_BLESS=1` writes the answers anew.

use std::collections::BTreeMap;
use std::path::Path;

use baseline_method::{METHODS, Sheet, compute};

#[test]
fn every_example() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut wrong = Vec::new();
    for method in METHODS {
        let (input, params) = method.example;
        let sheet = Sheet::read(&format!("{}.csv", method.id), input.as_bytes()).expect(method.id);
        let mut named = BTreeMap::new();
        let mut files = BTreeMap::new();
        for (name, value) in params {
            named.insert((*name).to_owned(), (*value).to_owned());
            if method.params.iter().any(|param| param.name == *name && param.file) {
                let bytes = std::fs::read(folder.join(value)).unwrap_or_else(|error| panic!("{value}: {error}"));
                files.insert((*name).to_owned(), Sheet::read(value, &bytes).expect(value));
            }
        }
        let answer = compute(method, &sheet, &named, &files).unwrap_or_else(|fault| panic!("{}: {fault}", method.id));
        let mut text = answer.csv();
        for (name, value) in &answer.facts {
            text.push_str(&format!("# {name} = {value}\n"));
        }
        for note in &answer.notes {
            text.push_str(&format!("# {note}\n"));
        }
        let place = folder.join(format!("{}.answer.csv", method.id));
        if std::env::var_os("BASELINE_BLESS").is_some() {
            std::fs::write(&place, &text).expect("the examples are in the project");
        } else if std::fs::read_to_string(&place).ok().as_deref() != Some(text.as_str()) {
            wrong.push(format!("{}:\n{text}", method.id));
        }
    }
    assert!(wrong.is_empty(), "other answers than examples/*.answer.csv:\n{}", wrong.join("\n"));
}

#[test]
fn described_whole() {
    for method in METHODS {
        assert!(!method.about.is_empty() && !method.formula.is_empty() && !method.sources.is_empty(), "{}", method.id);
        assert!(method.id.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{}", method.id);
        assert_eq!(METHODS.iter().filter(|other| other.id == method.id).count(), 1, "{}", method.id);
    }
}
