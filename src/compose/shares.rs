//! The parts of a whole as bars of 100 %: a bar a territory (or the one of the report), then the benchmarks.

use std::collections::BTreeMap;

use baseline_method::interval::Separated;
use baseline_model::definitions::{Chapter, Indicator};
use baseline_model::{Grade, Observation, Period};
use baseline_render::document::{Chart, Figure, Stacked, StackedRow, Table, TableCell, TableRow, Text};

use super::context::Context;
use super::dumbbell::Counted;
use super::figures::{self, cell, flagged, flags_note, named};
use super::{method, ordering};
use crate::compare::order;

/// A bar: one value a part, of the period of the first part; what is of another period is no part of the same whole.
struct Bar {
    unit: String,
    values: Vec<Option<Observation>>,
    benchmark: bool,
}

/// The bars of a chapter's `shares`; `None` when no territory has a number.
pub fn figure(context: &Context<'_>, chapter: &Chapter, ours: Option<&str>) -> Option<Figure> {
    let parts: Vec<(&str, &Indicator)> = chapter.shares.iter().filter_map(|id| context.indicator(id)).collect();
    let (_, first) = *parts.first()?;
    let whole = context.indicator(first.derived.as_ref()?.inputs.get(1)?)?;
    let territories = context.study.territories.iter().filter(|unit| ours.is_none_or(|ours| ours == unit.as_str()));
    let units = territories.map(|unit| (unit, false)).chain(context.study.benchmarks.keys().map(|unit| (unit, true)));
    let period = parts.iter().find_map(|(id, _)| context.figures.reference.get(*id))?;
    let bars: Vec<Bar> = units.map(|(unit, benchmark)| bar(context, &parts, unit, *period, benchmark)).collect();
    let has = |bar: &Bar| bar.values.iter().flatten().any(|value| value.value.number().is_some());
    if !bars.iter().any(|bar| !bar.benchmark && has(bar)) {
        return None;
    }
    let names: Vec<String> = parts.iter().map(|part| part_name(context, *part)).collect();
    let (mut rows, mut table) = (Vec::new(), Vec::new());
    for bar in bars.iter().filter(|bar| !bar.benchmark || has(bar)) {
        let highlight = Some(bar.unit.as_str()) == ours;
        rows.push(row(context, &parts, bar, highlight));
        let geo = bar.values.iter().flatten().next().map(|value| context.region_name(&value.geo.code));
        let mut cells = vec![TableCell::Text(Text::plain(geo.unwrap_or_default()))];
        for (value, (_, record)) in bar.values.iter().zip(&parts) {
            cells.push(value.as_ref().map_or(TableCell::Empty, |value| cell(context, value, record.decimals)));
        }
        table.push(TableRow { header: Text::plain(context.unit_name(&bar.unit)), cells, highlight });
    }
    let used: Vec<&Observation> =
        bars.iter().filter(|bar| !bar.benchmark || has(bar)).flat_map(|bar| bar.values.iter().flatten()).collect();
    let whole_name = context.indicator_name(whole);
    let period_text = context.period(*period);
    let fill = [("name", whole_name.as_str()), ("period", &period_text)];
    let title = title(context, &bars, (&parts, &names), ours, &fill);
    let unit = context.unit(first.unit);
    let universe = context.language.phrase(&whole.1.universe);
    let subtitle = context
        .text("subtitle.shares", &[("name", &whole_name), ("period", &period_text), ("unit", &unit), ("universe", &universe)]);
    let grades: Vec<Grade> =
        bars.iter().filter(|bar| !bar.benchmark).filter_map(|bar| Some(bar.values.iter().flatten().next()?.grade)).collect();
    let borrowed = grades.iter().any(|grade| *grade != Grade::A);
    let mut note = if borrowed { context.word("note.hatched") } else { String::new() };
    note.push_str(&format!(" {}", context.word("note.shares.rounding")));
    note.push_str(&flags_note(context, used.iter().copied()));
    let source = method::source_line(context, used.iter().copied());
    let id = format!("shares-{}", chapter.id.replace('_', "-"));
    let columns = [context.word("column.territory"), context.word("column.region")];
    let columns = columns.into_iter().chain(names.iter().map(|name| format!("{name}, {unit}")));
    let columns = columns.collect();
    let sentences: Vec<String> = rows
        .iter()
        .map(|row| {
            let values =
                row.marks.iter().zip(&names).filter_map(|(mark, name)| Some(format!("{name} {}", flagged(mark.as_ref()?))));
            format!("{}: {}", named(&row.label, &row.sublabel), values.collect::<Vec<_>>().join(", "))
        })
        .collect();
    let (count, list) = (rows.len().to_string(), names.join(", "));
    Some(Figure {
        label: String::new(),
        alt: context.text(
            "alt.shares",
            &[("name", &whole_name), ("n", &count), ("period", &period_text), ("parts", &list), ("finding", &title)],
        ),
        long_description: context.text("long.shares", &[("parts", &list), ("rows", &sentences.join("; "))]),
        note: note.trim().to_owned(),
        chart: Chart::Stacked(Stacked {
            parts: names,
            rows,
            legend_proxy: context.word("legend.hatched"),
            legend_flag: context.word("legend.flag"),
            axis: context.axis(),
        }),
        data: Table {
            id: format!("{id}-data"),
            caption: format!("{title}: {subtitle}"),
            columns,
            rows: table,
            source: source.clone(),
            ..Table::default()
        },
        id,
        title,
        subtitle,
        source,
    })
}

/// The short name of a part where the language has one.
fn part_name(context: &Context<'_>, (id, record): (&str, &Indicator)) -> String {
    let key = format!("part.{id}");
    if context.language.texts.contains_key(&key) { context.word(&key) } else { context.indicator_name((id, record)) }
}

fn bar(context: &Context<'_>, parts: &[(&str, &Indicator)], unit: &str, period: Period, benchmark: bool) -> Bar {
    let value = |part: &(&str, &Indicator)| {
        let value = context.figures.value(*part, unit, part.1.headline.origin, period);
        // A value of another year would be a part of another whole.
        Some(value).filter(|value| value.carried_years == 0)
    };
    Bar { unit: unit.to_owned(), values: parts.iter().map(value).collect(), benchmark }
}

fn row(context: &Context<'_>, parts: &[(&str, &Indicator)], bar: &Bar, highlight: bool) -> StackedRow {
    let marks = bar.values.iter().zip(parts).map(|(value, (_, record))| context.mark(value.as_ref()?, record.decimals));
    let missing = bar.values.iter().find_map(|value| match value {
        Some(value) if value.value.number().is_some() => None,
        Some(value) => Some(context.bare(value, 0).text),
        None => Some(context.word("missing.absent")),
    });
    let whose = bar.values.iter().flatten().next().filter(|_| !bar.benchmark);
    StackedRow {
        label: context.unit_name(&bar.unit),
        sublabel: whose.map_or(String::new(), figures::whose),
        marks: marks.collect(),
        missing: missing.unwrap_or_default(),
        highlight,
    }
}

/// The part that is proven to be the largest of a bar: its place among the parts.
fn largest(bar: &Bar) -> Option<(usize, Separated)> {
    let mut values: Vec<(usize, &Observation)> =
        bar.values.iter().enumerate().filter_map(|(index, value)| Some((index, value.as_ref()?))).collect();
    if values.len() < 2 || values.len() < bar.values.len() || values.iter().any(|(_, value)| value.value.number().is_none()) {
        return None;
    }
    values.sort_by(|(_, a), (_, b)| b.value.number().unwrap_or(0.0).total_cmp(&a.value.number().unwrap_or(0.0)));
    Some((values[0].0, order::separated(values[0].1, values[1].1)?))
}

/// The largest part of ours with its value; or the part that is the largest in the most places. Neutral where that is not known.
fn title(
    context: &Context<'_>,
    bars: &[Bar],
    (parts, names): (&[(&str, &Indicator)], &[String]),
    ours: Option<&str>,
    fill: &[(&str, &str)],
) -> String {
    let found: Vec<(&Bar, usize, Separated)> =
        bars.iter().filter(|bar| !bar.benchmark).filter_map(|bar| largest(bar).map(|(part, proof)| (bar, part, proof))).collect();
    if let (Some(_), Some((bar, part, proof))) = (ours, found.first())
        && let Some(value) = &bar.values[*part]
    {
        let (place, value) = (context.region_name(&value.geo.code), context.number(value, parts[*part].1.decimals).text);
        let more = [("place", place.as_str()), ("part", &names[*part]), ("value", &value)];
        return ordering::largest_part(context, *proof, &[fill, &more].concat());
    }
    let mut counted = Counted::default();
    for (bar, part, proof) in &found {
        bar.values[*part].iter().for_each(|value| counted.add(value, Some((*part, *proof))));
    }
    let mut counts: BTreeMap<usize, Vec<Separated>> = BTreeMap::new();
    for (part, proof) in counted.proofs().into_iter().flatten() {
        counts.entry(part).or_default().push(proof);
    }
    let Some((part, proofs)) = counts.iter().max_by_key(|(part, proofs)| (proofs.len(), usize::MAX - **part)) else {
        return context.text("title.shares", fill);
    };
    let (n, place) = (counted.len().to_string(), counted.places(context));
    let more = [("part", names[*part].as_str()), ("n", &n), ("place", &place)];
    ordering::largest_count(context, proofs, &[fill, &more].concat())
}
