//! Several scores into one: the weighted arithmetic and the weighted geometric mean, over the values that are there.
//!
//! A missing value takes its weight with it, and the others share it in proportion: nothing is counted as zero. Whether
//! enough is there to call the result a score is the caller's question ([`crate::composite`]).

use crate::Fault;

/// How scores become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aggregation {
    /// Full compensation: a low score is made good by a high one.
    Arithmetic,
    /// Partial compensation; needs scores above 0.
    Geometric,
}

impl Aggregation {
    pub const WORDS: [&'static str; 2] = ["arithmetic", "geometric"];

    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "arithmetic" => Some(Self::Arithmetic),
            "geometric" => Some(Self::Geometric),
            _ => None,
        }
    }

    pub fn word(self) -> &'static str {
        match self {
            Self::Arithmetic => "arithmetic",
            Self::Geometric => "geometric",
        }
    }
}

/// How far a sum of weights may be from 1: rounding of the machine, not of a printed table.
const SUM: f64 = 1e-6;

/// The mean by a rule; see [`arithmetic`] and [`geometric`].
///
/// # Errors
/// As these.
pub fn aggregate(how: Aggregation, values: &[Option<f64>], weights: &[f64]) -> Result<Option<f64>, Fault> {
    match how {
        Aggregation::Arithmetic => arithmetic(values, weights),
        Aggregation::Geometric => geometric(values, weights),
    }
}

/// Σ w x / Σ w over the values that are there; `None` when none is, or only such of weight 0. Values and weights of one
/// length, in the unit of the values.
///
/// # Errors
/// When the lengths differ, a value is not finite, or a weight is negative or not finite.
pub fn arithmetic(values: &[Option<f64>], weights: &[f64]) -> Result<Option<f64>, Fault> {
    let (mut sum, mut total) = (0.0, 0.0);
    for (value, weight) in pairs(values, weights)? {
        sum += weight * value;
        total += weight;
    }
    held((total > 0.0).then(|| sum / total))
}

/// exp(Σ w ln x / Σ w) = (Π x^w)^(1/Σ w) over the values that are there; `None` as for [`arithmetic`].
///
/// # Errors
/// As [`arithmetic`]; when a value of positive weight is 0 or negative: a product knows no such factor.
pub fn geometric(values: &[Option<f64>], weights: &[f64]) -> Result<Option<f64>, Fault> {
    let (mut sum, mut total) = (0.0, 0.0);
    for (index, (value, weight)) in pairs(values, weights)?.enumerate() {
        if weight > 0.0 {
            if value <= 0.0 {
                let at = format!("geometric mean, present value {}", index + 1);
                let expected = "a number above 0 (else aggregate arithmetically, or set a floor on purpose)";
                return Err(Fault::number(at, expected, &value));
            }
            sum += weight * value.ln();
            total += weight;
        }
    }
    held((total > 0.0).then(|| (sum / total).exp()))
}

/// Weights as they are used: checked, and divided by their sum with `rescale`.
///
/// # Errors
/// When there is none, one is negative or not finite, or they do not sum to 1 and are not to be rescaled.
pub fn weights(given: &[f64], rescale: bool, at: &str) -> Result<Vec<f64>, Fault> {
    if given.is_empty() {
        return Err(Fault::Few { at: format!("{at}, weights"), found: 0, least: 1 });
    }
    let sum = checked(given, at)?;
    if rescale && sum > 0.0 {
        return Ok(given.iter().map(|weight| weight / sum).collect());
    }
    if (sum - 1.0).abs() > SUM {
        // Ten digits: a sum of decimals shows the machine's rounding after that.
        return Err(Fault::Weights { at: at.to_owned(), sum: (sum * 1e10).round() / 1e10 });
    }
    Ok(given.to_vec())
}

fn held(mean: Option<f64>) -> Result<Option<f64>, Fault> {
    match mean.filter(|mean| !mean.is_finite()) {
        None => Ok(mean),
        Some(mean) => Err(Fault::number("mean", "a sum that a computer can hold", &mean)),
    }
}

fn checked(weights: &[f64], at: &str) -> Result<f64, Fault> {
    for (index, weight) in weights.iter().enumerate() {
        if !(weight.is_finite() && *weight >= 0.0) {
            return Err(Fault::number(format!("{at}, weight {}", index + 1), "a weight from 0 up", weight));
        }
    }
    Ok(weights.iter().sum())
}

/// The values that are there, with their weights.
fn pairs<'a>(values: &'a [Option<f64>], weights: &'a [f64]) -> Result<impl Iterator<Item = (f64, f64)> + 'a, Fault> {
    if values.len() != weights.len() {
        let hint = "one weight for every value";
        return Err(Fault::shape("weights", values.len().to_string(), weights.len().to_string(), hint));
    }
    checked(weights, "weights")?;
    if let Some(index) = values.iter().position(|value| value.is_some_and(|value| !value.is_finite())) {
        let found = values[index].unwrap_or(f64::NAN);
        return Err(Fault::number(format!("value {}", index + 1), "a finite number or none", &found));
    }
    Ok(values.iter().zip(weights).filter_map(|(value, weight)| value.map(|value| (value, *weight))))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(how: Aggregation, values: &[f64], expected: &str) {
        let weights = vec![1.0 / values.len() as f64; values.len()];
        // NaN stands for a missing value here.
        let values: Vec<Option<f64>> = values.iter().map(|value| (!value.is_nan()).then_some(*value)).collect();
        let found = match aggregate(how, &values, &weights) {
            Ok(Some(found)) => format!("{found:.2}"),
            Ok(None) => "none".into(),
            Err(fault) => format!("{} {fault}", fault.code()),
        };
        assert_eq!(found, expected, "{values:?}");
    }

    /// OECD/JRC Handbook 2008, pages 103-104.
    #[test]
    fn handbook() {
        check(Aggregation::Arithmetic, &[21.0, 1.0, 1.0, 1.0], "6.00");
        check(Aggregation::Arithmetic, &[6.0, 6.0, 6.0, 6.0], "6.00");
        check(Aggregation::Geometric, &[21.0, 1.0, 1.0, 1.0], "2.14");
        check(Aggregation::Geometric, &[6.0, 6.0, 6.0, 6.0], "6.00");
        check(Aggregation::Geometric, &[21.0, 2.0, 1.0, 1.0], "2.55");
        check(Aggregation::Geometric, &[6.0, 7.0, 6.0, 6.0], "6.24");
    }

    #[test]
    fn missing_and_impossible() {
        check(Aggregation::Arithmetic, &[4.0, f64::NAN, 2.0], "3.00");
        check(Aggregation::Geometric, &[f64::NAN, 9.0, 4.0], "6.00");
        check(Aggregation::Geometric, &[f64::NAN], "none");
        check(Aggregation::Arithmetic, &[f64::INFINITY], "method-number value 1: expected a finite number or none, found inf");
        check(
            Aggregation::Geometric,
            &[4.0, 0.0],
            "method-number geometric mean, present value 2: expected a number above 0 (else aggregate arithmetically, or set a floor on purpose), found 0",
        );
    }

    #[test]
    fn sums() {
        assert!(weights(&[0.1; 10], false, "w").is_ok());
        assert_eq!(weights(&[0.5, 0.51], false, "w"), Err(Fault::Weights { at: "w".into(), sum: 1.01 }));
        assert_eq!(weights(&[3.0, 1.0], true, "w"), Ok(vec![0.75, 0.25]));
        assert!(weights(&[1.5, -0.5], true, "w").is_err());
        assert!(weights(&[0.0, 0.0], true, "w").is_err());
        assert!(weights(&[f64::NAN, 1.0], true, "w").is_err());
    }

    proptest! {
        #[test]
        fn between_the_ends(values in proptest::collection::vec(0.1..1e3_f64, 1..8)) {
            let weights: Vec<f64> = (1..=values.len()).map(|weight| weight as f64).collect();
            let low = values.iter().copied().fold(f64::INFINITY, f64::min);
            let high = values.iter().copied().fold(0.0, f64::max);
            let given: Vec<Option<f64>> = values.iter().copied().map(Some).collect();
            let geometric = geometric(&given, &weights).unwrap().unwrap();
            let arithmetic = arithmetic(&given, &weights).unwrap().unwrap();
            prop_assert!(low * (1.0 - 1e-12) <= geometric && geometric <= arithmetic * (1.0 + 1e-12));
            prop_assert!(arithmetic <= high * (1.0 + 1e-12));
        }
    }
}
