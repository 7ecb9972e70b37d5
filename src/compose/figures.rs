//! The charts of a report, each with a title that says the finding, the texts around it, and its data table.

use baseline_method::interval::Comparison;
use baseline_model::definitions::{Direction, Indicator, Origin};
use baseline_model::{Grade, Observation, Period};
use baseline_render::document::{
    Chart, Figure, LineChart, LinePoint, LineSeries, Mark, Number, Strip, StripRow, Table, TableCell, TableRow, Text,
};

use super::context::{Context, is_level};
use super::{method, ordering};
use crate::compare::{self, Among, Placed, Position, order};
use crate::derive::Key;

/// A cell of a figure's data table, and the same for any table.
pub fn cell(context: &Context<'_>, observation: &Observation, decimals: u8) -> TableCell {
    TableCell::Number(context.bare(observation, decimals))
}

/// `PL · D`: whose value it is, beside a name.
pub fn whose(value: &Observation) -> String {
    format!("{}\u{a0}·\u{a0}{}", value.geo.code, value.grade)
}

/// A mark in a description, with its flags.
pub fn flagged(mark: &Mark) -> String {
    let flags: String = mark.flags.letters().map(|letter| format!("[{letter}]")).collect();
    if flags.is_empty() { mark.text.clone() } else { format!("{}\u{a0}{flags}", mark.text) }
}

/// A name in a description: a place that borrows its value with whose it is.
pub fn named(name: &str, sublabel: &str) -> String {
    if sublabel.is_empty() { name.to_owned() } else { format!("{name} ({sublabel})") }
}

/// The groups of an indicator over the years for one territory; interrupted at breaks and holes. `None` with fewer
/// than three years.
pub fn lines(context: &Context<'_>, indicator: (&str, &Indicator), unit: &str) -> Option<Figure> {
    let (id, record) = indicator;
    let series = context.series(id, unit)?;
    let groups = &Context::all_groups(record, series);
    let decimals = record.decimals;
    let of_group = |origin: Origin| -> Vec<(&Key, &Observation)> {
        let wanted = |key: &Key| key.origin == origin && key.sex == record.headline.sex && key.age == record.headline.age;
        series.iter().filter(|(key, _)| wanted(key)).collect()
    };
    let years: std::collections::BTreeSet<i16> = groups
        .iter()
        .flat_map(|origin| of_group(*origin))
        .filter(|(_, value)| value.value.number().is_some())
        .map(|(key, _)| key.period.year)
        .collect();
    let (first, last) = (*years.first()?, *years.last()?);
    if years.len() < 3 {
        return None;
    }
    let mut drawn = Vec::new();
    let mut rows: Vec<TableRow> =
        (first..=last).map(|year| TableRow { header: Text::plain(year.to_string()), ..TableRow::default() }).collect();
    let mut used = Vec::new();
    for (colour, origin) in groups.iter().enumerate() {
        let values = of_group(*origin);
        let points = (first..=last).map(|year| {
            let found = values.iter().find(|(key, _)| key.period.year == year).map(|(_, value)| *value);
            if let Some(row) = rows.get_mut(usize::try_from(year - first).unwrap_or(0)) {
                row.cells.push(found.map_or(TableCell::Empty, |value| cell(context, value, decimals)));
            }
            LinePoint {
                year: i32::from(year),
                mark: found.and_then(|value| context.mark(value, decimals)),
                break_before: found.is_some_and(|value| value.obs_status.contains('b')),
            }
        });
        let points: Vec<_> = points.collect();
        if points.iter().any(|point| point.mark.is_some()) {
            let grade = values.first().map_or(Grade::A, |(_, value)| value.grade);
            drawn.push(LineSeries { label: context.origin(*origin), grade, colour, points });
        }
        used.extend(values.into_iter().map(|(_, value)| value));
    }
    let sample = *used.first()?;
    let place = context.region_name(&sample.geo.code);
    let name = context.indicator_name(indicator);
    let breaks: std::collections::BTreeSet<i16> =
        used.iter().filter(|value| value.obs_status.contains('b')).map(|value| value.period.year).collect();
    let broken = breaks.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let (first_text, last_text) = (first.to_string(), last.to_string());
    let title = line_title(context, indicator, unit, &place, Period::year(last));
    let mut note = String::new();
    if sample.grade != Grade::A {
        note.push_str(&context.text(
            "note.series_borrowed",
            &[("place", &place), ("territory", &context.unit_name(unit)), ("grade", &sample.grade.to_string())],
        ));
    }
    if !breaks.is_empty() {
        note.push_str(&format!(" {}", context.text("note.breaks", &[("years", &broken)])));
    }
    note.push_str(&flags_note(context, used.iter().copied()));
    let unit_text = context.unit(record.unit);
    let subtitle = context.text(
        "subtitle.line",
        &[
            ("name", &name),
            ("universe", &context.language.phrase(&record.universe)),
            ("place", &place),
            ("first", &first_text),
            ("last", &last_text),
            ("unit", &unit_text),
        ],
    );
    let source = method::source_line(context, used.iter().copied());
    let ends = drawn.iter().filter_map(|line| {
        let (year, mark) = line.points.iter().rev().find_map(|point| Some((point.year, point.mark.as_ref()?)))?;
        let when = if year == i32::from(last) { String::new() } else { format!(" ({year})") };
        Some(format!("{} {}{when}", line.label, flagged(mark)))
    });
    let ends = ends.collect::<Vec<_>>().join("; ");
    let figure_id = format!("series-{}", id.replace('_', "-"));
    let columns = std::iter::once(context.word("column.year"))
        .chain(groups.iter().map(|origin| format!("{}, {unit_text}", context.origin(*origin))));
    Some(Figure {
        label: String::new(),
        alt: context.text(
            "alt.line",
            &[("name", &name), ("place", &place), ("first", &first_text), ("last", &last_text), ("ends", &ends)],
        ),
        long_description: context.text(
            "long.line",
            &[("last", &last_text), ("ends", &ends), ("breaks", if broken.is_empty() { "–" } else { &broken })],
        ),
        note: note.trim().to_owned(),
        chart: Chart::Line(LineChart {
            unit: unit_text.clone(),
            series: drawn,
            axis: context.axis(),
            legend_break: if breaks.is_empty() { String::new() } else { context.word("legend.break") },
            legend_provisional: context.word("legend.provisional"),
            legend_flag: if used.iter().any(|value| !value.obs_status.is_empty()) {
                context.word("legend.flag")
            } else {
                String::new()
            },
            legend_proxy: if sample.grade == Grade::A { String::new() } else { context.word("legend.proxy_line") },
        }),
        data: Table {
            id: format!("{figure_id}-data"),
            caption: format!("{title}: {subtitle}"),
            columns: columns.collect(),
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

/// What the two groups of the gap say in the last year drawn; neutral words when one of them has no value then.
fn line_title(context: &Context<'_>, indicator: (&str, &Indicator), unit: &str, place: &str, last: Period) -> String {
    let (id, record) = indicator;
    let neutral = || context.text("title.line", &[("name", &context.indicator_name(indicator)), ("place", place)]);
    let Some(rule) = record.gap else { return neutral() };
    let gap = compare::gap(context.figures, indicator, rule, unit, last);
    let same = gap.of.period == last && gap.against.period == last;
    let (Some(p), Some(q), true) = (gap.of.value.number(), gap.against.value.number(), same) else { return neutral() };
    let measure = format!("measure.{id}");
    let measure =
        if context.language.texts.contains_key(&measure) { context.word(&measure) } else { context.indicator_name(indicator) };
    let points = context.language.number((p - q).abs(), 1);
    let level = is_level(&points);
    let points = context.number_text(&gap.points, points).text;
    let (of, against, last) = (context.origin(rule.of), context.origin(rule.against), last.to_string());
    let fill = [("of", &of), ("against", &against), ("points", &points), ("last", &last), ("measure", &measure)];
    let fill: Vec<(&str, &str)> =
        fill.iter().map(|(name, text)| (*name, text.as_str())).chain(std::iter::once(("place", place))).collect();
    match order::compare(&gap.of, &gap.against) {
        Comparison::Separated(separated) if !level => ordering::line_title(context, separated, &fill),
        Comparison::NotKnown => neutral(),
        Comparison::Separated(_) | Comparison::Overlapping => context.text("title.line.level", &fill),
    }
}

/// Ours among all NUTS 2 regions, a row an indicator and group. All rows must share a unit.
pub fn strip(context: &Context<'_>, territory: &str, indicators: &[String]) -> Option<Figure> {
    let wanted = indicators.iter().filter_map(|id| context.indicator(id));
    let rows_wanted =
        wanted.flat_map(|indicator| Context::groups(indicator.1).into_iter().map(move |origin| (indicator, origin)));
    let mut rows = Vec::new();
    let mut table_rows = Vec::new();
    let mut used = Vec::new();
    let mut unit = None;
    for (indicator, origin) in rows_wanted {
        let Some(value) = context.value(indicator, territory, origin) else { continue };
        let Some(regions) = context.regions.get(&(indicator.0.to_owned(), origin)) else { continue };
        let Some(place) = regions.places.get(&value.geo.code) else { continue };
        let Some(mark) = context.mark(&value, indicator.1.decimals) else { continue };
        if *unit.get_or_insert(indicator.1.unit) != indicator.1.unit {
            continue;
        }
        let code = &value.geo.code;
        let others = regions.values.iter().filter(|(region, _)| *region != code).map(|(_, value)| *value).collect();
        let label = context.indicator_name(indicator);
        let group = if indicator.1.gap.is_some() { context.origin(origin) } else { String::new() };
        let eu = regions.places_eu.get(code);
        table_rows.push(TableRow {
            header: Text::plain(if group.is_empty() { label.clone() } else { format!("{label}: {group}") }),
            cells: vec![
                TableCell::Text(Text::plain(value.period.to_string())),
                cell(context, &value, indicator.1.decimals),
                placed_cell(context, &value, Some(*place), Among::All),
                placed_cell(context, &value, eu.copied(), Among::Eu),
                TableCell::Text(Text::plain(regions.without.to_string())),
            ],
            highlight: false,
        });
        rows.push(StripRow {
            label,
            sublabel: group,
            others,
            ours: vec![(context.region_name(code), mark)],
            position: order::placed(&value, *place).map_or_else(String::new, |placed| ordering::place_text(context, placed)),
        });
        used.push(value);
    }
    let first = used.first()?;
    let place = context.region_name(&first.geo.code);
    let name = context.unit_name(territory);
    let period = context.period(first.period);
    let title = strip_title(context, first, &place);
    let subtitle = context.text("subtitle.strip", &[("unit", &context.unit(unit?)), ("period", &period)]);
    let mut note = context.word("note.strip");
    if first.grade != Grade::A {
        note = format!(
            "{} {note}",
            context.text("note.series_borrowed", &[("place", &place), ("territory", &name), ("grade", &first.grade.to_string())])
        );
    }
    let source = method::source_line(context, used.iter());
    let summary = table_rows
        .iter()
        .zip(&rows)
        .map(|(_, row)| {
            let group = if row.sublabel.is_empty() { String::new() } else { format!(" ({})", row.sublabel) };
            format!("{}{group}: {}", row.label, row.position)
        })
        .collect::<Vec<_>>()
        .join("; ");
    let columns =
        ["column.indicator", "column.period", "column.value", "column.position", "column.position_eu", "column.without"];
    Some(Figure {
        id: "position".into(),
        label: String::new(),
        alt: context.text(
            "alt.strip",
            &[
                ("place", &place),
                ("n", &rows.len().to_string()),
                ("first", rows.first().map_or("", |row| row.position.as_str())),
                ("name", rows.first().map_or("", |row| row.label.as_str())),
            ],
        ),
        long_description: context.text("long.strip", &[("rows", &summary)]),
        note,
        chart: Chart::Strip(Strip {
            unit: context.unit(unit?),
            rows,
            legend_others: context.word("legend.other_regions"),
            legend_ours: place.clone(),
            legend_proxy: if first.grade == Grade::A { String::new() } else { context.word("legend.proxy") },
            axis: context.axis(),
        }),
        data: Table {
            id: "position-data".into(),
            caption: format!("{title}: {subtitle}"),
            columns: columns.map(|key| context.word(key)).into(),
            rows: table_rows,
            source: source.clone(),
            ..Table::default()
        },
        title,
        subtitle,
        source,
    })
}

/// The position in the first measure where the language has a short word for it and it is the group the measure is
/// about.
fn strip_title(context: &Context<'_>, first: &Observation, place: &str) -> String {
    let key = format!("measure.strip.{}", first.indicator);
    let headline = context.indicator(&first.indicator).map(|(_, indicator)| indicator.headline.origin);
    let regions = context.regions.get(&(first.indicator.clone(), first.origin));
    let position = regions.and_then(|regions| regions.places.get(&first.geo.code));
    let placed = position.and_then(|position| order::placed(first, *position));
    match placed.filter(|_| headline == Some(first.origin) && context.language.texts.contains_key(&key)) {
        Some(placed) => ordering::strip_title(context, placed, place, &context.word(&key)),
        None => context.text("title.strip", &[("place", place)]),
    }
}

/// A position with its figure id.
pub fn place_number(context: &Context<'_>, value: &Observation, placed: Placed, among: Among) -> Number {
    let direction = context.indicator(&value.indicator).map_or(Direction::Neutral, |(_, indicator)| indicator.direction);
    let position = compare::position(value, placed.place(), among, direction);
    context.number_text(&position, ordering::place_text(context, placed))
}

/// The same in a table; empty for a value that may not be put in order with others.
fn placed_cell(context: &Context<'_>, value: &Observation, place: Option<Position>, among: Among) -> TableCell {
    let placed = place.and_then(|place| order::placed(value, place));
    placed.map_or(TableCell::Empty, |placed| TableCell::Number(place_number(context, value, placed, among)))
}

/// The meaning of every flag among the observations, or nothing.
pub fn flags_note<'a>(context: &Context<'_>, observations: impl Iterator<Item = &'a Observation>) -> String {
    let letters: std::collections::BTreeSet<char> =
        observations.flat_map(|value| value.obs_status.letters().collect::<Vec<_>>()).collect();
    letters.into_iter().fold(String::new(), |text, letter| {
        let key = format!("flag.{letter}");
        let meaning = if context.language.texts.contains_key(&key) { context.word(&key) } else { context.word("flag.unknown") };
        format!("{text} [{letter}] {meaning}.")
    })
}
