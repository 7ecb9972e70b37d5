//! How far a composite's ranks depend on the choices behind it: Monte Carlo over normalisation, inclusion of indicators,
//! weights, aggregation, treatment of cells that are not a territory's own, and errors of the data.
//!
//! OECD/JRC Handbook on Constructing Composite Indicators (2008), step 7; Saisana, Saltelli & Tarantola (2005), J. R. Stat.
//! Soc. A 168(2). Every draw is a function of the seed and its number, so any number of threads gives the same bytes. No
//! composite leaves here without its interval, and [`Outcome::separated`] is the only order that may be put into words.

use rayon::prelude::*;

mod draw;
pub(crate) mod input;
mod method;
mod options;
mod outrank;
mod problem;
mod scale;

pub use draw::{FACTORS, FLOOR, Kernel, NAMES, Scratch, Setting, rank};
pub use input::given;
pub(crate) use input::parameters;
pub use method::METHOD;
pub use options::varied;
pub use problem::{Aggregation, Design, Imputation, Normalisation, Problem, Weighting, check};

use crate::Fault;
use crate::interval::{Estimate, Interval, Precision, Rule, Separated, compare};
use crate::random::Random;

/// The stream of the points of a Monte Carlo run.
const POINTS: u32 = 0;

/// Ranks of all units in all draws, and what follows from them.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    pub draws: usize,
    /// Draws × units, row by row; 0 for a unit without a score. The first draw is the reference.
    pub ranks: Vec<u16>,
    pub units: Vec<UnitRanks>,
    /// R̄_S of each draw: the mean over units of |reference rank − rank|. The first is 0.
    pub shifts: Vec<f64>,
    pub events: Events,
}

/// What is known of one unit's rank.
#[derive(Debug, Clone, PartialEq)]
pub struct UnitRanks {
    /// The composite under the reference; `None` without enough values.
    pub index: Option<f64>,
    /// The rank under the reference, from 1.
    pub reference: Option<usize>,
    /// Over the draws in which it has a rank.
    pub mean: Option<f64>,
    pub median: Option<f64>,
    /// From the 5 % to the 95 % rank (or another share), widened to the reference rank where it lies outside.
    pub interval: Option<Interval>,
    pub widened: bool,
    /// Mean of |reference rank − rank|.
    pub shift: Option<f64>,
    /// In how many draws it has a rank.
    pub draws: usize,
    /// How often it had rank 1, 2, ...
    pub frequencies: Vec<usize>,
}

/// What was done to scores, summed over the draws.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Events {
    /// Scores raised to [`FLOOR`] for a geometric mean.
    pub floored: usize,
    /// Scores clipped at a goalpost.
    pub clipped: usize,
    /// Drawn values brought back into the indicator's range.
    pub bounded: usize,
    /// Indicators that told no unit from another in a draw and were left out of it.
    pub flat: usize,
}

impl Events {
    fn of(scratch: &Scratch) -> Self {
        Self { floored: scratch.floored, clipped: scratch.clipped, bounded: scratch.bounded, flat: scratch.flat }
    }

    fn and(self, other: Self) -> Self {
        Self {
            floored: self.floored + other.floored,
            clipped: self.clipped + other.clipped,
            bounded: self.bounded + other.bounded,
            flat: self.flat + other.flat,
        }
    }
}

impl Outcome {
    /// Every pair of units whose rank intervals have no rank in common, with the proof: `high_low` of it gives the one
    /// with the larger rank number, which is the worse, first.
    pub fn separated(&self) -> Vec<(usize, usize, Separated)> {
        let estimate =
            |unit: &UnitRanks| Some(Estimate { value: unit.reference? as f64, precision: Precision::Within(unit.interval?) });
        let estimates: Vec<Option<Estimate>> = self.units.iter().map(estimate).collect();
        let mut pairs = Vec::new();
        for (first, own) in estimates.iter().enumerate() {
            for (second, other) in estimates.iter().enumerate().skip(first + 1) {
                let (Some(own), Some(other)) = (own, other) else { continue };
                if let Some(separated) = compare(*own, *other, Rule::Demanded).separated() {
                    pairs.push((first, second, separated));
                }
            }
        }
        pairs
    }
}

/// Runs `draws` draws, the first of which is the reference, and takes rank intervals that hold `level` of them (0.9: from the
/// 5 % to the 95 % rank). Threads are those of the surrounding rayon pool; their number does not change the outcome.
///
/// # Errors
/// As [`check`]; when there are fewer than two draws, or the level is not between 0 and 1.
pub fn run(problem: &Problem, design: &Design, draws: usize, level: f64) -> Result<Outcome, Fault> {
    check(problem, design)?;
    if draws < 2 {
        return Err(Fault::Few { at: "draws".into(), found: draws, least: 2 });
    }
    if !(level > 0.0 && level < 1.0) {
        return Err(Fault::number("level", "a share between 0 and 1, such as 0.9", &level));
    }
    let kernel = Kernel::new(problem, design);
    let settings: Vec<Setting> = (0..draws).map(|draw| setting(design, problem.indicators.len(), draw)).collect();
    let (ranks, events) = ranks(&kernel, &settings, problem.units.len());
    let mut scratch = kernel.scratch();
    let index = kernel.index(&Setting::reference(), &mut scratch).to_vec();
    let (units, shifts) = summarise(&ranks, &index, level);
    Ok(Outcome { draws, ranks, units, shifts, events })
}

/// The ranks under each setting, row by row, in parallel.
pub fn ranks(kernel: &Kernel<'_>, settings: &[Setting], units: usize) -> (Vec<u16>, Events) {
    let mut ranks = vec![0; settings.len() * units];
    let events: Vec<Events> = ranks
        .par_chunks_exact_mut(units)
        .zip(settings)
        .map_init(
            || kernel.scratch(),
            |scratch, (row, setting)| {
                kernel.ranks(setting, scratch, row);
                Events::of(scratch)
            },
        )
        .collect();
    (ranks, events.into_iter().fold(Events::default(), Events::and))
}

/// R̄_S: the mean of |reference − rank| over the units that have both; `None` when none has.
pub fn shift(reference: &[u16], ranks: &[u16]) -> Option<f64> {
    let both = || reference.iter().zip(ranks).filter(|(reference, rank)| **reference > 0 && **rank > 0);
    let sum: u32 = both().map(|(reference, rank)| u32::from(reference.abs_diff(*rank))).sum();
    let count = both().count();
    (count > 0).then(|| f64::from(sum) / count as f64)
}

/// The setting of a draw; that of draw 0 is the reference.
fn setting(design: &Design, indicators: usize, draw: usize) -> Setting {
    if draw == 0 {
        return Setting::reference();
    }
    let mut random = Random::new(design.seed, draw as u64, POINTS);
    let mut point = [0.0; FACTORS];
    for coordinate in &mut point {
        *coordinate = random.uniform();
    }
    Setting::at(&point, design, indicators)
}

fn summarise(ranks: &[u16], index: &[f64], level: f64) -> (Vec<UnitRanks>, Vec<f64>) {
    let count = index.len();
    let reference = &ranks[..count];
    let mut units: Vec<UnitRanks> = index
        .iter()
        .zip(reference)
        .map(|(index, reference)| UnitRanks {
            index: (!index.is_nan()).then_some(*index),
            reference: (*reference > 0).then_some(usize::from(*reference)),
            mean: None,
            median: None,
            interval: None,
            widened: false,
            shift: None,
            draws: 0,
            frequencies: vec![0; count],
        })
        .collect();
    for row in ranks.chunks_exact(count) {
        for (unit, rank) in units.iter_mut().zip(row).filter(|(_, rank)| **rank > 0) {
            unit.frequencies[usize::from(*rank) - 1] += 1;
            unit.draws += 1;
        }
    }
    for unit in &mut units {
        finish(unit, level);
    }
    let shifts = ranks.chunks_exact(count).map(|row| shift(reference, row).unwrap_or(0.0)).collect();
    (units, shifts)
}

fn finish(unit: &mut UnitRanks, level: f64) {
    let (Some(reference), true) = (unit.reference, unit.draws > 0) else { return };
    let count = unit.draws as f64;
    let mean = |of: &dyn Fn(usize) -> usize| {
        let sum: usize = unit.frequencies.iter().enumerate().map(|(place, times)| of(place + 1) * times).sum();
        sum as f64 / count
    };
    let (average, shift) = (mean(&|rank| rank), mean(&|rank| rank.abs_diff(reference)));
    // Outward to whole ranks: the interval holds at least `level` of the draws.
    let tail = (1.0 - level) / 2.0 * (count - 1.0);
    let (low, high) = (nth(unit, tail.floor()), nth(unit, count - 1.0 - tail.floor()));
    let middle = (count - 1.0) / 2.0;
    unit.median = Some(f64::midpoint(nth(unit, middle.floor()), nth(unit, middle.ceil())));
    let own = reference as f64;
    unit.widened = own < low || own > high;
    unit.interval = Interval::new(low.min(own), high.max(own)).ok();
    (unit.mean, unit.shift) = (Some(average), Some(shift));
}

/// The rank at a place, from 0, of the unit's ranks in order.
fn nth(unit: &UnitRanks, place: f64) -> f64 {
    let mut seen = 0.0;
    for (rank, times) in unit.frequencies.iter().enumerate() {
        seen += *times as f64;
        if seen > place {
            return rank as f64 + 1.0;
        }
    }
    unit.frequencies.len() as f64
}

#[cfg(test)]
mod tests;
