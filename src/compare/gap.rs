//! How far one group of an indicator is from another in one place and period, by five measures of `baseline_method::gap`:
//! none alone, because the choice changes which of two gaps is the wider one.

use baseline_method::gap::{self as method, Rate};
use baseline_model::definitions::{Direction, GapRule, Indicator, Unit};
use baseline_model::{Formula, Observation, Period};

use super::{difference_unit, measure};
use crate::derive::{Figures, computed};

/// The two groups of an indicator's gap in one place and period, and the measures of it. Disadvantage is positive, above 1
/// for the ratios.
#[derive(Debug, Clone)]
pub struct Gap {
    pub of: Observation,
    pub against: Observation,
    /// Percentage points.
    pub points: Observation,
    pub odds_ratio: Observation,
    pub ratio: Observation,
    pub log_odds: Observation,
    /// Percent of the reference's rate.
    pub relative: Observation,
}

impl Gap {
    /// The measures, the printed ones first.
    pub fn measures(&self) -> [&Observation; 5] {
        [&self.points, &self.odds_ratio, &self.ratio, &self.log_odds, &self.relative]
    }
}

/// The gap between the groups of `rule` in a period. Missing where the two are of different periods; a measure is also missing
/// where its formula has no answer (odds of a certainty, a ratio to zero).
pub fn gap(figures: &Figures, (id, indicator): (&str, &Indicator), rule: GapRule, unit: &str, period: Period) -> Gap {
    let of = figures.value((id, indicator), unit, rule.of, period);
    let against = figures.value((id, indicator), unit, rule.against, period);
    let inputs = vec![of.clone(), against.clone()];
    let same_period = of.period == against.period;
    let direction = indicator.direction;
    let sign = if direction == Direction::HigherIsBetter { "-1" } else { "1" };
    let turned = vec![("direction", direction.code().to_owned()), ("sign", sign.to_owned())];
    let measured = |name: &str, formula: Formula, unit: Unit, pick: fn(&method::Gap) -> Option<f64>| {
        let id = measure(&of, name);
        computed(&of, id, unit, (formula, turned.clone()), inputs.clone(), |numbers| {
            let [p, q] = numbers else { return None };
            pick(&rates(*p, *q, direction).filter(|_| same_period)?)
        })
    };
    let points = measured("gap_pp", Formula::GapPp, difference_unit(indicator.unit), |gap| Some(gap.difference));
    let odds_ratio = measured("odds_ratio", Formula::OddsRatio, Unit::Ratio, |gap| gap.odds_ratio);
    let ratio = measured("gap_ratio", Formula::GapRatio, Unit::Ratio, |gap| gap.ratio);
    let log_odds = measured("log_odds", Formula::LogOdds, Unit::Ratio, |gap| gap.log_odds);
    let relative = measured("relative_gap", Formula::RelativeGap, Unit::Percent, |gap| gap.relative);
    Gap { of, against, points, odds_ratio, ratio, log_odds, relative }
}

/// The measures of two rates in percent; none for what is no rate. Without a direction the difference is p − q.
pub fn rates(p: f64, q: f64, direction: Direction) -> Option<method::Gap> {
    let direction = if direction == Direction::Neutral { Direction::LowerIsBetter } else { direction };
    method::gap(Rate::new(p), Rate::new(q), direction).ok()
}
