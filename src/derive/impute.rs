//! A value for a period that a series lacks: carried from before, or between two of its own years. Which of them it is, and
//! whether any, is decided for years by [`baseline_method::impute::climb`], as in `baseline compute impute`.
//!
//! A value that is there, or withheld, never comes here. Nothing is made from nothing: each result names what it rests on.

use baseline_method::impute::{Bounds, Candidate, Owner, Rung, climb};
use baseline_model::{FigureId, Formula, Frequency, Grade, Observation};

use super::{Key, Series, computed, figure_id};

/// The end of the id of an interpolated figure, which must not pass for the source's own.
pub const INTERPOLATED: &str = "interpolated";

/// Years for which a value of a month or another date may stand in for a later one.
const CARRY: i16 = 2;

/// The value of `key` from other periods of its series; `None` when no rung gives one.
pub fn fill(series: &Series, key: &Key) -> Option<Observation> {
    let same = |(other, _): &(&Key, &Observation)| {
        other.origin == key.origin
            && other.sex == key.sex
            && other.age == key.age
            && other.period.frequency == key.period.frequency
    };
    let others = || series.iter().filter(same).map(|(_, observation)| observation);
    if key.period.frequency == Frequency::Annual {
        return by_years(&others().collect::<Vec<_>>(), key);
    }
    let usable = |observation: &&Observation| {
        observation.period < key.period
            && key.period.year - observation.period.year <= CARRY
            && observation.value.number().is_some()
    };
    others().rev().find(usable).map(|observation| carried(observation, years(key, observation.period.year)))
}

fn by_years(others: &[&Observation], key: &Key) -> Option<Observation> {
    let candidate = |observation: &&Observation| Candidate {
        owner: Owner::Own,
        year: i32::from(observation.period.year),
        // An estimate is no year of the series to start from.
        value: observation.value.number().filter(|_| observation.grade != Grade::M),
        status: observation.obs_status.clone(),
    };
    let candidates: Vec<Candidate> = others.iter().map(candidate).collect();
    let filled = climb(i32::from(key.period.year), &candidates, Bounds::default()).ok()?.filled?;
    match (filled.rung, filled.sources.as_slice()) {
        (Rung::Carried(_), [from]) => Some(carried(others[*from], years(key, others[*from].period.year))),
        (Rung::Interpolated { from, to }, [before, after]) => {
            let (before, after) = (others[*before], others[*after]);
            let share = f64::from(i32::from(key.period.year) - from) / f64::from(to - from);
            let parameters = vec![
                ("from", from.to_string()),
                ("to", to.to_string()),
                ("year", key.period.year.to_string()),
                ("share", share.to_string()),
            ];
            let template = Observation { period: key.period, ..before.clone() };
            let id = FigureId(format!("{}.{INTERPOLATED}", figure_id(&before.indicator, &before.territory, key)));
            let inputs = vec![before.clone(), after.clone()];
            let unit = before.unit;
            let mut between = computed(&template, id, unit, (Formula::Interpolation, parameters), inputs, |_| Some(filled.value));
            between.obs_status = filled.status;
            // Marked as a carried value is: by how far it is from the nearer of its two years.
            between.carried_years += years(key, before.period.year).min(years(key, after.period.year));
            Some(between)
        }
        _ => None,
    }
}

fn carried(observation: &Observation, years: u16) -> Observation {
    let mut carried = observation.clone();
    carried.carried_years += years;
    carried
}

/// Years between; within a year too a value of another date must be known as one.
fn years(key: &Key, year: i16) -> u16 {
    key.period.year.abs_diff(year).max(1)
}
