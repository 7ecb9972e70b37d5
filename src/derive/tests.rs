//! Mini-worlds: definitions and tables as text, figures out.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use baseline_model::definitions::{DefinitionFile, Definitions, parse};
use baseline_model::{Grade, Original, Receipt, Value};
use baseline_source::ReadOptions;

use super::*;
use crate::harmonise::{Tidy, harmonise};

const DEFINITIONS: &[(&str, &str)] = &[
    ("sources/s.toml", "name = 'S'\nprotocol = 'none'\nlicence = 'L'\ncitation = '{code}'\nobs_status_scheme = 'eurostat'\n"),
    (
        "dataflows/s/rates.toml",
        "title = 'R'\nfrequency = 'annual'\nlevels = ['nuts2', 'country']\nconcept = 'citizenship'\n\
         dimensions = { citizen = 'origin', geo = 'geo' }\n",
    ),
    (
        "dataflows/s/people.toml",
        "title = 'P'\nfrequency = 'annual'\nlevels = ['nuts3', 'nuts2', 'country']\ndimensions = { geo = 'geo', age = 'age' }\n",
    ),
    (
        "indicators/rate.toml",
        "name = 'Rate'\nunit = 'percent'\ndirection = 'lower_is_better'\nuniverse = 'u'\nconcept = 'c'\ndecimals = 1\nweight = 'people'\n\
         [[series]]\ndataflow = 's/rates'\nset = { sex = 'T', age = 'TOTAL' }\nby = 'citizenship'\n[gap]\nof = 'non_eu'\nagainst = 'national'\n[headline]\norigin = 'non_eu'\n",
    ),
    (
        "indicators/people.toml",
        "name = 'People'\nunit = 'persons'\ndirection = 'neutral'\nuniverse = 'u'\nconcept = 'c'\ndecimals = 0\n\
         [[series]]\ndataflow = 's/people'\nwhere = { age = 'TOTAL' }\n",
    ),
    (
        "indicators/old.toml",
        "name = 'Old'\nunit = 'persons'\ndirection = 'neutral'\nuniverse = 'u'\nconcept = 'c'\ndecimals = 0\n\
         [[series]]\ndataflow = 's/people'\nsum = { age = ['Y65-84', 'Y_GE85'] }\nset = { age = 'TOTAL' }\n",
    ),
    (
        "indicators/old_share.toml",
        "name = 'Share'\nunit = 'percent'\ndirection = 'neutral'\nuniverse = 'u'\nconcept = 'c'\ndecimals = 1\n\
         [derived]\nformula = 'share'\ninputs = ['old', 'people']\ncarry = 1\n",
    ),
    (
        "territories/town.toml",
        "level = 'lau'\ncountry = 'SE'\nkind = 'established_destination'\npartner = 'P'\nlau = '0580'\nnames = { en = 'Town' }\n codes = { s = 'K580' }\n\
         parents = { SE123 = 'County', SE12 = 'Middle', SE = 'Sweden' }\nnuts.2021 = { nuts3 = 'SE123', nuts2 = 'SE12' }\nnuts.2024 = { nuts3 = 'SE123', nuts2 = 'SE12' }\n",
    ),
    (
        "territories/region.toml",
        "level = 'nuts2'\ncountry = 'PL'\nkind = 'new_arrival_region'\npartner = 'P'\nnames = { en = 'Region' }\n\
         parents = { PL = 'Poland' }\nnuts.2024 = { nuts2 = 'PL42' }\n",
    ),
    (
        "studies/one.toml",
        "title = 'One'\nterritories = ['town', 'region']\nconcept = 'citizenship'\nbenchmarks = { EU27_2020 = 'EU' }\n\
         programme = { name = 'N', project = 'P', period = '2025' }\n[[chapters]]\nid = 'all'\nindicators = ['rate', 'people', 'old_share']\n",
    ),
    (
        "codelists/origin.csv",
        "concept,source_dimension,source_code,code\ncitizenship,citizen,NAT,national\ncitizenship,citizen,NEU,non_eu\n",
    ),
    (
        "codelists/obs_status.csv",
        "scheme,letter,ours,missing_reason,label\neurostat,b,b,,break\neurostat,u,u,withheld,low\neurostat,s,i,,old\neurostat,z,m,not_applicable,na\n",
    ),
    ("codelists/nuts.csv", "code,level,from,to\nFI193,3,2013,2021\nFI198,3,2024,2024\n"),
    ("codelists/geo.csv", "code,label,alias\nEL,Greece,GR\nSE,,\nPL,,\nFI,,\nNL,,\nPT,,\nTR,,\nDE,,\nEU27_2020,,\n"),
    (
        "codelists/nuts2_eu.csv",
        "code,name,from,to\nPL42,Z,2013,2024\nPL91,W,2016,2024\nNL31,U,2013,2021\nNL33,Z,2013,2021\nNL35,U,2024,2024\nPT16,C,2013,2021\n",
    ),
];

pub fn definitions() -> Definitions {
    let files: Vec<_> = DEFINITIONS
        .iter()
        .map(|(path, text)| DefinitionFile { path: (*path).into(), text: text.replace('\'', "\""), from: "test".into() })
        .collect();
    let (definitions, errors) = parse(&files);
    assert!(errors.is_empty(), "{errors:?}");
    definitions
}

/// A dataflow from tidy CSV.
pub fn tidy(definitions: &Definitions, id: &str, csv: &str, keep: &[&str]) -> Tidy {
    let reading = baseline_source::read(csv.as_bytes(), id, &ReadOptions::default());
    let table = reading.tables.into_iter().next().expect("the specimen is a table");
    let original = Original { file: "f".into(), updated: "2026-01-01".into(), ..Original::default() };
    let receipt = Receipt { source: "s".into(), dataflow: id.into(), originals: vec![original], ..Receipt::default() };
    let keep: BTreeSet<String> = keep.iter().map(ToString::to_string).collect();
    harmonise(definitions, id, &definitions.dataflows[id], table, Arc::new(receipt), &keep).expect("a sound specimen")
}

const ALL: [&str; 7] = ["SE", "SE12", "SE123", "PL", "PL42", "EU27_2020", "0580"];

pub fn figures(rates: &str, people: &str) -> (Definitions, Figures) {
    let definitions = definitions();
    let rates = tidy(&definitions, "s/rates", &format!("citizen,geo,period,value,obs_status\n{rates}"), &ALL);
    let people = tidy(&definitions, "s/people", &format!("age,geo,period,value,obs_status\n{people}"), &ALL);
    let tables = BTreeMap::from([("s/rates".to_owned(), rates), ("s/people".to_owned(), people)]);
    let figures = derive(&definitions, &definitions.studies["one"], &tables).expect("sound definitions");
    (definitions, figures)
}

fn value(definitions: &Definitions, figures: &Figures, indicator: &str, unit: &str) -> Observation {
    let (id, record) = definitions.indicators.get_key_value(indicator).expect("defined");
    figures.headline((id, record), unit, record.headline.origin).expect("has a reference period")
}

const PEOPLE: &str = "TOTAL,SE,2024,1000,\nTOTAL,SE123,2024,100,\nTOTAL,PL42,2024,50,\n";

#[test]
fn the_finest_region_with_a_number_is_taken_and_graded() {
    let (definitions, figures) = figures("NEU,SE,2024,20,\nNEU,SE12,2024,,u\nNEU,PL42,2024,30,\nNEU,PL,2024,40,\n", PEOPLE);
    let town = value(&definitions, &figures, "rate", "town");
    assert_eq!((town.grade, town.geo.code.as_str(), town.value), (Grade::D, "SE", Value::Number(20.0)));
    let region = value(&definitions, &figures, "rate", "region");
    assert_eq!((region.grade, region.value), (Grade::A, Value::Number(30.0)));
    let ladder = &figures.ladders[&("rate".to_owned(), "town".to_owned())];
    let outcomes: Vec<_> = ladder.steps.iter().map(|step| step.outcome).collect();
    assert_eq!(outcomes, [Outcome::NotPublished, Outcome::NotPublished, Outcome::NoNumber(Reason::Withheld), Outcome::Taken]);
    assert_eq!(value(&definitions, &figures, "people", "town").grade, Grade::B);
}

#[test]
fn a_withheld_value_is_never_replaced_an_absent_one_is_carried() {
    let (definitions, figures) = figures(
        "NEU,PL42,2023,30,\nNEU,PL42,2024,,u\nNEU,SE,2023,20,\nNEU,SE,2024,21,\nNEU,EU27_2020,2023,25,\nNEU,PL,2024,1,\n",
        PEOPLE,
    );
    let record = &definitions.indicators["rate"];
    let at = |unit: &str, year| figures.value(("rate", record), unit, Origin::NonEu, Period::year(year));
    assert_eq!(at("region", 2024).value, Value::Missing(Reason::Withheld));
    assert_eq!(at("region", 2024).obs_status.to_string(), "u");
    let carried = at("EU27_2020", 2024);
    assert_eq!((carried.value, carried.carried_years, carried.period), (Value::Number(25.0), 1, Period::year(2023)));
    assert_eq!(at("EU27_2020", 2026).value, Value::Missing(Reason::Absent), "no older than two years");
}

#[test]
fn a_value_of_an_earlier_month_is_known_as_carried() {
    let (definitions, figures) = figures("NEU,PL42,2024-03,30,\nNEU,SE,2024-04,20,\n", PEOPLE);
    let carried = figures.value(("rate", &definitions.indicators["rate"]), "region", Origin::NonEu, month("2024-04"));
    assert_eq!((carried.value, carried.carried_years, carried.period), (Value::Number(30.0), 1, month("2024-03")));
}

fn month(text: &str) -> Period {
    Period::parse(text).expect("a month")
}

#[test]
fn a_denominator_is_the_same_regions() {
    let people =
        "TOTAL,SE,2024,1000,\nTOTAL,SE123,2024,100,\nY65-84,SE123,2024,15,p\nY_GE85,SE123,2024,5,\nY65-84,PL42,2024,1,\n";
    let (definitions, figures) = figures("NEU,SE,2024,20,\n", people);
    let share = value(&definitions, &figures, "old_share", "town");
    assert_eq!((share.value, share.grade, share.obs_status.to_string().as_str()), (Value::Number(20.0), Grade::B, "p"));
    assert_eq!(share.cells().len(), 3);
    // One of two parts is there: no sum, never a smaller one.
    assert_eq!(value(&definitions, &figures, "old_share", "region").value.number(), None);
}

#[test]
fn the_common_period_is_the_one_most_territories_have() {
    let (_, figures) = figures("NEU,SE,2024,20,\nNEU,PL42,2024,30,\nNEU,PL42,2025,31,\n", PEOPLE);
    assert_eq!(figures.reference["rate"], Period::year(2024));
}

#[test]
fn codes_flags_and_versions() {
    let definitions = definitions();
    let rows = "citizen,geo,period,value,obs_status,conf_status\nNEU,GR,2024,1,s,\nNEU,FI193,2024,2,,\nNEU,FI198,2024,3,,\nNEU,SE,2024,,z,\nNEU,PL,2024,,,C\nXX,SE,2024,9,q,\n";
    let tidy = tidy(&definitions, "s/rates", rows, &["EL", "FI193", "FI198", "SE", "PL"]);
    let text = |name: &str| -> Vec<String> {
        let column = tidy.frame.column(name).expect("a column of ours").str().expect("text").clone();
        column.iter().map(|cell| cell.unwrap_or("-").to_owned()).collect()
    };
    assert_eq!(text("geo"), ["EL", "FI193", "FI198", "SE", "PL", "SE"]);
    assert_eq!(text("nuts_version"), ["2024", "2021", "2024", "2024", "2024", "2024"]);
    assert_eq!(text("obs_status"), ["i", "", "", "m", "", "q"]);
    assert_eq!(text("missing_reason"), ["-", "-", "-", "not_applicable", "withheld", "-"]);
    assert_eq!(text("origin")[5], "XX");
    let codes: Vec<_> = tidy.findings.iter().map(|finding| finding.code).collect();
    assert!(codes.contains(&"unknown-flag") && codes.contains(&"unmapped-origin"), "{codes:?}");
}

#[test]
fn an_offices_code_is_the_territorys_and_no_others() {
    let definitions = definitions();
    let geo = |csv: &str| -> Vec<String> {
        let tidy = tidy(&definitions, "s/people", &format!("age,geo,period,value,obs_status\n{csv}"), &ALL);
        let column = tidy.frame.column("geo").expect("a column of ours").str().expect("text").clone();
        column.iter().map(|cell| cell.unwrap_or("?").to_owned()).collect()
    };
    // The office calls the town K580; 0580 is another place of its own.
    assert_eq!(geo("TOTAL,K580,2024,1,\nTOTAL,0580,2024,2,\nTOTAL,SE,2024,3,\nTOTAL,PV20,2024,4,\n"), ["0580", "SE"]);
    let (definitions, figures) =
        figures("NEU,SE,2024,20,\n", "TOTAL,SE,2024,1000,\nTOTAL,SE123,2024,100,\nTOTAL,K580,2023,40,\n");
    let own = value(&definitions, &figures, "people", "town");
    // Finest with a number, though older: carried to the period of the others, and known as such.
    assert_eq!((own.grade, own.geo.code.as_str(), own.value), (Grade::A, "0580", Value::Number(40.0)));
}

#[test]
fn a_sign_is_read_whole_and_a_break_of_the_record_is_marked() {
    let mut definitions = definitions();
    definitions.dataflows.get_mut("s/people").expect("defined").breaks = vec!["2023".into()];
    let list = definitions.codelists.get_mut("obs_status").expect("defined");
    for row in ["eurostat,-,,not_available,nothing", "eurostat,bu,d,withheld,a sign of its own", "eurostat,...,,absent,later"] {
        list.rows.push(row.split(',').map(str::to_owned).collect());
    }
    let csv = "age,geo,period,value,obs_status\nTOTAL,SE,2022,1,b\nTOTAL,SE,2023,,bu\nTOTAL,SE12,2023,,-\nTOTAL,PL,2024,,...\nTOTAL,PL42,2024,,50\n";
    let tidy = tidy(&definitions, "s/people", csv, &["SE", "SE12", "PL", "PL42"]);
    let text = |name: &str| -> Vec<String> {
        let column = tidy.frame.column(name).expect("a column of ours").str().expect("text").clone();
        column.iter().map(|cell| cell.unwrap_or("?").to_owned()).collect()
    };
    assert_eq!(text("obs_status"), ["b", "bd", "b", "", "05"]);
    assert_eq!(text("missing_reason"), ["?", "withheld", "not_available", "absent", "not_available"]);
    assert!(tidy.findings.iter().any(|finding| finding.code == "unknown-flag" && finding.message.contains("`50`")));
}

#[test]
fn what_a_record_asks_for_and_the_table_lacks_is_said() {
    let mut definitions = definitions();
    let flow = definitions.dataflows.get_mut("s/people").expect("defined");
    flow.codes.insert("age".into(), BTreeMap::from([("00".into(), "TOTAL".into()), ("xx".into(), "Y65-84".into())]));
    let tidy = tidy(&definitions, "s/people", "age,geo,period,value\n00,SE,2024,5\n", &ALL);
    let found: Vec<&str> = tidy.findings.iter().map(|finding| finding.message.as_str()).collect();
    assert!(found.iter().any(|message| message.contains("`Y65-84` should be age xx")), "{found:?}");
    assert!(found.iter().any(|message| message.contains("old asks for age `Y_GE85`")), "{found:?}");
    assert!(!found.iter().any(|message| message.contains("asks for age `TOTAL`")), "{found:?}");
}

#[test]
fn each_at_its_own_date() {
    let mut definitions = definitions();
    definitions.indicators.get_mut("people").expect("defined").latest = true;
    let people = "age,geo,period,value,obs_status\nTOTAL,K580,2020-06-30,40,\nTOTAL,K580,2021-06-30,,\nTOTAL,PL42,2024-06-30,50,\nTOTAL,SE,2020-06-30,900,\nTOTAL,SE,2024-06-30,1000,\n";
    let tables = BTreeMap::from([("s/people".to_owned(), tidy(&definitions, "s/people", people, &ALL))]);
    let figures = derive(&definitions, &definitions.studies["one"], &tables).expect("sound definitions");
    let own = value(&definitions, &figures, "people", "town");
    assert_eq!((own.period.to_string().as_str(), own.value, own.carried_years), ("2020-06-30", Value::Number(40.0), 0));
    assert_eq!(value(&definitions, &figures, "people", "region").value, Value::Number(50.0));
    assert!(!figures.reference.contains_key("people"));
    assert!(figures.headline(("rate", &definitions.indicators["rate"]), "town", Origin::NonEu).is_none());
}

#[test]
fn a_table_has_the_version_that_its_codes_have_in_common() {
    let definitions = definitions();
    let check = |codes: &[&str], expected: &[&str]| {
        let rows: String = codes.iter().map(|code| format!("NAT,{code},2024,1,\n")).collect();
        let keep: Vec<&str> = codes.iter().copied().chain(["0580"]).collect();
        let tidy = tidy(&definitions, "s/rates", &format!("citizen,geo,period,value,obs_status\n{rows}"), &keep);
        let column = tidy.frame.column("nuts_version").expect("a column of ours").str().expect("text").clone();
        assert_eq!(column.iter().map(|cell| cell.unwrap_or("-")).collect::<Vec<_>>(), expected, "{codes:?}");
    };
    // PL91 is as good in 2024 as in 2021: only the others tell the table's version.
    check(&["PL42", "PL91", "NL31", "PT16"], &["2021", "2021", "2021", "2021"]);
    check(&["PL42", "PL91", "NL35"], &["2024", "2024", "2024"]);
    check(&["PL42", "NL31", "NL33", "NL35"], &["2021", "2021", "2021", "2024"]);
    check(&["PL", "EU27_2020", "K580"], &["2024", "", ""]);
}

/// One table of rates by citizenship with a further dimension; figures and findings of the indicator `rate`.
fn with_agedef(edit: impl FnOnce(&mut Definitions), rows: &str) -> (Vec<Value>, Vec<&'static str>) {
    let mut definitions = definitions();
    edit(&mut definitions);
    let rates = tidy(&definitions, "s/rates", &format!("citizen,agedef,geo,period,value,obs_status\n{rows}"), &ALL);
    let tables = BTreeMap::from([("s/rates".to_owned(), rates)]);
    let figures = derive(&definitions, &definitions.studies["one"], &tables).expect("sound definitions");
    let series = figures.regions.get(&("rate".to_owned(), "PL42".to_owned()));
    let values = series.into_iter().flatten().map(|(_, value)| value.value).collect();
    (values, figures.findings.iter().map(|finding| finding.code).collect())
}

#[test]
fn a_series_that_leaves_a_dimension_open_is_not_used() {
    let twice = "NEU,COMPLET,PL42,2024,10,\nNEU,REACH,PL42,2024,11,\n";
    assert_eq!(with_agedef(|_| {}, twice), (vec![], vec!["dimension-open"]));
    // One code a figure is no matter, whichever it is.
    let once = "NEU,COMPLET,PL42,2023,10,\nNEU,REACH,PL42,2024,11,\n";
    assert_eq!(with_agedef(|_| {}, once), (vec![Value::Number(10.0), Value::Number(11.0)], vec![]));
    let series = |edit: fn(&mut baseline_model::definitions::Series)| {
        move |definitions: &mut Definitions| {
            let rate = definitions.indicators.get_mut("rate").expect("defined");
            rate.series.iter_mut().for_each(edit);
        }
    };
    let fixed = series(|series| drop(series.filter.insert("agedef".into(), "REACH".into())));
    assert_eq!(with_agedef(fixed, twice), (vec![Value::Number(11.0)], vec![]));
    let added = series(|series| drop(series.sum.insert("agedef".into(), vec!["COMPLET".into(), "REACH".into()])));
    assert_eq!(with_agedef(added, twice), (vec![Value::Number(21.0)], vec![]));
}

#[test]
fn a_denominator_may_be_that_of_the_own_group() {
    let mut definitions = definitions();
    let rate = definitions.indicators["rate"].clone();
    let mut part = definitions.indicators["old_share"].clone();
    part.derived = Some(baseline_model::definitions::Derived {
        formula: baseline_model::Formula::Share,
        inputs: vec!["rate".into(), "whole".into()],
        carry: 0,
        by_group: true,
    });
    part.headline = rate.headline.clone();
    let mut whole = rate;
    whole.series[0].dataflow = "s/whole".into();
    definitions.dataflows.insert("s/whole".into(), definitions.dataflows["s/rates"].clone());
    definitions.indicators.extend([("whole".to_owned(), whole), ("old_share".to_owned(), part)]);
    let table = |id: &str, rows: &str| {
        (id.to_owned(), tidy(&definitions, id, &format!("citizen,geo,period,value,obs_status\n{rows}"), &ALL))
    };
    let tables = BTreeMap::from([
        table("s/rates", "NEU,PL42,2024,10,\nNAT,PL42,2024,30,\n"),
        table("s/whole", "NEU,PL42,2024,20,\nNAT,PL42,2024,300,\n"),
    ]);
    let figures = derive(&definitions, &definitions.studies["one"], &tables).expect("sound definitions");
    let at = |origin| figures.value(("old_share", &definitions.indicators["old_share"]), "region", origin, Period::year(2024));
    assert_eq!((at(Origin::NonEu).value, at(Origin::National).value), (Value::Number(50.0), Value::Number(10.0)));
}
