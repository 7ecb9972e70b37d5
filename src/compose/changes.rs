//! What a publication says otherwise than the one before, in sentences for the page over the study.
//!
//! The figures of its lines are those of the reports' tables, with the same marks; nothing is computed here.

use baseline_model::definitions::Origin;
use baseline_model::{Grade, ObsStatus, Period};
use baseline_render::document::{Number, Span, Text};
use serde::{Deserialize, Serialize};

use super::context::Context;
use super::messages::filled;

/// What differs from the publication before, in figures.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Changes {
    /// Numbers that are others now.
    pub numbers: usize,
    /// That stand where none stood, and the other way round.
    pub appeared: usize,
    pub vanished: usize,
    /// The same numbers with another status or grade.
    pub flags: usize,
    /// The first of all these; figures that a source states before those that were compared.
    pub lines: Vec<Changed>,
}

/// A figure before and after.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Changed {
    pub id: String,
    pub indicator: String,
    pub territory: String,
    pub origin: String,
    pub sex: String,
    pub age: String,
    pub period: String,
    /// `None`: no number stood there, or none stands there now.
    pub before: Option<Shown>,
    pub after: Option<Shown>,
}

/// A number as a report's table has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Shown {
    pub value: f64,
    pub obs_status: String,
    pub grade: Grade,
    pub carried_years: u16,
}

/// Counts, then the lines. `changes` of a publication that was there before; `held` are tables of which a newer state waits.
pub fn change_texts(context: &Context<'_>, changes: Option<&Changes>, held: &[String]) -> Vec<String> {
    let mut texts = Vec::new();
    if !held.is_empty() {
        texts.push(context.text("changes.held", &[("tables", &held.join(", "))]));
    }
    let Some(changes) = changes else { return texts };
    let counts = [
        ("changes.numbers", changes.numbers),
        ("changes.appeared", changes.appeared),
        ("changes.vanished", changes.vanished),
        ("changes.flags", changes.flags),
    ];
    let said: Vec<String> =
        counts.iter().filter(|(_, count)| *count > 0).map(|(key, count)| context.language.count(key, *count, &[])).collect();
    texts.push(if said.is_empty() { context.word("changes.words") } else { said.join(" ") });
    texts.extend(changes.lines.iter().map(|line| changed(context, line).to_plain()));
    texts
}

fn changed(context: &Context<'_>, line: &Changed) -> Text {
    let indicator = context.indicator(&line.indicator);
    let figure = indicator
        .map_or_else(|| line.indicator.clone(), |indicator| context.headed(&context.indicator_name(indicator), indicator.1.unit));
    let origin = Origin::ALL.into_iter().find(|origin| origin.code() == line.origin);
    let mut groups = vec![origin.map_or_else(|| line.origin.clone(), |origin| context.origin(origin))];
    // Sex and age of the headline stand in the definition; those of other figures must stand here.
    let headline = indicator.map(|(_, record)| &record.headline);
    if headline.is_none_or(|headline| headline.sex != line.sex) {
        groups.push(context.sex(&line.sex));
    }
    if headline.is_none_or(|headline| headline.age != line.age) {
        groups.push(context.age(&line.age));
    }
    let period = Period::parse(&line.period).map_or_else(|| line.period.clone(), |period| context.period(period));
    let number = |shown: &Option<Shown>| match shown {
        None => Span::Plain(context.word("missing.absent")),
        Some(shown) => Span::Number(Number {
            id: line.id.clone(),
            text: context.language.number(shown.value, usize::from(indicator.map_or(2, |(_, record)| record.decimals))),
            value: Some(shown.value),
            missing: None,
            grade: shown.grade,
            flags: ObsStatus::new(&shown.obs_status),
            carried_years: shown.carried_years,
            carried: context.language.carried(shown.carried_years),
        }),
    };
    let fill = [
        ("figure", Span::Plain(figure)),
        ("place", Span::Plain(context.unit_name(&line.territory))),
        ("group", Span::Plain(groups.join(", "))),
        ("period", Span::Plain(period)),
        ("before", number(&line.before)),
        ("after", number(&line.after)),
    ];
    filled(context, "changes.line", &fill)
}
