//! What may be trusted of a published value: its standing from the flags, and its interval where something was published
//! to make one from. No limit of a sample size stands here: the limits of the labour force survey are the offices' own,
//! which apply them before they publish and mark the result `u`; a limit of ours would be invented.

use std::collections::BTreeSet;

use baseline_model::{ObsStatus, Reason, Value};

use crate::interval::{Interval, Rule};
use crate::random::normal_quantile;
use crate::{Fault, gap::Rate};

/// How far a value may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reliability {
    /// Published without a mark of low reliability. Nothing is said about its error.
    Ordinary,
    /// Published with `u`, or as not significant: shown with its mark, and ordered only by a known interval.
    Low,
    /// Not published because it would be unreliable or would disclose.
    Withheld,
    /// No value for another reason.
    None,
}

/// What else the flags say, each of which belongs beside the number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Caveat {
    /// `b`: not comparable with the period before.
    Break,
    /// `d`: the definition differs, not comparable with others.
    Definition,
    /// `e`, `i`, `s`: estimated or imputed by the office.
    Estimated,
    /// `f`.
    Forecast,
    /// `n`: not significant.
    NotSignificant,
    /// `p`: will be revised.
    Provisional,
    /// `r`.
    Revised,
    /// A letter that no list of ours explains.
    Unknown(char),
}

/// The standing of one value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub reliability: Reliability,
    pub caveats: BTreeSet<Caveat>,
}

impl Standing {
    /// Which rule holds when the value is compared: one of low reliability is ordered only by intervals.
    pub fn rule(&self) -> Rule {
        match self.reliability {
            Reliability::Ordinary => Rule::WhereKnown,
            Reliability::Low | Reliability::Withheld | Reliability::None => Rule::Demanded,
        }
    }

    /// Whether a change from the period before may be stated.
    pub fn comparable_with_before(&self) -> bool {
        !self.caveats.contains(&Caveat::Break)
    }

    /// Whether it may stand beside the same indicator of another territory without a note.
    pub fn comparable_with_others(&self) -> bool {
        !self.caveats.contains(&Caveat::Definition)
    }
}

/// The standing of a value with its flags. Letters as in Eurostat's list of January 2025 and the one before; they combine.
pub fn standing(value: Value, status: &ObsStatus) -> Standing {
    let mut caveats = BTreeSet::new();
    let (mut low, mut hidden) = (false, false);
    for letter in status.letters() {
        caveats.insert(match letter {
            'u' => {
                low = true;
                continue;
            }
            'c' => {
                hidden = true;
                continue;
            }
            // There is no value to speak of, which `Value` says.
            'm' | 'z' => continue,
            'b' => Caveat::Break,
            'd' => Caveat::Definition,
            'e' | 'i' | 's' => Caveat::Estimated,
            'f' => Caveat::Forecast,
            'n' => {
                low = true;
                Caveat::NotSignificant
            }
            'p' => Caveat::Provisional,
            'r' => Caveat::Revised,
            other => Caveat::Unknown(other),
        });
    }
    let reliability = match value {
        // A number that is marked confidential should not have reached us: it is not to be shown.
        Value::Number(_) if hidden => Reliability::Withheld,
        Value::Number(_) if low => Reliability::Low,
        Value::Number(_) => Reliability::Ordinary,
        Value::Missing(Reason::Withheld) => Reliability::Withheld,
        // A key in the statuses without one in the values: `u` there means that it was held back.
        Value::Missing(_) if low || hidden => Reliability::Withheld,
        Value::Missing(Reason::Absent | Reason::NotAvailable | Reason::NotApplicable) => Reliability::None,
    };
    Standing { reliability, caveats }
}

/// What an office published beside a value about its error.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Published {
    /// Both ends of its interval, at whatever level the office chose.
    Bounds {
        lower: f64,
        upper: f64,
    },
    /// In the value's unit.
    StandardError(f64),
    /// The coefficient of variation, percent of the value.
    Variation(f64),
    /// The effective sample size behind a rate in percent: divided by the design effect.
    Sample(f64),
    Nothing,
}

/// The interval of a value at a level such as 0.95, from what was published and from nothing else.
///
/// Bounds are taken as they are; a standard error gives value ± z SE with z the normal quantile of (1 + level)/2; a
/// coefficient of variation gives SE = |value| CV/100; a sample gives Wilson's interval ([`wilson`]). `None` for nothing.
///
/// # Errors
/// When the level is not between 0 and 1, a number is not finite or negative where it cannot be, the published bounds do not
/// hold the value, or a sample is given for something that is no percentage.
pub fn interval(value: f64, published: Published, level: f64) -> Result<Option<Interval>, Fault> {
    if !value.is_finite() {
        return Err(Fault::number("value", "a finite number", &value));
    }
    let z = quantile(level)?;
    let around = |error: f64, name: &str| {
        if !(error >= 0.0 && error.is_finite()) {
            return Err(Fault::number(name, "a number from 0 up", &error));
        }
        Interval::new(value - z * error, value + z * error).map(Some)
    };
    match published {
        Published::Nothing => Ok(None),
        Published::StandardError(error) => around(error, "standard error"),
        Published::Variation(percent) => around(value.abs() * percent / 100.0, "coefficient of variation"),
        Published::Sample(size) => wilson(Rate { sample: Some(size), ..Rate::new(value) }, level),
        Published::Bounds { lower, upper } => {
            let interval = Interval::new(lower, upper)?;
            if !interval.contains(value) {
                return Err(Fault::number(
                    "published interval",
                    "one that holds its value",
                    &format!("{lower} to {upper}, value {value}"),
                ));
            }
            Ok(Some(interval))
        }
    }
}

/// Wilson's score interval of a rate, percent: (p + z²/2n ± z √(p(1−p)/n + z²/4n²)) / (1 + z²/n), p as a fraction and n the
/// effective sample size. `None` when no sample size is known: none is assumed. (Wilson 1927, JASA 22(158).)
///
/// It never leaves 0–100, and has a width also for rates of 0 and 100.
///
/// # Errors
/// When the rate is outside 0–100, the sample is not a positive number, or the level is not between 0 and 1.
pub fn wilson(rate: Rate, level: f64) -> Result<Option<Interval>, Fault> {
    let z = quantile(level)?;
    if !(0.0..=100.0).contains(&rate.percent) {
        return Err(Fault::number("rate", "a percentage from 0 to 100", &rate.percent));
    }
    let Some(n) = rate.sample else { return Ok(None) };
    if !(n > 0.0 && n.is_finite()) {
        return Err(Fault::number("sample", "a sample size above 0", &n));
    }
    let (p, z2) = (rate.percent / 100.0, z * z / n);
    let (centre, half) = (p + z2 / 2.0, (z2 * (p * (1.0 - p) + z2 / 4.0)).sqrt());
    let end = |sum: f64| (100.0 * sum / (1.0 + z2)).clamp(0.0, 100.0);
    // Rounding must not push the rate itself out at 0 and 100.
    Interval::new(end(centre - half).min(rate.percent), end(centre + half).max(rate.percent)).map(Some)
}

fn quantile(level: f64) -> Result<f64, Fault> {
    if level > 0.0 && level < 1.0 {
        Ok(normal_quantile(f64::midpoint(1.0, level)))
    } else {
        Err(Fault::number("level", "a number between 0 and 1, such as 0.95", &level))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// `published` is `bounds L U`, `se X`, `cv X`, `n X` or nothing.
    fn check(value: f64, published: &str, expected: Result<&str, &str>) {
        let words: Vec<&str> = published.split(' ').collect();
        let number = |index: usize| words[index].parse::<f64>().unwrap();
        let given = match words[0] {
            "bounds" => Published::Bounds { lower: number(1), upper: number(2) },
            "se" => Published::StandardError(number(1)),
            "cv" => Published::Variation(number(1)),
            "n" => Published::Sample(number(1)),
            _ => Published::Nothing,
        };
        let found = interval(value, given, 0.95);
        let found = found.map(|interval| interval.map_or("none".into(), |i| format!("{:.3} to {:.3}", i.lower(), i.upper())));
        assert_eq!(found.as_deref().map_err(ToString::to_string), expected.map_err(str::to_owned), "{value} {published}");
    }

    #[test]
    fn intervals() {
        check(40.0, "", Ok("none"));
        check(40.0, "bounds 35.5 44.1", Ok("35.500 to 44.100"));
        check(40.0, "se 2", Ok("36.080 to 43.920"));
        check(40.0, "cv 5", Ok("36.080 to 43.920"));
        check(-40.0, "cv 5", Ok("-43.920 to -36.080"));
        // By hand for p = 0.5, n = 100: 0.5 ± 1.96 √(0.0025 + 0.009604)/(1 + 0.038415).
        check(50.0, "n 100", Ok("40.383 to 59.617"));
        check(0.0, "n 10", Ok("0.000 to 27.753"));
        check(100.0, "n 10", Ok("72.247 to 100.000"));
    }

    #[test]
    fn refuses() {
        check(40.0, "se -1", Err("standard error: expected a number from 0 up, found -1"));
        check(40.0, "se NaN", Err("standard error: expected a number from 0 up, found NaN"));
        check(40.0, "bounds 41 50", Err("published interval: expected one that holds its value, found 41 to 50, value 40"));
        check(140.0, "n 10", Err("rate: expected a percentage from 0 to 100, found 140"));
        check(40.0, "n 0", Err("sample: expected a sample size above 0, found 0"));
        check(f64::NAN, "se 1", Err("value: expected a finite number, found NaN"));
        assert!(interval(1.0, Published::Nothing, 1.0).is_err());
        assert_eq!(wilson(Rate::new(50.0), 0.95), Ok(None));
    }

    fn stands(value: Option<f64>, flags: &str, expected: &str) {
        let value = value.map_or(Value::Missing(Reason::NotAvailable), Value::Number);
        let found = standing(value, &ObsStatus::new(flags));
        assert_eq!(format!("{:?} {:?}", found.reliability, found.caveats), expected, "{flags}");
    }

    #[test]
    fn standings() {
        stands(Some(1.0), "", "Ordinary {}");
        stands(Some(1.0), "u", "Low {}");
        stands(Some(1.0), "bu", "Low {Break}");
        stands(Some(1.0), "bd", "Ordinary {Break, Definition}");
        stands(Some(1.0), "ep", "Ordinary {Estimated, Provisional}");
        stands(Some(1.0), "n", "Low {NotSignificant}");
        stands(Some(1.0), "c", "Withheld {}");
        stands(Some(1.0), "q", "Ordinary {Unknown('q')}");
        stands(None, "u", "Withheld {}");
        stands(None, "c", "Withheld {}");
        stands(None, "", "None {}");
        stands(None, "z", "None {}");
    }

    #[test]
    fn consequences() {
        let of = |flags: &str| standing(Value::Number(1.0), &ObsStatus::new(flags));
        assert_eq!((of("").rule(), of("bu").rule()), (Rule::WhereKnown, Rule::Demanded));
        assert!(of("d").comparable_with_before() && !of("d").comparable_with_others());
        assert!(!of("b").comparable_with_before() && of("b").comparable_with_others());
    }

    proptest! {
        #[test]
        fn wilson_holds_the_rate(percent in 0.0..=100.0_f64, n in 0.5..1e6_f64, level in 0.01..0.999_f64) {
            let rate = Rate { sample: Some(n), ..Rate::new(percent) };
            let interval = wilson(rate, level).unwrap().unwrap();
            prop_assert!(interval.contains(percent) && interval.lower() >= 0.0 && interval.upper() <= 100.0);
            let larger = wilson(Rate { sample: Some(2.0 * n), ..rate }, level).unwrap().unwrap();
            prop_assert!(larger.upper() - larger.lower() < interval.upper() - interval.lower());
        }
    }
}
