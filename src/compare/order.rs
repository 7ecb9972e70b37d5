//! Whether one figure may be called higher than another. Only what comes out of here as [`Separated`] may be worded as an
//! order; `compose` has no text of that kind without it.
//!
//! Offices publish these rates without errors: two of them are taken as they are, unless a flag or the grade says that they
//! are not precise (`u`, not significant, withheld, modelled); then an interval would be needed, and there is none. No limit of
//! ours is invented. Values that agree within the rounding of their last printed digit are not apart.

use baseline_method::interval::{Comparison, Estimate, Interval, Precision, Rule, Separated, Side, compare as compare_estimates};
use baseline_method::reliability::standing;
use baseline_model::definitions::Direction;
use baseline_model::{Grade, Observation};

use super::gap::{Gap, rates};
use super::position::Position;

/// The rule by which an observation is compared.
pub fn rule(observation: &Observation) -> Rule {
    if observation.grade == Grade::M { Rule::Demanded } else { standing(observation.value, &observation.obs_status).rule() }
}

/// Compares two published values. Whether they belong together is the caller's question.
pub fn compare(first: &Observation, second: &Observation) -> Comparison {
    let rule = if [first, second].iter().any(|one| rule(one) == Rule::Demanded) { Rule::Demanded } else { Rule::WhereKnown };
    let estimate = |one: &Observation| Estimate { value: one.value.number().unwrap_or(f64::NAN), precision: Precision::Unknown };
    compare_estimates(estimate(first), estimate(second), rule)
}

/// Proof that one of two values is the higher one, when there is.
pub fn separated(first: &Observation, second: &Observation) -> Option<Separated> {
    compare(first, second).separated()
}

/// What a gap says: whose side is the disadvantaged one, with the proof. `None` when the rates may not be ordered, are equal,
/// or there is no direction.
pub fn disadvantage(gap: &Gap, direction: Direction) -> Option<(bool, Separated)> {
    let separated = separated(&gap.of, &gap.against)?;
    let higher = separated.higher() == Side::First;
    match direction {
        Direction::HigherIsBetter => Some((!higher, separated)),
        Direction::LowerIsBetter => Some((higher, separated)),
        Direction::Neutral => None,
    }
}

/// Which of two gaps is the wider one by a measure, when that is certain: both of the same grade and year, without a flag that
/// forbids it, and apart by more than the rounding of the rates that they are made of (`decimals` as published).
pub fn wider(first: &Gap, second: &Gap, by: Measure, direction: Direction, decimals: u8) -> Option<Separated> {
    let comparable =
        |gap: &Gap| [&gap.of, &gap.against].iter().all(|one| rule(one) == Rule::WhereKnown && one.carried_years == 0);
    // `d` says that the office itself defines the thing otherwise than the others.
    let defined = |gap: &Gap| standing(gap.points.value, &gap.points.obs_status).comparable_with_others();
    let same = first.points.grade == second.points.grade && first.points.period == second.points.period;
    if !(same && [first, second].iter().all(|gap| comparable(gap) && defined(gap))) || first.of.geo == second.of.geo {
        return None;
    }
    let estimate = |gap: &Gap| rounding(gap, by, direction, decimals);
    compare_estimates(estimate(first)?, estimate(second)?, Rule::Demanded).separated()
}

/// A measure by which gaps are put in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    Points,
    OddsRatio,
}

/// A gap with all values that it can have when both rates are rounded: the measures rise with the one rate and fall with the
/// other, so the ends lie at the corners.
fn rounding(gap: &Gap, by: Measure, direction: Direction, decimals: u8) -> Option<Estimate> {
    let (p, q) = (gap.of.value.number()?, gap.against.value.number()?);
    let half = 0.5 * 10_f64.powi(-i32::from(decimals));
    let at = |p: f64, q: f64| {
        let found = rates(p.clamp(0.0, 100.0), q.clamp(0.0, 100.0), direction)?;
        match by {
            Measure::Points => Some(found.difference),
            Measure::OddsRatio => found.odds_ratio,
        }
    };
    let (one, other, value) = (at(p + half, q - half)?, at(p - half, q + half)?, at(p, q)?);
    let interval = Interval::new(one.min(other), one.max(other)).ok()?;
    Some(Estimate { value, precision: Precision::Within(interval) })
}

/// A place among regions that may be stated: the value is one that can be compared. Cannot be made elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placed(Position);

impl Placed {
    pub fn place(self) -> Position {
        self.0
    }
}

/// The place of a value among regions, when the value may be put in order with others at all.
pub fn placed(value: &Observation, place: Position) -> Option<Placed> {
    (rule(value) == Rule::WhereKnown).then_some(Placed(place))
}
