//! Intervals, and the rule that overlapping intervals forbid an ordering word, as a type: who wants to write that one
//! value is higher than another needs a [`Separated`], and [`compare`] is the only function that makes one.
//!
//! It must not know what an interval was made from; `reliability` and `uncertainty` make them.

use std::cmp::Ordering;

use crate::Fault;
use crate::rank::order;

/// A closed interval of finite numbers, the lower end not above the upper one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    lower: f64,
    upper: f64,
}

impl Interval {
    /// # Errors
    /// When an end is NaN or infinite, or the lower end is above the upper one.
    pub fn new(lower: f64, upper: f64) -> Result<Self, Fault> {
        for end in [lower, upper] {
            if !end.is_finite() {
                return Err(Fault::number("interval", "two finite ends", &end));
            }
        }
        if lower > upper {
            return Err(Fault::number("interval", "a lower end not above the upper end", &format!("{lower} to {upper}")));
        }
        Ok(Self { lower, upper })
    }

    pub fn lower(self) -> f64 {
        self.lower
    }

    pub fn upper(self) -> f64 {
        self.upper
    }

    /// Touching ends overlap: the common number may be the true value of both.
    pub fn overlaps(self, other: Self) -> bool {
        self.lower <= other.upper && other.lower <= self.upper
    }

    pub fn contains(self, value: f64) -> bool {
        self.lower <= value && value <= self.upper
    }
}

/// How precisely a value is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Precision {
    /// With an interval, published or computed from published figures.
    Within(Interval),
    /// A full count without sampling error, such as a register's: a point.
    Exact,
    /// Nothing is known about its error. This is not the same as none.
    Unknown,
}

/// A value to be put beside another one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    pub value: f64,
    pub precision: Precision,
}

/// What the comparison of two values asks of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Both intervals must be known: for values marked as unreliable, for composites, for anything modelled.
    Demanded,
    /// An interval counts where there is one; a value of unknown precision is taken as a point, and [`Basis`] says so. For
    /// official figures whose office publishes no errors.
    WhereKnown,
}

/// Which of the two arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    First,
    Second,
}

/// What a separation rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Basis {
    /// The precision of both is known.
    Intervals,
    /// That of one is.
    OneInterval,
    /// That of neither: the two numbers differ, which is all that can be said.
    Numbers,
}

/// Proof that one value lies above the other. Without it no ordering word may be written; it cannot be made by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Separated {
    higher: Side,
    basis: Basis,
}

impl Separated {
    /// The side with the larger number. Whether that is the better one is a matter of the indicator's direction.
    pub fn higher(self) -> Side {
        self.higher
    }

    pub fn basis(self) -> Basis {
        self.basis
    }

    /// The two things that were compared, the one with the larger number first.
    pub fn high_low<T>(self, first: T, second: T) -> (T, T) {
        match self.higher {
            Side::First => (first, second),
            Side::Second => (second, first),
        }
    }
}

/// What may be said of two values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// One is above the other.
    Separated(Separated),
    /// Their intervals have numbers in common, or the values are equal: no order may be named.
    Overlapping,
    /// The rule demands an interval that is not known: no order may be named.
    NotKnown,
}

impl Comparison {
    pub fn separated(self) -> Option<Separated> {
        match self {
            Self::Separated(separated) => Some(separated),
            Self::Overlapping | Self::NotKnown => None,
        }
    }
}

/// Whether one of two values may be called higher. A value that is no number is not known, under any rule.
pub fn compare(first: Estimate, second: Estimate, rule: Rule) -> Comparison {
    let both = [first, second];
    if both.iter().any(|estimate| !estimate.value.is_finite()) {
        return Comparison::NotKnown;
    }
    let unknown = both.iter().filter(|estimate| estimate.precision == Precision::Unknown).count();
    if unknown > 0 && rule == Rule::Demanded {
        return Comparison::NotKnown;
    }
    let [a, b] = both.map(|estimate| match estimate.precision {
        // An interval that misses its own value would separate what the values do not: it is widened to the value.
        Precision::Within(interval) => {
            Interval { lower: interval.lower.min(estimate.value), upper: interval.upper.max(estimate.value) }
        }
        Precision::Exact | Precision::Unknown => Interval { lower: estimate.value, upper: estimate.value },
    });
    // By `order`, not by `overlaps`: ends that differ by a rounding of the machine touch.
    let higher = if order(a.lower, b.upper) == Ordering::Greater {
        Side::First
    } else if order(b.lower, a.upper) == Ordering::Greater {
        Side::Second
    } else {
        return Comparison::Overlapping;
    };
    let basis = match unknown {
        0 => Basis::Intervals,
        1 => Basis::OneInterval,
        _ => Basis::Numbers,
    };
    Comparison::Separated(Separated { higher, basis })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn estimate(text: &str) -> Estimate {
        let numbers: Vec<f64> = text.split_whitespace().filter_map(|word| word.parse().ok()).collect();
        let precision = match numbers.as_slice() {
            [_, lower, upper] => Precision::Within(Interval::new(*lower, *upper).unwrap()),
            _ if text.ends_with('!') => Precision::Exact,
            _ => Precision::Unknown,
        };
        Estimate { value: numbers[0], precision }
    }

    /// `5 4 6` is 5 within 4 to 6, `5 !` is exact, `5` of unknown precision.
    fn check(first: &str, second: &str, rule: Rule, expected: &str) {
        let found = match compare(estimate(first), estimate(second), rule) {
            Comparison::Separated(separated) => format!("{:?} {:?}", separated.higher(), separated.basis()),
            Comparison::Overlapping => "overlapping".into(),
            Comparison::NotKnown => "not known".into(),
        };
        assert_eq!(found, expected, "{first} and {second}");
    }

    #[test]
    fn cases() {
        use Rule::{Demanded, WhereKnown};
        check("5 4 6", "8 7 9", Demanded, "Second Intervals");
        check("8 7 9", "5 4 6", Demanded, "First Intervals");
        check("5 4 7", "8 7 9", Demanded, "overlapping");
        check("5 4 6", "7 !", Demanded, "Second Intervals");
        check("5 4 6", "7", Demanded, "not known");
        check("5 4 6", "7", WhereKnown, "Second OneInterval");
        check("5 4 6", "6", WhereKnown, "overlapping");
        check("5", "6", WhereKnown, "Second Numbers");
        check("5", "6", Demanded, "not known");
        check("5 !", "5 !", Demanded, "overlapping");
        check("5", "5", WhereKnown, "overlapping");
        check("0.3", "0.30000000000000004", WhereKnown, "overlapping");
        check("NaN", "5", WhereKnown, "not known");
        check("9 1 2", "5 4 6", Demanded, "overlapping");
    }

    #[test]
    fn refuses() {
        let fault = |lower, upper| Interval::new(lower, upper).unwrap_err().to_string();
        assert_eq!(fault(2.0, 1.0), "interval: expected a lower end not above the upper end, found 2 to 1");
        assert_eq!(fault(f64::NAN, 1.0), "interval: expected two finite ends, found NaN");
        assert_eq!(fault(0.0, f64::INFINITY), "interval: expected two finite ends, found inf");
    }

    fn estimates() -> impl Strategy<Value = Estimate> {
        let ends = (-50.0..50.0_f64, 0.0..20.0_f64, 0.0..20.0_f64);
        (ends, 0..3_u8).prop_map(|((value, below, above), kind)| Estimate {
            value,
            precision: match kind {
                0 => Precision::Within(Interval::new(value - below, value + above).unwrap()),
                1 => Precision::Exact,
                _ => Precision::Unknown,
            },
        })
    }

    fn rules() -> impl Strategy<Value = Rule> {
        prop_oneof![Just(Rule::Demanded), Just(Rule::WhereKnown)]
    }

    proptest! {
        #[test]
        fn order_of_arguments_does_not_matter(a in estimates(), b in estimates(), rule in rules()) {
            match (compare(a, b, rule), compare(b, a, rule)) {
                (Comparison::Separated(one), Comparison::Separated(other)) => {
                    prop_assert_eq!(one.high_low("a", "b"), other.high_low("b", "a"));
                    prop_assert_eq!(one.basis(), other.basis());
                }
                (one, other) => prop_assert_eq!(one, other),
            }
        }

        #[test]
        fn no_word_for_overlap(a in estimates(), b in estimates(), rule in rules()) {
            let found = compare(a, b, rule).separated();
            if let (Precision::Within(one), Precision::Within(other)) = (a.precision, b.precision) {
                prop_assert!(found.is_none() || !one.overlaps(other));
                prop_assert_eq!(one.overlaps(other), other.overlaps(one));
            }
            let unknown = a.precision == Precision::Unknown || b.precision == Precision::Unknown;
            prop_assert!(found.is_none() || !unknown || rule == Rule::WhereKnown);
            if let Some(separated) = found {
                let (high, low) = separated.high_low(a.value, b.value);
                prop_assert!(high > low);
            }
        }

        #[test]
        fn wider_never_separates_more(a in estimates(), b in estimates(), more in 0.0..5.0_f64) {
            let Precision::Within(interval) = a.precision else { return Ok(()) };
            let wide = Interval::new(interval.lower() - more, interval.upper() + more).unwrap();
            let wide = Estimate { precision: Precision::Within(wide), ..a };
            if compare(wide, b, Rule::WhereKnown).separated().is_some() {
                prop_assert!(compare(a, b, Rule::WhereKnown).separated().is_some());
            }
        }
    }
}
