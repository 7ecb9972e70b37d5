//! The profile of a territory at a glance, and all territories of a study beside one another: values, gaps between groups and
//! distances to country and EU, each judged only where `compare::order` allows it.

use baseline_method::interval::Comparison;
use baseline_method::reliability::standing;
use baseline_model::definitions::{Direction, Indicator};
use baseline_model::{Grade, Observation};
use baseline_render::document::{Arrow, Chart, Figure, ScoreCell, ScoreRow, Scorecard, Table, TableCell, TableRow, Text, Tone};

use super::context::{Context, as_mark, is_level};
use super::figures::{cell, flagged, flags_note, whose};
use super::ordering::judged::{self, Judged};
use super::{method, tables};
use crate::compare::{self, Gap, order};

/// A cell as drawn and as it stands in the data table.
struct Shown {
    drawn: ScoreCell,
    table: TableCell,
    judged: Option<Judged>,
}

impl Shown {
    fn nothing() -> Self {
        Self { drawn: ScoreCell::default(), table: TableCell::Empty, judged: None }
    }
}

/// The headline figures of a territory: value, gap between the groups, distance to the country and to the first benchmark.
/// `None` when it has none of them.
pub fn profile(context: &Context<'_>, territory: &str) -> Option<Figure> {
    let country = context.territory(territory)?.country.as_str();
    let benchmark = context.study.benchmarks.keys().next().map(String::as_str)?;
    let (name, country_name, benchmark_name) =
        (context.unit_name(territory), context.unit_name(country), context.unit_name(benchmark));
    let (mut rows, mut table, mut used, mut all, mut said) = (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for indicator in headlines(context) {
        let origin = Context::groups(indicator.1).first().copied()?;
        let Some(value) = context.value(indicator, territory, origin) else { continue };
        let first = value_cell(context, &value, indicator.1.decimals);
        let gap = gap_cell(context, context.gap(indicator, territory).as_ref(), indicator.1);
        let mut beside = |unit: &str| {
            let found = context.beside(indicator, unit, origin, &value);
            used.extend(found.iter().filter(|found| found.value.number().is_some()).cloned());
            distance_cell(context, &value, found.as_ref(), indicator.1)
        };
        let (to_country, to_benchmark) = (beside(country), beside(benchmark));
        used.push(value.clone());
        all.extend(to_benchmark.judged);
        let group = if indicator.1.gap.is_some() { format!("{}, ", context.origin(origin)) } else { String::new() };
        let unit = context.headed(&context.period(value.period), indicator.1.unit);
        let (label, sublabel) = (context.indicator_name(indicator), format!("{group}{unit}"));
        let cells = [first, gap, to_country, to_benchmark];
        let row = described(&label, &cells, [&country_name, &benchmark_name]);
        said.push(judged::row(context, row, cells.iter().filter_map(|cell| cell.judged)));
        let (drawn, printed) = cells.into_iter().map(|cell| (cell.drawn, cell.table)).unzip();
        table.push(TableRow { header: Text::plain(format!("{label}, {sublabel}")), cells: printed, highlight: false });
        rows.push(ScoreRow { label, sublabel, cells: drawn, ..ScoreRow::default() });
    }
    used.iter().find(|value| value.territory == territory && value.value.number().is_some())?;
    let title = judged::territory_title(context, &all, &name, &benchmark_name);
    let title = title.unwrap_or_else(|| context.text("title.scorecard.plain", &[("territory", &name)]));
    let subtitle = context.text("subtitle.scorecard", &[("country", &country_name), ("benchmark", &benchmark_name)]);
    let to = |name: &str| context.text("column.difference_to", &[("name", name)]);
    let columns = vec![context.word("column.value"), context.word("column.gap_pp"), to(&country_name), to(&benchmark_name)];
    let count = rows.len().to_string();
    let fill = [("territory", name.as_str()), ("n", &count), ("country", &country_name), ("benchmark", &benchmark_name)];
    Some(figure(
        context,
        Words {
            id: "scorecard-profile",
            alt: context.text("alt.scorecard", &fill),
            long: context.text("long.scorecard", &[("rows", &said.join(". ")), ("found", &judged::found(context, &all))]),
            corner: context.word("column.indicator"),
            title,
            subtitle,
        },
        (columns, rows, table),
        &used,
    ))
}

/// All territories, a column a headline figure: the gap between its groups where it has any, else the difference from the first
/// benchmark. `None` when no territory has any of them.
pub fn study(context: &Context<'_>) -> Option<Figure> {
    let benchmark = context.study.benchmarks.keys().next().map(String::as_str)?;
    let benchmark_name = context.unit_name(benchmark);
    let wanted: Vec<(&str, &Indicator)> = headlines(context).filter(|found| beside(context, *found, benchmark)).collect();
    let columns: Vec<String> = wanted.iter().map(|indicator| study_column(context, *indicator, &benchmark_name)).collect();
    let (mut rows, mut table, mut used, mut all) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut counted = std::collections::BTreeSet::new();
    let units = context.study.territories.iter().map(String::as_str).chain([benchmark]);
    for unit in units {
        let is_benchmark = unit == benchmark;
        let mut cells = Vec::new();
        for indicator in &wanted {
            let Some(value) = context.value(*indicator, unit, Context::groups(indicator.1).first().copied()?) else {
                cells.push(Shown::nothing());
                continue;
            };
            let mut shown = if indicator.1.gap.is_some() {
                let gap = context.gap(*indicator, unit);
                used.extend(gap.iter().flat_map(|gap| [gap.of.clone(), gap.against.clone()]));
                gap_cell(context, gap.as_ref(), indicator.1)
            } else if is_benchmark {
                Shown::nothing()
            } else {
                let found = context.beside(*indicator, benchmark, indicator.1.headline.origin, &value);
                used.push(value.clone());
                distance_cell(context, &value, found.as_ref(), indicator.1)
            };
            // A country's gap that stands for two territories is one gap.
            if !is_benchmark && indicator.1.gap.is_some() && counted.insert((indicator.0, value.geo.code.clone())) {
                all.extend(shown.judged);
            }
            if shown.drawn.mark.is_some() && !is_benchmark {
                let whose = whose(&value);
                shown.drawn.text = if shown.drawn.text.is_empty() { whose } else { format!("{}\n{whose}", shown.drawn.text) };
            }
            cells.push(shown);
        }
        let label = context.unit_name(unit);
        let (drawn, printed) = cells.into_iter().map(|cell| (cell.drawn, cell.table)).unzip();
        table.push(TableRow { header: Text::plain(&label), cells: printed, highlight: false });
        rows.push(ScoreRow { label, cells: drawn, benchmark: is_benchmark, ..ScoreRow::default() });
    }
    if rows.iter().all(|row| row.benchmark || row.cells.iter().all(|cell| cell.mark.is_none())) {
        return None;
    }
    let title = judged::study_title(context, &all).unwrap_or_else(|| context.word("title.scorecard.study.plain"));
    let (count, measures) = (context.study.territories.len().to_string(), wanted.len().to_string());
    let fill = [("n", count.as_str()), ("measures", &measures), ("benchmark", &benchmark_name)];
    Some(figure(
        context,
        Words {
            id: "scorecard-study",
            alt: context.text("alt.scorecard.study", &fill),
            long: context.text("long.scorecard", &[("rows", &columns.join("; ")), ("found", &judged::found(context, &all))]),
            corner: context.word("column.territory"),
            title,
            subtitle: context.text("subtitle.scorecard.study", &[("benchmark", &benchmark_name)]),
        },
        (columns, rows, table),
        &used,
    ))
}

/// The headline indicators of the study's own concept: figures by citizenship and by country of birth share no table.
fn headlines<'a>(context: &Context<'a>) -> impl Iterator<Item = (&'a str, &'a Indicator)> {
    let all = context.study.messages.iter().filter_map(|id| context.indicator(id));
    all.filter(|(_, record)| tables::of_concept(context, record))
}

/// Whether territories stand beside one another in an indicator: a rate with a gap, or one that the benchmark has as well.
fn beside(context: &Context<'_>, indicator: (&str, &Indicator), benchmark: &str) -> bool {
    let known = |unit: &str, group| context.value(indicator, unit, group).is_some_and(|value| value.value.number().is_some());
    let whole = !super::tables::is_total(indicator.1.unit) && !indicator.1.latest;
    let somewhere = |unit: &String| match indicator.1.gap {
        Some(_) => context.gap(indicator, unit).is_some_and(|gap| gap.points.value.number().is_some()),
        None => known(unit, indicator.1.headline.origin) && known(benchmark, indicator.1.headline.origin),
    };
    whole && context.study.territories.iter().any(somewhere)
}

/// Texts of a scorecard.
struct Words {
    id: &'static str,
    title: String,
    subtitle: String,
    alt: String,
    long: String,
    corner: String,
}

fn figure(
    context: &Context<'_>,
    words: Words,
    (columns, rows, table): (Vec<String>, Vec<ScoreRow>, Vec<TableRow>),
    used: &[Observation],
) -> Figure {
    let borrowed = used.iter().any(|value| value.grade != Grade::A);
    let mut note = context.word("note.scorecard.chart");
    if borrowed {
        note.push_str(&format!(" {}", context.word("note.scorecard.borrowed")));
    }
    note.push_str(&flags_note(context, used.iter()));
    let source = method::source_line(context, used.iter());
    Figure {
        id: words.id.to_owned(),
        label: String::new(),
        alt: words.alt,
        long_description: words.long,
        note,
        data: Table {
            id: format!("{}-data", words.id),
            caption: format!("{}: {}", words.title, words.subtitle),
            columns: std::iter::once(words.corner.clone()).chain(columns.iter().cloned()).collect(),
            rows: table,
            source: source.clone(),
            ..Table::default()
        },
        chart: Chart::Scorecard(Scorecard {
            corner: words.corner,
            columns,
            rows,
            legend_arrows: ["legend.arrow_up", "legend.arrow_down", "legend.arrow_level"].map(|key| context.word(key)),
            legend_tones: ["legend.tone_good", "legend.tone_bad"].map(|key| context.word(key)),
            legend_proxy: if borrowed { context.word("legend.proxy") } else { String::new() },
            legend_flag: context.word("legend.flag"),
        }),
        title: words.title,
        subtitle: words.subtitle,
        source,
    }
}

fn study_column(context: &Context<'_>, indicator: (&str, &Indicator), benchmark: &str) -> String {
    let period = context.figures.reference.get(indicator.0).map(|period| context.period(*period)).unwrap_or_default();
    let name = context.indicator_name(indicator);
    match indicator.1.gap {
        Some(_) => format!("{name}, {period}: {}", context.word("column.gap_pp")),
        None => format!("{name}, {period}: {}", context.text("column.difference_to", &[("name", benchmark)])),
    }
}

fn value_cell(context: &Context<'_>, value: &Observation, decimals: u8) -> Shown {
    let mark = context.mark(value, decimals);
    let text = if mark.is_some() { whose(value) } else { context.bare(value, decimals).text };
    Shown { drawn: ScoreCell { mark, text, arrow: None, tone: Tone::None }, table: cell(context, value, decimals), judged: None }
}

/// The gap in points, disadvantage positive, or why there is none.
fn gap_cell(context: &Context<'_>, gap: Option<&Gap>, indicator: &Indicator) -> Shown {
    let Some(gap) = gap else {
        return Shown::nothing();
    };
    let number = context.bare_signed(&gap.points, 1);
    let level = is_level(&number.text);
    let Some(mark) = as_mark(number) else {
        let missing = [&gap.of, &gap.against].into_iter().find(|value| value.value.number().is_none());
        let text = missing.map_or_else(String::new, |value| context.bare(value, indicator.decimals).text);
        return Shown { drawn: ScoreCell { text, ..ScoreCell::default() }, table: TableCell::Empty, judged: None };
    };
    let table = TableCell::Number(context.bare_signed(&gap.points, 1));
    if level {
        let drawn =
            ScoreCell { mark: Some(mark), text: context.word("scorecard.level"), arrow: Some(Arrow::Level), tone: Tone::None };
        return Shown { drawn, table, judged: None };
    }
    // Both groups are of one place and one definition, whatever other places have: as the key messages and charts say it.
    let judged = order::disadvantage(gap, indicator.direction).map(Judged::gap);
    let text = match judged {
        Some(judged) => judged.gap_word(context),
        None => unjudged(context, indicator.direction),
    };
    let drawn = ScoreCell { mark: Some(mark), text, arrow: None, tone: judged.map_or(Tone::None, Judged::tone) };
    Shown { drawn, table, judged }
}

/// The distance to a benchmark's value, or why there is none.
fn distance_cell(context: &Context<'_>, value: &Observation, benchmark: Option<&Observation>, indicator: &Indicator) -> Shown {
    let empty = |text: String| Shown { drawn: ScoreCell { text, ..ScoreCell::default() }, table: TableCell::Empty, judged: None };
    let Some(found) = benchmark.filter(|_| !super::tables::is_total(indicator.unit)) else { return empty(String::new()) };
    if value.value.number().is_none() {
        return empty(String::new());
    }
    if found.geo == value.geo {
        return empty(context.word("scorecard.same"));
    }
    if found.value.number().is_none() {
        return empty(context.bare(found, indicator.decimals).text);
    }
    // Of another period there is no difference to state.
    let difference = compare::difference(value, found);
    let number = context.bare_signed(&difference, indicator.decimals);
    let level = is_level(&number.text);
    let Some(mark) = as_mark(number) else { return empty(String::new()) };
    let table = TableCell::Number(context.bare_signed(&difference, indicator.decimals));
    let arrow = match (level, mark.value > 0.0) {
        (true, _) => Arrow::Level,
        (false, true) => Arrow::Up,
        (false, false) => Arrow::Down,
    };
    let separated = match order::compare(value, found) {
        Comparison::Separated(separated) if !level && comparable(&difference) => Some(separated),
        Comparison::Separated(_) | Comparison::Overlapping | Comparison::NotKnown => None,
    };
    let judged = separated.and_then(|separated| Judged::value(separated, indicator.direction));
    let text = match judged {
        Some(judged) => judged.word(context),
        None if level => context.word("scorecard.level"),
        None => unjudged(context, indicator.direction),
    };
    // An arrow claims an order as a word does.
    let arrow = (level || separated.is_some()).then_some(arrow);
    Shown { drawn: ScoreCell { mark: Some(mark), text, arrow, tone: judged.map_or(Tone::None, Judged::tone) }, table, judged }
}

/// `d` says that an office defines the thing otherwise than the others.
fn comparable(computed: &Observation) -> bool {
    standing(computed.value, &computed.obs_status).comparable_with_others()
}

fn unjudged(context: &Context<'_>, direction: Direction) -> String {
    context.word(if direction == Direction::Neutral { "scorecard.neither" } else { "scorecard.not_judged" })
}

/// A row in words: the numbers as printed, with what stands under them.
fn described(label: &str, cells: &[Shown; 4], [country, benchmark]: [&str; 2]) -> String {
    let said = |cell: &Shown| match (&cell.drawn.mark, cell.drawn.text.as_str()) {
        (Some(mark), "") => flagged(mark),
        (Some(mark), text) => format!("{} ({text})", flagged(mark)),
        (None, text) => text.to_owned(),
    };
    let [value, gap, to_country, to_benchmark] = cells;
    let parts = [(None, value), (None, gap), (Some(country), to_country), (Some(benchmark), to_benchmark)];
    let parts = parts.into_iter().map(|(name, cell)| (name, said(cell))).filter(|(_, said)| !said.is_empty());
    let parts: Vec<String> =
        parts.map(|(name, said)| name.map_or_else(|| said.clone(), |name| format!("{name}: {said}"))).collect();
    format!("{label}: {}", parts.join("; "))
}
