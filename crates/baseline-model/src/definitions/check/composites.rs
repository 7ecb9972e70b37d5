//! Rules of goalposts and composites: a score must mean what its goalposts and weights say.

use std::collections::BTreeSet;

use super::super::locate::{Kind, is_identifier};
use super::super::{Composite, Concept, Direction, Goalpost, Indicator, Study, Unit};
use super::{Check, nearest, repeated};

type At<'a> = (Kind, &'a str);

/// Weights that are written as decimals add up to 1 within this.
const ROUNDING: f64 = 1e-6;
/// No part may outweigh all the others together.
const HEAVIEST: f64 = 0.5;

pub(super) fn goalposts(check: &mut Check<'_>) {
    for (version, goalposts) in &check.definitions.goalposts {
        let at = (Kind::Goalposts, version.as_str());
        check.not_empty(at, &["reason"], &goalposts.reason);
        if goalposts.posts.is_empty() {
            check.value(at, &["posts"], "no goalposts", "add: [posts.<indicator>]");
        }
        for (id, post) in &goalposts.posts {
            check.not_empty(at, &["posts", id, "reason"], &post.reason);
            if check.declares(Kind::Indicator, id) {
                let definitions = check.definitions;
                if let Some(indicator) = definitions.indicators.get(id) {
                    self::post(check, at, id, post, indicator);
                }
            } else {
                let known: Vec<&str> = check.definitions.indicators.keys().map(String::as_str).collect();
                check.key(at, &["posts", id], format!("no indicator `{id}` is defined"), nearest::hint(id, known));
            }
        }
    }
}

fn post(check: &mut Check<'_>, at: At<'_>, id: &str, post: &Goalpost, indicator: &Indicator) {
    let Goalpost { worst, best, .. } = *post;
    for (key, value) in [("worst", worst), ("best", best)] {
        let rate = matches!(post.unit, Unit::Percent) && !(0.0..=100.0).contains(&value);
        if !value.is_finite() {
            check.value(at, &["posts", id, key], format!("a goalpost of {value}: expected a number"), "");
        } else if rate {
            check.value(at, &["posts", id, key], format!("a goalpost of {value} percent: expected 0 to 100"), "");
        }
    }
    #[expect(clippy::float_cmp, reason = "both are written by hand; only the very same number divides by zero")]
    if worst == best {
        let message = format!("`worst` and `best` are both {best}: every score would be a division by zero");
        check.value(at, &["posts", id, "best"], message, "expected two different values");
        return;
    }
    if post.unit != indicator.unit {
        let message = format!("the goalposts are in {:?}, `{id}` is in {:?}", post.unit, indicator.unit);
        check.value(at, &["posts", id, "unit"], message, "");
    }
    let (expected, wrong) = match indicator.direction {
        Direction::HigherIsBetter => ("`best` above `worst`", best < worst),
        Direction::LowerIsBetter => ("`worst` above `best`", worst < best),
        Direction::Neutral => {
            let message = format!("`{id}` is neutral: neither value of it is better");
            check.key(at, &["posts", id], message, "take it out, or give the indicator a direction");
            return;
        }
    };
    if wrong {
        let message = format!("worst {worst} and best {best} contradict the direction of `{id}`: expected {expected}");
        check.value(at, &["posts", id, "best"], message, "");
    }
}

pub(super) fn composites(check: &mut Check<'_>) {
    let definitions = check.definitions;
    for (id, study) in &definitions.studies {
        if let Some(composite) = &study.composite {
            self::composite(check, (Kind::Study, id.as_str()), study, composite);
        }
    }
}

fn composite(check: &mut Check<'_>, at: At<'_>, study: &Study, composite: &Composite) {
    let known = check.refers(at, &["composite", "goalposts"], Kind::Goalposts, &composite.goalposts);
    if !(composite.availability > 0.0 && composite.availability <= 1.0) {
        let message = format!("an availability of {}: expected a share above 0, at most 1", composite.availability);
        check.value(at, &["composite", "availability"], message, "0.65 is the rule of the method");
    }
    let given: Vec<Option<f64>> = composite.dimensions.iter().map(|dimension| dimension.weight).collect();
    weights(check, at, &["composite", "dimensions"], "dimension", &given);
    let ids: Vec<&String> = composite.dimensions.iter().map(|dimension| &dimension.id).collect();
    for (index, id) in repeated(ids) {
        let place = ["composite", "dimensions", &index.to_string(), "id"];
        check.value(at, &place, format!("the dimension `{id}` is given twice"), "");
    }
    let mut used = BTreeSet::new();
    for (number, dimension) in composite.dimensions.iter().enumerate() {
        let number = number.to_string();
        let place = ["composite", "dimensions", number.as_str(), "id"];
        if !is_identifier(&dimension.id) {
            check.value(at, &place, format!("`{}` is no identifier: expected a-z, digits, `_` and `-`", dimension.id), "");
        }
        let text = format!("dimension.{}", dimension.id);
        for code in check.definitions.languages.iter().filter(|(_, words)| !words.texts.contains_key(&text)).map(|(code, _)| code)
        {
            check.value(at, &place, format!("the text `{text}` is missing in languages/{code}.toml"), "");
        }
        let place = ["composite", "dimensions", number.as_str(), "indicators"];
        let given: Vec<Option<f64>> = dimension.indicators.iter().map(|part| part.weight).collect();
        weights(check, at, &place, "indicator", &given);
        for (index, part) in dimension.indicators.iter().enumerate() {
            let index = index.to_string();
            let place = ["composite", "dimensions", number.as_str(), "indicators", index.as_str(), "id"];
            if !check.refers(at, &place, Kind::Indicator, &part.id) {
                continue;
            }
            if !used.insert(part.id.as_str()) {
                check.value(at, &place, format!("the indicator `{}` enters twice", part.id), "it would count double");
            }
            if !study.chapters.iter().any(|chapter| chapter.indicators.contains(&part.id)) {
                let message = format!("`{}` stands in no chapter of the study: nothing is derived for it", part.id);
                check.value(at, &place, message, "add it to a chapter");
            }
            scored(check, at, &place, study.concept, &part.id);
            let posts = check.definitions.goalposts.get(&composite.goalposts);
            if known && posts.is_some_and(|posts| !posts.posts.contains_key(&part.id)) {
                let message = format!("`{}` has no goalposts in {}", part.id, Kind::Goalposts.path(&composite.goalposts));
                check.value(at, &place, message, format!("add [posts.{}]", part.id));
            }
        }
    }
}

/// What enters a composite has a better and a worse, one population, and a date in common with the others.
fn scored(check: &mut Check<'_>, at: At<'_>, place: &[&str], concept: Concept, id: &str) {
    let definitions = check.definitions;
    let Some(indicator) = definitions.indicators.get(id) else { return };
    if indicator.direction == Direction::Neutral {
        let message = format!("`{id}` is neutral: context is never scored");
        check.value(at, place, message, "take it out, or give the indicator a direction");
    }
    if indicator.latest {
        check.value(at, place, format!("`{id}` shows each territory at a date of its own: it cannot be compared"), "");
    }
    if let Some(other) = indicator.headline.origin.concept().filter(|other| *other != concept) {
        let message = format!("`{id}` is by {other}, the study by {concept}: one composite has one population concept");
        check.value(at, place, message, "");
    }
}

/// Weights of one list: all or none, above 0, adding up to 1, none above a half.
fn weights(check: &mut Check<'_>, at: At<'_>, place: &[&str], what: &str, given: &[Option<f64>]) {
    if given.len() < 2 {
        let message = format!("{} {what}: expected at least two, so that none weighs more than {HEAVIEST}", given.len());
        check.value(at, place, message, "");
        return;
    }
    let stated: Vec<(usize, f64)> = given.iter().enumerate().filter_map(|(index, weight)| Some((index, (*weight)?))).collect();
    if stated.is_empty() {
        return;
    }
    if stated.len() < given.len() {
        let message = format!("{} of {} have a `weight`: expected all, or none for equal ones", stated.len(), given.len());
        check.value(at, place, message, "");
        return;
    }
    let mut sound = true;
    for (index, weight) in &stated {
        let index = index.to_string();
        let keys: Vec<&str> = place.iter().copied().chain([index.as_str(), "weight"]).collect();
        if !(weight.is_finite() && *weight > 0.0) {
            check.value(at, &keys, format!("a weight of {weight}: expected a number above 0"), "");
            sound = false;
        } else if *weight > HEAVIEST + ROUNDING {
            check.value(at, &keys, format!("a weight of {weight}: one {what} would decide, expected at most {HEAVIEST}"), "");
        }
    }
    let sum: f64 = stated.iter().map(|(_, weight)| weight).sum();
    if sound && (sum - 1.0).abs() > ROUNDING {
        check.value(at, place, format!("the weights of the {what}s add up to {sum}, expected 1"), "");
    }
}
