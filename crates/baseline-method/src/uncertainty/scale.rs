//! The normalisations of `normalise` in place, on columns with NaN for missing and without allocation; a test holds them
//! against those. Each but the goalposts says whether the column tells anything apart.

use crate::normalise::Goalposts;
use crate::rank::order;

/// To 0-100 between the worst and the best; false when they are equal.
pub fn min_max(column: &mut [f64], lower_is_better: bool) -> bool {
    let Some((least, most)) = ends(column) else { return false };
    let (worst, best) = if lower_is_better { (most, least) } else { (least, most) };
    for value in column {
        *value = 100.0 * ((*value - worst) / (best - worst));
    }
    true
}

/// To 50 + 10 z with the sample standard deviation.
pub fn z_score(column: &mut [f64], lower_is_better: bool) -> bool {
    if ends(column).is_none() {
        return false;
    }
    let (mut sum, mut count) = (0.0, 0.0);
    for value in column.iter().filter(|value| !value.is_nan()) {
        sum += value;
        count += 1.0;
    }
    let mean = sum / count;
    let squares: f64 = column.iter().filter(|value| !value.is_nan()).map(|value| (value - mean) * (value - mean)).sum();
    let deviation = (squares / (count - 1.0)).sqrt();
    // Squares of the smallest numbers are zero.
    if deviation.is_nan() || deviation <= 0.0 {
        return false;
    }
    let sign = if lower_is_better { -1.0 } else { 1.0 };
    for value in column {
        *value = 50.0 + 10.0 * (sign * ((*value - mean) / deviation));
    }
    true
}

/// To 100 min-rank/n. `sorted` is any permutation of the units, `values` is room for as many numbers.
pub fn percentile(column: &mut [f64], lower_is_better: bool, sorted: &mut [u32], values: &mut [f64]) -> bool {
    if ends(column).is_none() {
        return false;
    }
    // Worst first, NaN last; what is worse is smaller.
    let values = &mut values[..column.len()];
    for (value, given) in values.iter_mut().zip(&*column) {
        *value = match () {
            () if given.is_nan() => f64::INFINITY,
            () if lower_is_better => -given,
            () => *given,
        };
    }
    let value = |unit: u32| values[unit as usize];
    sorted.sort_unstable_by(|a, b| value(*a).total_cmp(&value(*b)).then(a.cmp(b)));
    let present = column.iter().filter(|value| !value.is_nan()).count();
    let mut worse = 0;
    for place in 0..present {
        let own = value(sorted[place]);
        while order(value(sorted[worse]), own).is_lt() {
            worse += 1;
        }
        column[sorted[place] as usize] = 100.0 * (worse + 1) as f64 / present as f64;
    }
    true
}

/// The least and the largest number; `None` when they are equal or there is none.
fn ends(column: &[f64]) -> Option<(f64, f64)> {
    let (mut least, mut most) = (f64::INFINITY, f64::NEG_INFINITY);
    for value in column {
        // `min` and `max` pass over NaN.
        least = least.min(*value);
        most = most.max(*value);
    }
    order(most, least).is_gt().then_some((least, most))
}

/// To 0-100 between fixed ends; returns how many were clipped.
pub fn goalposts(column: &mut [f64], Goalposts { worst, best }: Goalposts) -> usize {
    let mut clipped = 0;
    for value in column.iter_mut() {
        let score = (*value - worst) / (best - worst);
        clipped += usize::from(!(0.0..=1.0).contains(&score) && !score.is_nan());
        *value = 100.0 * score.clamp(0.0, 1.0);
    }
    clipped
}
