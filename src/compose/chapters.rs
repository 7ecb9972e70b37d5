//! What every chapter of a territory's report says in words: its first sentences, what it lacks and where that could come from,
//! and what its figures cannot show. Tables and charts are added by the parent module.

use baseline_model::definitions::{Chapter, Indicator};
use baseline_render::document::{Block, Span, Text};

use super::context::Context;
use super::{gaps, messages};
use crate::compare::is_withheld;

/// One or two sentences on the most telling figures: the first gap of the chapter that can be computed, else its first figure;
/// and the first change over time. `None` for a chapter of which neither can be said.
pub fn lead<'a>(context: &Context<'a>, chapter: &'a Chapter, territory: &str) -> Option<Block> {
    let indicators = context.chapter(&chapter.id);
    let gap = |indicator: &(&str, &Indicator)| {
        context.gap(*indicator, territory).is_some_and(|gap| gap.points.value.number().is_some())
    };
    let with_gap = chapter.gaps.iter().filter_map(|id| context.indicator(id)).find(gap);
    // A gap is said with its chart: one without is not told here.
    let others = indicators.iter().copied().filter(|indicator| indicator.1.gap.is_none());
    let mut sentences: Vec<Text> = Vec::new();
    let told = |found: (&'a str, &'a Indicator)| Some((found, messages::message(context, found, territory)?));
    let first = with_gap.into_iter().chain(others).find_map(told);
    // The change of the same figure before that of another one.
    let changes = first.iter().map(|(found, _)| *found).chain(indicators.iter().copied());
    let change = changes.into_iter().find_map(|found| messages::change_message(context, found, territory));
    sentences.extend(first.map(|(_, text)| text).into_iter().chain(change));
    let mut spans: Vec<Span> = Vec::new();
    for sentence in sentences {
        if !spans.is_empty() {
            spans.push(Span::Plain(" ".into()));
        }
        spans.extend(sentence.0);
    }
    (!spans.is_empty()).then_some(Block::Paragraph(Text(spans)))
}

/// Indicators of the chapter without any number for the territory, each with the tables that would give one, or with what it
/// awaits. Figures of offices and authorities are listed only where a table is known: they publish what they like.
pub fn absent(context: &Context<'_>, chapter: &Chapter, territory: &str) -> Option<Block> {
    // (where it could come from, names), in the order of the chapter.
    let mut groups: Vec<(String, Vec<String>)> = Vec::new();
    for indicator in context.chapter(&chapter.id) {
        let series = context.series(indicator.0, territory);
        if series.is_some_and(|series| series.values().any(|value| value.value.number().is_some())) {
            continue;
        }
        let tables: Vec<&str> = gaps::tables_for(context, indicator.0, territory).map(|(id, _)| id).collect();
        if tables.is_empty() && (indicator.1.latest || chapter.id == super::PRINTED) {
            continue;
        }
        let mut parts = Vec::new();
        if context.value(indicator, territory, indicator.1.headline.origin).is_some_and(|value| is_withheld(&value)) {
            parts.push(context.word("absent.withheld"));
        }
        if !tables.is_empty() {
            let tables = context.quote(tables.join(", "));
            parts.push(context.text("coverage.fillable", &[("tables", &tables)]));
        }
        if let Some(awaits) = &indicator.1.awaits {
            parts.push(context.text("coverage.awaits", &[("what", &context.language.phrase(&awaits.what))]));
        }
        if parts.is_empty() {
            parts.push(context.word("absent.nowhere"));
        }
        let (place, name) = (parts.join("; "), context.indicator_name(indicator));
        match groups.iter_mut().find(|(other, _)| *other == place) {
            Some((_, names)) => names.push(name),
            None => groups.push((place, vec![name])),
        }
    }
    let line = |(place, names): &(String, Vec<String>)| {
        Text::plain(context.text("absent.names", &[("names", &names.join("; ")), ("where", place)]))
    };
    let body: Vec<Text> = groups.iter().map(line).collect();
    (!body.is_empty()).then(|| Block::Note { title: context.word("absent.title"), body })
}

/// The box on what the chapter's figures cannot show, where the language has one for it.
pub fn limits(context: &Context<'_>, chapter: &Chapter) -> Option<Block> {
    let key = format!("box.{}", chapter.id);
    let body = || vec![Text::plain(context.word(&key))];
    context.language.has(&key).then(|| Block::Note { title: context.word("reading.limits.title"), body: body() })
}
