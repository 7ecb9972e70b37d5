//! The section on the composite: what it is made of, whose values are scored, how sure the ranks are, and which choices move
//! them. Or, where too few values count, who lacks what. No composite without its interval, and none in a headline.

use baseline_method::uncertainty::{Aggregation, Imputation, Normalisation, Weighting};
use baseline_model::definitions::Unit::Percent;
use baseline_model::{Grade, Observation};
use baseline_render::document::{Block, Chart, Dots, DotsRow, Figure, Lane, Span, Table, TableCell, TableRow, Text};

use super::context::{Context, as_mark};
use super::figures::{cell, flags_note};
use super::{method, ordering};
use crate::compare::composite::ranks::varied;
use crate::compare::composite::{Available, Composite, LEAST, Ranked, Row, UnitRank};

/// The blocks of the comparative report's section; none when the study declares no composite.
pub fn blocks(context: &Context<'_>) -> Vec<Block> {
    let (Some(composite), Some(record)) = (context.composite, context.study.composite.as_ref()) else { return Vec::new() };
    let paragraph = |text: String| Block::Paragraph(Text::plain(text));
    let own = composite.rows.iter().filter(|row| row.passes_with_own()).count();
    let all = composite.rows.len().to_string();
    let availability = context.with_unit(&context.language.number(100.0 * record.availability, 0), Percent);
    let mut blocks = vec![Block::Note {
        title: context.word("composite.limits.title"),
        body: ["composite.limits.1", "composite.limits.2", "composite.limits.3"].map(|key| Text::plain(context.word(key))).into(),
    }];
    let fill = [("own", own.to_string()), ("all", all.clone()), ("share", availability)];
    let fill: Vec<(&str, &str)> = fill.iter().map(|(name, text)| (*name, text.as_str())).collect();
    blocks.push(paragraph(context.text(if own == 0 { "composite.own.none" } else { "composite.own" }, &fill)));
    if record.grades != [Grade::A] {
        let grades: Vec<String> = record.grades.iter().map(ToString::to_string).collect();
        blocks.push(paragraph(context.text("composite.declared", &[("grades", &grades.join(", "))])));
    }
    blocks.push(Block::Table(availability_table(context, composite)));
    blocks.extend(heat(context, composite).map(Block::Table));
    let Some(ranked) = &composite.ranked else {
        let passing = composite.rows.iter().filter(|row| row.passes()).count().to_string();
        let fill = [("n", passing.as_str()), ("all", all.as_str()), ("least", &LEAST.to_string())];
        blocks.push(paragraph(context.text("composite.none", &fill)));
        return blocks;
    };
    blocks.push(paragraph(whose(context, ranked)));
    blocks.push(Block::Figure(Box::new(intervals(context, ranked))));
    blocks.push(paragraph(separated(context, ranked)));
    blocks.push(Block::Paragraph(shift(context, ranked)));
    blocks.extend(sensitivity(context, ranked).map(Block::Table));
    blocks.push(Block::Heading(context.word("composite.choices.title")));
    blocks.push(Block::List(choices(context, ranked)));
    blocks
}

/// One line in a territory's report: where the unit with its values stands, with the interval; or that there is none.
pub fn line(context: &Context<'_>, territory: &str) -> Option<Block> {
    let composite = context.composite?;
    let name = context.unit_name(territory);
    let row = composite.rows.iter().find(|row| row.territory == territory)?;
    let ranked = composite.ranked.as_ref();
    let place = ranked
        .and_then(|ranked| Some((ranked, ranked.units.iter().find(|unit| unit.territories.iter().any(|id| id == territory))?)));
    let Some((ranked, unit)) = place else {
        return Some(Block::Paragraph(Text::plain(context.text("composite.line.none", &[("territory", &name)]))));
    };
    let count = ranked.units.len().to_string();
    let key = if row.passes_with_own() { "composite.line.own" } else { "composite.line.borrowed" };
    let whole = |value: &Observation| Span::Number(context.number(value, 0));
    let fill = [
        ("score", Span::Number(context.bare(&unit.score, 1))),
        ("median", Span::Number(context.number(&unit.median, median_decimals(&unit.median)))),
        ("lower", whole(&unit.lower)),
        ("upper", whole(&unit.upper)),
        ("n", Span::Plain(count)),
        ("territory", Span::Plain(name)),
        ("place", Span::Plain(unit_name(context, unit))),
        ("period", Span::Plain(context.period(composite.period))),
    ];
    Some(Block::Paragraph(super::messages::filled(context, key, &fill)))
}

/// `Sweden`, or the territory's own name where the values are its own.
fn unit_name(context: &Context<'_>, unit: &UnitRank) -> String {
    let own = unit.score.grade == Grade::A;
    match unit.territories.first() {
        Some(territory) if own => context.unit_name(territory),
        _ => unit.geo.iter().map(|code| context.region_name(code)).collect::<Vec<_>>().join(" / "),
    }
}

/// For whom the values of a unit stand: `for Linköping · D`.
fn stands_for(context: &Context<'_>, unit: &UnitRank) -> String {
    if unit.score.grade == Grade::A {
        return String::new();
    }
    let names: Vec<String> = unit.territories.iter().map(|territory| context.unit_name(territory)).collect();
    context.text("composite.for", &[("territories", &names.join(", ")), ("grade", &unit.score.grade.to_string())])
}

fn median_decimals(median: &Observation) -> u8 {
    u8::from(median.value.number().is_some_and(|median| median.fract() != 0.0))
}

/// What is scored: regions or countries in the place of territories, or the territories themselves.
fn whose(context: &Context<'_>, ranked: &Ranked) -> String {
    let count = |grade: Grade| ranked.units.iter().filter(|unit| unit.score.grade == grade).count();
    let n = ranked.units.len();
    let key = match (count(Grade::A), count(Grade::D)) {
        (own, _) if own == n => "composite.whose.own",
        (_, countries) if countries == n => "composite.whose.countries",
        _ => "composite.whose.mixed",
    };
    let indicators: Vec<String> = ranked
        .run
        .problem
        .indicators
        .iter()
        .filter_map(|id| context.indicator(id))
        .map(|indicator| context.indicator_name(indicator))
        .collect();
    context.text(key, &[("n", &n.to_string()), ("indicators", &indicators.join("; "))])
}

/// Territory by dimension: how many values are its own, how many count, and what is missing.
fn availability_table(context: &Context<'_>, composite: &Composite) -> Table {
    let name = |id: &str| context.indicator(id).map_or_else(|| id.to_owned(), |indicator| context.indicator_name(indicator));
    let row = |row: &Row| {
        let counts = |available: &Available| {
            let key = if available.enough { "composite.available" } else { "composite.available.not" };
            let fill = [
                ("own", available.own.to_string()),
                ("counted", available.counted.to_string()),
                ("of", available.of.to_string()),
            ];
            let fill: Vec<(&str, &str)> = fill.iter().map(|(name, text)| (*name, text.as_str())).collect();
            TableCell::Text(Text::plain(context.text(key, &fill)))
        };
        let missing: Vec<String> = row
            .cells
            .iter()
            .zip(&composite.parts)
            .filter(|(cell, _)| cell.as_ref().is_none_or(|cell| !cell.counts))
            .map(|(_, part)| name(&part.id))
            .collect();
        let mut cells: Vec<TableCell> = row.available.iter().map(counts).collect();
        cells.push(TableCell::Text(Text::plain(if missing.is_empty() { "–".to_owned() } else { missing.join("; ") })));
        TableRow { header: Text::plain(context.unit_name(&row.territory)), cells, highlight: false }
    };
    let mut columns = vec![context.word("column.territory")];
    columns.extend(composite.dimensions.iter().map(|(id, _)| context.word(&format!("dimension.{id}"))));
    columns.push(context.word("column.not_counted"));
    Table {
        reference: false,
        id: "composite-availability".into(),
        label: String::new(),
        caption: context.word("caption.composite.availability"),
        columns,
        rows: composite.rows.iter().map(row).collect(),
        notes: vec![Text::plain(context.word("note.composite.availability"))],
        source: String::new(),
    }
}

/// Territory by indicator: scores from 0 to 100 with grade and flags; `None` when there is none.
fn heat(context: &Context<'_>, composite: &Composite) -> Option<Table> {
    let wanted: Vec<usize> = (0..composite.parts.len())
        .filter(|part| {
            composite.rows.iter().any(|row| row.cells[*part].as_ref().is_some_and(|cell| cell.score.value.number().is_some()))
        })
        .collect();
    if wanted.is_empty() {
        return None;
    }
    let mut used: Vec<Observation> = Vec::new();
    let (mut clipped, mut uncounted) = (Vec::new(), false);
    let rows = composite.rows.iter().map(|row| {
        let name = context.unit_name(&row.territory);
        let cells = wanted.iter().map(|part| match &row.cells[*part] {
            Some(found) => {
                used.push(found.value.clone());
                if found.clipped {
                    let part = &composite.parts[*part].id;
                    let indicator = context.indicator(part).map_or_else(|| part.clone(), |found| context.indicator_name(found));
                    clipped.push(format!("{name}, {indicator}"));
                }
                uncounted |= !found.counts && found.score.value.number().is_some();
                cell(context, &found.score, 1)
            }
            None => TableCell::Empty,
        });
        TableRow { cells: cells.collect(), header: Text::plain(name), highlight: false }
    });
    let rows: Vec<TableRow> = rows.collect();
    let mut columns = vec![context.word("column.territory")];
    columns.extend(wanted.iter().map(|part| {
        let part = &composite.parts[*part];
        let name = context
            .indicator(&part.id)
            .map_or_else(|| part.id.clone(), |indicator| context.row_name(indicator, indicator.1.headline.origin));
        part.period.map_or_else(|| name.clone(), |period| format!("{name}, {period}"))
    }));
    let mut notes = vec![Text::plain(context.word("note.composite.heat"))];
    if uncounted {
        notes.push(Text::plain(context.word("note.composite.uncounted")));
    }
    let clips = if clipped.is_empty() { "–".to_owned() } else { clipped.join("; ") };
    notes.push(Text::plain(context.text("note.composite.clipped", &[("places", &clips)])));
    let flags = flags_note(context, used.iter());
    if !flags.is_empty() {
        notes.push(Text::plain(flags.trim().to_owned()));
    }
    Some(Table {
        reference: false,
        id: "composite-scores".into(),
        label: String::new(),
        caption: context.word("caption.composite.heat"),
        columns,
        rows,
        notes,
        source: method::source_line(context, used.iter()),
    })
}

/// Rank intervals, in the order of the medians.
fn intervals(context: &Context<'_>, ranked: &Ranked) -> Figure {
    let mut units: Vec<&UnitRank> = ranked.units.iter().collect();
    let median = |unit: &UnitRank| unit.median.value.number().unwrap_or(f64::INFINITY);
    units.sort_by(|a, b| median(a).total_cmp(&median(b)));
    let number = |value: &Observation, decimals: u8| TableCell::Number(context.bare(value, decimals));
    let (mut rows, mut table) = (Vec::new(), Vec::new());
    for unit in &units {
        let printed = context.bare(&unit.median, median_decimals(&unit.median));
        let ends = unit.lower.value.number().zip(unit.upper.value.number());
        let text = ends.map_or_else(String::new, |(lower, upper)| {
            let whole = |end: f64| context.language.number(end, 0);
            context.text("composite.median", &[("median", &printed.text), ("lower", &whole(lower)), ("upper", &whole(upper))])
        });
        let mark = as_mark(printed.clone());
        let lane = Lane { text: if mark.is_some() { text } else { context.word("missing.absent") }, mark, range: ends };
        rows.push(DotsRow {
            label: unit_name(context, unit),
            sublabel: stands_for(context, unit),
            lanes: vec![lane],
            highlight: false,
        });
        table.push(TableRow {
            header: Text::plain(unit_name(context, unit)),
            cells: vec![
                TableCell::Text(Text::plain(
                    unit.territories.iter().map(|id| context.unit_name(id)).collect::<Vec<_>>().join(", "),
                )),
                number(&unit.score, 1),
                number(&unit.rank, 0),
                number(&unit.median, median_decimals(&unit.median)),
                number(&unit.lower, 0),
                number(&unit.upper, 0),
                number(&unit.shift, 2),
            ],
            highlight: false,
        });
    }
    let n = units.len().to_string();
    let countries = units.iter().all(|unit| unit.score.grade == Grade::D);
    let place = context.word(if countries { "place.countries" } else { "place.areas" });
    let draws = context.whole(ranked.run.draws);
    context.whole(usize::try_from(ranked.run.design.seed).unwrap_or_default());
    let pairs = (ranked.pairs.len(), units.len() * units.len().saturating_sub(1) / 2);
    let (apart, all) = (pairs.0.to_string(), pairs.1.to_string());
    let title = context.text("title.composite", &[("n", &n), ("place", &place), ("apart", &apart), ("all", &all)]);
    let subtitle =
        context.text("subtitle.composite", &[("draws", &draws), ("n", &n), ("seed", &ranked.run.design.seed.to_string())]);
    let cells: Vec<&Observation> = ranked.run.cells.iter().flatten().flatten().collect();
    let source = method::source_line(context, cells.iter().copied());
    let note = format!("{} {}", context.word("note.composite.intervals"), flags_note(context, cells.into_iter()).trim());
    let columns = [
        "column.region",
        "column.stands_for",
        "column.composite",
        "column.rank_reference",
        "column.rank_median",
        "column.rank_lower",
        "column.rank_upper",
        "column.rank_shift",
    ];
    Figure {
        id: "composite-ranks".into(),
        label: String::new(),
        alt: context.text("alt.composite", &[("n", &n), ("place", &place)]),
        long_description: context.text("long.composite", &[("apart", &apart), ("all", &all)]),
        note: note.trim().to_owned(),
        chart: Chart::Dots(Dots {
            unit: context.word("composite.axis"),
            series: vec![context.word("composite.legend.median")],
            rows,
            legend_proxy: context.word("legend.proxy"),
            legend_flag: context.word("legend.flag"),
            legend_range: context.word("composite.legend.interval"),
            places: u32::try_from(units.len()).ok(),
            reach: Vec::new(),
            axis: context.axis(),
        }),
        data: Table {
            id: "composite-ranks-data".into(),
            caption: format!("{title}: {subtitle}"),
            columns: columns.map(|key| context.word(key)).into(),
            rows: table,
            source: source.clone(),
            ..Table::default()
        },
        title,
        subtitle,
        source,
    }
}

/// Which pairs may be put in order.
fn separated(context: &Context<'_>, ranked: &Ranked) -> String {
    let all = ranked.units.len() * ranked.units.len().saturating_sub(1) / 2;
    let unordered: Vec<String> =
        ranked.units.iter().filter(|unit| !unit.orderable).map(|unit| unit_name(context, unit)).collect();
    let aside = if unordered.is_empty() {
        String::new()
    } else {
        format!(" {}", context.text("composite.unordered", &[("places", &unordered.join(", "))]))
    };
    let pairs: Vec<String> = ranked
        .pairs
        .iter()
        .filter_map(|(ahead, behind, separated)| {
            let (ahead, behind) = (ranked.units.get(*ahead)?, ranked.units.get(*behind)?);
            Some(ordering::pair(context, *separated, &unit_name(context, ahead), &unit_name(context, behind)))
        })
        .collect();
    if pairs.is_empty() {
        return format!("{}{aside}", context.word("composite.pairs.none"));
    }
    let fill = [("apart", pairs.len().to_string()), ("all", all.to_string()), ("pairs", pairs.join("; "))];
    format!("{}{aside}", context.text("composite.pairs", &fill.each_ref().map(|(name, text)| (*name, text.as_str()))))
}

fn shift(context: &Context<'_>, ranked: &Ranked) -> Text {
    let fill = [("shift", Span::Number(context.bare(&ranked.shift, 2))), ("n", Span::Plain(ranked.units.len().to_string()))];
    super::messages::filled(context, "composite.shift", &fill)
}

/// Choice by first-order and total index.
fn sensitivity(context: &Context<'_>, ranked: &Ranked) -> Option<Table> {
    let rows: Vec<TableRow> = ranked
        .sensitivity
        .iter()
        .map(|(factor, first, total)| TableRow {
            header: Text::plain(context.word(&format!("composite.factor.{factor}"))),
            cells: vec![TableCell::Number(context.bare(first, 2)), TableCell::Number(context.bare(total, 2))],
            highlight: false,
        })
        .collect();
    (!rows.is_empty()).then(|| Table {
        reference: false,
        id: "composite-sensitivity".into(),
        label: String::new(),
        caption: context.word("caption.composite.sensitivity"),
        columns: ["column.choice", "column.sobol_first", "column.sobol_total"].map(|key| context.word(key)).into(),
        rows,
        notes: vec![Text::plain(context.text("note.composite.sensitivity", &[("samples", &context.whole(ranked.run.samples))]))],
        source: context.word("source.own_calculations"),
    })
}

/// Every choice with its options, the reference first.
fn choices(context: &Context<'_>, ranked: &Ranked) -> Vec<Text> {
    let design = &ranked.run.design;
    let options = |factor: &str| -> Vec<String> {
        match factor {
            "normalisation" => design.normalisation.iter().map(|option| context.word(normalisation(*option))).collect(),
            "inclusion" => vec![context.word("composite.option.all"), context.word("composite.option.but_one")],
            "weights" => design.weighting.iter().map(|option| weighting(context, option)).collect(),
            "aggregation" => design.aggregation.iter().map(|option| context.word(aggregation(*option))).collect(),
            "imputation" => design.imputation.iter().map(|option| imputation(context, option)).collect(),
            _ => Vec::new(),
        }
    };
    let line = |factor: &str| {
        let name = context.word(&format!("composite.factor.{factor}"));
        Text::plain(context.text("composite.choice", &[("name", &name), ("options", &options(factor).join("; "))]))
    };
    varied(design).into_iter().map(line).collect()
}

fn normalisation(option: Normalisation) -> &'static str {
    match option {
        Normalisation::Goalposts => "composite.option.goalposts",
        Normalisation::MinMax => "composite.option.min_max",
        Normalisation::ZScore => "composite.option.z_score",
        Normalisation::Rank => "composite.option.rank",
    }
}

fn weighting(context: &Context<'_>, option: &Weighting) -> String {
    match option {
        Weighting::Given => context.word("composite.option.given"),
        Weighting::Equal => context.word("composite.option.equal"),
        Weighting::Expert { share } => {
            let share = context.with_unit(&context.language.number(100.0 * share, 0), Percent);
            context.text("composite.option.expert", &[("share", &share)])
        }
        Weighting::Dirichlet { .. } => context.word("composite.option.dirichlet"),
        Weighting::Scheme { name, .. } => name.clone(),
    }
}

fn aggregation(option: Aggregation) -> &'static str {
    match option {
        Aggregation::AsGiven => "composite.option.as_given",
        Aggregation::Arithmetic => "composite.option.arithmetic",
        Aggregation::Geometric => "composite.option.geometric",
        Aggregation::Copeland => "composite.option.copeland",
        Aggregation::Borda => "composite.option.borda",
    }
}

fn imputation(context: &Context<'_>, option: &Imputation) -> String {
    match option {
        Imputation::Keep => context.word("composite.option.keep"),
        Imputation::Exclude => context.word("composite.option.exclude"),
        Imputation::Spread(spread) => {
            let named = [Grade::B, Grade::C, Grade::D, Grade::M].into_iter().zip(spread);
            let named: Vec<String> = named
                .map(|(grade, share)| {
                    let share = context.language.number(*share, 2);
                    context.said.whole(&share, &context.language.number);
                    format!("{grade} {share}")
                })
                .collect();
            context.text("composite.option.spread", &[("spread", &named.join(", "))])
        }
    }
}
