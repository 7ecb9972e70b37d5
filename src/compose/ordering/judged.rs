//! What a scorecard says of a distance in a word: better, worse, a disadvantage. Each word is asked for with the proof that the
//! two values are apart.

use baseline_method::interval::{Separated, Side};
use baseline_model::definitions::Direction;
use baseline_render::document::Tone;

use crate::compose::context::Context;

/// Keys of the words; no other module of `compose` may ask for one of them.
#[cfg(test)]
pub const WORDS: [&str; 7] = [
    "scorecard.better",
    "scorecard.worse",
    "scorecard.disadvantage",
    "scorecard.no_disadvantage",
    "title.scorecard",
    "title.scorecard.study",
    "long.scorecard.found",
];

/// A distance that may be judged: whether it is to the good, and the proof.
#[derive(Debug, Clone, Copy)]
pub struct Judged {
    good: bool,
    #[expect(dead_code, reason = "the proof is what makes the judgement; nothing is read from it again")]
    proof: Separated,
}

impl Judged {
    /// Of a value, the first compared, and its benchmark. `None` where neither direction is the better one.
    pub fn value(proof: Separated, direction: Direction) -> Option<Self> {
        let higher = proof.higher() == Side::First;
        match direction {
            Direction::HigherIsBetter => Some(Self { good: higher, proof }),
            Direction::LowerIsBetter => Some(Self { good: !higher, proof }),
            Direction::Neutral => None,
        }
    }

    /// Of a gap, as `compare::order::disadvantage` gives it.
    pub fn gap((disadvantage, proof): (bool, Separated)) -> Self {
        Self { good: !disadvantage, proof }
    }

    pub fn tone(self) -> Tone {
        if self.good { Tone::Better } else { Tone::Worse }
    }

    /// The word under a distance to a benchmark.
    pub fn word(self, context: &Context<'_>) -> String {
        context.word(if self.good { "scorecard.better" } else { "scorecard.worse" })
    }

    /// The word under a gap between groups.
    pub fn gap_word(self, context: &Context<'_>) -> String {
        context.word(if self.good { "scorecard.no_disadvantage" } else { "scorecard.disadvantage" })
    }
}

/// How many are to the bad, and of how many.
pub fn unfavourable(judged: &[Judged]) -> (usize, usize) {
    (judged.iter().filter(|one| !one.good).count(), judged.len())
}

/// The title of a territory's scorecard: how many of its headline figures are unfavourable beside a benchmark. `None` when none
/// can be judged.
pub fn territory_title(context: &Context<'_>, judged: &[Judged], territory: &str, benchmark: &str) -> Option<String> {
    let (bad, all) = unfavourable(judged);
    let bad = bad.to_string();
    let fill = [("k", bad.as_str()), ("territory", territory), ("benchmark", benchmark)];
    (all > 0).then(|| context.count("title.scorecard", all, &fill))
}

/// The title of the study's scorecard: in how many of its gaps there is a disadvantage.
pub fn study_title(context: &Context<'_>, judged: &[Judged]) -> Option<String> {
    let (bad, all) = unfavourable(judged);
    (all > 0).then(|| context.count("title.scorecard.study", all, &[("k", &bad.to_string())]))
}

/// The same count for a description.
pub fn found(context: &Context<'_>, judged: &[Judged]) -> String {
    let (bad, all) = unfavourable(judged);
    context.text("long.scorecard.found", &[("k", &bad.to_string()), ("n", &all.to_string())])
}

/// A row of a description in which words of judgement stand, registered as proven when there is a proof for them.
pub fn row(context: &Context<'_>, text: String, judged: impl IntoIterator<Item = Judged>) -> String {
    if judged.into_iter().next().is_some() {
        context.said.license(&text);
    }
    text
}
