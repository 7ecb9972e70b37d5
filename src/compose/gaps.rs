//! Tables that are known and not at hand: what would fill the gaps of the coverage, and what each needs.
//!
//! Says what the records say. Whether a table really has the figure is only known once it was pulled; where its code or
//! its dimensions are unconfirmed, that stands beside it.

use std::collections::{BTreeMap, BTreeSet};

use baseline_model::definitions::Dataflow;
use baseline_render::document::{Span, Table, TableCell, TableRow, Text};

use super::context::Context;
use crate::derive::Outcome;

/// Tables that are not at hand and would give a territory a value of an indicator that has none now, or that of a finer
/// region than the one it has; with their ids, in order.
pub fn tables_for<'a>(
    context: &Context<'a>,
    indicator: &str,
    territory: &str,
) -> impl Iterator<Item = (&'a str, &'a Dataflow)> + use<'a> {
    let ladder = context.ladder(indicator, territory);
    let taken = ladder.and_then(|ladder| ladder.steps.iter().find(|step| step.outcome == Outcome::Taken)).map(|step| step.level);
    let record = context.territory(territory).filter(|record| taken != Some(record.level));
    let wanted = needed(context, indicator);
    let series: BTreeSet<String> = wanted
        .iter()
        .filter_map(|id| context.definitions.indicators.get(id))
        .flat_map(|record| {
            // Whose value is shown follows from the headline group: a table without it changes nothing.
            let headline = record.headline.origin.code();
            record.series.iter().filter(move |series| series.set.get("origin").is_none_or(|origin| origin == headline))
        })
        .map(|series| series.dataflow.clone())
        .collect();
    let (definitions, receipts) = (context.definitions, context.receipts);
    definitions.dataflows.iter().filter_map(move |(id, dataflow)| {
        let record = record?;
        let source = definitions.sources.get(id.split('/').next().unwrap_or_default())?;
        let about = source.countries.is_empty() || source.countries.contains(&record.country);
        let fits = about
            && dataflow.levels.iter().any(|level| *level >= record.level && taken.is_none_or(|taken| *level < taken))
            && !receipts.contains_key(id)
            && (series.contains(id) || dataflow.fills.iter().any(|filled| wanted.contains(filled)));
        fits.then_some((id.as_str(), dataflow))
    })
}

/// The indicator and those that its formula begins with: with a denominator alone nothing is gained. For an estimate the local
/// compositions.
fn needed(context: &Context<'_>, indicator: &str) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    let mut open = vec![indicator.to_owned()];
    while let Some(id) = open.pop() {
        if let Some((_, record)) = context.indicator(&id).filter(|_| !all.contains(&id)) {
            open.extend(record.derived.iter().filter_map(|derived| derived.inputs.first().cloned()));
            let compositions = record.estimate.iter().flat_map(|estimate| &estimate.compositions);
            open.extend(compositions.flat_map(|composition| composition.shares.values().cloned()));
        }
        all.insert(id);
    }
    all
}

/// A row for each such table: what it would give, to whom, and what is needed to have it. `None` when there is none.
pub fn table(context: &Context<'_>, territories: &[String]) -> Option<Table> {
    // Table -> indicators and territories that it would fill.
    let mut found: BTreeMap<&str, (&Dataflow, BTreeSet<String>, BTreeSet<String>)> = BTreeMap::new();
    for chapter in context.study.chapters.iter().filter(|chapter| chapter.id != super::PRINTED) {
        for indicator in context.chapter(&chapter.id) {
            for territory in territories {
                for (id, dataflow) in tables_for(context, indicator.0, territory) {
                    let entry = found.entry(id).or_insert((dataflow, BTreeSet::new(), BTreeSet::new()));
                    entry.1.insert(context.indicator_name(indicator));
                    entry.2.insert(context.unit_name(territory));
                }
            }
        }
    }
    if found.is_empty() {
        return None;
    }
    let text = |text: String| TableCell::Text(Text::plain(text));
    let rows = found.into_iter().map(|(id, (dataflow, indicators, places))| {
        let source_id = id.split('/').next().unwrap_or_default();
        let source = context.definitions.sources.get(source_id);
        let code = dataflow.table(id);
        let url = source.map_or(String::new(), |source| source.table_url.replace("{code}", code));
        let name = if url.is_empty() { Text::plain(id) } else { Text(vec![Span::Link { text: id.to_owned(), url }]) };
        let mut cells = vec![
            TableCell::Text(name),
            text(dataflow.title.clone()),
            text(indicators.into_iter().collect::<Vec<_>>().join("; ")),
            text(needs(context, source_id, dataflow)),
        ];
        if territories.len() > 1 {
            cells.insert(2, text(places.into_iter().collect::<Vec<_>>().join(", ")));
        }
        let provider = source.map_or(source_id.to_owned(), |source| source.name.clone());
        TableRow { header: Text::plain(provider), cells, highlight: false }
    });
    let rows = rows.collect();
    let mut columns = vec!["column.provider", "column.table", "column.title", "column.would_give", "column.needs"];
    if territories.len() > 1 {
        columns.insert(3, "column.territories");
    }
    Some(Table {
        id: "gaps".into(),
        label: String::new(),
        caption: context.word("caption.gaps"),
        columns: columns.into_iter().map(|key| context.word(key)).collect(),
        rows,
        notes: vec![Text::plain(context.word("note.gaps"))],
        source: String::new(),
        reference: true,
    })
}

/// What stands between the program and the table.
fn needs(context: &Context<'_>, source: &str, dataflow: &Dataflow) -> String {
    let source = context.definitions.sources.get(source);
    let mut needs = vec![match source {
        Some(source) if source.protocol == "none" => context.word("needs.file"),
        Some(source) if source.variables().any(|(_, _, required)| required) => context.word("needs.credentials"),
        Some(_) | None => context.word("needs.pull"),
    }];
    needs.extend(dataflow.unverified.as_ref().map(|what| context.text("needs.unverified", &[("what", what)])));
    needs.join("; ")
}
