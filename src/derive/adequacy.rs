//! How well a region around a territory can stand for it: the territory's share of its population. A note beside borrowed
//! values; it corrects nothing.

use baseline_method::parent::{Note, note};
use baseline_model::Observation;
use baseline_model::definitions::{Definitions, Territory};

use super::ladder::rungs;
use super::{Figures, is_headline};

/// A territory beside one of the regions it lies in.
#[derive(Debug, Clone)]
pub struct Adequacy {
    /// The region around it.
    pub code: String,
    pub population: Observation,
    pub parent_population: Observation,
    /// Without the degrees of urbanisation, which no shipped table has.
    pub note: Note,
}

/// Years that the two populations may lie apart.
const APART: u16 = 2;

/// The regions around a territory for which both populations are known, finest first. `populations`: indicators with
/// counts of residents, the best first; each region has that of the first that has a number for it.
pub fn adequacy(definitions: &Definitions, figures: &Figures, territory: &Territory, populations: &[&str]) -> Vec<Adequacy> {
    let of = |code: &str, near: Option<i16>| {
        populations.iter().find_map(|id| {
            let indicator = definitions.indicators.get(*id)?;
            let series = figures.regions.get(&((*id).to_owned(), code.to_owned()))?;
            let numbers = series.iter().filter(|(key, found)| is_headline(indicator, key) && found.value.number().is_some());
            let apart = |year: i16| near.map_or(0, |near| near.abs_diff(year));
            let numbers = numbers.filter(|(key, _)| apart(key.period.year) <= APART);
            numbers.min_by_key(|(key, _)| (apart(key.period.year), std::cmp::Reverse(key.period))).map(|(_, found)| found.clone())
        })
    };
    let mut rungs = rungs(territory).into_iter();
    let own = rungs.next().and_then(|rung| rung.codes.iter().find_map(|code| of(code, None)));
    let Some(own) = own else { return Vec::new() };
    let around = |code: String| -> Option<Adequacy> {
        let parent = of(&code, Some(own.period.year))?;
        let note = note(own.value.number()?, parent.value.number()?, None).ok()?;
        Some(Adequacy { code, population: own.clone(), parent_population: parent, note })
    };
    rungs.filter_map(|rung| rung.codes.into_iter().find_map(around)).collect()
}
