//! Order without compensation: how much weight speaks for one unit before another, and the ranking that agrees with most of
//! it.
//!
//! No scale is needed, only which of two is better; how much better does not count. Formulas: OECD/JRC Handbook on Constructing
//! Composite Indicators (2008), step 6 (Condorcet-Kemeny-Young-Levenglick).

use std::cmp::Ordering;

use baseline_model::definitions::Direction;

use crate::aggregate::weights;
use crate::normalise::higher;
use crate::rank::order;
use crate::{Fault, Numbers};

mod kemeny;
mod run;

pub use kemeny::{Consensus, LARGEST, kemeny};
pub use run::{KEMENY, OUTRANKING};

/// e_jk = Σ w (j better) + ½ Σ w (equal), for every two units; n × n, `None` on the diagonal. Where an indicator is missing
/// for one of the two, the others share its weight, so that e_jk + e_kj = 1; `None` where the two share no indicator.
///
/// `indicators`: named columns of n values each; `directions` and `shares` (weights that sum to 1): one for each indicator.
///
/// # Errors
/// When there are fewer than two units, lengths differ, a value is not finite, weights are negative or do not sum to 1, or an
/// indicator has no direction.
pub fn outranking(indicators: &[Numbers<'_>], directions: &[Direction], shares: &[f64]) -> Result<Vec<Vec<Option<f64>>>, Fault> {
    let count = indicators.first().map_or(0, |(_, values)| values.len());
    if count < 2 {
        return Err(Fault::Few { at: "units".into(), found: count, least: 2 });
    }
    if directions.len() != indicators.len() || shares.len() != indicators.len() {
        let found = format!("{} directions, {} weights", directions.len(), shares.len());
        return Err(Fault::shape("indicators", indicators.len().to_string(), found, "one of each for every indicator"));
    }
    weights(shares, false, "weights")?;
    let mut better = Vec::with_capacity(indicators.len());
    for ((name, values), direction) in indicators.iter().zip(directions) {
        if values.len() != count {
            return Err(Fault::shape(*name, count.to_string(), values.len().to_string(), "one value or gap for every unit"));
        }
        if let Some(value) = values.iter().flatten().find(|value| !value.is_finite()) {
            return Err(Fault::number(*name, "a finite number or none", value));
        }
        let up = higher(*direction).map_err(|fault| fault.within(name))?;
        better.push(if up { Ordering::Greater } else { Ordering::Less });
    }
    let support = |one: usize, other: usize| {
        let (mut sum, mut total) = (0.0, 0.0);
        for (((_, values), better), weight) in indicators.iter().zip(&better).zip(shares) {
            let (Some(a), Some(b)) = (values[one], values[other]) else { continue };
            total += weight;
            sum += match order(a, b) {
                Ordering::Equal => weight / 2.0,
                found if found == *better => *weight,
                Ordering::Less | Ordering::Greater => 0.0,
            };
        }
        (total > 0.0).then(|| sum / total)
    };
    let row = |one| (0..count).map(|other| if one == other { None } else { support(one, other) }).collect();
    Ok((0..count).map(row).collect())
}

#[cfg(test)]
mod tests;
