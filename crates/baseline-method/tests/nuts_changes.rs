//! The shipped lists of NUTS codes and changes against the official tables, where these are. The tables have other column
//! orders in every version, so columns are found by their names.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use baseline_method::Sheet;
use calamine::{Data, Reader, open_workbook_auto};

const EU: &str = "AT BE BG CY CZ DE DK EE EL ES FI FR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK";

/// Rows that the table of 2016-2021 repeats from the one before; the codes are of 2016 already.
const REPEATED: &[(&str, &str)] = &[("FI1D4", "FI1D8"), ("FI1D6", "FI1D9"), ("", "PL926")];

/// Regions that ended in 2021 and that the table names only in the explanations of others.
const IN_WORDS: &[&str] = &["ITG29", "ITG2A", "ITG2B", "ITG2C"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn shipped(name: &str) -> Sheet {
    let bytes = std::fs::read(root().join("pipelines/codelists").join(name)).expect(name);
    Sheet::read(name, &bytes).expect(name)
}

/// Rows of the columns that begin with some words, below the line that has all of them.
fn columns(book: &Path, sheet: &str, wanted: &[&str]) -> Vec<Vec<String>> {
    let mut book = open_workbook_auto(book).expect("a workbook");
    let range = book.worksheet_range(sheet).expect(sheet);
    let text = |cell: &Data| cell.to_string().trim().to_owned();
    let mut rows = range.rows();
    let places: Vec<usize> = rows
        .by_ref()
        .find_map(|row| wanted.iter().map(|name| row.iter().position(|cell| text(cell) == *name)).collect())
        .unwrap_or_else(|| panic!("{sheet}: no header {wanted:?}"));
    rows.map(|row| places.iter().map(|place| text(&row[*place])).collect()).collect()
}

fn is_code(text: &str) -> bool {
    EU.split(' ').any(|country| text.starts_with(country)) && (3..=5).contains(&text.len())
}

#[test]
fn changes_are_those_of_the_official_tables() {
    let folder = root().join("../shared/data/reference");
    if !folder.is_dir() {
        println!("skipped: {} is not there", folder.display());
        return;
    }
    let list = shipped("nuts_changes.csv");
    for (from, to, name, sheets) in [
        ("2013", "2016", "NUTS2013-NUTS2016.xlsx", "Correspondence NUTS-"),
        ("2016", "2021", "NUTS2016-NUTS2021.xlsx", "Changes NUTS-"),
        ("2021", "2024", "NUTS2021-NUTS2024.xlsx", "Changes NUTS-"),
    ] {
        let (mut pairs, mut ends, mut begins) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for level in 1..=3 {
            let wanted = [format!("Code {from}"), format!("Code {to}")];
            for row in columns(&folder.join(name), &format!("{sheets}{level}"), &wanted.each_ref().map(String::as_str)) {
                let [old, new] = [0, 1].map(|side: usize| if is_code(&row[side]) { row[side].clone() } else { String::new() });
                if REPEATED.contains(&(old.as_str(), new.as_str())) && from == "2016" || old.is_empty() && new.is_empty() {
                    continue;
                }
                ends.extend((!old.is_empty()).then(|| old.clone()));
                begins.extend((!new.is_empty()).then(|| new.clone()));
                if !old.is_empty() && !new.is_empty() {
                    pairs.insert((old, new));
                }
            }
        }
        if from == "2016" {
            ends.extend(IN_WORDS.iter().map(|code| (*code).to_owned()));
        }
        let ours: Vec<&Vec<String>> = list.rows.iter().filter(|row| row[0] == from && row[1] == to).collect();
        let side = |index: usize| -> BTreeSet<String> {
            ours.iter().map(|row| row[index].clone()).filter(|code| !code.is_empty()).collect()
        };
        assert_eq!(side(3), ends, "{name}: codes before");
        assert_eq!(side(4), begins, "{name}: codes after");
        for (old, new) in &pairs {
            assert!(ours.iter().any(|row| row[3] == *old && row[4] == *new), "{name}: {old} to {new}");
        }
    }
}

#[test]
fn codes_are_those_of_the_official_lists() {
    let folder = root().join("../shared/data/reference");
    if !folder.is_dir() {
        println!("skipped: {} is not there", folder.display());
        return;
    }
    let list = shipped("nuts_codes.csv");
    for (version, name, sheet, column) in [
        ("2013", "NUTS2013-NUTS2016.xlsx", "NUTS2013-NUTS2016", "Code 2013"),
        ("2016", "NUTS2013-NUTS2016.xlsx", "NUTS2013-NUTS2016", "Code 2016"),
        ("2021", "NUTS2016-NUTS2021.xlsx", "NUTS & SR 2021", "Code 2021"),
        ("2024", "NUTS2021-NUTS2024.xlsx", "NUTS2024", "NUTS Code"),
    ] {
        let rows = columns(&folder.join(name), sheet, &[column]);
        let official: BTreeSet<&str> = rows.iter().map(|row| row[0].as_str()).filter(|code| is_code(code)).collect();
        let ours: BTreeSet<&str> =
            list.rows.iter().filter(|row| *row[2] <= *version && *row[3] >= *version).map(|row| row[0].as_str()).collect();
        // Extra-regio units (Z) are in some of the official lists only.
        let plain = |codes: &BTreeSet<&str>| {
            codes.iter().filter(|code| !code[2..].contains('Z')).map(|code| (*code).to_owned()).collect()
        };
        let [ours, official]: [BTreeSet<String>; 2] = [plain(&ours), plain(&official)];
        let unlike: Vec<&String> = ours.symmetric_difference(&official).collect();
        assert!(unlike.is_empty(), "NUTS {version}: {unlike:?}");
    }
}
