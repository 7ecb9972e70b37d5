//! What limits a sentence, by rule: each flag, grade and year of its numbers asks for a text of its own, the same in every
//! language. The lint asks the same rule whether one is missing.

use std::collections::BTreeSet;

use baseline_method::reliability::{Caveat as Flag, Reliability, standing};
use baseline_model::{Grade, Reason, Value};
use baseline_render::document::{Number, Span, Text};

use super::context::Context;

/// A reason for a reader to hesitate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Caveat {
    /// The value is of a region around the territory: the sentence itself says whose.
    Borrowed,
    Modelled,
    /// `u`, `n`.
    Unreliable,
    /// `b`.
    Break,
    /// `d`.
    Definition,
    /// `p`.
    Provisional,
    /// `e`, `s`, `i`, and a forecast, `f`.
    Estimated,
    /// Carried or interpolated: years to the year named.
    OtherYear(u16),
}

/// The texts that say of a sentence's own figures that they are of low reliability: these need no caveat of their own.
pub const UNRELIABLE: [&str; 2] = ["message.gap.unreliable", "message.level.unreliable"];

impl Caveat {
    /// The text that says it; for [`Self::OtherYear`] the base of its plural forms.
    pub fn key(self) -> &'static str {
        match self {
            Self::Borrowed => "whose.borrowed",
            Self::Modelled => "caveat.M",
            Self::Unreliable => "caveat.u",
            Self::Break => "caveat.b",
            Self::Definition => "caveat.d",
            Self::Provisional => "caveat.p",
            Self::Estimated => "caveat.e",
            Self::OtherYear(_) => "caveat.carried",
        }
    }
}

/// The bound numbers of a text.
pub fn numbers(text: &Text) -> impl Iterator<Item = &Number> {
    text.0.iter().filter_map(|span| if let Span::Number(number) = span { Some(number) } else { None })
}

/// What the numbers of a text ask for.
pub fn needed(text: &Text) -> BTreeSet<Caveat> {
    let mut found = BTreeSet::new();
    for number in numbers(text) {
        match number.grade {
            Grade::A => {}
            Grade::B | Grade::C | Grade::D => drop(found.insert(Caveat::Borrowed)),
            Grade::M => found.extend([Caveat::Borrowed, Caveat::Modelled]),
        }
        let standing = standing(number.value.map_or(Value::Missing(Reason::Absent), Value::Number), &number.flags);
        found.extend((standing.reliability == Reliability::Low).then_some(Caveat::Unreliable));
        found.extend(standing.caveats.into_iter().filter_map(|flag| match flag {
            Flag::Break => Some(Caveat::Break),
            Flag::Definition => Some(Caveat::Definition),
            Flag::Provisional => Some(Caveat::Provisional),
            Flag::Estimated | Flag::Forecast => Some(Caveat::Estimated),
            // The first is of low reliability, which is said; of the others the mark says all that is known.
            Flag::NotSignificant | Flag::Revised | Flag::Unknown(_) => None,
        }));
    }
    let years = numbers(text).map(|number| number.carried_years).max().unwrap_or(0);
    found.extend((years > 0).then_some(Caveat::OtherYear(years)));
    found
}

/// The text with the caveats that its numbers ask for, in one order, after it.
pub fn append(context: &Context<'_>, mut text: Text) -> Text {
    let plain = super::said::flat(&text);
    let says = |key: &str| pieces(&context.word(key)).iter().all(|piece| plain.contains(piece));
    for caveat in needed(&text) {
        let sentence = match caveat {
            Caveat::Borrowed => continue,
            Caveat::Unreliable if UNRELIABLE.iter().any(|key| says(key)) => continue,
            Caveat::OtherYear(years) => context.count(caveat.key(), usize::from(years), &[]),
            Caveat::Modelled
            | Caveat::Unreliable
            | Caveat::Break
            | Caveat::Definition
            | Caveat::Provisional
            | Caveat::Estimated => context.word(caveat.key()),
        };
        text.0.push(Span::Plain(format!(" {sentence}")));
    }
    text
}

/// What stands between the placeholders of a template.
pub fn pieces(template: &str) -> Vec<&str> {
    let parts = template.split('{').enumerate().map(|(index, part)| match part.split_once('}') {
        Some((_, after)) if index > 0 => after,
        Some(_) | None => part,
    });
    parts.filter(|piece| !piece.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use baseline_model::ObsStatus;

    use super::*;

    fn check(numbers: &[(Grade, &str, u16)], expected: &[Caveat]) {
        let number = |(grade, flags, years): &(Grade, &str, u16)| {
            Span::Number(Number {
                id: "id".into(),
                text: "1".into(),
                value: Some(1.0),
                missing: None,
                grade: *grade,
                flags: ObsStatus::new(flags),
                carried_years: *years,
                carried: String::new(),
            })
        };
        let found: Vec<Caveat> = needed(&Text(numbers.iter().map(number).collect())).into_iter().collect();
        assert_eq!(found, expected, "{numbers:?}");
    }

    #[test]
    fn caveats_follow_from_the_numbers() {
        check(&[(Grade::A, "", 0)], &[]);
        check(&[(Grade::A, "", 0), (Grade::D, "bu", 0)], &[Caveat::Borrowed, Caveat::Unreliable, Caveat::Break]);
        check(&[(Grade::A, "n", 0)], &[Caveat::Unreliable]);
        check(&[(Grade::A, "fr", 0)], &[Caveat::Estimated]);
        check(&[(Grade::M, "p", 0)], &[Caveat::Borrowed, Caveat::Modelled, Caveat::Provisional]);
        check(&[(Grade::A, "es", 1), (Grade::A, "d", 2)], &[Caveat::Definition, Caveat::Estimated, Caveat::OtherYear(2)]);
    }

    #[test]
    fn pieces_of_a_template() {
        assert_eq!(pieces("In {place} ({level} value)"), ["In ", " (", " value)"]);
        assert_eq!([pieces("{x}"), pieces("")], [Vec::<&str>::new(), Vec::new()]);
    }
}
