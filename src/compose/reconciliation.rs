//! The part of the method chapter that says where two sources state one fact differently.
//!
//! Shows the newest period of each series that is beyond its tolerance; the others are counted. Nothing is merged.

use std::collections::BTreeMap;

use baseline_model::definitions::{ToleranceUnit, Unit};
use baseline_render::document::{Block, Span, Table, TableCell, TableRow, Text};

use super::context::Context;
use super::figures::{cell, flags_note};
use super::method;
use super::tables::is_total;
use crate::reconcile::{Comparison, Kind, Verdict, reconcile};

/// Heading, sentence and table for one territory, or for all and the benchmarks; nothing when no fact is stated twice.
pub fn blocks(context: &Context<'_>, territory: Option<&str>) -> Vec<Block> {
    let found = reconcile(context.definitions, context.study, context.figures).comparisons;
    let ours: Vec<&Comparison> =
        found.iter().filter(|one| territory.is_none() || one.territory.as_deref() == territory).collect();
    if ours.is_empty() {
        return Vec::new();
    }
    let agree = ours.iter().filter(|one| one.verdict == Verdict::Agrees).count();
    let fill = [("n", ours.len().to_string()), ("agree", agree.to_string())];
    let fill: Vec<(&str, &str)> = fill.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let key = if agree == ours.len() { "reconciliation.agree" } else { "reconciliation.lead" };
    let mut blocks =
        vec![Block::Heading(context.word("section.reconciliation")), Block::Paragraph(Text::plain(context.text(key, &fill)))];
    blocks.extend(table(context, &ours).map(Block::Table));
    blocks
}

fn table(context: &Context<'_>, found: &[&Comparison]) -> Option<Table> {
    // Series beyond its tolerance -> its newest comparison, and how many periods are beyond.
    let mut series: BTreeMap<_, (&Comparison, usize)> = BTreeMap::new();
    for one in found.iter().filter(|one| one.verdict != Verdict::Agrees) {
        let used = &one.used;
        let key = (&used.indicator, &used.geo, used.origin, &used.sex, &used.age, &one.other.indicator, one.kind);
        let entry = series.entry(key).or_insert((one, 0));
        entry.1 += 1;
        if used.period > entry.0.used.period {
            entry.0 = one;
        }
    }
    if series.is_empty() {
        return None;
    }
    let rows = series.values().map(|(one, periods)| row(context, one, *periods)).collect();
    let used: Vec<_> = series.values().flat_map(|(one, _)| [one.used.clone(), one.other.clone()]).collect();
    let flags = flags_note(context, used.iter());
    let columns = [
        "column.fact",
        "column.used",
        "column.other_source",
        "column.difference",
        "column.tolerance",
        "column.periods_beyond",
        "column.reason",
    ];
    Some(Table {
        reference: false,
        id: "reconciliation".into(),
        label: String::new(),
        caption: context.word("caption.reconciliation"),
        columns: columns.map(|key| context.word(key)).into(),
        rows,
        notes: if flags.is_empty() { Vec::new() } else { vec![Text::plain(flags.trim().to_owned())] },
        source: method::source_line(context, used.iter()),
    })
}

fn row(context: &Context<'_>, one: &Comparison, periods: usize) -> TableRow {
    let used = &one.used;
    let indicator = context.indicator(&used.indicator);
    let decimals = indicator.map_or(1, |(_, indicator)| indicator.decimals);
    let name = indicator
        .map_or_else(|| used.indicator.clone(), |indicator| context.headed(&context.indicator_name(indicator), used.unit));
    let place = format!("{} ({})", context.region_name(&used.geo.code), used.geo.code);
    let header = format!("{name} · {place} · {} · {}", context.origin(used.origin), used.period);
    let other = {
        let number = context.bare(&one.other, decimals);
        let mut about = vec![format!("{}/{}", one.other.source, one.other.dataflow)];
        if one.other.period != used.period {
            about.push(one.other.period.to_string());
        }
        TableCell::Text(Text(vec![Span::Number(number), Span::Plain(format!(" ({})", about.join(", ")))]))
    };
    let signed = context.bare_signed(&one.difference, if is_total(used.unit) { 0 } else { decimals.max(1) });
    let tolerance = match one.unit {
        ToleranceUnit::Pp => context.with_unit(&plain(context, one.tolerance), Unit::PercentagePoints),
        ToleranceUnit::Percent => context.with_unit(&plain(context, one.tolerance), Unit::Percent),
        ToleranceUnit::Own => context.with_unit(&plain(context, one.tolerance), used.unit),
    };
    TableRow {
        header: Text::plain(header),
        cells: vec![
            cell(context, used, decimals),
            other,
            TableCell::Number(signed),
            TableCell::Text(Text::plain(tolerance)),
            TableCell::Text(Text::plain(periods.to_string())),
            TableCell::Text(Text::plain(why(context, one))),
        ],
        highlight: one.verdict == Verdict::Open,
    }
}

/// A declared tolerance with as many decimals as it was written with.
fn plain(context: &Context<'_>, number: f64) -> String {
    let decimals = number.to_string().split_once('.').map_or(0, |(_, decimals)| decimals.len());
    context.language.number(number, decimals)
}

fn why(context: &Context<'_>, one: &Comparison) -> String {
    let word = match (one.verdict, one.kind, one.reason) {
        (Verdict::Open, ..) => return context.word("reason.open"),
        (_, Kind::Vintage, _) => return context.word("reason.vintage"),
        (_, _, Some(reason)) => context.word(&format!("reason.{}", reason.code())),
        (_, _, None) => String::new(),
    };
    format!("{word}. {}", context.language.phrase(&one.note)).trim().to_owned()
}
