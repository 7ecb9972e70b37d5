//! Every word that puts one figure above or below another. Each function takes the proof that they are apart
//! ([`Separated`], [`Placed`]), which only `compare::order` and the rank intervals of a composite give: a text of this kind
//! cannot be asked for without one. `tests` hold the texts themselves to that.

pub mod judged;

use baseline_method::interval::{Separated, Side};
use baseline_model::definitions::Direction;

use super::context::Context;
use crate::compare::{Placed, Position};

/// Keys of the texts that name an order; no other module of `compose` may ask for one of them.
pub const TEXTS: [&str; 26] = [
    "message.gap.higher_bad",
    "message.gap.lower_bad",
    "message.gap.higher_good",
    "message.gap.lower_good",
    "message.gap.higher",
    "message.gap.lower",
    "message.level.above",
    "message.level.below",
    "message.position",
    "message.position.lowest",
    "title.line.above",
    "title.line.below",
    "title.strip.finding",
    "alt.extremes",
    "composite.pair",
    "note.gap_order",
    "position.place",
    "title.slope.above",
    "title.slope.below",
    "title.slope.count",
    "title.multiples.count",
    "title.shares.largest",
    "title.shares.count",
    "lead.change.rose",
    "lead.change.fell",
    "title.map.gap",
];

/// Titles that say in how many places a group is worse off, with the id of an indicator at the end or without.
pub const GAP_TITLES: [&str; 3] = ["title.gap.all", "title.gap.some", "title.gap.none"];

/// The key of a text that names an order, given out for a proof alone.
#[derive(Debug, Clone, Copy)]
pub struct Licensed(&'static str);

impl Licensed {
    pub fn key(self) -> &'static str {
        self.0
    }

    /// Registers a sentence of this key, flattened, as one that was proven.
    pub fn register(self, context: &Context<'_>, sentence: &str) {
        match self.0 {
            "lead.change.rose" | "lead.change.fell" => context.said.license_change(sentence),
            _ => context.said.license(sentence),
        }
    }
}

/// A text with an ordering word as a string, registered as one that was proven.
fn licensed(context: &Context<'_>, key: &str, fill: &[(&str, &str)]) -> String {
    let text = context.text(key, fill);
    context.said.license(&text);
    text
}

/// The sentence on a gap; the first of the two compared is the group, the second its reference.
pub fn gap_message(separated: Separated, direction: Direction) -> Licensed {
    Licensed(match (separated.higher(), direction) {
        (Side::First, Direction::HigherIsBetter) => "message.gap.higher_good",
        (Side::First, Direction::LowerIsBetter) => "message.gap.higher_bad",
        (Side::First, Direction::Neutral) => "message.gap.higher",
        (Side::Second, Direction::HigherIsBetter) => "message.gap.lower_bad",
        (Side::Second, Direction::LowerIsBetter) => "message.gap.lower_good",
        (Side::Second, Direction::Neutral) => "message.gap.lower",
    })
}

/// The sentence on a value, the first, beside a benchmark, the second.
pub fn level_message(separated: Separated) -> Licensed {
    Licensed(match separated.higher() {
        Side::First => "message.level.above",
        Side::Second => "message.level.below",
    })
}

/// The sentence on a change; the later value was the first of the two compared, the earlier one the second.
pub fn change_message(separated: Separated) -> Licensed {
    Licensed(match separated.higher() {
        Side::First => "lead.change.rose",
        Side::Second => "lead.change.fell",
    })
}

/// In how many of the places with a known gap the group is worse off. `judged` has one entry a place: whether it is, with the
/// proof, or nothing where the two rates are level.
pub fn gap_title(context: &Context<'_>, indicator: &str, judged: &[Option<(bool, Separated)>], fill: &[(&str, &str)]) -> String {
    let worse = worse_off(judged);
    let key = match worse {
        0 => "title.gap.none",
        _ if worse == judged.len() => "title.gap.all",
        _ => "title.gap.some",
    };
    let own = format!("{key}.{indicator}");
    let (n, k) = (context.whole(judged.len()), context.whole(worse));
    let fill: Vec<(&str, &str)> = fill.iter().copied().chain([("n", n.as_str()), ("k", k.as_str())]).collect();
    licensed(context, if context.language.has(&own) { &own } else { key }, &fill)
}

fn worse_off(judged: &[Option<(bool, Separated)>]) -> usize {
    judged.iter().flatten().filter(|(worse, _)| *worse).count()
}

/// The same of a map; `judged` as in [`gap_title`].
pub fn map_title(context: &Context<'_>, judged: &[Option<(bool, Separated)>], of: &str) -> String {
    let (n, k) = (context.whole(judged.len()), context.whole(worse_off(judged)));
    licensed(context, "title.map.gap", &[("of", of), ("k", &k), ("n", &n)])
}

/// The title of a line chart that ends with a group, the first, and its reference, the second.
pub fn line_title(context: &Context<'_>, separated: Separated, fill: &[(&str, &str)]) -> String {
    let key = match separated.higher() {
        Side::First => "title.line.above",
        Side::Second => "title.line.below",
    };
    licensed(context, key, fill)
}

/// The title on a later value, the first of the two compared, and an earlier one.
pub fn slope_title(context: &Context<'_>, separated: Separated, fill: &[(&str, &str)]) -> String {
    let key = match separated.higher() {
        Side::First => "title.slope.above",
        Side::Second => "title.slope.below",
    };
    licensed(context, key, fill)
}

/// The title on how many of the places that were compared have a later value, the first, above the earlier one.
pub fn slope_count(context: &Context<'_>, proofs: &[Option<Separated>], place: &str, fill: &[(&str, &str)]) -> String {
    counted(context, "title.slope.count", proofs, place, fill)
}

/// The same of each place's own last and first years.
pub fn multiples_count(context: &Context<'_>, proofs: &[Option<Separated>], place: &str, fill: &[(&str, &str)]) -> String {
    counted(context, "title.multiples.count", proofs, place, fill)
}

fn counted(context: &Context<'_>, key: &str, proofs: &[Option<Separated>], place: &str, fill: &[(&str, &str)]) -> String {
    let above = proofs.iter().flatten().filter(|proof| proof.higher() == Side::First).count().to_string();
    let all = proofs.len().to_string();
    licensed(context, key, &[fill, &[("k", above.as_str()), ("n", &all), ("place", place)]].concat())
}

/// The title on the largest part of a whole: it is apart from the next one.
pub fn largest_part(context: &Context<'_>, _: Separated, fill: &[(&str, &str)]) -> String {
    licensed(context, "title.shares.largest", fill)
}

/// The title on the part that is the largest in as many places as there are proofs.
pub fn largest_count(context: &Context<'_>, proofs: &[Separated], fill: &[(&str, &str)]) -> String {
    let count = proofs.len().to_string();
    licensed(context, "title.shares.count", &[fill, &[("k", count.as_str())]].concat())
}

/// The sentence on a place among regions.
pub fn place_message(_: Placed, direction: Direction) -> Licensed {
    Licensed(match direction {
        Direction::LowerIsBetter => "message.position.lowest",
        Direction::HigherIsBetter | Direction::Neutral => "message.position",
    })
}

/// `12–13 of 279`.
pub fn place_text(context: &Context<'_>, placed: Placed) -> String {
    let Position { first, last, of } = placed.place();
    let places = if first == last { first.to_string() } else { format!("{first}–{last}") };
    licensed(context, "position.place", &[("place", &places), ("of", &of.to_string())])
}

/// The title of a strip chart whose first row is about `measure`.
pub fn strip_title(context: &Context<'_>, placed: Placed, place: &str, measure: &str) -> String {
    let position = place_text(context, placed);
    licensed(context, "title.strip.finding", &[("place", place), ("position", &position), ("measure", measure)])
}

/// Between which gaps a chart's gaps lie; each a name and the gap as printed, compared in this order.
pub fn extremes(context: &Context<'_>, separated: Separated, first: (&str, &str), second: (&str, &str)) -> String {
    let ((widest, gap), (narrowest, other)) = separated.high_low(first, second);
    licensed(context, "alt.extremes", &[("widest", widest), ("gap", gap), ("narrowest", narrowest), ("gap2", other)])
}

/// Two gaps of which one measure calls the one wider, and another measure the other; both were compared in the order of the
/// names. `None` when the measures agree.
pub fn disagreement(points: Separated, odds: Separated, first: &str, second: &str) -> Option<String> {
    let ((by_points, _), (by_odds, _)) = (points.high_low(first, second), odds.high_low(first, second));
    (by_points != by_odds).then(|| format!("{by_points} / {by_odds}"))
}

/// The sentence that lists the pairs of [`disagreement`].
pub fn disagreements(context: &Context<'_>, pairs: &[String]) -> Option<String> {
    (!pairs.is_empty()).then(|| licensed(context, "note.gap_order", &[("pairs", &pairs.join("; "))]))
}

/// Two units of a composite whose rank intervals have no rank in common; the one ahead first. The proof is of ranks, in which
/// the higher number is behind.
pub fn pair(context: &Context<'_>, _: Separated, ahead: &str, behind: &str) -> String {
    licensed(context, "composite.pair", &[("ahead", ahead), ("behind", behind)])
}

#[cfg(test)]
mod tests;
