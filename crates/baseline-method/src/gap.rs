//! How far apart two groups are: difference, ratio, odds ratio, log odds ratio, relative gap, with standard errors where
//! there is something to compute them from. Disadvantage is positive (above 1 for ratios), whatever the direction.
//!
//! Never a single measure: the choice changes the order of places, so [`disagreements`] tells which pairs it turns round.

use std::cmp::Ordering;

use baseline_model::definitions::Direction;

use crate::method::{Answer, Cell, Column, Given, Method, Param};
use crate::rank::{Best, order, ranks};
use crate::{Fault, Sheet};

/// A rate in percent and how precisely it is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    /// Percent, 0 to 100.
    pub percent: f64,
    /// Standard error in percentage points, as published.
    pub standard_error: Option<f64>,
    /// Effective sample size, from which p(1−p)/n follows when no standard error is published.
    pub sample: Option<f64>,
}

impl Rate {
    pub fn new(percent: f64) -> Self {
        Self { percent, standard_error: None, sample: None }
    }

    /// The variance in squared percentage points: published, or p(100−p)/n; `None` without either.
    pub fn variance(&self) -> Option<f64> {
        let published = self.standard_error.map(|error| error * error);
        published.or_else(|| self.sample.map(|sample| self.percent * (100.0 - self.percent) / sample))
    }
}

/// The measures of one gap, disadvantage positive.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gap {
    /// p − q for lower-is-better, q − p otherwise; percentage points.
    pub difference: f64,
    /// p/q, or q/p where higher is better. `None` when the divisor is zero.
    pub ratio: Option<f64>,
    /// [p/(100−p)] / [q/(100−q)], inverted where higher is better. `None` when a rate is 0 or 100.
    pub odds_ratio: Option<f64>,
    /// ln of the odds ratio.
    pub log_odds: Option<f64>,
    /// (p − q)/q, percent of the reference's rate; its sign turned where higher is better.
    pub relative: Option<f64>,
    /// √(SE_p² + SE_q²): of the difference of two independent rates; percentage points.
    pub difference_error: Option<f64>,
    /// √(V_p/(p(100−p))² + V_q/(q(100−q))²)·100 (delta method), which is √(1/(n p(1−p)) + 1/(m q(1−q))) for samples.
    pub log_odds_error: Option<f64>,
}

/// The gap of a group at rate `of` against a group at rate `against`.
///
/// # Errors
/// When a rate is outside 0–100 or not finite, a standard error is negative, a sample is not positive, or there is no
/// direction to tell which side is the worse.
pub fn gap(of: Rate, against: Rate, direction: Direction) -> Result<Gap, Fault> {
    for (rate, name) in [(of, "rate of the group"), (against, "rate of the reference")] {
        if !(0.0..=100.0).contains(&rate.percent) {
            return Err(Fault::number(name, "a percentage from 0 to 100", &rate.percent));
        }
        if rate.standard_error.is_some_and(|error| !(error >= 0.0 && error.is_finite())) {
            return Err(Fault::number(name, "a standard error from 0 up", &rate.standard_error.unwrap_or(f64::NAN)));
        }
        if rate.sample.is_some_and(|sample| !(sample > 0.0 && sample.is_finite())) {
            return Err(Fault::number(name, "a sample size above 0", &rate.sample.unwrap_or(f64::NAN)));
        }
    }
    let higher = match direction {
        Direction::HigherIsBetter => true,
        Direction::LowerIsBetter => false,
        Direction::Neutral => {
            let hint = "a measure without a direction has no advantage or disadvantage: show both rates";
            return Err(Fault::shape("direction", "higher_is_better or lower_is_better", "neutral", hint));
        }
    };
    let (p, q) = (of.percent, against.percent);
    let sign = if higher { -1.0 } else { 1.0 };
    let quotient = |above: f64, below: f64| (below != 0.0).then(|| above / below);
    let inside = |rate: f64| rate > 0.0 && rate < 100.0;
    let odds = |rate: f64| rate / (100.0 - rate);
    let log_odds = (inside(p) && inside(q)).then(|| sign * (odds(p) / odds(q)).ln());
    let odds_variance = |rate: Rate| Some(1e4 * rate.variance()? / (rate.percent * (100.0 - rate.percent)).powi(2));
    let error = |of: Option<f64>, against: Option<f64>| Some((of? + against?).sqrt());
    Ok(Gap {
        difference: sign * (p - q),
        ratio: if higher { quotient(q, p) } else { quotient(p, q) },
        odds_ratio: log_odds.map(f64::exp),
        log_odds,
        relative: quotient(sign * 100.0 * (p - q), q),
        difference_error: error(of.variance(), against.variance()),
        log_odds_error: log_odds.and_then(|_| error(odds_variance(of), odds_variance(against))),
    })
}

/// The pairs (by index, the first the farther apart by the first measure) that two measures put in opposite order.
pub fn disagreements(first: &[Option<f64>], second: &[Option<f64>]) -> Vec<(usize, usize)> {
    let mut pairs = Vec::new();
    for a in 0..first.len().min(second.len()) {
        for b in 0..a {
            let (Some(fa), Some(fb), Some(sa), Some(sb)) = (first[a], first[b], second[a], second[b]) else { continue };
            match (order(fa, fb), order(sa, sb)) {
                (Ordering::Greater, Ordering::Less) => pairs.push((a, b)),
                (Ordering::Less, Ordering::Greater) => pairs.push((b, a)),
                _ => {}
            }
        }
    }
    pairs.sort_unstable();
    pairs
}

pub const METHOD: Method = Method {
    id: "gap",
    about: "How far a group is from its reference group: difference, ratio, odds ratio, log odds ratio, relative gap",
    formula: &[
        "difference = s (p − q), s = 1 where lower is better, −1 where higher is better; percentage points",
        "ratio = p/q where lower is better, q/p where higher is better",
        "odds_ratio = ([p/(100−p)] / [q/(100−q)])^s; log_odds = ln odds_ratio",
        "relative = 100 s (p − q)/q",
        "se_difference = √(SE_p² + SE_q²); SE² = p(100−p)/n when only the sample size n is given",
        "se_log_odds = √(1/(n p(1−p)) + 1/(m q(1−q)))",
    ],
    sources: &[
        "sign and measures: baseline's method chapter (disadvantage positive)",
        "variance of a log odds ratio by the delta method: Agresti, Categorical Data Analysis, 3rd ed. 2013, section 3.1",
    ],
    assumptions: &[
        "the two groups are independent samples",
        "the sample sizes are effective sizes (divided by the design effect)",
    ],
    columns: &[
        Column { name: "id", required: true, about: "name of the place" },
        Column { name: "p", required: true, about: "rate of the group, percent" },
        Column { name: "q", required: true, about: "rate of the reference group, percent" },
        Column { name: "se_p", required: false, about: "published standard error of p, percentage points" },
        Column { name: "se_q", required: false, about: "published standard error of q, percentage points" },
        Column { name: "n", required: false, about: "effective sample size behind p" },
        Column { name: "m", required: false, about: "effective sample size behind q" },
    ],
    params: &[Param {
        name: "direction",
        default: "lower_is_better",
        file: false,
        about: "lower_is_better or higher_is_better: which side of the reference is the disadvantage",
    }],
    example: (include_str!("../examples/gap.csv"), &[("direction", "lower_is_better")]),
    compute,
};

fn compute(given: &Given<'_>) -> Result<Answer, Fault> {
    let sheet = given.sheet;
    let direction = match given.choice("direction", &["lower_is_better", "higher_is_better"])? {
        "higher_is_better" => Direction::HigherIsBetter,
        _ => Direction::LowerIsBetter,
    };
    let ids = sheet.keys(&["id"])?;
    let (of, against) = (rates(sheet, "p", "se_p", "n")?, rates(sheet, "q", "se_q", "m")?);
    let mut answer = Answer::new(&[
        "id",
        "p",
        "q",
        "difference",
        "ratio",
        "odds_ratio",
        "log_odds",
        "relative",
        "se_difference",
        "se_log_odds",
        "rank_difference",
        "rank_ratio",
        "rank_odds_ratio",
    ]);
    let mut gaps = Vec::new();
    for ((of, against), line) in of.iter().zip(&against).zip(&sheet.lines) {
        let found = match (of, against) {
            (Some(of), Some(against)) => {
                Some(gap(*of, *against, direction).map_err(|fault| fault.within(&format!("{}, line {line}", sheet.name)))?)
            }
            (_, None) | (None, _) => None,
        };
        gaps.push(found);
    }
    let measure =
        |pick: fn(&Gap) -> Option<f64>| -> Vec<Option<f64>> { gaps.iter().map(|gap| gap.as_ref().and_then(pick)).collect() };
    let (difference, ratio, odds) =
        (measure(|gap| Some(gap.difference)), measure(|gap| gap.ratio), measure(|gap| gap.odds_ratio));
    let ranks = [&difference, &ratio, &odds].map(|values| ranks(values, Best::Highest));
    for (row, id) in ids.iter().enumerate() {
        let gap = gaps[row].as_ref();
        let cell = |pick: fn(&Gap) -> Option<f64>| Cell::number(gap.and_then(pick));
        let mut cells = vec![
            Cell::from(id[0]),
            Cell::number(of[row].map(|rate| rate.percent)),
            Cell::number(against[row].map(|rate| rate.percent)),
            cell(|gap| Some(gap.difference)),
            cell(|gap| gap.ratio),
            cell(|gap| gap.odds_ratio),
            cell(|gap| gap.log_odds),
            cell(|gap| gap.relative),
            cell(|gap| gap.difference_error),
            cell(|gap| gap.log_odds_error),
        ];
        cells.extend(ranks.iter().map(|ranks| Cell::whole(ranks[row])));
        answer.rows.push(cells);
    }
    let turned = disagreements(&difference, &odds);
    answer.facts.push(("pairs_in_opposite_order", Cell::whole(Some(turned.len()))));
    for (wide, narrow) in turned {
        let message = format!("{} is farther apart in percentage points, {} by the odds ratio", ids[wide][0], ids[narrow][0]);
        answer.notes.push(baseline_model::Finding::info("gap-order", "gap", message));
    }
    Ok(answer)
}

fn rates(sheet: &Sheet, rate: &str, error: &str, sample: &str) -> Result<Vec<Option<Rate>>, Fault> {
    let further = |name: &str| if sheet.has(name) { sheet.numbers(name) } else { Ok(vec![None; sheet.rows.len()]) };
    let (errors, samples) = (further(error)?, further(sample)?);
    let rates = sheet.numbers(rate)?.into_iter().zip(errors).zip(samples);
    Ok(rates.map(|((percent, standard_error), sample)| Some(Rate { percent: percent?, standard_error, sample })).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Over-qualification 2024 by citizenship, Eurostat lfsa_eoqgan of 2026-06-30; measures rounded as printed.
    fn check(p: f64, q: f64, difference: &str, ratio: &str, odds_ratio: &str) {
        let found = gap(Rate::new(p), Rate::new(q), Direction::LowerIsBetter).unwrap();
        assert_eq!(format!("{:.1}", found.difference), difference);
        assert_eq!(format!("{:.2}", found.ratio.unwrap()), ratio);
        assert_eq!(format!("{:.2}", found.odds_ratio.unwrap()), odds_ratio);
    }

    #[test]
    fn published() {
        check(76.0, 32.6, "43.4", "2.33", "6.55");
        check(60.7, 19.1, "41.6", "3.18", "6.54");
        check(47.2, 18.1, "29.1", "2.61", "4.04");
        check(46.3, 19.9, "26.4", "2.33", "3.47");
    }

    #[test]
    fn errors_of_samples() {
        let rate = |percent, sample| Rate { percent, standard_error: None, sample: Some(sample) };
        let found = gap(rate(40.0, 100.0), rate(20.0, 400.0), Direction::LowerIsBetter).unwrap();
        assert!((found.difference_error.unwrap() - (24.0_f64 + 4.0).sqrt()).abs() < 1e-12);
        let expected = (1.0_f64 / (100.0 * 0.4 * 0.6) + 1.0 / (400.0 * 0.2 * 0.8)).sqrt();
        assert!((found.log_odds_error.unwrap() - expected).abs() < 1e-12);
    }
}
