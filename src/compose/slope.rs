//! What changed between two years in all territories: the headline group of an indicator, a line a territory.
//!
//! The earlier year is the one, at most five years before, from which the most territories can be compared: a number at both
//! ends and no break between them.

use baseline_method::interval::Separated;
use baseline_model::definitions::Indicator;
use baseline_model::{Frequency, Grade, Observation, Period};
use baseline_render::document::{Chart, Figure, Join, Number, Slope, SlopeLine, Table, TableCell, TableRow, Text};

use super::context::{Context, is_level};
use super::dumbbell::Counted;
use super::figures::{self, cell, flags_note};
use super::{capital, method, ordering};
use crate::compare::{self, CHANGE_YEARS, order};
use crate::derive::{Key, Series};

/// The two ends of a unit; no value of another year stands in for one.
struct Ends {
    unit: String,
    values: [Option<Observation>; 2],
    broken: bool,
    benchmark: bool,
}

impl Ends {
    fn numbers(&self) -> Option<[&Observation; 2]> {
        let [Some(earlier), Some(latest)] = &self.values else { return None };
        (earlier.value.number().is_some() && latest.value.number().is_some()).then_some([earlier, latest])
    }

    /// Whether its two values may be compared.
    fn comparable(&self) -> Option<[&Observation; 2]> {
        self.numbers().filter(|_| !self.broken)
    }
}

/// The slope of an indicator; `ours` is highlighted and in the title. `None` when no two years can be compared.
pub fn slope(context: &Context<'_>, indicator: (&str, &Indicator), ours: Option<&str>) -> Option<Figure> {
    let (id, record) = indicator;
    let last = *context.figures.reference.get(id)?;
    if last.frequency != Frequency::Annual {
        return None;
    }
    let ends = best(context, indicator, last)?;
    let first = ends.iter().find_map(|ends| Some(ends.comparable()?[0].period))?;
    let of = context.origin(record.headline.origin);
    let (first_text, last_text) = (first.to_string(), last.to_string());
    let (mut lines, mut rows, mut changes) = (Vec::new(), Vec::new(), Vec::new());
    for ends in &ends {
        let change = ends.comparable().map(|[earlier, latest]| compare::change_between(latest, earlier));
        let highlight = Some(ends.unit.as_str()) == ours;
        lines.push(line(context, record, ends, highlight));
        let side =
            |value: &Option<Observation>| value.as_ref().map_or(TableCell::Empty, |value| cell(context, value, record.decimals));
        let geo = ends.values.iter().flatten().next().map(|value| context.region_name(&value.geo.code)).unwrap_or_default();
        rows.push(TableRow {
            header: Text::plain(context.unit_name(&ends.unit)),
            cells: vec![
                TableCell::Text(Text::plain(geo)),
                side(&ends.values[0]),
                side(&ends.values[1]),
                change
                    .as_ref()
                    .map_or(TableCell::Empty, |change| TableCell::Number(context.bare_signed(change, record.decimals))),
            ],
            highlight,
        });
        changes.extend(change.map(|change| (ends, change)));
    }
    let used: Vec<&Observation> = ends.iter().flat_map(|ends| ends.values.iter().flatten()).collect();
    let name = context.indicator_name(indicator);
    let measure = format!("measure.{id}");
    let measure = if context.language.texts.contains_key(&measure) { context.word(&measure) } else { name.clone() };
    let fill = [("measure", measure.as_str()), ("of", &of), ("first", &first_text), ("last", &last_text)];
    let title = capital(&title(context, record, &changes, ours, &fill));
    let unit = context.unit(record.unit);
    let subtitle = context.text(
        "subtitle.slope",
        &[
            ("name", &name),
            ("of", &of),
            ("first", &first_text),
            ("last", &last_text),
            ("unit", &unit),
            ("universe", &context.language.phrase(&record.universe)),
        ],
    );
    let mut note = borrowed_note(context, &ends);
    let broken: Vec<String> =
        ends.iter().filter(|ends| ends.broken && ends.numbers().is_some()).map(|ends| context.unit_name(&ends.unit)).collect();
    if !broken.is_empty() {
        note.push_str(&format!(" {}", context.text("note.slope.broken", &[("places", &broken.join(", "))])));
    }
    note.push_str(&format!(" {}", context.text("note.slope.years", &[("first", &first_text), ("last", &last_text)])));
    note.push_str(&flags_note(context, used.iter().copied()));
    let sentences: Vec<String> = changes
        .iter()
        .map(|(ends, change)| {
            let whose = ends.values[1].as_ref().filter(|_| !ends.benchmark).map_or(String::new(), figures::whose);
            let place = figures::named(&context.unit_name(&ends.unit), &whose);
            // Whose it is stands beside the name.
            let change = context.bare_signed(change, record.decimals);
            let change = Number { grade: Grade::A, ..change }.marked();
            context.text("slope.change", &[("place", &place), ("change", &change)])
        })
        .collect();
    let source = method::source_line(context, changes.iter().map(|(_, change)| change).chain(used.iter().copied()));
    let figure_id = format!("slope-{}", id.replace('_', "-"));
    let columns = [
        context.word("column.territory"),
        context.word("column.region"),
        format!("{first_text}, {unit}"),
        format!("{last_text}, {unit}"),
        context.word("column.change"),
    ];
    let count = lines.len().to_string();
    Some(Figure {
        label: String::new(),
        alt: context.text(
            "alt.slope",
            &[("name", &name), ("of", &of), ("n", &count), ("first", &first_text), ("last", &last_text), ("finding", &title)],
        ),
        long_description: context
            .text("long.slope", &[("first", &first_text), ("last", &last_text), ("changes", &sentences.join("; "))]),
        note: note.trim().to_owned(),
        chart: Chart::Slope(Slope {
            unit: unit.clone(),
            ends: [first_text.clone(), last_text.clone()],
            lines,
            legend_break: context.word("legend.break"),
            legend_converted: context.word("legend.converted"),
            legend_proxy: context.word("legend.proxy"),
            legend_flag: context.word("legend.diamond"),
        }),
        data: Table {
            id: format!("{figure_id}-data"),
            caption: format!("{title}: {subtitle}"),
            columns: columns.into(),
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

/// The note on hollow marks; empty when all territories have values of their own.
fn borrowed_note(context: &Context<'_>, ends: &[Ends]) -> String {
    let grades: Vec<Grade> =
        ends.iter().filter(|ends| !ends.benchmark).filter_map(|ends| Some(ends.values[1].as_ref()?.grade)).collect();
    let borrowed = grades.iter().filter(|grade| **grade != Grade::A).count();
    if borrowed == 0 {
        return String::new();
    }
    context.text("note.borrowed", &[("k", &borrowed.to_string()), ("n", &grades.len().to_string())])
}

/// All units between the reference year and the year before it from which the most territories can be compared.
fn best(context: &Context<'_>, indicator: (&str, &Indicator), last: Period) -> Option<Vec<Ends>> {
    let years = (1..=CHANGE_YEARS).rev().map(|back| Period::year(last.year - back));
    let candidates = years.map(|first| {
        let territories = context.study.territories.iter().map(|unit| (unit, false));
        let units = territories.chain(context.study.benchmarks.keys().map(|unit| (unit, true)));
        let ends = units.filter_map(|(unit, benchmark)| ends(context, indicator, unit, (first, last), benchmark));
        let ends: Vec<Ends> = ends.filter(|ends| !ends.benchmark || ends.comparable().is_some()).collect();
        let count = ends.iter().filter(|ends| !ends.benchmark && ends.comparable().is_some()).count();
        (count, ends)
    });
    // The earliest of those with the most.
    let best = candidates.reduce(|best, next| if next.0 > best.0 { next } else { best })?;
    (best.0 > 0).then_some(best.1)
}

fn ends(
    context: &Context<'_>,
    (id, record): (&str, &Indicator),
    unit: &str,
    (first, last): (Period, Period),
    benchmark: bool,
) -> Option<Ends> {
    let none = Series::new();
    let series = context.series(id, unit).unwrap_or(&none);
    let at = |period: Period| {
        let headline = &record.headline;
        let key = Key { period, origin: headline.origin, sex: headline.sex.clone(), age: headline.age.clone() };
        series.get(&key).cloned()
    };
    let values = [at(first), at(last)];
    if benchmark && values.iter().any(Option::is_none) {
        return None;
    }
    let broken = matches!(&values, [Some(earlier), Some(latest)] if compare::is_broken(series, latest, earlier));
    Some(Ends { unit: unit.to_owned(), values, broken, benchmark })
}

fn line(context: &Context<'_>, record: &Indicator, ends: &Ends, highlight: bool) -> SlopeLine {
    let mark = |value: &Option<Observation>| value.as_ref().and_then(|value| context.mark(value, record.decimals));
    let marks = [mark(&ends.values[0]), mark(&ends.values[1])];
    // The series of one territory joins codes of several NUTS versions only where it is the same place, or converts.
    let geo: Vec<_> = ends.values.iter().flatten().map(|value| &value.geo.code).collect();
    let converted = geo.windows(2).any(|pair| pair[0] != pair[1])
        || ends.values.iter().flatten().any(|value| {
            matches!(&value.evidence, baseline_model::Evidence::Computed { formula: baseline_model::Formula::Conversion, .. })
        });
    let missing = ends.values.iter().find_map(|value| match value {
        Some(value) if value.value.number().is_some() => None,
        Some(value) => Some(context.bare(value, record.decimals).text),
        None => Some(context.word("missing.absent")),
    });
    let whose = ends.values.iter().flatten().next_back();
    SlopeLine {
        label: context.unit_name(&ends.unit),
        sublabel: whose.filter(|_| !ends.benchmark).map_or(String::new(), figures::whose),
        marks,
        missing: missing.unwrap_or_default(),
        join: match (ends.broken, converted) {
            (true, _) => Join::Broken,
            (false, true) => Join::Converted,
            (false, false) => Join::Line,
        },
        highlight,
        benchmark: ends.benchmark,
    }
}

/// What ours did, or in how many places the later value is the higher one; neutral words where that is not known.
fn title(
    context: &Context<'_>,
    record: &Indicator,
    changes: &[(&Ends, Observation)],
    ours: Option<&str>,
    fill: &[(&str, &str)],
) -> String {
    let proof = |ends: &Ends| -> Option<Separated> {
        let [earlier, latest] = ends.comparable()?;
        order::separated(latest, earlier)
    };
    let neutral = || context.text("title.slope", fill);
    if let Some(ours) = ours {
        let found = changes.iter().find(|(ends, _)| ends.unit == ours);
        let Some((ends, change)) = found else { return neutral() };
        let (Some(separated), Some([_, latest])) = (proof(ends), ends.comparable()) else { return neutral() };
        let place = context.region_name(&latest.geo.code);
        let points = context.magnitude(change, record.decimals).text;
        if is_level(&points) {
            return neutral();
        }
        let fill: Vec<(&str, &str)> = fill.iter().copied().chain([("place", place.as_str()), ("change", &points)]).collect();
        return ordering::slope_title(context, separated, &fill);
    }
    let mut counted = Counted::default();
    for (ends, change) in changes.iter().filter(|(ends, _)| !ends.benchmark) {
        let (Some(separated), Some([_, latest])) = (proof(ends), ends.comparable()) else { continue };
        let level = is_level(&context.magnitude(change, record.decimals).text);
        counted.add(latest, (!level).then_some(separated));
    }
    if counted.len() < 2 {
        return neutral();
    }
    ordering::slope_count(context, &counted.proofs(), &counted.places(context), fill)
}
