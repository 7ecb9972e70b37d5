//! A composite index: scores of indicators up through groups to one number, by a structure that says weights and rules.
//!
//! A missing score takes its weight with it within its group. Before that a rule of availability decides for each dimension
//! (a group just below the index) whether enough of its indicators is there; a unit without one of its dimensions has no index
//! at all, because an index over other dimensions is another index. What an index may be used for is not said here.

use crate::Fault;
use crate::aggregate::{Aggregation, aggregate};
use crate::impute::Known;
use crate::normalise::Score;

mod run;
mod structure;
mod table;

pub use run::METHOD;
pub(crate) use run::{filled, planned};
pub use structure::{Indicator, Plan};

/// One step up: how the items of the level below become groups.
#[derive(Debug, Clone, PartialEq)]
pub struct Level {
    /// `sub_pillar`, `pillar`, `index`.
    pub name: String,
    pub groups: Vec<String>,
    pub aggregation: Aggregation,
    /// For each item of the level below (or indicator) its group here.
    pub parent: Vec<usize>,
    /// For each item of the level below its weight in that group; they sum to 1 in each group.
    pub weight: Vec<f64>,
}

/// The levels from the indicators up; the last has one group, the index. The level before it holds the dimensions; with a
/// single level the index is its own only dimension.
#[derive(Debug, Clone, PartialEq)]
pub struct Structure {
    pub levels: Vec<Level>,
}

/// What may be done on the way, and what is asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rules {
    /// The least share of a dimension's indicators that must have a score, 0 to 1; one of them must in any case.
    pub availability: f64,
    /// Scores below are raised to it before a geometric mean; `None`: such a score is a fault.
    pub floor: Option<f64>,
}

/// The scores of one unit.
#[derive(Debug, Clone, PartialEq)]
pub struct Composed {
    /// For each level its groups' scores; the last holds the index alone.
    pub levels: Vec<Vec<Option<f64>>>,
    /// For each level the weights of the items below as they were used: 0 for a missing one, the others in proportion.
    pub shares: Vec<Vec<f64>>,
    /// Dimensions that have too few of their indicators: place, how many are there, out of how many.
    pub refused: Vec<(usize, usize, usize)>,
    /// How many scores were raised to the floor.
    pub floored: usize,
}

/// An indicator on its way to a score, one entry a row.
struct Track {
    raw: Vec<Option<f64>>,
    known: Vec<Option<Known>>,
    scores: Vec<Option<Score>>,
}

impl Composed {
    pub fn index(&self) -> Option<f64> {
        self.levels.last().and_then(|level| level.first()).copied().flatten()
    }
}

impl Structure {
    /// One level: all indicators straight into the index.
    pub fn flat(weights: &[f64], aggregation: Aggregation) -> Self {
        let index = Level {
            name: "index".into(),
            groups: vec!["index".into()],
            aggregation,
            parent: vec![0; weights.len()],
            weight: weights.to_vec(),
        };
        Self { levels: vec![index] }
    }

    pub fn indicators(&self) -> usize {
        self.levels.first().map_or(0, |level| level.parent.len())
    }

    /// For each indicator its dimension.
    pub fn dimensions(&self) -> Vec<usize> {
        let below = self.levels.len().saturating_sub(1);
        let climb = |indicator| self.levels[..below].iter().fold(indicator, |item, level| level.parent[item]);
        (0..self.indicators()).map(|indicator| if below == 0 { 0 } else { climb(indicator) }).collect()
    }

    /// The weight of each indicator in an index whose every mean is arithmetic: the product of the weights on its way up.
    pub fn effective(&self) -> Vec<f64> {
        let way = |indicator| {
            let start = (indicator, 1.0);
            self.levels.iter().fold(start, |(item, weight), level| (level.parent[item], weight * level.weight[item])).1
        };
        (0..self.indicators()).map(way).collect()
    }
}

/// The scores of one unit through all levels: Σ w x / Σ w or exp(Σ w ln x / Σ w) over what is there.
///
/// `scores`: one for each indicator of the structure, higher is better, one unit.
///
/// # Errors
/// When there are more or fewer scores than indicators, one is not finite, or a geometric mean meets a score of 0 or below
/// and no floor is set.
pub fn compose(scores: &[Option<f64>], structure: &Structure, rules: Rules) -> Result<Composed, Fault> {
    if scores.len() != structure.indicators() {
        let expected = structure.indicators().to_string();
        return Err(Fault::shape("scores", expected, scores.len().to_string(), "one score for every indicator"));
    }
    let dimensions = structure.dimensions();
    let mut composed = Composed { levels: Vec::new(), shares: Vec::new(), refused: Vec::new(), floored: 0 };
    for dimension in 0..dimensions.iter().max().map_or(0, |last| last + 1) {
        let inside = || dimensions.iter().zip(scores).filter(|(of, _)| **of == dimension);
        let (there, all) = (inside().filter(|(_, score)| score.is_some()).count(), inside().count());
        // 13 of 20 are 65 %, whatever the machine's rounding.
        if there == 0 || (there as f64) < rules.availability * all as f64 - 1e-9 {
            composed.refused.push((dimension, there, all));
        }
    }
    let mut below = scores.to_vec();
    for (height, level) in structure.levels.iter().enumerate() {
        let (is_dimension, is_index) = (height + 2 == structure.levels.len(), height + 1 == structure.levels.len());
        if level.aggregation == Aggregation::Geometric
            && let Some(floor) = rules.floor
        {
            for (item, score) in below.iter_mut().enumerate() {
                if let Some(score) = score.as_mut().filter(|score| **score < floor && level.weight[item] > 0.0) {
                    *score = floor;
                    composed.floored += 1;
                }
            }
        }
        let mut shares = vec![0.0; below.len()];
        let mut groups = Vec::with_capacity(level.groups.len());
        for (group, name) in level.groups.iter().enumerate() {
            let items: Vec<usize> = (0..below.len()).filter(|item| level.parent[*item] == group).collect();
            let values: Vec<Option<f64>> = items.iter().map(|item| below[*item]).collect();
            let weights: Vec<f64> = items.iter().map(|item| level.weight[*item]).collect();
            let refused = is_dimension && composed.refused.iter().any(|(dimension, ..)| *dimension == group);
            let whole = !(is_index && (!composed.refused.is_empty() || height > 0 && values.iter().any(Option::is_none)));
            if refused || !whole {
                groups.push(None);
                continue;
            }
            let total: f64 = values.iter().zip(&weights).filter(|(value, _)| value.is_some()).map(|(_, weight)| weight).sum();
            for (item, value) in items.iter().zip(&values) {
                if value.is_some() && total > 0.0 {
                    shares[*item] = level.weight[*item] / total;
                }
            }
            groups.push(aggregate(level.aggregation, &values, &weights).map_err(|fault| fault.within(name))?);
        }
        composed.shares.push(shares);
        composed.levels.push(groups.clone());
        below = groups;
    }
    Ok(composed)
}

#[cfg(test)]
mod tests;
