//! The tables of a report: a chapter's indicators for one territory, the scorecard of all, the printed facts.

use baseline_model::Observation;
use baseline_model::definitions::{Concept, Indicator, Origin, Unit};
use baseline_render::document::{Span, Table, TableCell, TableRow, Text};

use super::context::Context;
use super::figures::{cell, flags_note};
use super::method;
use crate::compare;

/// Indicators of one chapter for a territory: value, whose, period, country, EU, difference, change.
pub fn chapter(context: &Context<'_>, id: &str, indicators: &[(&str, &Indicator)], territory: &str) -> Option<Table> {
    let groups = |indicator: &(&str, &Indicator)| {
        context.series(indicator.0, territory).map_or_else(Vec::new, |series| Context::all_groups(indicator.1, series))
    };
    let wanted: Vec<_> = indicators.iter().map(|indicator| (*indicator, groups(indicator))).collect();
    let country = context.unit_name(&context.territory(territory)?.country);
    let title = context.word(&format!("chapter.{id}"));
    let fill = [("chapter", title), ("territory", context.unit_name(territory)), ("country", country)];
    let caption = context.text("caption.chapter", &fill.each_ref().map(|(name, text)| (*name, text.as_str())));
    side_by_side(context, &wanted, territory, (id, caption), false)
}

/// A row an indicator and group of a territory, beside its country and the first benchmark; `short` leaves out differences and
/// change. `None` without any value.
pub fn side_by_side(
    context: &Context<'_>,
    wanted: &[((&str, &Indicator), Vec<Origin>)],
    territory: &str,
    (id, caption): (&str, String),
    short: bool,
) -> Option<Table> {
    let record = context.territory(territory)?;
    let country = record.country.as_str();
    let benchmark = context.study.benchmarks.keys().next().map(String::as_str)?;
    let mut rows = Vec::new();
    let mut used: Vec<Observation> = Vec::new();
    // What stands beside them: its flags are explained too.
    let mut flagged: Vec<Observation> = Vec::new();
    for (indicator, origins) in wanted {
        let Some(series) = context.series(indicator.0, territory) else { continue };
        for origin in origins.iter().copied() {
            let Some(value) = context.value(*indicator, territory, origin) else { continue };
            let decimals = indicator.1.decimals;
            let header = context.row_name(*indicator, origin);
            let header = context.headed(&header, indicator.1.unit);
            let mut beside = |unit: &str| -> (TableCell, TableCell) {
                let found = context.beside(*indicator, unit, origin, &value).filter(|found| found.value.number().is_some());
                let Some(found) = found else { return (TableCell::Empty, TableCell::Empty) };
                // A country's value beside itself says nothing.
                let same = found.geo == value.geo;
                let difference = compare::difference(&value, &found);
                let printed = if short || same || difference.value.number().is_none() || is_total(indicator.1.unit) {
                    TableCell::Empty
                } else {
                    TableCell::Number(context.bare_signed(&difference, decimals))
                };
                let cells = (cell(context, &found, decimals), printed);
                flagged.push(found);
                cells
            };
            let (country_value, to_country) = beside(country);
            let (eu_value, to_eu) = beside(benchmark);
            let change = compare::change(series, &value).filter(|_| !short).map_or(TableCell::Empty, |change| {
                let number = context.bare_signed(&change.difference, decimals);
                let key = if change.limited_by_break.is_some() { "table.since_break" } else { "table.since" };
                let since = context.text(key, &[("period", &change.from.to_string())]);
                TableCell::Text(Text(vec![Span::Number(number), Span::Plain(format!(" {since}"))]))
            });
            rows.push(TableRow {
                header: Text::plain(header),
                cells: vec![
                    cell(context, &value, decimals),
                    TableCell::Text(Text::plain(format!("{}, {}", context.region_name(&value.geo.code), value.period))),
                    country_value,
                    to_country,
                    eu_value,
                    to_eu,
                    change,
                ],
                highlight: false,
            });
            used.push(value);
        }
    }
    if rows.is_empty() {
        return None;
    }
    let (country_name, eu_name) = (context.unit_name(country), context.unit_name(benchmark));
    let mut columns = vec![
        context.word("column.indicator"),
        context.word("column.value"),
        context.word("column.region_period"),
        country_name.clone(),
        context.text("column.difference_to", &[("name", &country_name)]),
        eu_name.clone(),
        context.text("column.difference_to", &[("name", &eu_name)]),
        context.word("column.change"),
    ];
    drop_empty_columns(&mut columns, &mut rows);
    let mut notes: Vec<Text> = if short { Vec::new() } else { vec![Text::plain(context.word("note.chapter_table"))] };
    let flags = flags_note(context, used.iter().chain(&flagged));
    if !flags.is_empty() {
        notes.push(Text::plain(flags.trim().to_owned()));
    }
    Some(Table {
        reference: false,
        id: format!("table-{}", id.replace('_', "-")),
        label: String::new(),
        caption,
        columns,
        rows,
        notes,
        source: method::source_line(context, used.iter()),
    })
}

/// Leaves out columns in which no row has anything.
fn drop_empty_columns(columns: &mut Vec<String>, rows: &mut [TableRow]) {
    for column in (1..columns.len()).rev() {
        if rows.iter().all(|row| matches!(row.cells.get(column - 1), None | Some(TableCell::Empty))) {
            columns.remove(column);
            for row in rows.iter_mut().filter(|row| row.cells.len() >= column) {
                row.cells.remove(column - 1);
            }
        }
    }
}

/// All territories of the study beside one another, a row an indicator and group of one concept.
pub fn scorecard(context: &Context<'_>, concept: Concept, ours: Option<&str>) -> Option<Table> {
    let mut rows = Vec::new();
    let mut used: Vec<Observation> = Vec::new();
    for chapter in context.study.chapters.iter().filter(|chapter| chapter.id != super::PRINTED) {
        for indicator in context.chapter(&chapter.id) {
            if !is_compared(context, indicator.1, concept) {
                continue;
            }
            for origin in Context::groups(indicator.1) {
                let values: Vec<_> =
                    context.study.territories.iter().filter_map(|unit| context.value(indicator, unit, origin)).collect();
                if values.iter().all(|value| value.value.number().is_none()) {
                    continue;
                }
                let mut cells: Vec<TableCell> = values.iter().map(|value| cell(context, value, indicator.1.decimals)).collect();
                let benchmark = context.study.benchmarks.keys().next();
                let eu = benchmark
                    .and_then(|unit| context.value(indicator, unit, origin))
                    .filter(|value| value.value.number().is_some());
                if benchmark.is_some() {
                    cells.push(eu.map_or(TableCell::Empty, |value| cell(context, &value, indicator.1.decimals)));
                }
                let mean = (origin == indicator.1.headline.origin)
                    .then(|| compare::mean(context.definitions, context.study, context.study_id, context.figures, indicator))
                    .flatten()
                    .filter(|mean| mean.value.number().is_some());
                cells.push(mean.map_or(TableCell::Empty, |mean| cell(context, &mean, indicator.1.decimals)));
                let header = context.row_name(indicator, origin);
                let period = context.figures.reference.get(indicator.0).map(ToString::to_string).unwrap_or_default();
                rows.push(TableRow {
                    header: Text::plain(format!("{}, {period}", context.headed(&header, indicator.1.unit))),
                    cells,
                    highlight: false,
                });
                used.extend(values);
            }
        }
    }
    if rows.is_empty() {
        return None;
    }
    let mut columns = vec![context.word("column.indicator")];
    columns.extend(context.study.territories.iter().map(|unit| {
        let name = context.unit_name(unit);
        if ours == Some(unit.as_str()) { format!("▸ {name}") } else { name }
    }));
    columns.extend(context.study.benchmarks.keys().next().map(|unit| context.unit_name(unit)));
    columns.push(context.unit_name(&context.mean_id()));
    let concept_key = concept_key(concept);
    let mut notes = vec![Text::plain(context.word("note.scorecard"))];
    let flags = flags_note(context, used.iter());
    if !flags.is_empty() {
        notes.push(Text::plain(flags.trim().to_owned()));
    }
    Some(Table {
        reference: false,
        id: format!("scorecard-{concept_key}"),
        label: String::new(),
        caption: context.word(&format!("caption.scorecard.{concept_key}")),
        columns,
        rows,
        notes,
        source: method::source_line(context, used.iter()),
    })
}

/// Ours minus each of the other territories, in the headline group; a grade is that of the worse of the two.
pub fn differences(context: &Context<'_>, concept: Concept, territory: &str) -> Option<Table> {
    let others: Vec<&String> = context.study.territories.iter().filter(|other| *other != territory).collect();
    let mut rows = Vec::new();
    let mut used: Vec<Observation> = Vec::new();
    for chapter in context.study.chapters.iter().filter(|chapter| chapter.id != super::PRINTED) {
        for indicator in context.chapter(&chapter.id) {
            if !is_compared(context, indicator.1, concept) {
                continue;
            }
            let origin = indicator.1.headline.origin;
            let Some(value) = context.value(indicator, territory, origin).filter(|value| value.value.number().is_some()) else {
                continue;
            };
            let cells = others.iter().map(|other| {
                let difference = context.value(indicator, other, origin).map(|other| compare::difference(&value, &other));
                difference.filter(|difference| difference.value.number().is_some()).map_or(TableCell::Empty, |difference| {
                    used.push(difference.clone());
                    TableCell::Number(context.bare_signed(&difference, indicator.1.decimals))
                })
            });
            let cells = cells.collect();
            let header = context.row_name(indicator, origin);
            let header = context.headed(&header, compare::difference_unit(indicator.1.unit));
            rows.push(TableRow { header: Text::plain(format!("{header}, {}", value.period)), cells, highlight: false });
        }
    }
    if rows.is_empty() {
        return None;
    }
    let mut columns = vec![context.word("column.indicator")];
    columns.extend(others.iter().map(|other| context.unit_name(other)));
    let concept_key = concept_key(concept);
    Some(Table {
        reference: false,
        id: format!("differences-{concept_key}"),
        label: String::new(),
        caption: context.text(&format!("caption.differences.{concept_key}"), &[("territory", &context.unit_name(territory))]),
        columns,
        rows,
        notes: vec![Text::plain(context.word("note.differences"))],
        source: method::source_line(context, used.iter()),
    })
}

fn concept_key(concept: Concept) -> &'static str {
    match concept {
        Concept::Citizenship => "citizenship",
        Concept::Birth => "birth",
    }
}

/// Figures that the territory's own authorities print, as printed, with publisher, page and date.
pub fn printed(context: &Context<'_>, territory: &str) -> Option<Table> {
    let mut rows = Vec::new();
    for indicator in context.chapter(super::PRINTED) {
        let Some(series) = context.series(indicator.0, territory) else { continue };
        let Some((_, value)) = series.iter().rev().find(|(_, value)| value.value.number().is_some()) else { continue };
        let cells = value.cells();
        let Some(source) = cells.first() else { continue };
        let original = source.original();
        // The receipt of a printed figure says `publisher: definition`, the page and the page's date.
        let found = original.map_or("", |original| original.found.as_str());
        let (publisher, definition) = found.split_once(": ").unwrap_or(("", found));
        let url = original.map_or(String::new(), |original| original.url.clone());
        let page = if url.is_empty() { Text::default() } else { Text(vec![Span::Link { text: host(&url).to_owned(), url }]) };
        rows.push(TableRow {
            header: Text::plain(context.headed(&context.indicator_name(indicator), indicator.1.unit)),
            cells: vec![
                cell(context, value, indicator.1.decimals),
                TableCell::Text(Text::plain(value.period.to_string())),
                TableCell::Text(Text::plain(definition)),
                TableCell::Text(Text::plain(publisher)),
                TableCell::Text(page),
                TableCell::Text(Text::plain(original.map_or("", |original| original.updated.as_str()))),
            ],
            highlight: false,
        });
    }
    if rows.is_empty() {
        return None;
    }
    let columns = [
        "column.indicator",
        "column.value",
        "column.period",
        "column.definition",
        "column.publisher",
        "column.page",
        "column.page_date",
    ];
    Some(Table {
        reference: false,
        id: "table-printed".into(),
        label: String::new(),
        caption: context.text("caption.printed", &[("territory", &context.unit_name(territory))]),
        columns: columns.map(|key| context.word(key)).into(),
        rows,
        notes: vec![Text::plain(context.word("note.printed"))],
        source: context.word("source.printed"),
    })
}

/// `linkoping.se` of an address: what a link shows.
fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    host.strip_prefix("www.").unwrap_or(host)
}

/// Totals say nothing beside another territory's: only rates are compared.
pub fn is_total(unit: Unit) -> bool {
    matches!(unit, Unit::Persons | Unit::ThousandPersons | Unit::MillionEuro | Unit::Permits | Unit::Households)
}

/// Whether territories are set side by side in an indicator: rates of one concept, all of one period.
pub fn is_compared(context: &Context<'_>, indicator: &Indicator, concept: Concept) -> bool {
    let own = concept_of(context, indicator).unwrap_or(context.study.concept);
    own == concept && !is_total(indicator.unit) && !indicator.latest
}

/// Whether an indicator may stand in a table of the study's concept: figures by citizenship and by country of birth share none.
pub fn of_concept(context: &Context<'_>, indicator: &Indicator) -> bool {
    concept_of(context, indicator).is_none_or(|own| own == context.study.concept)
}

/// The population concept of an indicator's series, when it has one.
pub fn concept_of(context: &Context<'_>, indicator: &Indicator) -> Option<Concept> {
    let dataflow = |id: &String| context.definitions.dataflows.get(id)?.concept;
    let own = indicator.series.iter().find_map(|series| series.by.or_else(|| dataflow(&series.dataflow)));
    own.or_else(|| indicator.headline.origin.concept()).or_else(|| {
        let derived = indicator.derived.as_ref()?;
        derived.inputs.iter().find_map(|input| concept_of(context, context.definitions.indicators.get(input)?))
    })
}
