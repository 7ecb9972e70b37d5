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

/// Years (value and flags) of one region, and what stands for a year: value, carried years, flags.
fn in_year(years: &[(i16, &str, &str)], year: i16, expected: Option<(f64, u16, &str)>) {
    let rows: String = years.iter().map(|(year, value, flags)| format!("NEU,PL42,{year},{value},{flags}\n")).collect();
    let (definitions, figures) = figures(&rows, PEOPLE);
    let found = figures.value(("rate", &definitions.indicators["rate"]), "region", Origin::NonEu, Period::year(year));
    let got = found.value.number().map(|value| (value, found.carried_years, found.obs_status.to_string()));
    assert_eq!(got, expected.map(|(value, years, flags)| (value, years, flags.to_owned())), "{years:?} in {year}");
}

#[test]
fn a_year_between_two_own_years_is_interpolated_and_says_so() {
    in_year(&[(2019, "10", ""), (2023, "30", "p")], 2022, Some((25.0, 1, "ep")));
    // Carried where the year before is near enough.
    in_year(&[(2020, "10", ""), (2023, "30", "")], 2022, Some((10.0, 2, "")));
    // More than four years apart, across a break, to a withheld year, beyond the ends.
    in_year(&[(2018, "10", ""), (2023, "30", "")], 2022, None);
    in_year(&[(2019, "10", ""), (2023, "30", "b")], 2022, None);
    in_year(&[(2019, "10", ""), (2020, "", "b"), (2023, "30", "")], 2022, None);
    in_year(&[(2019, "10", ""), (2023, "", "u")], 2022, None);
    in_year(&[(2023, "30", "")], 2022, None);
    // A withheld year stays withheld.
    in_year(&[(2019, "10", ""), (2022, "", "u"), (2023, "30", "")], 2022, None);
    // Nor is a value carried over a break.
    in_year(&[(2020, "10", ""), (2021, "", "b")], 2022, None);
    let (definitions, figures) = figures("NEU,PL42,2019,10,\nNEU,PL42,2023,30,\n", PEOPLE);
    let found = figures.value(("rate", &definitions.indicators["rate"]), "region", Origin::NonEu, Period::year(2022));
    assert_eq!(found.id.0, "rate.region.non_eu.T.TOTAL.2022.interpolated");
    assert_eq!(found.period, Period::year(2022));
    let Evidence::Computed { formula, parameters, inputs } = found.evidence else { panic!("no evidence") };
    assert_eq!((formula, inputs.len()), (Formula::Interpolation, 2));
    assert_eq!(parameters[3], ("share", "0.75".to_owned()));
}

proptest::proptest! {
    #[test]
    fn no_value_is_made_of_nothing(
        years in proptest::collection::btree_map(2010_i16..2026, (proptest::option::of(1_u32..1000), "[bup]{0,2}"), 0..10),
        year in 2008_i16..2028,
    ) {
        let rows: String = years
            .iter()
            .map(|(year, (value, flags))| format!("NEU,PL42,{year},{},{flags}\n", value.map_or(String::new(), |v| v.to_string())))
            .collect();
        let (definitions, figures) = figures(&format!("{rows}NEU,SE,2024,5,\n"), PEOPLE);
        let found = figures.value(("rate", &definitions.indicators["rate"]), "region", Origin::NonEu, Period::year(year));
        let numbers: Vec<f64> = years.values().filter_map(|(value, _)| value.map(f64::from)).collect();
        if let Some(value) = found.value.number() {
            // Never zero, never outside of what is known, never where the office withholds.
            let (low, high) = (numbers.iter().copied().fold(f64::MAX, f64::min), numbers.iter().copied().fold(0.0, f64::max));
            proptest::prop_assert!(value > 0.0 && (low..=high).contains(&value));
            proptest::prop_assert!(!years.get(&year).is_some_and(|(value, flags)| value.is_none() && flags.contains('u')));
            proptest::prop_assert!(found.period == Period::year(year) || found.carried_years > 0);
        }
    }
}

/// The definitions with an estimate of the rate by the shares of two tables, and the figures.
fn estimated(shares: &str, rates: &str) -> (Definitions, Figures) {
    let more = [
        (
            "indicators/share_people.toml",
            "name = 'S'\nunit = 'percent'\ndirection = 'neutral'\nuniverse = 'u'\nconcept = 'c'\ndecimals = 1\n\
             [[series]]\ndataflow = 's/people'\nwhere = { age = 'TOTAL' }\n",
        ),
        (
            "indicators/share_old.toml",
            "name = 'O'\nunit = 'percent'\ndirection = 'neutral'\nuniverse = 'u'\nconcept = 'c'\ndecimals = 1\n\
             [[series]]\ndataflow = 's/people'\nwhere = { age = 'Y_GE85' }\nset = { age = 'TOTAL' }\n",
        ),
        (
            "indicators/rate_estimate.toml",
            "name = 'Rate, estimate'\nunit = 'percent'\ndirection = 'lower_is_better'\nuniverse = 'u'\nconcept = 'e'\ndecimals = 1\n\
             latest = true\n[estimate]\nkind = 'synthetic'\nrates = 'rate'\nrest = 'national'\n\
             [[estimate.compositions]]\nshares = { non_eu = 'share_people' }\nassumption = 'all'\n\
             [[estimate.compositions]]\nshares = { non_eu = 'share_old' }\nassumption = 'old'\n",
        ),
    ];
    let study = "title = 'One'\nterritories = ['town', 'region']\nconcept = 'citizenship'\nbenchmarks = { EU27_2020 = 'EU' }\n\
         programme = { name = 'N', project = 'P', period = '2025' }\n[[chapters]]\nid = 'all'\nindicators = ['rate_estimate']\n";
    let shipped = DEFINITIONS.iter().filter(|(path, _)| *path != "studies/one.toml").chain(&more);
    let files: Vec<_> = shipped
        .chain(&[("studies/one.toml", study)])
        .map(|(path, text)| DefinitionFile { path: (*path).into(), text: text.replace('\'', "\""), from: "test".into() })
        .collect();
    let (definitions, errors) = parse(&files);
    assert!(errors.is_empty(), "{errors:?}");
    let rates = tidy(&definitions, "s/rates", &format!("citizen,geo,period,value,obs_status\n{rates}"), &ALL);
    let people = tidy(&definitions, "s/people", &format!("age,geo,period,value,obs_status\n{shares}"), &ALL);
    let tables = BTreeMap::from([("s/rates".to_owned(), rates), ("s/people".to_owned(), people)]);
    let figures = derive(&definitions, &definitions.studies["one"], &tables).expect("sound definitions");
    (definitions, figures)
}

#[test]
fn an_estimate_is_of_the_finest_composition_and_known_as_one() {
    let rates = "NAT,SE,2024,10,\nNEU,SE,2024,50,u\nNAT,PL,2024,10,\nNEU,PL,2024,,u\n";
    let shares = "TOTAL,SE123,2023,20,\nTOTAL,SE12,2024,30,\nY_GE85,SE12,2024,5,\nTOTAL,PL42,2024,5,\n";
    let (definitions, figures) = estimated(shares, rates);
    let found = value(&definitions, &figures, "rate_estimate", "town");
    assert_eq!((found.value, found.grade, found.geo.code.as_str()), (Value::Number(18.0), Grade::M, "SE123"));
    assert_eq!((found.obs_status.to_string().as_str(), found.carried_years, found.cells().len()), ("eu", 1, 3));
    let Evidence::Computed { parameters, .. } = &found.evidence else { panic!("no evidence") };
    let stated: Vec<_> = parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
    assert_eq!(
        stated,
        [
            "composition=share_people",
            "of=SE123",
            "period=2023",
            "assumption=all",
            "span=12.0 to 18.0",
            "alternatives=share_old of SE12 2024: 12.0"
        ]
    );
    let outcomes = |place: &str| {
        let ladder = &figures.ladders[&("rate_estimate".to_owned(), place.to_owned())];
        ladder.steps.iter().map(|step| step.outcome).collect::<Vec<_>>()
    };
    assert_eq!(outcomes("town"), [Outcome::NoComposition, Outcome::Taken]);
    // The country's rate is withheld: no estimate, and the ladder says why.
    assert!(figures.headline(("rate_estimate", &definitions.indicators["rate_estimate"]), "region", Origin::Total).is_none());
    assert_eq!(outcomes("region"), [Outcome::NoRates; 2]);
    // A composition of long before is none.
    let (_, figures) = estimated("TOTAL,SE123,2021,20,\n", rates);
    assert!(figures.series[&("rate_estimate".to_owned(), "town".to_owned())].is_empty());
}

#[test]
fn years_under_an_older_code_join_only_for_the_same_place() {
    let check = |unit: &str, flow: &str, expected: &[(i16, f64, &str)], finding: bool| {
        let mut definitions = definitions();
        let columns = ["level", "code_v2021", "code_v2024", "pop21"].map(str::to_owned).to_vec();
        let rows = flow.split(';').map(|row| row.split(',').map(str::to_owned).collect()).collect();
        let list = baseline_model::definitions::Codelist { columns, rows };
        definitions.codelists.insert("nuts_flows_2021_2024".into(), list);
        let town = definitions.territories.get_mut("town").expect("defined");
        for (version, parents) in &mut town.nuts {
            let new = *version == baseline_model::NutsVersion::V2024;
            parents.nuts3 = Some(if new { "FI198" } else { "FI193" }.into());
        }
        if unit == "percent" {
            definitions.indicators.get_mut("people").expect("defined").unit = Unit::Percent;
        }
        let csv = "age,geo,period,value,obs_status\nTOTAL,FI193,2022,50,\nTOTAL,FI193,2023,60,\nTOTAL,FI198,2023,61,\nTOTAL,FI198,2024,70,\n";
        let table = tidy(&definitions, "s/people", csv, &["FI193", "FI198"]);
        let tables = BTreeMap::from([("s/people".to_owned(), table)]);
        let figures = derive(&definitions, &definitions.studies["one"], &tables).expect("sound definitions");
        let series = &figures.series[&("people".to_owned(), "town".to_owned())];
        let found: Vec<_> = series
            .values()
            .map(|found| (found.period.year, found.value.number().unwrap_or(f64::NAN), found.obs_status.to_string()))
            .collect();
        let expected: Vec<_> = expected.iter().map(|(year, value, flags)| (*year, *value, (*flags).to_owned())).collect();
        assert_eq!(found, expected, "{unit} {flow}");
        assert_eq!(figures.findings.iter().any(|found| found.code == "nuts-version"), finding, "{unit} {flow}");
    };
    check("persons", "3,FI193,FI198,100", &[(2022, 50.0, ""), (2023, 61.0, ""), (2024, 70.0, "")], false);
    check("persons", "3,FI193,FI198,90;3,FI193,FI19B,10", &[(2022, 45.0, "e"), (2023, 61.0, ""), (2024, 70.0, "")], false);
    check("percent", "3,FI193,FI198,90;3,FI193,FI19B,10", &[(2023, 61.0, ""), (2024, 70.0, "")], true);
    check("persons", "3,FI193,FI198,90;3,FI195,FI198,10", &[(2023, 61.0, ""), (2024, 70.0, "")], true);
    check("persons", "3,X,Y,90", &[(2023, 61.0, ""), (2024, 70.0, "")], true);
}
