//! Iterative proportional fitting: a table of an older or larger source is brought to today's margins, keeping its odds
//! ratios (structure-preserving estimation). Any number of dimensions; zeros stay zero.
//!
//! Fits counts; says nothing about how the margins were found.

mod table;

use crate::Fault;

pub use table::METHOD;

/// One dimension of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dimension {
    pub name: String,
    pub codes: Vec<String>,
}

/// Counts over all combinations of codes, the last dimension running fastest.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    pub dimensions: Vec<Dimension>,
    pub cells: Vec<f64>,
}

/// What the sums over all other dimensions shall be.
#[derive(Debug, Clone, PartialEq)]
pub struct Margin {
    /// Indices of the table's dimensions, ascending.
    pub dimensions: Vec<usize>,
    /// Over all combinations of their codes, the last dimension running fastest.
    pub targets: Vec<f64>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Fitted {
    /// As the seed's cells.
    pub cells: Vec<f64>,
    pub iterations: usize,
    /// Largest |sum/target − 1| over all margins at the end.
    pub last: f64,
}

/// Two sums of margins that differ by more than this share are a contradiction.
const SAME: f64 = 1e-9;

/// x ← x · target/sum for one margin after another, until max |sum/target − 1| ≤ limit.
///
/// # Errors
/// When a cell or a target is negative or not finite; margins contradict one another; a margin is positive where the seed
/// has zeros only; or the iteration does not come to rest (zeros can make margins impossible together).
pub fn fit(seed: &Table, margins: &[Margin], limit: f64, iterations: usize) -> Result<Fitted, Fault> {
    if margins.is_empty() {
        return Err(Fault::Few { at: "margins".into(), found: 0, least: 1 });
    }
    let shape: Vec<usize> = seed.dimensions.iter().map(|dimension| dimension.codes.len()).collect();
    for (at, cell) in seed.cells.iter().enumerate() {
        if !(*cell >= 0.0 && cell.is_finite()) {
            let place = format!("seed, {}", label(seed, &(0..shape.len()).collect::<Vec<_>>(), at));
            return Err(Fault::number(place, "a count from 0 up", cell));
        }
    }
    let slots: Vec<Vec<usize>> = margins.iter().map(|margin| slots(&shape, &margin.dimensions)).collect();
    for (margin, slots) in margins.iter().zip(&slots) {
        let sums = sums(&seed.cells, slots, margin.targets.len());
        for (at, (target, sum)) in margin.targets.iter().zip(sums).enumerate() {
            let place = || format!("target of {}", label(seed, &margin.dimensions, at));
            if !(*target >= 0.0 && target.is_finite()) {
                return Err(Fault::number(place(), "a number from 0 up", target));
            }
            if *target > 0.0 && sum == 0.0 {
                let hint = "give the seed a count there, or set the target to 0: zeros of the seed stay zero";
                return Err(Fault::shape(place(), "0, as the seed has zeros only", target.to_string(), hint));
            }
        }
    }
    for (at, margin) in margins.iter().enumerate() {
        margins[..at].iter().try_for_each(|earlier| agree(seed, &shape, earlier, margin))?;
    }
    let mut cells = seed.cells.clone();
    let mut last = f64::INFINITY;
    for iteration in 0..=iterations {
        last = margins.iter().zip(&slots).map(|(margin, slots)| distance(&cells, margin, slots)).fold(0.0, f64::max);
        if last <= limit {
            return Ok(Fitted { cells, iterations: iteration, last });
        }
        if iteration == iterations {
            break;
        }
        for (margin, slots) in margins.iter().zip(&slots) {
            let sums = sums(&cells, slots, margin.targets.len());
            let factor = |slot: usize| if sums[slot] > 0.0 { margin.targets[slot] / sums[slot] } else { 0.0 };
            let factors: Vec<f64> = (0..sums.len()).map(factor).collect();
            cells.iter_mut().zip(slots).for_each(|(cell, slot)| *cell *= factors[*slot]);
        }
    }
    Err(Fault::NotConverged { at: "fit to the margins".into(), iterations, last, limit })
}

/// For each cell the place of its sum among the combinations of some dimensions.
fn slots(shape: &[usize], dimensions: &[usize]) -> Vec<usize> {
    let cells: usize = shape.iter().product();
    let slot = |cell: usize| {
        let codes = unravel(shape, cell);
        dimensions.iter().fold(0, |slot, dimension| slot * shape[*dimension] + codes[*dimension])
    };
    (0..cells).map(slot).collect()
}

/// The code's index in each dimension of a cell.
fn unravel(shape: &[usize], cell: usize) -> Vec<usize> {
    let mut codes = vec![0; shape.len()];
    let mut rest = cell;
    for (code, size) in codes.iter_mut().zip(shape).rev() {
        *code = rest % size;
        rest /= size;
    }
    codes
}

fn sums(cells: &[f64], slots: &[usize], count: usize) -> Vec<f64> {
    let mut sums = vec![0.0; count];
    cells.iter().zip(slots).for_each(|(cell, slot)| sums[*slot] += cell);
    sums
}

/// Largest |sum/target − 1|; for a target of 0 the sum itself.
fn distance(cells: &[f64], margin: &Margin, slots: &[usize]) -> f64 {
    let sums = sums(cells, slots, margin.targets.len());
    let apart = |(sum, target): (f64, &f64)| {
        let apart = if *target > 0.0 { (sum / target - 1.0).abs() } else { sum };
        // A maximum passes over NaN, which is as far from a target as can be.
        if apart.is_nan() { f64::INFINITY } else { apart }
    };
    sums.into_iter().zip(&margin.targets).map(apart).fold(0.0, f64::max)
}

/// Two margins must have the same sums over the dimensions that they share; without any, the same total.
fn agree(seed: &Table, shape: &[usize], first: &Margin, second: &Margin) -> Result<(), Fault> {
    let shared: Vec<usize> = first.dimensions.iter().copied().filter(|dimension| second.dimensions.contains(dimension)).collect();
    let reduced = |margin: &Margin| {
        let own: Vec<usize> = margin.dimensions.iter().map(|dimension| shape[*dimension]).collect();
        let places: Vec<usize> = (0..own.len()).filter(|place| shared.contains(&margin.dimensions[*place])).collect();
        let count = shared.iter().map(|dimension| shape[*dimension]).product();
        sums(&margin.targets, &slots(&own, &places), count)
    };
    for (at, (left, right)) in reduced(first).into_iter().zip(reduced(second)).enumerate() {
        if (left - right).abs() > SAME * left.abs().max(right.abs()) {
            let named = |margin: &Margin| {
                let names: Vec<&str> = margin.dimensions.iter().map(|at| seed.dimensions[*at].name.as_str()).collect();
                names.join(" × ")
            };
            let place = if shared.is_empty() { String::new() } else { format!(" at {}", label(seed, &shared, at)) };
            let expected = format!("the margin of {} to sum to {left}{place}, as that of {} does", named(second), named(first));
            let hint = "correct the targets, or --param rescale=yes to have the later margin scaled to the first one's total";
            return Err(Fault::shape("targets", expected, right.to_string(), hint));
        }
    }
    Ok(())
}

/// `sex=male, age=15-24` of a combination.
fn label(table: &Table, dimensions: &[usize], slot: usize) -> String {
    let shape: Vec<usize> = dimensions.iter().map(|at| table.dimensions[*at].codes.len()).collect();
    let codes = unravel(&shape, slot).into_iter().zip(dimensions);
    let text = |(code, at): (usize, &usize)| format!("{}={}", table.dimensions[*at].name, table.dimensions[*at].codes[code]);
    codes.map(text).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests;
