//! Small worlds: shares and values as text, types out.

use baseline_model::definitions::{DefinitionFile, Origin, parse};
use baseline_model::{Evidence, Grade, ObsStatus, Value};

use super::*;

const INDICATOR: &str = "name = 'N'\nunit = 'percent'\ndirection = 'neutral'\nuniverse = 'u'\nconcept = 'c'\ndecimals = 1\n";
const STUDY: &str = "title = 'S'\nterritories = ['a', 'b', 'c', 'd', 'e']\nconcept = 'citizenship'\nbenchmarks = {}\n\
                     programme = { name = 'N', project = 'P', period = '2025' }\nchapters = []\n\
                     [typology]\nshare = 'share'\nindicators = ['share', 'old']\n";
const TERRITORY: &str = "level = 'nuts2'\ncountry = 'PL'\nkind = 'KIND'\npartner = 'P'\nnames = { en = 'T' }\n\
                         parents = {}\nnuts.2024 = { nuts2 = 'PL42' }\n";

fn definitions() -> Definitions {
    let mut files = vec![
        ("indicators/share.toml".to_owned(), INDICATOR.to_owned()),
        ("indicators/old.toml".to_owned(), INDICATOR.to_owned()),
        ("studies/one.toml".to_owned(), STUDY.to_owned()),
    ];
    for (id, kind) in [
        ("a", "established_destination"),
        ("b", "established_destination"),
        ("c", "new_arrival_region"),
        ("d", "new_arrival_region"),
        ("e", "new_arrival_region"),
    ] {
        files.push((format!("territories/{id}.toml"), TERRITORY.replace("KIND", kind)));
    }
    let files: Vec<DefinitionFile> = files
        .into_iter()
        .map(|(path, text)| DefinitionFile { path, text: text.replace('\'', "\""), from: "test".into() })
        .collect();
    let (definitions, errors) = parse(&files);
    assert!(errors.is_empty(), "{errors:?}");
    definitions
}

/// Lines of `indicator territory year value[flags]`.
fn of(lines: &str) -> Typology {
    let (definitions, figures) = world(lines);
    typology(&definitions, ("one", &definitions.studies["one"]), &figures).expect("the study declares one")
}

/// The figures of such lines, with the definitions that they are of.
pub fn world(lines: &str) -> (Definitions, Figures) {
    let definitions = definitions();
    let mut figures = Figures::default();
    for line in lines.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [indicator, territory, year, text] = words[..] else { panic!("{line}") };
        let key = Key {
            period: Period::year(year.parse().expect("a year")),
            origin: Origin::Total,
            sex: "T".into(),
            age: "TOTAL".into(),
        };
        let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
        let found = Observation {
            id: figure_id(indicator, territory, &key),
            indicator: indicator.into(),
            territory: territory.into(),
            geo: NutsCode { code: territory.into(), version: None },
            period: key.period,
            origin: key.origin,
            sex: key.sex.clone(),
            age: key.age.clone(),
            value: Value::Number(digits.parse().expect("a number")),
            unit: Unit::Percent,
            obs_status: ObsStatus::new(&text[digits.len()..]),
            grade: Grade::A,
            carried_years: 0,
            source: "s".into(),
            dataflow: "f".into(),
            evidence: Evidence::Nowhere,
        };
        let newest = figures.reference.entry(indicator.to_owned()).or_insert(key.period);
        *newest = (*newest).max(key.period);
        figures.series.entry((indicator.to_owned(), territory.to_owned())).or_default().insert(key, found);
    }
    (definitions, figures)
}

fn table(rows: &[(&str, &str, &str, &str)]) -> String {
    let line = |(id, earlier, later, old): &(&str, &str, &str, &str)| {
        format!("share {id} 2011 {earlier}\nshare {id} 2021 {later}\nold {id} 2021 {old}\n")
    };
    rows.iter().map(line).collect()
}

const ROWS: [(&str, &str, &str, &str); 5] =
    [("a", "10", "11", "20"), ("b", "9", "12", "22"), ("c", "1", "4", "40"), ("d", "2", "5", "42"), ("e", "3", "4", "41")];

#[test]
fn the_quadrant_rule_over_two_dates() {
    let found = of(&table(&ROWS)).quadrants.expect("two dates, ten years apart");
    assert_eq!((found.from, found.to), (Period::year(2011), Period::year(2021)));
    let kinds: Vec<&str> = found.places.iter().map(|place| place.kind.code()).collect();
    assert_eq!(kinds, ["established", "established", "new_arrival", "new_arrival", "neither"]);
    let arrived = found.places[2].arrived.value.number().unwrap_or(0.0);
    assert!((arrived - 75.0).abs() < 1e-9, "{arrived}");
    assert_eq!(found.places[2].arrived.id.0, "share.c.total.T.TOTAL.2021.arrived_since_2011");
}

#[test]
fn no_rule_with_one_date_dates_too_near_or_a_break_between() {
    let one = table(&ROWS).lines().filter(|line| !line.contains("2011")).collect::<Vec<_>>().join("\n");
    let found = of(&one);
    assert!(found.quadrants.is_none());
    assert_eq!(found.dates, [Period::year(2021)]);
    assert!(of(&table(&ROWS).replace("2011", "2015")).quadrants.is_none());
    let mut broken = ROWS;
    broken[0].2 = "11b";
    broken[1].2 = "12b";
    assert!(of(&table(&broken)).quadrants.is_none(), "three places are left, too few for a median");
    broken[1].2 = "12";
    assert_eq!(of(&table(&broken)).quadrants.expect("four are left").places.len(), 4);
}

#[test]
fn groups_are_held_against_the_labels() {
    let found = of(&table(&ROWS)).groups.expect("all have both values");
    assert_eq!((found.ward.as_slice(), found.means.as_slice()), ([0, 0, 1, 1, 1].as_slice(), [0, 0, 1, 1, 1].as_slice()));
    assert_eq!(found.ward_agreement.value, Value::Number(1.0));
    assert_eq!(found.ward_agreement.id.0, "typology.one.total.T.TOTAL.2021.adjusted_rand_ward");
}

#[test]
fn a_territory_without_a_value_is_in_no_group() {
    let lines = table(&ROWS).lines().filter(|line| *line != "old e 2021 41").collect::<Vec<_>>().join("\n");
    let found = of(&lines);
    assert_eq!(found.without, BTreeMap::from([("e".to_owned(), vec!["old".to_owned()])]));
    assert_eq!(found.groups.expect("four are left").territories, ["a", "b", "c", "d"]);
    let lines = lines.lines().filter(|line| !line.starts_with("old d")).collect::<Vec<_>>().join("\n");
    assert!(of(&lines).groups.is_none());
}

#[test]
fn values_all_alike_are_a_fault_and_no_groups() {
    let mut alike = ROWS;
    for row in &mut alike {
        row.3 = "20";
    }
    let found = of(&table(&alike));
    assert!(found.groups.is_none());
    assert_eq!(found.fault.map(|fault| fault.code()), Some("method-no-spread"));
}
