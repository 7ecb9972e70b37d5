//! Outliers drawn in before values are scaled: COINr's rule (Becker et al. 2022, `Treat`), which winsorises a few points and,
//! where that is not enough, takes logarithms of the untreated values.

use crate::Fault;

/// The bounds of the rule; the default is COINr's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// A column is left alone when |skewness| is below this, or
    pub skewness: f64,
    /// its excess kurtosis is below this.
    pub kurtosis: f64,
    /// The most points that may be moved.
    pub points: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { skewness: 2.0, kurtosis: 3.5, points: 5 }
    }
}

/// What was done to a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Treatment {
    None,
    /// This many points were moved to their neighbour's value.
    Winsorised(usize),
    /// ln(x − min + 0.01 (max − min)) of all values.
    Logarithm,
}

/// A column after the rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Treated {
    pub values: Vec<Option<f64>>,
    pub treatment: Treatment,
    /// Skewness and excess kurtosis before and after; `None` with fewer than four numbers, or when all are equal.
    pub before: Option<(f64, f64)>,
    pub after: Option<(f64, f64)>,
}

/// While |skewness| and kurtosis are both at or above their bounds, the farthest point (with all that equal it) takes the
/// value of the next; when the number of moved points reaches the bound and it still does not pass, logarithms are taken of
/// the values as given. A column of fewer than four numbers is left alone: its shape cannot be told.
///
/// # Errors
/// When a value is not finite.
pub fn treat(values: &[Option<f64>], bounds: Bounds) -> Result<Treated, Fault> {
    super::finite(values)?;
    let before = shape(values);
    let passes = |shape: Option<(f64, f64)>| {
        shape.is_none_or(|(skewness, kurtosis)| skewness.abs() < bounds.skewness || kurtosis < bounds.kurtosis)
    };
    let mut treated = Treated { values: values.to_vec(), treatment: Treatment::None, before, after: before };
    let (mut top, mut bottom) = (0, 0);
    while !passes(treated.after) && top + bottom < bounds.points {
        // The farthest point of the longer tail, with all that equal it.
        let high = treated.after.is_some_and(|(skewness, _)| skewness >= 0.0);
        let beyond = |a: f64, b: f64| if high { a > b } else { a < b };
        let farthest = |than: Option<f64>| {
            let inside = treated.values.iter().flatten().copied().filter(|value| than.is_none_or(|than| *value != than));
            inside.reduce(|a, b| if beyond(b, a) { b } else { a })
        };
        let Some(end) = farthest(None) else { break };
        let Some(next) = farthest(Some(end)) else { break };
        let mut moved = 0;
        for value in treated.values.iter_mut().filter(|value| **value == Some(end)) {
            *value = Some(next);
            moved += 1;
        }
        if high {
            top = moved;
        } else {
            bottom = moved;
        }
        treated.treatment = Treatment::Winsorised(top + bottom);
        treated.after = shape(&treated.values);
    }
    if !passes(treated.after) {
        let low = values.iter().flatten().copied().fold(f64::INFINITY, f64::min);
        let high = values.iter().flatten().copied().fold(f64::NEG_INFINITY, f64::max);
        let logarithm = |value: f64| (value - low + 0.01 * (high - low)).ln();
        treated.values = values.iter().map(|value| value.map(logarithm)).collect();
        treated.treatment = Treatment::Logarithm;
        treated.after = shape(&treated.values);
    }
    Ok(treated)
}

/// Skewness and excess kurtosis as Excel, SAS and SPSS have them (Joanes & Gill 1998, G1 and G2), of at least four numbers
/// that are not all equal.
pub fn shape(values: &[Option<f64>]) -> Option<(f64, f64)> {
    let count = values.iter().flatten().count();
    if count < 4 {
        return None;
    }
    let n = count as f64;
    let mean = values.iter().flatten().sum::<f64>() / n;
    let power = |power: i32| values.iter().flatten().map(|value| (value - mean).powi(power)).sum::<f64>();
    let squares = power(2);
    if squares <= 0.0 || !squares.is_finite() {
        return None;
    }
    let skewness = n.sqrt() * power(3) / squares.powf(1.5) * (n * (n - 1.0)).sqrt() / (n - 2.0);
    let kurtosis = ((n + 1.0) * (n * power(4) / squares.powi(2) - 3.0) + 6.0) * (n - 1.0) / ((n - 2.0) * (n - 3.0));
    Some((skewness, kurtosis))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(values: &[f64], bounds: Bounds, treatment: Treatment, last: f64) {
        let values: Vec<Option<f64>> = values.iter().copied().map(Some).collect();
        let found = treat(&values, bounds).unwrap();
        assert_eq!(found.treatment, treatment, "{found:?}");
        let end = found.values.last().copied().flatten().unwrap();
        assert!((end - last).abs() < 1e-12, "{end}, expected {last}");
    }

    #[test]
    fn by_the_rule() {
        let tens: Vec<f64> = (1..=10).map(f64::from).collect();
        let with = |further: &[f64]| [&tens[..], further].concat();
        check(&tens, Bounds::default(), Treatment::None, 10.0);
        check(&with(&[30.0, 100.0]), Bounds::default(), Treatment::Winsorised(1), 30.0);
        check(&with(&[-100.0]), Bounds::default(), Treatment::Winsorised(1), 1.0);
        // One point only may be moved, and that is not enough.
        let one = Bounds { points: 1, ..Bounds::default() };
        check(
            &with(&[900.0, 1000.0]),
            Bounds { skewness: 1.0, kurtosis: 1.0, ..one },
            Treatment::Logarithm,
            (1000.0 - 1.0 + 9.99_f64).ln(),
        );
        check(&[1.0, 2.0, 1000.0], Bounds::default(), Treatment::None, 1000.0);
        check(&[5.0, 5.0, 5.0, 5.0], Bounds::default(), Treatment::None, 5.0);
    }

    #[test]
    fn shapes() {
        // By hand: 1, 2, 3, 10 has mean 4, deviations -3 -2 -1 6.
        let (skewness, kurtosis) = shape(&[Some(1.0), Some(2.0), None, Some(3.0), Some(10.0)]).unwrap();
        let g1 = 2.0 * 180.0 / 50.0_f64.powf(1.5) * 12.0_f64.sqrt() / 2.0;
        let g2 = (5.0 * (4.0 * 1394.0 / 2500.0 - 3.0) + 6.0) * 3.0 / 2.0;
        assert!((skewness - g1).abs() < 1e-12 && (kurtosis - g2).abs() < 1e-12);
    }
}
