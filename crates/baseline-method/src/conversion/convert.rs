//! The conversion itself: counts are divided by weight, rates are averaged by it.

use std::collections::BTreeMap;

use crate::Fault;

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantity {
    /// Adds up over regions: persons, jobs, euros.
    Count,
    /// Does not: percent, per thousand, per head.
    Rate,
}

/// What an old region has.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Old {
    pub value: Option<f64>,
    /// Persons or whatever else the rate is of; without it rates are averaged by the flow's weight.
    pub denominator: Option<f64>,
}

/// A part of an old region in a new one.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    pub from: String,
    /// f(old→new)/f(old): the part of the old region's weight.
    pub share: f64,
    pub weight: f64,
}

/// A new region.
#[derive(Debug, Clone, PartialEq)]
pub struct Converted {
    pub code: String,
    /// `None` when more than the limit is missing.
    pub value: Option<f64>,
    /// The sum of the parts of the denominators, where there are any.
    pub denominator: Option<f64>,
    /// Share of the new region's weight that comes from old regions without a value; 0 to 1.
    pub missing: f64,
    /// All it is made of, in the order of the flows, also what has no value.
    pub parts: Vec<Part>,
}

/// Values of old regions as values of the new ones that they flow into.
///
/// Counts: `x_new` = Σ `x_old` f(old→new)/f(old), so that the sum is preserved. Rates: `r_new` = Σ r d f(old→new)/f(old) /
/// Σ d f(old→new)/f(old) with denominators d, Σ r f(old→new)/Σ f(old→new) without. `flows` are (old, new, weight) and must
/// hold all flows of every old region, and all into every new one. A new region is missing when more than `limit` of its
/// weight has no value; when less is missing, a count is the sum of what there is and a rate is its mean.
///
/// # Errors
/// When a value or weight is not finite, a weight or denominator is negative, the limit is outside 0 to 1, or an old region
/// that is divided has no weight at all.
pub fn convert(
    olds: &BTreeMap<&str, Old>,
    flows: &[(&str, &str, f64)],
    quantity: Quantity,
    with_denominators: bool,
    limit: f64,
) -> Result<Vec<Converted>, Fault> {
    if !(0.0..=1.0).contains(&limit) {
        return Err(Fault::number("limit of the missing share", "a share from 0 to 1", &limit));
    }
    for (code, old) in olds {
        if let Some(wrong) = old.value.filter(|value| !value.is_finite()) {
            return Err(Fault::number(*code, "a finite number", &wrong));
        }
        if let Some(wrong) = old.denominator.filter(|count| !(*count >= 0.0 && count.is_finite())) {
            return Err(Fault::number(format!("{code}, denominator"), "a number from 0 up", &wrong));
        }
    }
    let mut whole: BTreeMap<&str, (f64, usize)> = BTreeMap::new();
    for (old, new, weight) in flows {
        if !(*weight >= 0.0 && weight.is_finite()) {
            return Err(Fault::number(format!("flow from {old} to {new}"), "a weight from 0 up", weight));
        }
        let (sum, targets) = whole.entry(old).or_default();
        *sum += weight;
        *targets += 1;
    }
    let mut parts: BTreeMap<&str, Vec<Part>> = BTreeMap::new();
    for (old, new, weight) in flows {
        let share = match whole[old] {
            // All of it goes to one place, whatever it weighs.
            (_, 1) => 1.0,
            (0.0, _) => return Err(Fault::number(format!("flows from {old}, sum of the weights"), "a sum above 0", &0)),
            (sum, _) => weight / sum,
        };
        parts.entry(new).or_default().push(Part { from: (*old).to_owned(), share, weight: *weight });
    }
    let reached = |parts: &[Part]| parts.iter().any(|part| olds.contains_key(part.from.as_str()));
    let new = |(code, parts): (&str, Vec<Part>)| combined(code, parts, olds, quantity, with_denominators, limit);
    Ok(parts.into_iter().filter(|(_, parts)| reached(parts)).map(new).collect())
}

fn combined(
    code: &str,
    parts: Vec<Part>,
    olds: &BTreeMap<&str, Old>,
    quantity: Quantity,
    with_denominators: bool,
    limit: f64,
) -> Converted {
    let known = |part: &Part| {
        let old = olds.get(part.from.as_str())?;
        let denominator = if with_denominators { Some(old.denominator?) } else { None };
        Some((old.value?, denominator))
    };
    let all: f64 = parts.iter().map(|part| part.weight).sum();
    let without = || parts.iter().filter(|part| known(part).is_none());
    let missing = if all > 0.0 {
        // An empty sum is -0.
        without().map(|part| part.weight).sum::<f64>() / all + 0.0
    } else {
        without().count() as f64 / parts.len() as f64
    };
    let found: Vec<(&Part, f64, Option<f64>)> =
        parts.iter().filter_map(|part| known(part).map(|(value, count)| (part, value, count))).collect();
    let counts = with_denominators.then(|| found.iter().map(|(part, _, count)| count.unwrap_or(0.0) * part.share).sum::<f64>());
    let value = match quantity {
        Quantity::Count => (!found.is_empty()).then(|| found.iter().map(|(part, value, _)| value * part.share).sum()),
        Quantity::Rate => {
            let weight = |part: &Part, count: Option<f64>| count.map_or(part.weight, |count| count * part.share);
            let sum: f64 = found.iter().map(|(part, _, count)| weight(part, *count)).sum();
            match found.as_slice() {
                // Of one region alone the rate is the rate, to the last digit.
                [(_, value, _)] => Some(*value),
                _ => {
                    (sum > 0.0).then(|| found.iter().map(|(part, value, count)| value * weight(part, *count)).sum::<f64>() / sum)
                }
            }
        }
    };
    let within = missing <= limit;
    Converted { code: code.to_owned(), value: value.filter(|_| within), denominator: counts.filter(|_| within), missing, parts }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FLOWS: &[(&str, &str, f64)] = &[
        ("FI193", "FI198", 270_038.0),
        ("FI193", "FI19B", 2119.0),
        ("FI197", "FI19B", 515_173.0),
        ("NL113", "NL115", 405_676.0),
    ];

    fn check(olds: &[(&'static str, f64)], quantity: Quantity, limit: f64, expected: &str) {
        let olds = olds.iter().map(|(code, value)| (*code, Old { value: Some(*value), denominator: None })).collect();
        let found = convert(&olds, FLOWS, quantity, false, limit).unwrap();
        let one = |new: &Converted| format!("{} {:.3} {:.4}", new.code, new.value.unwrap_or(f64::NAN), new.missing);
        assert_eq!(found.iter().map(one).collect::<Vec<_>>().join("; "), expected);
    }

    #[test]
    fn counts_and_rates() {
        let both = [("FI193", 272_157.0), ("FI197", 515_173.0)];
        check(&both, Quantity::Count, 0.0, "FI198 270038.000 0.0000; FI19B 517292.000 0.0000");
        check(&[("FI193", 10.0), ("FI197", 20.0)], Quantity::Rate, 0.0, "FI198 10.000 0.0000; FI19B 19.959 0.0000");
        check(&[("NL113", 7.1)], Quantity::Rate, 0.0, "NL115 7.100 0.0000");
    }

    #[test]
    fn missing_is_stated() {
        let one = [("FI193", 272_157.0)];
        check(&one, Quantity::Count, 0.0, "FI198 270038.000 0.0000; FI19B NaN 0.9959");
        check(&[("FI197", 20.0)], Quantity::Rate, 0.0, "FI19B NaN 0.0041");
        check(&[("FI197", 20.0)], Quantity::Rate, 0.01, "FI19B 20.000 0.0041");
    }

    #[test]
    fn denominators_weigh() {
        let old = |value, count| Old { value: Some(value), denominator: Some(count) };
        let olds = BTreeMap::from([("a", old(10.0, 100.0)), ("b", old(30.0, 300.0))]);
        let found = convert(&olds, &[("a", "c", 9.0), ("b", "c", 1.0)], Quantity::Rate, true, 0.0).unwrap();
        assert_eq!((found[0].value, found[0].denominator), (Some(25.0), Some(400.0)));
    }

    #[test]
    fn refused() {
        let olds = BTreeMap::from([("a", Old { value: Some(1.0), denominator: None })]);
        let fault =
            |flows: &[(&str, &str, f64)], limit| convert(&olds, flows, Quantity::Count, false, limit).unwrap_err().to_string();
        assert_eq!(
            fault(&[("a", "b", 0.0), ("a", "c", 0.0)], 0.0),
            "flows from a, sum of the weights: expected a sum above 0, found 0"
        );
        assert_eq!(fault(&[("a", "b", -1.0)], 0.0), "flow from a to b: expected a weight from 0 up, found -1");
        assert_eq!(fault(&[("a", "b", 1.0)], 2.0), "limit of the missing share: expected a share from 0 to 1, found 2");
    }

    proptest! {
        #[test]
        fn mass_is_preserved(
            values in prop::collection::vec(0.0f64..1e6, 6),
            weights in prop::collection::vec((0usize..6, 0usize..5, 0.1f64..1e5), 6..25),
        ) {
            let (old, new) = (["a", "b", "c", "d", "e", "f"], ["p", "q", "r", "s", "t"]);
            let mut flows: Vec<(&str, &str, f64)> = Vec::new();
            for (from, to, weight) in weights.iter().copied().chain((0..6).map(|from| (from, 0, 1.0))) {
                if !flows.iter().any(|flow| (flow.0, flow.1) == (old[from], new[to])) {
                    flows.push((old[from], new[to], weight));
                }
            }
            let olds = old.iter().zip(&values).map(|(code, value)| (*code, Old { value: Some(*value), denominator: None })).collect();
            let found = convert(&olds, &flows, Quantity::Count, false, 0.0).unwrap();
            let (before, after): (f64, f64) = (values.iter().sum(), found.iter().filter_map(|new| new.value).sum());
            prop_assert!((before - after).abs() <= 1e-9 * before.max(1.0));
            let rates = convert(&olds, &flows, Quantity::Rate, false, 0.0).unwrap();
            let (low, high) = values.iter().fold((f64::MAX, 0.0f64), |(low, high), value| (low.min(*value), high.max(*value)));
            for rate in rates.iter().filter_map(|new| new.value) {
                prop_assert!(rate >= low - 1e-6 && rate <= high + 1e-6);
            }
        }
    }
}
