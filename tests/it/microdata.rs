//! `baseline microdata` on made labour-force files whose chances are known, and on the public EU-SILC file.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use super::kit::Workspace;

#[path = "../../benches/made/lfs.rs"]
#[expect(clippy::cast_possible_truncation, reason = "numbers are small")]
mod lfs;

const ROWS: u64 = 60_000;

/// Rows of a table by the given columns.
fn rates(csv: &str, keys: &[&str]) -> BTreeMap<String, BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let header = reader.headers().unwrap().clone();
    let row = |record: csv::StringRecord| -> BTreeMap<String, String> {
        header.iter().zip(record.iter()).map(|(name, cell)| (name.to_owned(), cell.to_owned())).collect()
    };
    let rows = reader.records().map(|record| row(record.unwrap()));
    rows.map(|row| (keys.iter().map(|key| row[*key].as_str()).collect::<Vec<_>>().join(" "), row)).collect()
}

fn number(row: &BTreeMap<String, String>, column: &str) -> f64 {
    row[column].parse().unwrap_or_else(|_| panic!("{column} of {row:?}"))
}

fn made(workspace: &Workspace, new: bool) {
    let text = format!("{}\n{}", lfs::header(new).join(","), lfs::csv(0, ROWS, new));
    workspace.write("persons.csv", text);
}

/// The rate of a made file, added up here over its persons, and the chance it was made with.
fn truth(new: bool) -> BTreeMap<String, (f64, f64)> {
    let mut sums: BTreeMap<String, [f64; 3]> = BTreeMap::new();
    for row in 0..ROWS {
        let person = lfs::person(row, lfs::first_year(new));
        let aged = (20..65).contains(&person.age);
        if let Some(major) = person.major.filter(|_| person.level >= 5 && aged) {
            let sum = sums.entry(format!("{} {}", person.country, lfs::ORIGINS[person.origin])).or_default();
            let country = lfs::COUNTRIES.iter().position(|name| *name == person.country).unwrap();
            let chance = lfs::chance(country, person.region, person.origin, person.year - lfs::first_year(new));
            sum[0] += if major >= 4 { person.weight } else { 0.0 };
            sum[1] += person.weight;
            sum[2] += person.weight * chance as f64;
        }
    }
    sums.into_iter().map(|(key, [over, all, chance])| (key, (100.0 * over / all, chance / all))).collect()
}

fn check_truth(layout: &str, new: bool) {
    let workspace = Workspace::new();
    made(&workspace, new);
    let said = workspace.run(&["microdata", "persons.csv", "--layout", layout, "--by", "country,origin", "-o", "rates.csv"]);
    assert_eq!(said.exit, 0, "{}", said.stderr);
    assert_eq!(said.stdout, "");
    let found = rates(&std::fs::read_to_string(workspace.join("rates.csv")).unwrap(), &["country", "citizenship"]);
    let expected = truth(new);
    assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
    let mut far = 0;
    for (key, (rate, chance)) in &expected {
        let row = &found[key];
        if row["mark"] == "c" {
            continue;
        }
        assert!((number(row, "rate") - rate).abs() < 1e-9, "{key}: {row:?}, expected {rate}");
        // A standard error is one when about one in twenty lies beyond two of them.
        far += usize::from((number(row, "rate") - chance).abs() > 2.0 * number(row, "se"));
        assert!(number(row, "n_effective") < number(row, "n"), "{key}");
    }
    assert!(far <= 4, "{far} of {} rates beyond two standard errors", expected.len());
}

#[test]
fn known_truth_from_2021() {
    check_truth("lfs_2021", true);
}

#[test]
fn known_truth_until_2020() {
    check_truth("lfs_until_2020", false);
}

#[test]
fn all_definitions_beside_one_another() {
    let workspace = Workspace::new();
    made(&workspace, true);
    let all = workspace.run(&["microdata", "persons.csv", "--layout", "lfs_2021", "--by", "origin", "--definition", "all"]);
    assert_eq!(all.exit, 0, "{}", all.stderr);
    let found = rates(&all.stdout, &["citizenship", "definition", "outcome"]);
    let value = |key: &str| number(&found[key], "rate");
    for origin in lfs::ORIGINS {
        let parts = ["over", "matched", "under"].map(|outcome| value(&format!("{origin} ilo_normative {outcome}")));
        assert!((parts.iter().sum::<f64>() - 100.0).abs() < 1e-9, "{parts:?}");
        assert!(value(&format!("{origin} employment_rate rate")) < value(&format!("{origin} activity_rate rate")));
    }
    assert!(value("non_eu eurostat_vertical over") > value("national eurostat_vertical over") + 10.0);
    assert_eq!(found["eu oecd_over_qualification over"]["ages"], "15-64");
}

/// Packed and plain, and run again: the same bytes.
#[test]
fn same_bytes() {
    let workspace = Workspace::new();
    made(&workspace, true);
    let plain = std::fs::read(workspace.join("persons.csv")).unwrap();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut packed, &plain).unwrap();
    workspace.write("persons.csv.gz", packed.finish().unwrap());
    let run = |file: &str| workspace.run(&["microdata", file, "--layout", "lfs_2021", "--by", "region,origin,year"]).stdout;
    let first = run("persons.csv");
    assert!(first.lines().count() > 1000 && first == run("persons.csv") && first == run("persons.csv.gz"));
}

#[test]
fn public_silc_file() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/microdata/eusilc13puf.converted.csv.gz");
    if !file.exists() {
        println!("skipped: {} is not there", file.display());
        return;
    }
    let workspace = Workspace::new();
    let said = workspace.run(&["microdata", file.to_str().unwrap(), "--layout", "eusilc_puf", "--by", "citizenship"]);
    assert_eq!(said.exit, 0, "{}", said.stderr);
    let found = rates(&said.stdout, &["citizenship", "definition"]);
    // Added up apart from the program, with another language's reader.
    let mut wrong = String::new();
    for (key, expected) in [
        ("national employment_rate", 88.051_094_927_571),
        ("eu employment_rate", 82.962_884_182_653),
        ("non_eu employment_rate", 94.655_937_132_695),
        ("national unemployment_rate", 10.020_317_418_217),
        ("eu unemployment_rate", 13.357_707_688_459),
        ("non_eu unemployment_rate", 5.170_468_937_445),
        ("national mismatch_index", 11.137_354_474_229),
        ("eu mismatch_index", 17.359_394_843_795),
    ] {
        if (number(&found[key], "rate") - expected).abs() > 1e-9 {
            writeln!(wrong, "{key}: {:?}, expected {expected}", found[key]).unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn refuses() {
    let workspace = Workspace::new();
    made(&workspace, true);
    let check = |args: &[&str], exit: i32, expected: &str| {
        let mut all = vec!["microdata"];
        all.extend(args);
        let said = workspace.run(&all);
        assert_eq!(said.exit, exit, "{args:?}: {}", said.stderr);
        assert!(said.stderr.contains(expected), "{args:?}: {}", said.stderr);
        assert_eq!(said.stdout, "", "{args:?}");
    };
    check(&["persons.csv", "--layout", "lfs_2020"], 2, "no layout `lfs_2020`");
    check(&["persons.csv", "--layout", "lfs_until_2020"], 2, "no column `");
    check(&["persons.csv", "--layout", "lfs_2021", "--by", "citizenship,birth"], 2, "never share a table");
    check(&["persons.csv", "--layout", "lfs_2021", "--by", "town"], 2, "no breakdown `town`");
    check(&["persons.csv", "--layout", "lfs_2021", "--definition", "eurostat"], 2, "did you mean");
    check(&["persons.csv", "--layout", "lfs_2021", "--ages", "64-20"], 2, "first and last age");
    check(&["person.csv", "--layout", "lfs_2021"], 2, "does not exist");
    workspace.write("broken.parquet", b"PAR1 and nothing more");
    check(&["broken.parquet", "--layout", "lfs_2021"], 1, "cannot be");
}
