//! The groups of an indicator over the years in all territories, a panel a territory, on one axis.

use std::collections::BTreeSet;

use baseline_method::interval::Separated;
use baseline_model::definitions::{Indicator, Origin};
use baseline_model::{Frequency, Grade, Observation, Period};
use baseline_render::document::{Chart, Figure, LinePoint, LineSeries, Multiples, Panel, Table, TableRow, Text};

use super::context::{Context, is_level};
use super::dumbbell::Counted;
use super::figures::{self, cell, flags_note};
use super::{capital, method, ordering};
use crate::compare::{self, order};
use crate::derive::Key;

/// The small multiples of an indicator; `None` when no territory has three years.
pub fn multiples(context: &Context<'_>, indicator: (&str, &Indicator), ours: Option<&str>) -> Option<Figure> {
    let (id, record) = indicator;
    let groups = Context::groups(record);
    let of_unit = |unit: &str, origin: Origin| -> Vec<(&Key, &Observation)> {
        let wanted = |key: &Key| {
            key.origin == origin
                && key.sex == record.headline.sex
                && key.age == record.headline.age
                && key.period.frequency == Frequency::Annual
        };
        context.series(id, unit).into_iter().flatten().filter(|(key, _)| wanted(key)).collect()
    };
    let territories = &context.study.territories;
    let all = || territories.iter().flat_map(|unit| groups.iter().flat_map(|origin| of_unit(unit, *origin)));
    let years: BTreeSet<i16> =
        all().filter(|(_, value)| value.value.number().is_some()).map(|(key, _)| key.period.year).collect();
    let (first, last) = (*years.first()?, *years.last()?);
    if years.len() < 3 {
        return None;
    }
    let (mut panels, mut rows, mut used) = (Vec::new(), Vec::new(), Vec::new());
    let (mut grades, mut counted) = (Vec::new(), Counted::default());
    for unit in territories {
        let name = context.unit_name(unit);
        let highlight = Some(unit.as_str()) == ours;
        let (mut lines, mut whose) = (Vec::new(), None);
        for (colour, origin) in groups.iter().enumerate() {
            let values = of_unit(unit, *origin);
            let points = (first..=last).map(|year| {
                let found = values.iter().find(|(key, _)| key.period.year == year).map(|(_, value)| *value);
                LinePoint {
                    year: i32::from(year),
                    mark: found.and_then(|value| context.mark(value, record.decimals)),
                    break_before: found.is_some_and(|value| value.obs_status.contains('b')),
                }
            });
            let points: Vec<LinePoint> = points.collect();
            let newest = values.iter().rev().find(|(_, value)| value.value.number().is_some()).map(|(_, value)| *value);
            if let Some(newest) = newest {
                whose.get_or_insert(newest);
                lines.push(LineSeries { label: context.origin(*origin), grade: newest.grade, colour, points });
            }
            for (key, value) in values {
                rows.push(TableRow {
                    header: Text::plain(&name),
                    cells: vec![
                        text(&context.region_name(&value.geo.code)),
                        text(&context.origin(*origin)),
                        text(&key.period.to_string()),
                        cell(context, value, record.decimals),
                    ],
                    highlight,
                });
                used.push(value);
            }
        }
        grades.extend(whose.map(|value| value.grade));
        if let Some((latest, proof)) = later_and_earlier(context, indicator, unit) {
            counted.add(&latest, proof);
        }
        panels.push(Panel {
            label: name,
            sublabel: whose.map_or(String::new(), figures::whose),
            lines,
            missing: context.word("missing.absent"),
            highlight,
        });
    }
    let name = context.indicator_name(indicator);
    let names: Vec<String> = groups.iter().map(|origin| context.origin(*origin)).collect();
    let measure = format!("measure.{id}");
    let measure = if context.language.texts.contains_key(&measure) { context.word(&measure) } else { name.clone() };
    let (first_text, last_text) = (first.to_string(), last.to_string());
    let of = context.origin(record.headline.origin);
    let fill = [("measure", measure.as_str()), ("of", &of), ("first", &first_text), ("last", &last_text)];
    let title = if counted.len() > 1 {
        ordering::multiples_count(context, &counted.proofs(), &counted.places(context), &fill)
    } else {
        context.text("title.multiples", &fill)
    };
    let title = capital(&title);
    let unit = context.unit(record.unit);
    let subtitle = context.text(
        "subtitle.multiples",
        &[
            ("name", &name),
            ("groups", &names.join("; ")),
            ("first", &first_text),
            ("last", &last_text),
            ("unit", &unit),
            ("universe", &context.language.phrase(&record.universe)),
        ],
    );
    let breaks: BTreeSet<i16> =
        used.iter().filter(|value| value.obs_status.contains('b')).map(|value| value.period.year).collect();
    let breaks: Vec<String> = breaks.iter().map(ToString::to_string).collect();
    let borrowed = grades.iter().filter(|grade| **grade != Grade::A).count();
    let mut note = String::new();
    if borrowed > 0 {
        note = context.text("note.borrowed", &[("k", &borrowed.to_string()), ("n", &territories.len().to_string())]);
    }
    if !breaks.is_empty() {
        note.push_str(&format!(" {}", context.text("note.breaks", &[("years", &breaks.join(", "))])));
    }
    if counted.len() > 1 {
        note.push_str(&format!(" {}", context.word("note.multiples.change")));
    }
    note.push_str(&flags_note(context, used.iter().copied()));
    let source = method::source_line(context, used.iter().copied());
    let figure_id = format!("multiples-{}", id.replace('_', "-"));
    let columns = ["column.territory", "column.region", "column.group", "column.year", "column.value"];
    let count = panels.len().to_string();
    Some(Figure {
        label: String::new(),
        alt: context.text(
            "alt.multiples",
            &[("name", &name), ("n", &count), ("first", &first_text), ("last", &last_text), ("finding", &title)],
        ),
        long_description: context.text("long.multiples", &[("groups", &names.join("; ")), ("breaks", &broken(&breaks))]),
        note: note.trim().to_owned(),
        chart: Chart::Multiples(Multiples {
            unit,
            series: names,
            panels,
            legend_break: if breaks.is_empty() { String::new() } else { context.word("legend.break") },
            legend_provisional: context.word("legend.provisional"),
            legend_proxy: context.word("legend.proxy_line"),
            legend_flag: context.word("legend.diamond"),
            axis: context.axis(),
        }),
        data: Table {
            id: format!("{figure_id}-data"),
            caption: format!("{title}: {subtitle}"),
            columns: columns.map(|key| context.word(key)).into(),
            rows,
            source: source.clone(),
            ..Table::default()
        },
        id: figure_id,
        title,
        subtitle,
        source,
    })
}

fn text(text: &str) -> baseline_render::document::TableCell {
    baseline_render::document::TableCell::Text(Text::plain(text))
}

fn broken(years: &[String]) -> String {
    if years.is_empty() { "–".to_owned() } else { years.join(", ") }
}

/// The last annual value of the headline group, held against the first one that it can be compared with, where they may be
/// ordered; without the proof where they are level.
fn later_and_earlier(
    context: &Context<'_>,
    (id, record): (&str, &Indicator),
    unit: &str,
) -> Option<(Observation, Option<Separated>)> {
    let series = context.series(id, unit)?;
    let headline = &record.headline;
    let key = |period: Period| Key { period, origin: headline.origin, sex: headline.sex.clone(), age: headline.age.clone() };
    let mut numbers = series.iter().filter(|(key, value)| {
        key.origin == headline.origin
            && key.sex == headline.sex
            && key.age == headline.age
            && key.period.frequency == Frequency::Annual
            && value.value.number().is_some()
    });
    let (_, latest) = numbers.next_back()?;
    let change = compare::change(series, latest)?;
    let separated = order::separated(latest, series.get(&key(change.from))?)?;
    let level = is_level(&context.magnitude(&change.difference, record.decimals).text);
    Some((latest.clone(), (!level).then_some(separated)))
}
