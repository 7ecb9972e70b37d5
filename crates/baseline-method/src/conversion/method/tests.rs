//! Tests of the conversion on the shipped flows, on real matrices where they are, and of what is refused.

use std::collections::BTreeMap;
use std::path::Path;

use super::*;
use crate::compute;
use crate::structure::tests::{answer, cell, fact, fault};

fn check(text: &str, params: &[(&str, &str)], expected: &str) {
    let found = answer(&METHOD, text, params);
    let how = found.columns.iter().position(|column| column == "how").unwrap();
    let line = |row: &Vec<Cell>| row[..=how].iter().map(Cell::to_string).collect::<Vec<_>>().join(" ");
    assert_eq!(found.rows.iter().map(line).collect::<Vec<_>>().join("; "), expected, "{text}");
}

fn with_flows(text: &str, flows: &[u8], params: &[(&str, &str)]) -> Result<Answer, Fault> {
    let named = params.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let files = BTreeMap::from([("flows".to_owned(), Sheet::read("f.csv", flows)?)]);
    compute(&METHOD, &Sheet::read("x.csv", text.as_bytes())?, &named, &files)
}

#[test]
fn territories_2021_to_2024() {
    let people =
        "geo,value\nFI193,272157\nFI197,515173\nNL113,405676\nPT16J,210995\nFI194,186852\nFI195,179137\nSE123,468741\nFI,5000\n";
    check(
        people,
        &[],
        "FI 5000 2024 unchanged; FI198 270038 2024 estimated; FI199 191312 2024 estimated; FI19A 174677 2024 estimated; \
         FI19B 517292 2024 estimated; NL115 405676 2024 recoded; PT196 210995 2024 recoded; SE123 468741 2024 unchanged",
    );
    let found = answer(&METHOD, people, &[]);
    assert_eq!(fact(&found, "sum_before"), fact(&found, "sum_after"));
    let made = found.columns.iter().position(|column| column == "made_of").unwrap();
    assert_eq!(found.rows[1][made].to_string(), "FI193 0.992214");
}

/// The flows move no one between Oost-Groningen and Overig Groningen, though the official table says that some did.
#[test]
fn what_the_flows_leave_out_is_said() {
    let found = answer(&METHOD, "geo,value\nNL113,5\nFI193,5\nFI197,5\n", &[]);
    let note = "taken over whole, as in the flows, although the area changed: NL113 to NL115 (gained Menterwolde within Midden-Groningen)";
    assert_eq!(found.notes.iter().map(|note| note.message.as_str()).collect::<Vec<_>>(), [note]);
    assert!(answer(&METHOD, "geo,value\nPT16J,5\nSE123,5\n", &[]).notes.is_empty());
}

#[test]
fn back_again() {
    check(
        "geo,value\nFI198,270038\nFI19B,517292\nNL115,5\n",
        &[("from", "2024"), ("to", "2021")],
        "FI193 272157 2021 estimated; FI197 515173 2021 estimated; NL113 5 2021 recoded",
    );
}

#[test]
fn rates() {
    check(
        "geo,time,value,flag\nFI193,2022,8,b\nFI197,2022,10,u\n",
        &[("kind", "rate")],
        "FI198 2022 8 b 2024 estimated; FI19B 2022 9.991807335122136 bu 2024 estimated",
    );
    let found = answer(&METHOD, "geo,value,denominator\nFI193,8,1000\nFI197,10,9000\n", &[("kind", "rate")]);
    let share = 2119.0 / 272_157.0;
    let expected = (8.0 * 1000.0 * share + 10.0 * 9000.0) / (1000.0 * share + 9000.0);
    assert!((cell(&found, &["FI19B"], "value") - expected).abs() < 1e-12);
    assert!((cell(&found, &["FI19B"], "denominator") - (1000.0 * share + 9000.0)).abs() < 1e-9);
}

#[test]
fn weights_by_name() {
    // By hand from the shipped flows of FI193: 936.425 of 19947.207 km², 2505.189 of 272231.467 people in 2011.
    for (weight, expected) in [("area", 936.425 / 19947.207), ("pop11", 2505.189 / 272_231.467)] {
        let found = answer(&METHOD, "geo,value\nFI193,1\nFI197,0\n", &[("weight", weight)]);
        assert!((cell(&found, &["FI19B"], "value") - expected).abs() < 1e-7, "{weight}");
    }
    assert_eq!(
        fault(&METHOD, "geo,value\nFI193,1\n", &[("weight", "jobs")]),
        "--param weight: expected one of area_km2, pop11, pop21, found `jobs`"
    );
}

#[test]
fn nothing_partial() {
    // FI197 is not in the table: Pirkanmaa cannot be told.
    check("geo,value\nFI193,100\n", &[], "FI198 99.22140529179848 2024 estimated; FI19B  2024 estimated");
    let found = answer(&METHOD, "geo,value\nFI193,100\nFI197,\n", &[]);
    assert_eq!(found.notes[0].code, "nuts-missing");
    assert!((cell(&found, &["FI19B"], "missing_share") - 515_173.0 / 517_292.0).abs() < 1e-12);
    // The shipped flows hold what Emilia-Romagna gains from Marche, not what stays: neither is told.
    let found = answer(&METHOD, "geo,value\nITI3,1500000\nITH5,4400000\nSE12,5\n", &[]);
    check("geo,value\nITI3,1500000\nITH5,4400000\nSE12,5\n", &[], "ITH5  2024 flows incomplete; SE12 5 2024 unchanged");
    assert_eq!(found.notes[0].code, "nuts-flows-incomplete");
}

#[test]
fn mixed_versions() {
    let both = "geo,time,value\nNL113,2019,4\nSE123,2019,9\nNL115,2023,5\nSE123,2023,8\n";
    assert_eq!(
        fault(&METHOD, both, &[]),
        "x.csv, column of regions: expected one version, found two: of 2021 NL113; of 2024 NL115"
    );
    check(
        both,
        &[("mixed", "split")],
        "NL115 2019 4 2024 recoded; SE123 2019 9 2024 unchanged; NL115 2023 5 2024 unchanged; SE123 2023 8 2024 unchanged",
    );
    assert_eq!(
        fault(&METHOD, "geo,value\nNL113,4\nNL115,5\n", &[("mixed", "split")]),
        "x.csv, line 3: expected NL115 once after conversion, found a second value"
    );
    assert_eq!(
        fault(&METHOD, "geo,value\nNL115,4\n", &[]),
        "x.csv, column of regions: expected codes of NUTS 2021, found of 2024: NL115"
    );
    check(
        "geo,nuts_version,value\nNL113,2021,4\nFI198,2024,6\n",
        &[("mixed", "split")],
        "FI198 6 2024 unchanged; NL115 4 2024 recoded",
    );
}

#[test]
fn refused() {
    assert_eq!(
        fault(&METHOD, "geo,value\nPL12,4\n", &[]),
        "x.csv, line 2: expected a code of NUTS 2021 or 2024, found `PL12`, which is of NUTS 2010 to 2013"
    );
    assert_eq!(fault(&METHOD, "geo,value\nFI913,4\n", &[]), "x.csv, line 2: expected a code of NUTS 2021 or 2024, found `FI913`");
    assert_eq!(
        fault(&METHOD, "geo,value\nFI1D1,4\n", &[]),
        "x.csv, line 2: expected a region that the flows hold, found `FI1D1`, which changed between the versions and is in none"
    );
    assert_eq!(
        fault(&METHOD, "geo,nuts_version,value\nFI198,2021,4\n", &[]),
        "x.csv, line 2: expected a code of NUTS 2021, found `FI198`, which is of NUTS 2024 to 2024"
    );
    assert_eq!(
        fault(&METHOD, "geo,nuts_version,value\nFI193,2016,4\n", &[]),
        "x.csv, line 2, column nuts_version: expected 2021 or 2024, found 2016"
    );
    assert_eq!(
        fault(&METHOD, "geo,value\nFI193,-4\n", &[]),
        "x.csv, line 2, column value: expected a count from 0 up (a rate or a balance is --param kind), found -4"
    );
    assert_eq!(
        fault(&METHOD, "geo,value\nFI193,4\nFI193,5\n", &[]),
        "x.csv, line 3: expected each region once, found `FI193` again, first in line 2"
    );
    assert_eq!(
        fault(&METHOD, "geo,value\nFI193,4\n", &[("missing_limit", "3")]),
        "--param missing_limit: expected a share from 0 to 1, found 3"
    );
    assert_eq!(
        fault(&METHOD, "geo,value\nFI193,4\n", &[("from", "next")]),
        "--param from: expected a NUTS version as 2021, found `next`"
    );
    assert!(fault(&METHOD, "geo,value\nFI193,inf\n", &[]).ends_with("found `inf`"));
}

#[test]
fn given_flows() {
    let flows = b"code_v2016,code_v2021,pop18\nITG25,ITG2D,300\nITG29,ITG2D,150\nSE123,SE123,9\n";
    let found = with_flows("nuts,persons,rate\nITG25,3,10\nITG29,1,20\nSE123,4,30\n", flows, &[("kind", "rate")]).unwrap();
    assert!((cell(&found, &["ITG2D", "rate"], "value") - (10.0 * 300.0 + 20.0 * 150.0) / 450.0).abs() < 1e-12);
    assert!(found.csv().contains("ITG2D,persons,") && found.csv().contains("merged"));
}

/// The matrices of the JRC: what is converted is what was there, in all and in every country.
#[test]
fn real_matrices() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/reference/nuts-matrices");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        println!("skipped: {} is not there", folder.display());
        return;
    };
    for entry in entries {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        let flows = Flows::read(&Sheet::read("f.csv", &bytes).unwrap(), [None, None]).unwrap();
        for weight in ["pop11", "areaKm"] {
            let mut text = String::from("geo,value\n");
            for (index, code) in flows.sides()[0].iter().enumerate() {
                text.push_str(&format!("{code},{}\n", 1000 + 7 * index));
            }
            // A few regions are not populated in 2011, and are divided only in the area.
            let found = match with_flows(&text, &bytes, &[("weight", weight)]) {
                Ok(found) => found,
                Err(fault) => panic!("{weight} {:?}: {fault}", flows.versions),
            };
            let mut sums: BTreeMap<String, f64> = BTreeMap::new();
            for line in text.lines().skip(1) {
                let (code, value) = line.split_once(',').unwrap();
                *sums.entry(code[..2].to_owned()).or_default() += value.parse::<f64>().unwrap();
            }
            for row in &found.rows {
                let value: f64 = row[1].to_string().parse().unwrap_or_else(|_| panic!("{row:?}"));
                *sums.entry(row[0].to_string()[..2].to_owned()).or_default() -= value;
            }
            assert!(sums.values().all(|left| left.abs() < 1e-6), "{:?}", flows.versions);
        }
    }
}

/// The rows of the validation file, one by one: all of an old region's weight arrives as that number of people.
#[test]
fn validation_flows() {
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/validation/nuts_2021_2024_flows.csv");
    let Ok(bytes) = std::fs::read(&place) else {
        println!("skipped: {} is not there", place.display());
        return;
    };
    assert_eq!(String::from_utf8(bytes).unwrap().replace('\r', ""), FLOWS, "the shipped flows are those of the validation file");
}
