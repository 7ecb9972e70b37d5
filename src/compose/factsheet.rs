//! Two pages on one territory for a visitor of another country: names, at most ten figures with whose they are, a few
//! sentences, a chart, what is not known, sources. Never a composite.

use std::collections::BTreeSet;

use baseline_model::definitions::{Indicator, Origin};
use baseline_render::document::{Block, Figure, Product, Report, Text};

use super::context::Context;
use super::{dumbbell, figures, messages, tables};

/// Figures of a fact sheet at most.
const FACTS: usize = 10;

/// Sentences of a fact sheet at most.
const MESSAGES: usize = 4;

/// The fact sheet of one territory.
pub fn factsheet_report(context: &Context<'_>, territory: &str) -> Report {
    let name = context.unit_name(territory);
    let facts = facts(context, territory);
    let country = context.territory(territory).map_or_else(String::new, |record| context.unit_name(&record.country));
    let caption = context.text("caption.facts", &[("territory", &name), ("country", &country)]);
    let table = tables::side_by_side(context, &facts, territory, ("facts", caption), true);
    let source = table.as_ref().map_or_else(String::new, |table| table.source.clone());
    let mut first = vec![Block::Paragraph(Text::plain(context.word("factsheet.lead")))];
    first.extend(table.map(|mut table| {
        table.source.clear();
        Block::Table(table)
    }));
    let mut sections = vec![super::section(context, "facts", first)];
    let list = messages::key_messages(context, territory).into_iter().take(MESSAGES).collect();
    sections.push(super::section(context, "key-messages", vec![Block::List(list)]));
    // The headlines that have no number at all are not among the facts.
    let headlines =
        context.study.messages.iter().filter_map(|id| context.indicator(id)).filter(|found| tables::of_concept(context, found.1));
    let unknown: BTreeSet<String> = facts
        .iter()
        .map(|(indicator, _)| *indicator)
        .chain(headlines)
        .filter(|indicator| {
            let value = context.value(*indicator, territory, indicator.1.headline.origin);
            value.is_none_or(|value| value.value.number().is_none() || value.grade != baseline_model::Grade::A)
        })
        .map(|indicator| context.indicator_name(indicator))
        .collect();
    let mut limits: Vec<Text> = Vec::new();
    if !unknown.is_empty() {
        let names = unknown.into_iter().collect::<Vec<_>>().join("; ");
        limits.push(Text::plain(context.text("factsheet.unknown", &[("names", &names)])));
    }
    limits.extend(["reading.limits.1", "reading.limits.2"].map(|key| Text::plain(context.word(key))));
    sections.push(super::section(context, "unknown", limits.into_iter().map(Block::Paragraph).collect()));
    let sources = [context.quote(source), context.word("factsheet.more")];
    let sources = sources.into_iter().filter(|text| !text.is_empty()).map(|text| Block::Paragraph(Text::plain(text)));
    sections.push(super::section(context, "sources", sources.collect()));
    sections.extend(chart(context, territory).map(|chart| super::section(context, "charts", vec![super::figure(chart)])));
    let title = context.text("factsheet.title", &[("territory", &name)]);
    let mut front = super::front(context, Some(territory));
    let names: BTreeSet<&String> = context.territory(territory).into_iter().flat_map(|record| record.names.values()).collect();
    if names.len() > 1 {
        let names: Vec<&str> = names.into_iter().map(String::as_str).collect();
        front.insert(0, Text::plain(context.text("factsheet.names", &[("names", &names.join(" / "))])));
    }
    super::finish(context, Product::Factsheet, title, front, sections)
}

/// The headline figures that have a number, then the first of each chapter, the territory's size before all.
fn facts<'a>(context: &Context<'a>, territory: &str) -> Vec<((&'a str, &'a Indicator), Vec<Origin>)> {
    let chapters = context.study.chapters.iter().filter(|chapter| chapter.id != super::PRINTED);
    let firsts: Vec<&'a String> = chapters.filter_map(|chapter| chapter.indicators.first()).collect();
    let ids = firsts.iter().copied().take(1).chain(&context.study.messages).chain(firsts.iter().copied().skip(1));
    let mut seen = BTreeSet::new();
    let wanted = ids.filter(|id| seen.insert(id.as_str())).filter_map(|id| context.indicator(id));
    let wanted = wanted.filter(|(_, record)| tables::of_concept(context, record));
    let has_number = |indicator: &(&'a str, &'a Indicator)| {
        context.value(*indicator, territory, indicator.1.headline.origin).is_some_and(|value| value.value.number().is_some())
    };
    wanted.filter(has_number).take(FACTS).map(|indicator| (indicator, vec![indicator.1.headline.origin])).collect()
}

/// One that can be read on a page: the gap of the first headline that has one, in all territories; else the territory's own line
/// or its place.
fn chart(context: &Context<'_>, territory: &str) -> Option<Figure> {
    let headlines = context.study.messages.iter().filter_map(|id| context.indicator(id));
    let gap = headlines.into_iter().find_map(|indicator| dumbbell::dumbbell(context, indicator, Some(territory)));
    let mut lines = context.study.chapters.iter().flat_map(|chapter| &chapter.lines).filter_map(|id| context.indicator(id));
    let mut line = || lines.find_map(|indicator| figures::lines(context, indicator, territory));
    let strip = || context.study.chapters.iter().find_map(|chapter| figures::strip(context, territory, &chapter.positions));
    gap.or_else(&mut line).or_else(strip)
}
