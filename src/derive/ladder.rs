//! Whose value it is: own, NUTS 3, NUTS 2, country. The finest region with a number is taken, once for an indicator,
//! so that a series never mixes levels; every step not taken keeps its reason.

use std::collections::BTreeMap;

use baseline_model::definitions::{Definitions, Indicator, Level, NutsParents, Territory};
use baseline_model::{Finding, Grade, NutsCode, NutsVersion, Reason, Value};

use super::versions::joined;
use super::{Series, figure_id, is_headline};

/// A level and the territory's codes there, the newest NUTS version first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rung {
    pub level: Level,
    pub grade: Grade,
    pub codes: Vec<String>,
}

/// How the region of a territory was chosen for an indicator.
#[derive(Debug, Clone)]
pub struct Ladder {
    /// Of the region taken; `M` never comes from here.
    pub grade: Grade,
    pub geo: NutsCode,
    /// From the own level upwards, up to and including the one taken.
    pub steps: Vec<Step>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub level: Level,
    pub code: String,
    pub outcome: Outcome,
}

/// What was found at a level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Taken,
    /// No table of the indicator is published at this level.
    NotPublished,
    /// Published at this level, but not for this region.
    NoRow,
    /// Stated, without a number.
    NoNumber(Reason),
    /// For an estimate: no local composition near enough in time.
    NoComposition,
    /// For an estimate: the country has no rates by group.
    NoRates,
}

/// The rungs of a territory from its own level upwards. The codes are ours: what a source calls the territory is mapped to
/// its own code before (`harmonise`), so an indicator may draw on as many offices as it likes.
pub fn rungs(territory: &Territory) -> Vec<Rung> {
    let at = |pick: fn(&NutsParents) -> Option<&String>| -> Vec<String> {
        let mut codes: Vec<String> = Vec::new();
        for version in NutsVersion::ALL.iter().rev() {
            let code = territory.nuts.get(version).and_then(pick);
            if let Some(code) = code.filter(|code| !codes.contains(code)) {
                codes.push(code.clone());
            }
        }
        codes
    };
    let mut rungs = vec![
        (Level::Lau, territory.lau.iter().cloned().collect()),
        (Level::Nuts3, at(|parents| parents.nuts3.as_ref())),
        (Level::Nuts2, at(|parents| Some(&parents.nuts2))),
        (Level::Country, vec![territory.country.clone()]),
    ];
    rungs.retain(|(level, _)| *level >= territory.level);
    let grade = |level: Level| match level {
        _ if level == territory.level => Grade::A,
        // Finer than any own level there is; cannot stand above one.
        Level::Lau => Grade::A,
        Level::Nuts3 => Grade::B,
        Level::Nuts2 => Grade::C,
        Level::Country => Grade::D,
    };
    rungs.into_iter().map(|(level, codes)| Rung { level, grade: grade(level), codes }).collect()
}

/// Takes the finest region that has a number for the headline group; when none has, the finest that states the
/// group at all. Returns the choice and the region's observations in the territory's name.
pub fn climb(
    definitions: &Definitions,
    (id, indicator): (&str, &Indicator),
    (territory_id, territory): (&str, &Territory),
    regions: &BTreeMap<(String, String), Series>,
    findings: &mut Vec<Finding>,
) -> (Ladder, Series) {
    let levels = definitions.levels(indicator);
    let mut steps = Vec::new();
    let mut stated: Option<(Rung, String)> = None;
    let mut taken: Option<(Rung, String)> = None;
    for rung in rungs(territory) {
        let candidates = rung.codes.iter().filter_map(|code| Some((code, regions.get(&(id.to_owned(), code.clone()))?)));
        let mut best: Option<(String, Option<Reason>)> = None;
        for (code, series) in candidates {
            let headline: Vec<_> = series.iter().filter(|(key, _)| is_headline(indicator, key)).collect();
            let number = headline.iter().any(|(_, observation)| observation.value.number().is_some());
            let reason = headline.iter().rev().find_map(|(_, observation)| match observation.value {
                Value::Missing(reason) => Some(reason),
                Value::Number(_) => None,
            });
            if number {
                best = Some((code.clone(), None));
                break;
            }
            if best.is_none() {
                best = reason.map(|reason| (code.clone(), Some(reason)));
            }
        }
        let code = rung.codes.first().cloned().unwrap_or_default();
        match best {
            Some((code, None)) => {
                steps.push(Step { level: rung.level, code: code.clone(), outcome: Outcome::Taken });
                taken = Some((rung, code));
                break;
            }
            Some((code, Some(reason))) => {
                steps.push(Step { level: rung.level, code: code.clone(), outcome: Outcome::NoNumber(reason) });
                stated.get_or_insert((rung, code));
            }
            None if levels.contains(&rung.level) => steps.push(Step { level: rung.level, code, outcome: Outcome::NoRow }),
            None => steps.push(Step { level: rung.level, code, outcome: Outcome::NotPublished }),
        }
    }
    let own = || {
        let own = rungs(territory).into_iter().next();
        let rung = own.unwrap_or(Rung { level: territory.level, grade: Grade::A, codes: Vec::new() });
        let code = rung.codes.first().map_or_else(|| territory_id.to_owned(), Clone::clone);
        (rung, code)
    };
    let (rung, code) = taken.or(stated).unwrap_or_else(own);
    let mut series = Series::new();
    for (key, mut lent) in joined(definitions, (id, indicator), (&rung, &code), regions, findings) {
        lent.id = figure_id(id, territory_id, &key);
        territory_id.clone_into(&mut lent.territory);
        lent.grade = rung.grade;
        series.insert(key, lent);
    }
    let version = series.values().next_back().and_then(|observation| observation.geo.version);
    (Ladder { grade: rung.grade, geo: NutsCode { code, version }, steps }, series)
}
