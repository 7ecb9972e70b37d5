//! The charts of a report, each with a title that says the finding, the texts around it, and its data table.

use baseline_model::definitions::{Direction, Indicator, Origin};
use baseline_model::{Grade, Observation, Period};
use baseline_render::document::{
    Chart, Dumbbell, DumbbellRow, Figure, LineChart, LinePoint, LineSeries, Number, Strip, StripRow, Table, TableCell, TableRow,
    Text,
};

use super::context::Context;
use super::method;
use crate::compare::{self, Among, Position, is_withheld};
use crate::derive::Key;

/// A cell of a figure's data table, and the same for any table.
pub fn cell(context: &Context<'_>, observation: &Observation, decimals: u8) -> TableCell {
    TableCell::Number(context.bare(observation, decimals))
}

/// The gap between the two groups of an indicator in all territories, and the benchmarks that have it.
/// `ours` is highlighted. `None` when no territory has both numbers.
pub fn dumbbell(context: &Context<'_>, indicator: (&str, &Indicator), ours: Option<&str>) -> Option<Figure> {
    let (id, record) = indicator;
    let rule = record.gap?;
    let period = context.figures.reference.get(id)?.to_string();
    let decimals = record.decimals;
    let mut units: Vec<&str> = context.study.territories.iter().map(String::as_str).collect();
    units.extend(context.study.benchmarks.keys().map(String::as_str));
    let mut rows: Vec<(Option<f64>, DumbbellRow, TableRow)> = Vec::new();
    let mut shown = Vec::new();
    for unit in units {
        let gap = context.gap(indicator, unit)?;
        let benchmark = context.territory(unit).is_none();
        if benchmark && gap.points.value.number().is_none() {
            continue;
        }
        let points = context.bare_signed(&gap.points, 1);
        let odds = context.bare(&gap.odds_ratio, 2);
        let marks = [context.mark(&gap.against, decimals), context.mark(&gap.of, decimals)];
        let missing = [&gap.of, &gap.against].into_iter().find(|value| value.value.number().is_none());
        let missing = missing
            .map_or(String::new(), |value| format!("{}: {}", context.origin(value.origin), context.bare(value, decimals).text));
        let highlight = Some(unit) == ours;
        let table_row = TableRow {
            header: Text::plain(context.unit_name(unit)),
            cells: vec![
                TableCell::Text(Text::plain(context.region_name(&gap.of.geo.code))),
                cell(context, &gap.against, decimals),
                cell(context, &gap.of, decimals),
                TableCell::Number(points.clone()),
                TableCell::Number(odds),
            ],
            highlight,
        };
        let row = DumbbellRow {
            label: context.unit_name(unit),
            sublabel: if benchmark { String::new() } else { format!("{}\u{a0}·\u{a0}{}", gap.of.geo.code, gap.of.grade) },
            marks,
            missing,
            gap: if points.value.is_some() { points.text } else { String::new() },
            disadvantage: points.value.filter(|_| Context::has_direction(record)).map(|points| points > 0.0),
            highlight,
            benchmark,
        };
        if !benchmark {
            shown.push(gap.clone());
        }
        rows.push((points.value, row, table_row));
    }
    // Widest disadvantage first, benchmarks and rows without a gap last; the order of the study breaks ties.
    rows.sort_by(|(left, left_row, _), (right, right_row, _)| {
        let rank = |gap: &Option<f64>, row: &DumbbellRow| (row.benchmark, gap.is_none());
        let order = rank(left, left_row).cmp(&rank(right, right_row));
        order.then_with(|| right.unwrap_or(0.0).total_cmp(&left.unwrap_or(0.0)))
    });
    let with_gap: Vec<_> = shown.iter().filter_map(|gap| gap.points.value.number()).collect();
    if with_gap.is_empty() {
        return None;
    }
    let worse = with_gap.iter().filter(|gap| **gap > 0.0).count();
    let (of, against) = (context.origin(rule.of), context.origin(rule.against));
    let name = context.indicator_name(indicator);
    // Counts are counts of the regions whose values these are, never of territories that only borrow them.
    let mut place = context.word(match shown.iter().filter(|gap| gap.of.grade == Grade::D).count() {
        0 if shown.iter().all(|gap| gap.of.grade == Grade::A) => "place.territories",
        0 => "place.regions",
        countries if countries == shown.len() => "place.countries",
        _ => "place.areas",
    });
    if with_gap.len() < shown.len() {
        place = context.text("place.with_both", &[("place", &place)]);
    }
    let (n, worse_text) = (with_gap.len().to_string(), worse.to_string());
    let fill = [
        ("of", of.as_str()),
        ("against", against.as_str()),
        ("n", n.as_str()),
        ("k", worse_text.as_str()),
        ("place", place.as_str()),
    ];
    let title_key = match worse {
        _ if worse == with_gap.len() => "title.gap.all",
        0 => "title.gap.none",
        _ => "title.gap.some",
    };
    let title = context.text(&format!("{title_key}.{id}"), &fill);
    let title = if title.starts_with('⟨') { context.text(title_key, &fill) } else { title };
    let extremes = {
        let widest = rows.iter().find(|(gap, row, _)| gap.is_some() && !row.benchmark);
        let narrowest = rows.iter().rev().find(|(gap, row, _)| gap.is_some() && !row.benchmark);
        let name = |row: &DumbbellRow| format!("{} ({})", row.label, row.sublabel.replace('\u{a0}', " "));
        widest.zip(narrowest).map_or(String::new(), |((_, widest, _), (_, narrowest, _))| {
            context.text(
                "alt.extremes",
                &[("widest", &name(widest)), ("gap", &widest.gap), ("narrowest", &name(narrowest)), ("gap2", &narrowest.gap)],
            )
        })
    };
    let borrowed: Vec<_> = shown.iter().filter(|gap| gap.of.grade != Grade::A).collect();
    let mut note = String::new();
    if !borrowed.is_empty() {
        note.push_str(&context.text("note.borrowed", &[("k", &borrowed.len().to_string()), ("n", &shown.len().to_string())]));
    }
    if shown.iter().any(|gap| is_withheld(&gap.of) || is_withheld(&gap.against)) {
        note.push_str(&format!(" {}", context.word("note.withheld")));
    }
    note.push_str(&flags_note(context, shown.iter().flat_map(|gap| [&gap.of, &gap.against])));
    note.push_str(&format!(" {}", context.word("note.sorted_by_gap")));
    let unit = context.unit(record.unit);
    let subtitle = context.text(
        "subtitle.gap",
        &[
            ("name", &name),
            ("universe", &record.universe),
            ("period", &period),
            ("unit", &unit),
            ("of", &of),
            ("against", &against),
        ],
    );
    let source = method::source_line(context, shown.iter().flat_map(|gap| [&gap.of, &gap.against]));
    let (charted, table_rows): (Vec<_>, Vec<_>) = rows.into_iter().map(|(_, row, table)| (row, table)).unzip();
    let columns = ["column.territory", "column.region"].map(|key| context.word(key)).into_iter();
    let columns = columns.chain([against.clone(), of.clone()].map(|group| format!("{group}, {unit}")));
    let columns = columns.chain([context.word("column.gap_pp"), context.word("column.odds_ratio")]).collect();
    let figure_id = format!("gap-{}", id.replace('_', "-"));
    Some(Figure {
        label: String::new(),
        alt: context.text(
            "alt.dumbbell",
            &[("name", &name), ("of", &of), ("against", &against), ("n", &n), ("period", &period), ("extremes", &extremes)],
        ),
        long_description: context
            .text("long.dumbbell", &[("of", &of), ("against", &against), ("k", &worse_text), ("n", &n), ("extremes", &extremes)]),
        note: note.trim().to_owned(),
        chart: Chart::Dumbbell(Dumbbell {
            groups: [against, of],
            unit,
            gap_header: context.word("column.gap_pp"),
            legend_proxy: if borrowed.is_empty() { String::new() } else { context.word("legend.proxy") },
            legend_flag: if shown.iter().any(|gap| !gap.points.obs_status.is_empty()) {
                context.word("legend.flag")
            } else {
                String::new()
            },
            rows: charted,
            axis: context.axis(),
        }),
        data: Table {
            id: format!("{figure_id}-data"),
            caption: format!("{title}: {subtitle}"),
            columns,
            rows: table_rows,
            source: source.clone(),
            ..Table::default()
        },
        id: figure_id,
        title,
        subtitle,
        source,
    })
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
            ("universe", &record.universe),
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
        Some(format!("{} {}{when}", line.label, mark.text))
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
    let key = if points.chars().all(|c| !c.is_ascii_digit() || c == '0') {
        "title.line.level"
    } else if p > q {
        "title.line.above"
    } else {
        "title.line.below"
    };
    context.text(
        key,
        &[
            ("of", &context.origin(rule.of)),
            ("against", &context.origin(rule.against)),
            ("points", &points),
            ("place", place),
            ("last", &last.to_string()),
            ("measure", &measure),
        ],
    )
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
                TableCell::Number(place_number(context, &value, *place, Among::All)),
                eu.map_or(TableCell::Empty, |place| TableCell::Number(place_number(context, &value, *place, Among::Eu))),
                TableCell::Text(Text::plain(regions.without.to_string())),
            ],
            highlight: false,
        });
        rows.push(StripRow {
            label,
            sublabel: group,
            others,
            ours: vec![(context.region_name(code), mark)],
            position: place_text(context, *place),
        });
        used.push(value);
    }
    let first = used.first()?;
    let place = context.region_name(&first.geo.code);
    let name = context.unit_name(territory);
    let period = first.period.to_string();
    let title = strip_title(context, first, &place, rows.first().map_or("", |row| row.position.as_str()));
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
fn strip_title(context: &Context<'_>, first: &Observation, place: &str, position: &str) -> String {
    let key = format!("measure.strip.{}", first.indicator);
    let headline = context.indicator(&first.indicator).map(|(_, indicator)| indicator.headline.origin);
    if headline != Some(first.origin) || !context.language.texts.contains_key(&key) {
        return context.text("title.strip", &[("place", place)]);
    }
    context.text("title.strip.finding", &[("place", place), ("position", position), ("measure", &context.word(&key))])
}

/// A position with its figure id.
pub fn place_number(context: &Context<'_>, value: &Observation, place: Position, among: Among) -> Number {
    let direction = context.indicator(&value.indicator).map_or(Direction::Neutral, |(_, indicator)| indicator.direction);
    context.number_text(&compare::position(value, place, among, direction), place_text(context, place))
}

/// `12–13 of 279`.
pub fn place_text(context: &Context<'_>, place: Position) -> String {
    let places = if place.first == place.last { place.first.to_string() } else { format!("{}–{}", place.first, place.last) };
    context.text("position.place", &[("place", &places), ("of", &place.of.to_string())])
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
