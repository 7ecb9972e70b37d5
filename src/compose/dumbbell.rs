//! The chart of an indicator's gap in all territories: two groups a row, and what may be said of the gaps.

use std::collections::BTreeMap;

use baseline_method::interval::Comparison;
use baseline_model::definitions::Indicator;
use baseline_model::{Grade, Observation};
use baseline_render::document::{Chart, Dumbbell, DumbbellRow, Figure, Table, TableCell, TableRow, Text};

use super::context::Context;
use super::figures::{cell, flags_note, whose};
use super::{method, ordering};
use crate::compare::order::{self, Measure};
use crate::compare::{Gap, is_withheld};

/// The gap between the two groups of an indicator in all territories, and the benchmarks that have it.
/// `ours` is highlighted. `None` when no territory has both numbers.
pub fn dumbbell(context: &Context<'_>, indicator: (&str, &Indicator), ours: Option<&str>) -> Option<Figure> {
    let (id, record) = indicator;
    let rule = record.gap?;
    let period = context.period(*context.figures.reference.get(id)?);
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
                cell(context, &gap.ratio, 2),
                cell(context, &gap.log_odds, 2),
                cell(context, &gap.relative, 1),
            ],
            highlight,
        };
        let row = DumbbellRow {
            label: context.unit_name(unit),
            sublabel: if benchmark { String::new() } else { whose(&gap.of) },
            marks,
            missing,
            gap: if points.value.is_some() { points.text } else { String::new() },
            disadvantage: order::disadvantage(&gap, record.direction).map(|(worse, _)| worse),
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
    let with_gap = shown.iter().filter(|gap| gap.points.value.number().is_some()).count();
    if with_gap == 0 {
        return None;
    }
    // Gaps of low reliability are shown and not counted: which side is the worse is not known.
    let known: Vec<&Gap> = shown
        .iter()
        .filter(|gap| gap.points.value.number().is_some())
        .filter(|gap| order::compare(&gap.of, &gap.against) != Comparison::NotKnown)
        .collect();
    let mut counted = Counted::default();
    for gap in &known {
        counted.add(&gap.of, order::disadvantage(gap, record.direction));
    }
    let judged = counted.proofs();
    let worse = judged.iter().flatten().filter(|(worse, _)| *worse).count();
    let (of, against) = (context.origin(rule.of), context.origin(rule.against));
    let name = context.indicator_name(indicator);
    let mut place = places(context, &shown.iter().map(|gap| gap.of.grade).collect::<Vec<_>>());
    if known.len() < shown.len() {
        let key = if known.len() < with_gap { "place.with_reliable" } else { "place.with_both" };
        place = context.text(key, &[("place", &place)]);
    }
    let (n, worse_text) = (counted.len().to_string(), worse.to_string());
    let fill = [("of", of.as_str()), ("against", against.as_str()), ("place", place.as_str())];
    let title = if known.is_empty() {
        context.text("title.gap.unknown", &fill)
    } else {
        ordering::gap_title(context, id, &judged, &fill)
    };
    let named = |gap: &Gap| format!("{} ({} · {})", context.unit_name(&gap.of.territory), gap.of.geo.code, gap.of.grade);
    let extremes = extremes(context, &known, record, &named);
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
    let unknown: Vec<String> = shown
        .iter()
        .filter(|gap| gap.points.value.number().is_some() && order::compare(&gap.of, &gap.against) == Comparison::NotKnown)
        .map(named)
        .collect();
    if !unknown.is_empty() {
        note.push_str(&format!(" {}", context.text("note.not_ordered", &[("places", &unknown.join(", "))])));
    }
    if let Some(sentence) = ordering::disagreements(context, &disagreements(&shown, record, &named)) {
        note.push_str(&format!(" {sentence}"));
    }
    let unit = context.unit(record.unit);
    let subtitle = context.text(
        "subtitle.gap",
        &[
            ("name", &name),
            ("universe", &context.language.phrase(&record.universe)),
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
    let measures = ["column.gap_pp", "column.odds_ratio", "column.gap_ratio", "column.log_odds", "column.relative_gap"];
    let columns = columns.chain(measures.map(|key| context.word(key))).collect();
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

/// What is known of the regions whose values a chart shows, each once however many territories borrow it; nothing where two
/// values are level.
pub struct Counted<T>(BTreeMap<String, (Grade, Option<T>)>);

impl<T> Default for Counted<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<T: Copy> Counted<T> {
    pub fn add(&mut self, value: &Observation, proof: Option<T>) {
        self.0.entry(value.geo.code.clone()).or_insert((value.grade, proof));
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn proofs(&self) -> Vec<Option<T>> {
        self.0.values().map(|(_, proof)| *proof).collect()
    }

    /// The word for what is counted.
    pub fn places(&self, context: &Context<'_>) -> String {
        places(context, &self.0.values().map(|(grade, _)| *grade).collect::<Vec<_>>())
    }
}

/// The word for what is counted: counts are of the regions whose values these are, never of territories that only borrow them.
pub fn places(context: &Context<'_>, grades: &[Grade]) -> String {
    context.word(match grades.iter().filter(|grade| **grade == Grade::D).count() {
        0 if grades.iter().all(|grade| *grade == Grade::A) => "place.territories",
        0 => "place.regions",
        countries if countries == grades.len() => "place.countries",
        _ => "place.areas",
    })
}

/// Between which gaps those of a chart lie, where the two ends may be compared.
fn extremes(context: &Context<'_>, known: &[&Gap], record: &Indicator, named: &dyn Fn(&Gap) -> String) -> String {
    let points = |gap: &Gap| gap.points.value.number().unwrap_or_default();
    let mut ordered: Vec<&Gap> = known.to_vec();
    ordered.sort_by(|a, b| points(b).total_cmp(&points(a)));
    let (Some(first), Some(last)) = (ordered.first(), ordered.last()) else { return String::new() };
    let Some(separated) = order::wider(first, last, Measure::Points, record.direction, record.decimals) else {
        return String::new();
    };
    let printed = |gap: &Gap| context.bare_signed(&gap.points, 1).text;
    let (first, last) = ((named(first), printed(first)), (named(last), printed(last)));
    ordering::extremes(context, separated, (&first.0, &first.1), (&last.0, &last.1))
}

/// Pairs of gaps of which percentage points and odds ratio call another one the wider: only pairs that may be compared.
fn disagreements(shown: &[Gap], record: &Indicator, named: &dyn Fn(&Gap) -> String) -> Vec<String> {
    let mut pairs = Vec::new();
    for (index, first) in shown.iter().enumerate() {
        for second in &shown[index + 1..] {
            let by = |measure| order::wider(first, second, measure, record.direction, record.decimals);
            let (Some(points), Some(odds)) = (by(Measure::Points), by(Measure::OddsRatio)) else { continue };
            pairs.extend(ordering::disagreement(points, odds, &named(first), &named(second)));
        }
    }
    pairs
}
