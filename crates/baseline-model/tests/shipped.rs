//! The records under `pipelines/` as they ship: they load without a fault, and the indicator framework is complete.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use baseline_model::definitions::{self, DefinitionFile, Definitions, Direction, Level};

const PROTOCOLS: [&str; 10] = ["bdl", "cbs", "eurostat", "genesis", "gisco", "idescat", "ine", "pxweb", "pxweb2", "sdmx"];

/// The rows of the framework: each is a record, with figures or without.
const FRAMEWORK: [&str; 38] = [
    "employment_rate",
    "activity_rate",
    "unemployment_rate",
    "youth_unemployment",
    "ltu_share",
    "ltu_rate",
    "neet_rate",
    "neet_rate_citizenship",
    "self_employment",
    "temporary_employment",
    "part_time",
    "over_qualification",
    "over_qualification_birth",
    "horizontal_mismatch",
    "tertiary_attainment",
    "tertiary_attainment_birth",
    "early_leavers",
    "adult_learning_4w",
    "arop",
    "arop_region",
    "arope",
    "arope_region",
    "foreign_share",
    "tcn_share",
    "census_2021_foreign_share",
    "census_2021_tcn_share",
    "net_migration_rate",
    "nationals_among_immigrants",
    "return_share_lfs",
    "first_permits_work_share",
    "first_permits_per_thousand",
    "valid_long_term_permits",
    "naturalisation_rate",
    "temporary_protection",
    "temporary_protection_per_thousand",
    "brain_drain_index",
    "recognition",
    "isco_dissimilarity",
];

fn read(folder: &Path, below: &str, files: &mut Vec<DefinitionFile>) {
    for entry in fs::read_dir(folder).expect("the records ship with the project") {
        let entry = entry.expect("can be listed");
        let name = format!("{below}{}", entry.file_name().to_str().expect("a name in UTF-8"));
        if entry.file_type().expect("a file or a folder").is_dir() {
            read(&entry.path(), &format!("{name}/"), files);
        } else {
            files.push(DefinitionFile {
                path: name,
                text: fs::read_to_string(entry.path()).expect("a text"),
                from: "test".into(),
            });
        }
    }
}

fn shipped() -> Definitions {
    let mut files = Vec::new();
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../pipelines"), "", &mut files);
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let (definitions, mut errors) = definitions::parse(&files);
    errors.extend(definitions::check(&definitions, &files, &PROTOCOLS));
    let said: Vec<String> = errors.iter().map(ToString::to_string).collect();
    assert!(said.is_empty(), "{}", said.join("\n"));
    definitions
}

#[test]
fn every_row_of_the_framework_is_a_whole_record() {
    let definitions = shipped();
    let shown: BTreeSet<&String> =
        definitions.studies.values().flat_map(|study| &study.chapters).flat_map(|chapter| &chapter.indicators).collect();
    for id in FRAMEWORK {
        let indicator = definitions.indicators.get(id).unwrap_or_else(|| panic!("no indicator {id}"));
        assert!(!indicator.references.is_empty(), "{id}: no references");
        assert!(!indicator.notes.is_empty(), "{id}: no method note");
        assert!(!definitions.levels(indicator).is_empty(), "{id}: no level");
        assert!(shown.contains(&id.to_owned()), "{id}: in no chapter");
        if indicator.direction != Direction::Neutral && indicator.unit == definitions::Unit::Percent {
            assert!(!indicator.numerator.is_empty() && !indicator.denominator.is_empty(), "{id}: no numerator or denominator");
        }
    }
}

#[test]
fn levels_follow_from_the_tables() {
    let definitions = shipped();
    let check = |id: &str, expected: &[Level]| {
        assert_eq!(definitions.levels(&definitions.indicators[id]), expected, "{id}");
    };
    check("over_qualification", &[Level::Country]);
    check("activity_rate", &[Level::Nuts2, Level::Country]);
    check("census_2021_tcn_share", &[Level::Nuts3, Level::Nuts2, Level::Country]);
    check("foreign_share", &[Level::Country]);
    check("return_share_lfs", &[Level::Nuts2, Level::Country]);
    assert_eq!(definitions.tables("foreign_share"), ["eurostat/migr_pop1ctz"]);
    assert_eq!(definitions.tables("self_employment"), ["eurostat/lfsa_esgan", "eurostat/lfsa_egan", "eurostat/lfst_r_lfsd2pwn"]);
}

/// Ages at which migration and citizenship tables count everyone are two in one table: each record fixes one.
#[test]
fn agedef_is_fixed_wherever_it_is() {
    let definitions = shipped();
    let tables: Vec<_> = definitions.dataflows.iter().filter(|(_, flow)| flow.breakdowns.contains_key("agedef")).collect();
    assert_eq!(tables.len(), 7);
    for (id, flow) in tables {
        assert_eq!(flow.pull["agedef"], ["REACH"], "{id}");
    }
}
