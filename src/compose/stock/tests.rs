//! Made figures: shares at two dates and at one.

use std::collections::BTreeMap;

use baseline_model::language::Language;

use super::*;
use crate::compare::typology;
use crate::compare::typology::tests::world;

/// The chart of lines of `indicator territory year value[flags]`.
fn drawn(lines: &str) -> Option<Figure> {
    let (definitions, figures) = world(lines);
    let study = &definitions.studies["one"];
    let found = typology(&definitions, ("one", study), &figures).expect("the study declares one");
    let mut language: Language = toml::from_str(include_str!("../../../pipelines/languages/en.toml")).expect("English is valid");
    language.code = "en".into();
    let context = Context {
        drawn: std::cell::RefCell::default(),
        said: crate::compose::Said::default(),
        definitions: &definitions,
        study_id: "one",
        study,
        figures: &figures,
        receipts: &BTreeMap::new(),
        regions: &BTreeMap::new(),
        boundaries: &BTreeMap::new(),
        mapped: &BTreeMap::new(),
        composite: None,
        typology: Some(&found),
        language: &language,
        printed: std::cell::RefCell::default(),
        shown: std::cell::RefCell::default(),
    };
    figure(&context, found.quadrants.as_ref()?, "Share")
}

const TWO: &str = "share a 2011 10\nshare a 2021 12\nshare b 2011 8\nshare b 2021 9u\nshare c 2011 1\nshare c 2021 4\n\
                   share d 2011 2\nshare d 2021 2.5\nshare e 2011 5\n";

#[test]
fn a_share_at_two_dates_is_drawn() {
    let figure = drawn(TWO).expect("four places have both dates");
    assert_eq!(figure.title, "By the rule, 1 of 4 territories are new arrival regions");
    let Chart::Quadrant(chart) = &figure.chart else { panic!("a quadrant") };
    let points: Vec<String> =
        chart.points.iter().map(|point| format!("{} {} {}", point.marks[0].text, point.marks[1].text, point.kind)).collect();
    assert_eq!(points, ["10.0 17 0", "8.0 11 0", "1.0 75 1", "2.0 20 2"]);
    assert_eq!(chart.lines[0][0], (5.0, "median".to_owned()));
    assert_eq!(chart.lines[1].len(), 2);
    // The flag of the later share goes with what was computed from it.
    assert_eq!(chart.points[1].marks[1].flags.to_string(), "u");
    assert!(figure.note.contains("[u]"), "{}", figure.note);
    for text in [&figure.title, &figure.subtitle, &figure.note, &figure.alt, &figure.long_description, &chart.count] {
        assert!(!text.contains(['{', '⟨']), "{text}");
    }
    assert!((80..=250).contains(&figure.alt.chars().count()), "{}", figure.alt);
    assert_eq!(figure.data.rows.len(), 4);
}

#[test]
fn a_share_at_one_date_is_not() {
    let one: String = TWO.lines().filter(|line| !line.contains("2011")).map(|line| format!("{line}\n")).collect();
    assert!(drawn(&one).is_none());
    // Too few with both.
    assert!(drawn("share a 2011 1\nshare a 2021 2\nshare b 2021 3\n").is_none());
}
