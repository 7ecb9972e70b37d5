//! Compute: figures beside one another. Gap between origin groups, difference to benchmarks, change over time,
//! mean over the study's territories. Positions among all regions are in [`position`].
//!
//! Every result is an observation with its inputs, so a flag or a grade reaches every comparison made of it.

pub mod composite;
pub mod gap;
mod goalposts;
pub mod order;
mod position;
pub mod typology;

use baseline_model::definitions::{Definitions, Direction, Indicator, Study, Unit};
use baseline_model::{FigureId, Formula, NutsCode, Observation, Period, Reason, Value};

pub use composite::{Composite, composite};
pub use gap::{Gap, gap};
pub use goalposts::outside;
pub use order::Placed;
pub use position::{Among, Position, Regions, positions};
pub use typology::{Typology, typology};

use crate::derive::{Figures, Key, Series, computed};

/// Change of a figure since an earlier period that no break separates from it.
#[derive(Debug, Clone)]
pub struct Change {
    /// Latest − earlier, in percentage points for a percentage.
    pub difference: Observation,
    pub from: Period,
    /// The break (`b`) that keeps the change from reaching further back.
    pub limited_by_break: Option<Period>,
}

/// Years a change reaches back at most.
pub const CHANGE_YEARS: i16 = 5;

/// Value − benchmark, in percentage points for a percentage; missing when the periods differ.
pub fn difference(value: &Observation, benchmark: &Observation) -> Observation {
    let same_period = value.period == benchmark.period;
    let id = measure(value, &format!("vs_{}", benchmark.territory.to_lowercase()));
    let inputs = vec![value.clone(), benchmark.clone()];
    computed(value, id, difference_unit(value.unit), (Formula::Difference, Vec::new()), inputs, |numbers| {
        let [value, benchmark] = numbers else { return None };
        same_period.then_some(value - benchmark)
    })
}

/// The change of `latest` over at most five years, from the first period that no break separates from it.
/// `None` when there is no earlier number on this side of the last break.
pub fn change(series: &Series, latest: &Observation) -> Option<Change> {
    latest.value.number()?;
    let group = |key: &Key| {
        key.origin == latest.origin
            && key.sex == latest.sex
            && key.age == latest.age
            && key.period.frequency == latest.period.frequency
    };
    let mut earlier: Option<&Observation> = None;
    let mut limited_by_break = latest.obs_status.contains('b').then_some(latest.period);
    if limited_by_break.is_none() {
        for (key, observation) in series.iter().rev().filter(|(key, _)| group(key) && key.period < latest.period) {
            if latest.period.year - key.period.year > CHANGE_YEARS {
                break;
            }
            if observation.value.number().is_some() {
                earlier = Some(observation);
            }
            if observation.obs_status.contains('b') {
                let reaches_further = latest.period.year - key.period.year < CHANGE_YEARS;
                limited_by_break = reaches_further.then_some(key.period);
                break;
            }
        }
    }
    let earlier = earlier?;
    Some(Change { difference: change_between(latest, earlier), from: earlier.period, limited_by_break })
}

/// Latest − earlier. That no break separates the two is for the caller to see: [`is_broken`].
pub fn change_between(latest: &Observation, earlier: &Observation) -> Observation {
    let id = measure(latest, &format!("change_since_{}", earlier.period));
    let inputs = vec![latest.clone(), earlier.clone()];
    let reach = vec![("years_at_most", CHANGE_YEARS.to_string())];
    computed(latest, id, difference_unit(latest.unit), (Formula::Change, reach), inputs, |numbers| match numbers {
        [latest, earlier] => Some(latest - earlier),
        _ => None,
    })
}

/// Whether a break of the series lies between two of its observations: a `b` after the earlier one, up to and with the latest.
pub fn is_broken(series: &Series, latest: &Observation, earlier: &Observation) -> bool {
    let between = series.iter().filter(|(key, _)| {
        key.origin == latest.origin
            && key.sex == latest.sex
            && key.age == latest.age
            && earlier.period < key.period
            && key.period <= latest.period
    });
    between.into_iter().any(|(_, observation)| observation.obs_status.contains('b'))
}

/// What of a hundred of the whole a part is; missing when the two are of different periods or regions.
pub fn share(part: &Observation, whole: &Observation) -> Observation {
    let same = part.period == whole.period && part.geo == whole.geo;
    let inputs = vec![part.clone(), whole.clone()];
    computed(part, measure(part, "share"), Unit::Percent, (Formula::Share, Vec::new()), inputs, |numbers| match numbers {
        [part, whole] if same && *whole != 0.0 => Some(100.0 * part / whole),
        _ => None,
    })
}

/// The mean over the study's territories of the headline value, each weighted by the rate's own denominator in the
/// region whose value it is: Σ w·x / Σ w. `None` when the indicator names no denominator. Missing (with the reason
/// of the first gap) unless every territory has both.
pub fn mean(
    definitions: &Definitions,
    study: &Study,
    study_id: &str,
    figures: &Figures,
    (id, indicator): (&str, &Indicator),
) -> Option<Observation> {
    let weight_id = indicator.weight.as_ref()?;
    let weight_indicator = definitions.indicators.get(weight_id)?;
    let period = *figures.reference.get(id)?;
    let mut inputs = Vec::new();
    for territory in &study.territories {
        let value = figures.value((id, indicator), territory, indicator.headline.origin, period);
        let headline = &weight_indicator.headline;
        let weights = figures.regions.get(&(weight_id.clone(), value.geo.code.clone()));
        let weight = weights.and_then(|series| {
            series.iter().rev().find(|(key, weight)| {
                let age = value.period.year - key.period.year;
                key.origin == headline.origin
                    && key.sex == headline.sex
                    && key.age == headline.age
                    && (0..=2).contains(&age)
                    && weight.value.number().is_some()
            })
        });
        inputs.push(value);
        inputs.push(weight.map_or_else(
            || figures.value((weight_id, weight_indicator), territory, headline.origin, period),
            |(_, weight)| weight.clone(),
        ));
    }
    let name = format!("{study_id}_mean");
    let mut template = inputs.first()?.clone();
    template.geo = NutsCode { code: name.clone(), version: None };
    template.territory.clone_from(&name);
    template.period = period;
    let key = Key { period, origin: template.origin, sex: template.sex.clone(), age: template.age.clone() };
    let figure = crate::derive::figure_id(id, &name, &key);
    let weighted = vec![("weight", weight_id.clone())];
    Some(computed(&template, figure, indicator.unit, (Formula::WeightedMean, weighted), inputs, |numbers| {
        let (sum, weights) =
            numbers.chunks_exact(2).fold((0.0, 0.0), |(sum, weights), pair| (sum + pair[0] * pair[1], weights + pair[1]));
        (weights > 0.0).then(|| sum / weights)
    }))
}

/// The first place of a value as a figure. Its parameters name the regions, whose values stand in `provenance.json`.
pub fn position(value: &Observation, place: Position, among: Among, direction: Direction) -> Observation {
    let best = if direction == Direction::LowerIsBetter { "lowest" } else { "highest" };
    let parameters = vec![
        ("best", best.to_owned()),
        ("region", value.geo.code.clone()),
        ("among", format!("{}.{}.{}", value.indicator, value.origin.code(), value.period)),
        ("regions", among.code().to_owned()),
        ("last", place.last.to_string()),
        ("of", place.of.to_string()),
    ];
    let id = measure(value, among.measure());
    computed(value, id, Unit::Position, (Formula::Position, parameters), vec![value.clone()], |_| Some(f64::from(place.first)))
}

/// A measure of an observation: its id with the measure's name at the end.
pub fn measure(of: &Observation, name: &str) -> FigureId {
    FigureId(format!("{}.{name}", of.id))
}

/// The unit of a difference of two values.
pub fn difference_unit(unit: Unit) -> Unit {
    if unit == Unit::Percent { Unit::PercentagePoints } else { unit }
}

/// True when the value is missing because it was withheld.
pub fn is_withheld(observation: &Observation) -> bool {
    matches!(observation.value, Value::Missing(Reason::Withheld))
}

#[cfg(test)]
mod tests;
