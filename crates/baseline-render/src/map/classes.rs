//! Class limits of a choropleth: limits that can be printed and said in a sentence, four to six classes.
//!
//! Two ways, and which one was taken stands in the legend: *quantiles* for many values (classes of about as many regions
//! each, so the map has contrast whatever the distribution), *equal steps* for few (round limits that a reader can check
//! by eye). A value belongs to the class whose limits include its printed, rounded form.

use baseline_model::language::{Language, round_half_away};

use crate::chart::axis::axis;

/// How the limits were found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    EqualSteps,
    Quantiles,
}

/// Limits between classes, ascending; `n` limits make `n + 1` classes.
#[derive(Debug, Clone, PartialEq)]
pub struct Classes {
    pub limits: Vec<f64>,
    /// Places behind the point, as printed.
    pub decimals: u8,
    pub method: Method,
    /// Values on both sides of zero, and zero is a limit: colours part there.
    pub around_zero: bool,
}

/// From so many values on, quantiles.
const MANY: usize = 30;
/// Classes by quantiles.
const QUANTILES: usize = 5;

impl Classes {
    /// Limits for the values. `zero_has_meaning`: zero separates two kinds of values (a gap), as opposed to being a low one.
    /// `None` when there is nothing to divide: fewer than two different values.
    pub fn of(values: &[f64], decimals: u8, zero_has_meaning: bool) -> Option<Self> {
        let mut sorted: Vec<f64> = values.iter().filter(|value| value.is_finite()).map(|value| round(*value, decimals)).collect();
        sorted.sort_by(f64::total_cmp);
        let (low, high) = (*sorted.first()?, *sorted.last()?);
        if low == high {
            return None;
        }
        let both = zero_has_meaning && low < 0.0 && high > 0.0;
        let (method, mut limits) = if sorted.len() >= MANY && !both {
            (Method::Quantiles, quantiles(&sorted, decimals))
        } else {
            (Method::EqualSteps, equal_steps(low, high)?)
        };
        // A limit with more places than the values would be printed as another one.
        let printed = |limit: f64| (round(limit, decimals) - limit).abs() < 1e-9;
        limits.retain(|limit| *limit > low && *limit <= high && printed(*limit));
        limits.dedup();
        if limits.is_empty() {
            return None;
        }
        let around_zero = both && limits.contains(&0.0);
        // Round steps may have fewer places than the values, and never more than are printed.
        let fits = |places: u8| limits.iter().all(|limit| (round(*limit, places) - limit).abs() < 1e-9);
        let decimals = (0..=decimals.min(6)).find(|places| fits(*places)).unwrap_or(decimals);
        Some(Self { limits, decimals, method, around_zero })
    }

    /// Number of classes.
    pub fn len(&self) -> usize {
        self.limits.len() + 1
    }

    /// Never true: there is a class beside every limit.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// The class of a value that is printed with `decimals` places, from 0.
    pub fn class(&self, value: f64, decimals: u8) -> usize {
        let value = round(value, decimals);
        self.limits.iter().filter(|limit| value >= **limit).count()
    }

    /// How many classes lie below zero.
    pub fn below_zero(&self) -> usize {
        self.limits.iter().filter(|limit| **limit <= 0.0).count()
    }

    /// The legend text of every class: `under 10`, `10 to under 20`, `20 and over`.
    pub fn texts(&self, language: &Language) -> Vec<String> {
        let number = |limit: f64| language.number(limit, usize::from(self.decimals));
        (0..self.len())
            .map(|class| match (class.checked_sub(1).map(|below| self.limits[below]), self.limits.get(class)) {
                (None, Some(high)) => language.text("render.map_under", &[("high", &number(*high))]),
                (Some(low), Some(high)) => {
                    language.text("render.map_between", &[("low", &number(low)), ("high", &number(*high))])
                }
                (Some(low), None) => language.text("render.map_over", &[("low", &number(low))]),
                (None, None) => String::new(),
            })
            .collect()
    }
}

/// As it is printed.
fn round(value: f64, decimals: u8) -> f64 {
    round_half_away(value, usize::from(decimals))
}

fn quantiles(sorted: &[f64], decimals: u8) -> Vec<f64> {
    // Whole numbers where that leaves the classes apart: a limit of 60 is remembered, one of 59.7 is not.
    let at = |part: usize| sorted[part * sorted.len() / QUANTILES];
    let coarse: Vec<f64> = (1..QUANTILES).map(|part| round(at(part), 0)).collect();
    let apart = coarse.windows(2).all(|pair| pair[1] - pair[0] >= 2.0);
    if apart && decimals > 0 { coarse } else { (1..QUANTILES).map(|part| round(at(part), decimals)).collect() }
}

/// Round steps: four to six classes where the values allow it.
fn equal_steps(low: f64, high: f64) -> Option<Vec<f64>> {
    let inner = |most: u32| -> Option<Vec<f64>> {
        let ticks = axis([low, high], most)?.ticks.into_iter().map(|tick| (tick * 1e9).round() / 1e9);
        Some(ticks.filter(|tick| *tick > low && *tick <= high).collect())
    };
    (3..=7).rev().filter_map(inner).find(|limits| limits.len() <= 5)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(values: &[f64], decimals: u8, zero: bool, expected: Option<(&[f64], Method)>) {
        let found = Classes::of(values, decimals, zero);
        assert_eq!(found.as_ref().map(|classes| (classes.limits.as_slice(), classes.method)), expected, "{values:?}");
    }

    #[test]
    fn few_values_get_round_steps() {
        check(&[4.1, 12.0, 33.0, 9.0], 1, true, Some((&[10.0, 20.0, 30.0], Method::EqualSteps)));
        check(&[-3.0, 4.0], 1, true, Some((&[-2.0, 0.0, 2.0, 4.0], Method::EqualSteps)));
        check(&[0.12, 0.19], 2, false, Some((&[0.14, 0.16, 0.18], Method::EqualSteps)));
        check(&[5.0, 5.1], 1, false, Some((&[5.1], Method::EqualSteps)));
        check(&[3.0, 5.0], 0, false, Some((&[4.0, 5.0], Method::EqualSteps)));
        check(&[5.0, 5.0], 1, false, None);
        check(&[5.01, 5.04], 1, false, None);
        check(&[], 1, false, None);
        check(&[f64::NAN, 1.0], 1, false, None);
    }

    #[test]
    fn many_values_get_quantiles() {
        let values: Vec<f64> = (0..100).map(f64::from).collect();
        check(&values, 1, false, Some((&[20.0, 40.0, 60.0, 80.0], Method::Quantiles)));
        // Most values are the same: fewer classes, each with its limits.
        let skewed: Vec<f64> = (0..100).map(|number| if number < 70 { 1.0 } else { f64::from(number) }).collect();
        let classes = Classes::of(&skewed, 1, false).unwrap();
        assert_eq!(classes.limits, [80.0]);
    }

    #[test]
    fn a_value_is_in_the_class_that_its_print_says() {
        let classes = Classes { limits: vec![10.0, 20.0], decimals: 0, method: Method::EqualSteps, around_zero: false };
        assert_eq!([9.94, 9.95, 10.0, 19.96, 25.0].map(|value| classes.class(value, 1)), [0, 1, 1, 2, 2]);
    }

    #[test]
    fn zero_parts_the_colours_only_where_it_has_meaning() {
        assert!(Classes::of(&[-3.0, 4.0], 1, true).unwrap().around_zero);
        assert!(!Classes::of(&[-3.0, 4.0], 1, false).unwrap().around_zero);
        assert!(!Classes::of(&[3.0, 14.0], 1, true).unwrap().around_zero);
        assert_eq!(Classes::of(&[-3.0, 4.0], 1, true).unwrap().below_zero(), 2);
    }
}
