//! Numbers of different units onto one scale, where higher is always better: min-max, goalposts, z-scores, ranks,
//! percentiles, distances to a reference or a target, bands.
//!
//! Each function takes one indicator over all units (`None`: missing, stays missing) and knows no names. Statistics are
//! taken over all values given: a caller that gives several years pools them. Formulas: OECD/JRC Handbook on Constructing
//! Composite Indicators (2008), step 5; distance to target and one of the percentiles: COINr (Becker et al. 2022).

use std::cmp::Ordering;

use baseline_model::definitions::Direction;

use crate::Fault;
use crate::rank::{Best, order, ranks};

pub mod outliers;
mod run;
pub mod scaling;

pub use run::METHOD;
pub(crate) use run::{clip_cell, clip_note, direction_of, treated};

/// The two ends of a scale that does not move with the data. `worst` above `best`: lower is better.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Goalposts {
    pub worst: f64,
    pub best: f64,
}

/// A score, and whether its value lay outside the goalposts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Score {
    pub score: f64,
    pub clipped: Option<Clip>,
}

/// On which side of the goalposts a value lay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clip {
    /// Set to 0.
    BelowWorst,
    /// Set to 1.
    AboveBest,
}

/// The two conventions for a percentile; they are no rounding of one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Percentile {
    /// 100 · rank / n: from 100/n to 100.
    Handbook,
    /// (rank − 1) / (n − 1): from 0 to 1.
    Coinr,
}

/// What a value is held against.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Reference {
    Mean,
    /// The best value, by the direction.
    Best,
    Worst,
    /// The value of one unit, by its place in the slice.
    Unit(usize),
    Value(f64),
}

/// Percentiles (0 to 100, `Percentile::Handbook`) from which a score is given; the lowest holds for all below the next.
pub const BANDS: [(f64, f64); 7] =
    [(0.0, 0.0), (5.0, 20.0), (15.0, 40.0), (35.0, 50.0), (65.0, 60.0), (85.0, 80.0), (95.0, 100.0)];

/// (x − min)/(max − min), or (max − x)/(max − min) where lower is better; 0 to 1.
///
/// # Errors
/// When there is no number, one is not finite, or all are equal; for an indicator without a direction.
pub fn min_max(values: &[Option<f64>], direction: Direction) -> Result<Vec<Option<f64>>, Fault> {
    let (low, high) = ends(values)?;
    let posts = if higher(direction)? { Goalposts { worst: low, best: high } } else { Goalposts { worst: high, best: low } };
    Ok(goalposts(values, posts)?.into_iter().map(|score| score.map(|score| score.score)).collect())
}

/// clip((x − worst)/(best − worst), 0, 1); a clipped value says so.
///
/// # Errors
/// When the goalposts are equal or not finite, or a value is not finite.
pub fn goalposts(values: &[Option<f64>], Goalposts { worst, best }: Goalposts) -> Result<Vec<Option<Score>>, Fault> {
    for end in [worst, best] {
        if !end.is_finite() {
            return Err(Fault::number("goalposts", "a finite number", &end));
        }
    }
    if worst == best {
        return Err(Fault::Equal { at: "goalposts".into(), value: best });
    }
    if !(best - worst).is_finite() {
        return Err(Fault::number("goalposts", "a distance that a computer can hold", &(best - worst)));
    }
    finite(values)?;
    let score = |value: f64| {
        let share = (value - worst) / (best - worst);
        let clipped = match () {
            () if share < 0.0 => Some(Clip::BelowWorst),
            () if share > 1.0 => Some(Clip::AboveBest),
            () => None,
        };
        // -0 is 0.
        Score { score: share.clamp(0.0, 1.0) + 0.0, clipped }
    };
    Ok(values.iter().map(|value| value.map(score)).collect())
}

/// (x − mean)/s with s over n − 1, its sign turned where lower is better; standard deviations.
///
/// # Errors
/// When fewer than two numbers are there, one is not finite, or all are equal; without a direction.
pub fn z_score(values: &[Option<f64>], direction: Direction) -> Result<Vec<Option<f64>>, Fault> {
    let sign = if higher(direction)? { 1.0 } else { -1.0 };
    ends(values)?;
    let mean = mean(values)?;
    let count = values.iter().flatten().count();
    let squares: f64 = values.iter().flatten().map(|value| (value - mean).powi(2)).sum();
    let deviation = (squares / (count as f64 - 1.0)).sqrt();
    if deviation == 0.0 || !deviation.is_finite() {
        return Err(Fault::number("standard deviation", "a number above 0 that a computer can hold", &deviation));
    }
    Ok(values.iter().map(|value| value.map(|value| sign * (value - mean) / deviation + 0.0)).collect())
}

/// 1 for the worst, more for the better; equal values share the lower rank.
///
/// # Errors
/// When there is no number, or one is not finite; without a direction.
pub fn rank(values: &[Option<f64>], direction: Direction) -> Result<Vec<Option<usize>>, Fault> {
    let lowest = if higher(direction)? { Best::Lowest } else { Best::Highest };
    some(values)?;
    Ok(ranks(values, lowest))
}

/// The rank as a percentile in one of two conventions.
///
/// # Errors
/// As [`rank`]; by COINr's convention also when only one number is there.
pub fn percentile(values: &[Option<f64>], convention: Percentile, direction: Direction) -> Result<Vec<Option<f64>>, Fault> {
    let ranks = rank(values, direction)?;
    let count = ranks.iter().flatten().count();
    if convention == Percentile::Coinr && count < 2 {
        return Err(Fault::Few { at: "numbers for a percentile".into(), found: count, least: 2 });
    }
    let share = |rank: usize| match convention {
        Percentile::Handbook => 100.0 * rank as f64 / count as f64,
        Percentile::Coinr => (rank as f64 - 1.0) / (count as f64 - 1.0),
    };
    Ok(ranks.into_iter().map(|rank| rank.map(share)).collect())
}

/// x/r, or r/x where lower is better: above 1 is better than the reference. For ratio scales only: it changes when zero is
/// moved.
///
/// # Errors
/// When the reference is missing or not above 0, or (where lower is better) a value is not; as [`rank`].
pub fn ratio(values: &[Option<f64>], reference: Reference, direction: Direction) -> Result<Vec<Option<f64>>, Fault> {
    let higher = higher(direction)?;
    let against = divisor(values, reference, direction)?;
    let share = |(index, value): (usize, &Option<f64>)| match value {
        None => Ok(None),
        Some(value) if higher => Ok(Some(value / against)),
        Some(value) if *value > 0.0 => Ok(Some(against / value)),
        Some(value) => Err(Fault::number(format!("value {}", index + 1), "a divisor above 0", value)),
    };
    values.iter().enumerate().map(share).collect()
}

/// (x − r)/r, its sign turned where lower is better: above 0 is better than the reference.
///
/// # Errors
/// When the reference is missing or not above 0; as [`rank`].
pub fn relative(values: &[Option<f64>], reference: Reference, direction: Direction) -> Result<Vec<Option<f64>>, Fault> {
    let sign = if higher(direction)? { 1.0 } else { -1.0 };
    let against = divisor(values, reference, direction)?;
    Ok(values.iter().map(|value| value.map(|value| sign * (value - against) / against + 0.0)).collect())
}

/// (x − min)/(target − min), or (max − x)/(max − target) where lower is better; 1 for the target reached or passed.
///
/// # Errors
/// When even the worst value has reached the target: then there is no distance; as [`min_max`] otherwise.
pub fn to_target(values: &[Option<f64>], target: f64, direction: Direction) -> Result<Vec<Option<f64>>, Fault> {
    some(values)?;
    let worst = refer(values, Reference::Worst, direction)?;
    let reached = if higher(direction)? { worst >= target } else { worst <= target };
    if reached || !target.is_finite() {
        let hint = "all have reached the target, or it lies on the other side: check it and the direction";
        return Err(Fault::shape("target", format!("a target better than the worst value {worst}"), target.to_string(), hint));
    }
    let scores = goalposts(values, Goalposts { worst, best: target })?;
    Ok(scores.into_iter().map(|score| score.map(|score| score.score)).collect())
}

/// 1 for x/mean above 1 + p, −1 for below 1 − p, 0 between; turned where lower is better. `p` a share, as 0.2.
///
/// # Errors
/// When the mean is not above 0, or `p` is not from 0 up; as [`rank`].
pub fn above_below(values: &[Option<f64>], p: f64, direction: Direction) -> Result<Vec<Option<f64>>, Fault> {
    let sign = if higher(direction)? { 1.0 } else { -1.0 };
    if !(p.is_finite() && p >= 0.0) {
        return Err(Fault::number("p", "a share from 0 up", &p));
    }
    let mean = mean(values)?;
    if mean <= 0.0 {
        return Err(Fault::number("mean", "a mean above 0, because values are divided by it", &mean));
    }
    let side = |value: f64| match (order(value / mean, 1.0 + p), order(value / mean, 1.0 - p)) {
        (Ordering::Greater, _) => sign,
        (_, Ordering::Less) => -sign,
        _ => 0.0,
    };
    Ok(values.iter().map(|value| value.map(side)).collect())
}

/// The score of the band into which the percentile falls ([`Percentile::Handbook`]; a bound belongs to the upper band).
///
/// # Errors
/// When there is no band, or their bounds do not rise from 0; as [`rank`].
pub fn bands(values: &[Option<f64>], bands: &[(f64, f64)], direction: Direction) -> Result<Vec<Option<f64>>, Fault> {
    let rising = bands.windows(2).all(|pair| pair[0].0 < pair[1].0);
    if bands.first().is_none_or(|first| first.0 != 0.0) || !rising {
        let hint = "write percentile:score, from 0 up, as 0:0 50:1";
        return Err(Fault::shape("bands", "percentiles that rise from 0", format!("{bands:?}"), hint));
    }
    let percentiles = percentile(values, Percentile::Handbook, direction)?;
    let score = |percentile: f64| bands.iter().rfind(|band| order(percentile, band.0) != Ordering::Less).map(|band| band.1);
    Ok(percentiles.into_iter().map(|percentile| percentile.and_then(score)).collect())
}

/// The value of a reference.
///
/// # Errors
/// When there is no number, one is not finite, or the unit that is referred to has none; without a direction.
pub fn refer(values: &[Option<f64>], reference: Reference, direction: Direction) -> Result<f64, Fault> {
    some(values)?;
    let higher = higher(direction)?;
    let present = || values.iter().flatten().copied();
    let extreme = |highest: bool| {
        if highest { present().fold(f64::NEG_INFINITY, f64::max) } else { present().fold(f64::INFINITY, f64::min) }
    };
    match reference {
        Reference::Mean => mean(values),
        Reference::Best => Ok(extreme(higher)),
        Reference::Worst => Ok(extreme(!higher)),
        Reference::Value(value) if value.is_finite() => Ok(value),
        Reference::Value(value) => Err(Fault::number("reference", "a finite number", &value)),
        Reference::Unit(index) => values
            .get(index)
            .copied()
            .flatten()
            .ok_or_else(|| Fault::shape("reference", "a unit that has a number", "none", "name another reference")),
    }
}

/// # Errors
/// When there is no number, or one is not finite.
pub fn mean(values: &[Option<f64>]) -> Result<f64, Fault> {
    let count = some(values)?;
    let mean = values.iter().flatten().sum::<f64>() / count as f64;
    if mean.is_finite() { Ok(mean) } else { Err(Fault::number("mean", "a sum that a computer can hold", &mean)) }
}

/// Whether higher is better.
///
/// # Errors
/// For an indicator without a direction: it has no place on a scale from worst to best.
pub fn higher(direction: Direction) -> Result<bool, Fault> {
    match direction {
        Direction::HigherIsBetter => Ok(true),
        Direction::LowerIsBetter => Ok(false),
        Direction::Neutral => {
            let hint = "an indicator of context is shown beside a composite, not within it";
            Err(Fault::shape("direction", "higher_is_better or lower_is_better", "neutral", hint))
        }
    }
}

/// The reference by which values are divided: below 0 it would turn the order round.
fn divisor(values: &[Option<f64>], reference: Reference, direction: Direction) -> Result<f64, Fault> {
    let against = refer(values, reference, direction)?;
    if against > 0.0 { Ok(against) } else { Err(Fault::number("reference", "a divisor above 0", &against)) }
}

/// The lowest and the highest number.
fn ends(values: &[Option<f64>]) -> Result<(f64, f64), Fault> {
    let count = some(values)?;
    if count < 2 {
        return Err(Fault::Few { at: "numbers".into(), found: count, least: 2 });
    }
    let low = values.iter().flatten().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().flatten().copied().fold(f64::NEG_INFINITY, f64::max);
    if order(low, high) == Ordering::Equal {
        return Err(Fault::Equal { at: "all numbers".into(), value: low });
    }
    Ok((low, high))
}

/// How many numbers there are, all finite.
fn some(values: &[Option<f64>]) -> Result<usize, Fault> {
    match finite(values)? {
        0 => Err(Fault::Few { at: "numbers".into(), found: 0, least: 1 }),
        count => Ok(count),
    }
}

fn finite(values: &[Option<f64>]) -> Result<usize, Fault> {
    match values.iter().position(|value| value.is_some_and(|value| !value.is_finite())) {
        None => Ok(values.iter().flatten().count()),
        Some(index) => {
            let found = values[index].unwrap_or(f64::NAN);
            Err(Fault::number(format!("value {}", index + 1), "a finite number or none", &found))
        }
    }
}

#[cfg(test)]
mod tests;
