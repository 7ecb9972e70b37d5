//! Rules of what a study chooses beside its chapters: whose values a composite counts and how it draws, by what territories
//! are grouped, and which definitions stand side by side.

use super::super::locate::Kind;
use super::super::{Chapter, Composite, Study, Typology, Unit};
use super::{Check, nearest, repeated};
use crate::Grade;

type At<'a> = (Kind, &'a str);

/// Fewer draws do not show the ends of an interval.
const DRAWS: usize = 1000;

pub(super) fn choices(check: &mut Check<'_>) {
    let definitions = check.definitions;
    for (id, study) in &definitions.studies {
        let at = (Kind::Study, id.as_str());
        if let Some(composite) = &study.composite {
            self::composite(check, at, composite);
        }
        if let Some(typology) = &study.typology {
            self::typology(check, at, study, typology);
        }
        for (number, chapter) in study.chapters.iter().enumerate() {
            rivals(check, at, &number.to_string(), chapter);
        }
    }
}

fn composite(check: &mut Check<'_>, at: At<'_>, composite: &Composite) {
    if composite.grades.is_empty() {
        check.value(at, &["composite", "grades"], "no value counts", "expected at least \"A\", the territory's own");
    }
    for (index, grade) in repeated(&composite.grades) {
        let place = ["composite", "grades", &index.to_string()];
        check.value(at, &place, format!("the grade {grade} is given twice"), "");
    }
    for (grade, share) in &composite.spread {
        let place = ["composite", "spread", &grade.to_string()];
        if *grade == Grade::A {
            check.key(at, &place, "an own value is not spread", "");
        } else if !(share.is_finite() && *share >= 0.0) {
            check.value(at, &place, format!("a spread of {share}: expected standard deviations from 0 up"), "");
        }
    }
    if composite.draws < DRAWS {
        let message = format!("{} draws: expected at least {DRAWS}", composite.draws);
        check.value(at, &["composite", "draws"], message, "a rank interval of fewer is a matter of luck");
    }
    if composite.samples < 2 {
        check.value(at, &["composite", "samples"], format!("{} samples: expected at least 2", composite.samples), "");
    }
}

fn typology(check: &mut Check<'_>, at: At<'_>, study: &Study, typology: &Typology) {
    indicator(check, at, study, &["typology", "share"], &typology.share);
    let definitions = check.definitions;
    if let Some(share) = definitions.indicators.get(&typology.share).filter(|share| share.unit != Unit::Percent) {
        let message = format!("`{}` is in {:?}: expected a share in percent", typology.share, share.unit);
        check.value(at, &["typology", "share"], message, "");
    }
    if typology.years < 1 {
        check.value(at, &["typology", "years"], format!("{} years between two dates: expected 1 or more", typology.years), "");
    }
    if !(2..=3).contains(&typology.groups) {
        let message = format!("{} groups: expected 2 or 3", typology.groups);
        check.value(at, &["typology", "groups"], message, "a handful of territories carries no more");
    }
    if typology.starts == 0 {
        check.value(at, &["typology", "starts"], "0 starting points: expected at least 1", "");
    }
    if typology.indicators.len() < 2 {
        let message = format!("{} indicators: expected at least two", typology.indicators.len());
        check.value(at, &["typology", "indicators"], message, "groups by one indicator are its own order");
    }
    for (index, id) in typology.indicators.iter().enumerate() {
        indicator(check, at, study, &["typology", "indicators", &index.to_string()], id);
    }
    for (index, id) in repeated(&typology.indicators) {
        let place = ["typology", "indicators", &index.to_string()];
        check.value(at, &place, format!("`{id}` is given twice"), "it would count double");
    }
}

/// An indicator whose figures the study derives, and compares between territories.
fn indicator(check: &mut Check<'_>, at: At<'_>, study: &Study, keys: &[&str], id: &str) {
    if !check.refers(at, keys, Kind::Indicator, id) {
        return;
    }
    if !study.chapters.iter().any(|chapter| chapter.indicators.iter().any(|other| other == id)) {
        let message = format!("`{id}` stands in no chapter of the study: nothing is derived for it");
        check.value(at, keys, message, "add it to a chapter");
    }
    if check.definitions.indicators.get(id).is_some_and(|indicator| indicator.latest) {
        check.value(at, keys, format!("`{id}` shows each territory at a date of its own: it cannot be compared"), "");
    }
}

/// Definitions side by side: of the chapter, at least two, of one unit, and none the same as another.
fn rivals(check: &mut Check<'_>, at: At<'_>, number: &str, chapter: &Chapter) {
    if chapter.definitions.len() == 1 {
        let keys = ["chapters", number, "definitions"];
        check.value(at, &keys, "one definition: expected two or more, to stand side by side", "");
    }
    let mut unit = None;
    for (place, id) in chapter.definitions.iter().enumerate() {
        let place = place.to_string();
        let keys = ["chapters", number, "definitions", place.as_str()];
        if !chapter.indicators.contains(id) {
            let message = format!("`{id}` is not among the chapter's indicators");
            check.value(at, &keys, message, nearest::hint(id, chapter.indicators.iter().map(String::as_str)));
            continue;
        }
        let Some(indicator) = check.definitions.indicators.get(id) else { continue };
        if *unit.get_or_insert(indicator.unit) != indicator.unit {
            check.value(at, &keys, format!("`{id}` has another unit than the definitions before it"), "one figure has one axis");
        }
    }
    for (index, id) in repeated(&chapter.definitions) {
        check.value(at, &["chapters", number, "definitions", &index.to_string()], format!("`{id}` is given twice"), "");
    }
}
