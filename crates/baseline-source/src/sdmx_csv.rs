//! SDMX-CSV 1.0 and 2.0 as Eurostat writes them: with codes, with codes and labels, or with labels only.
//!
//! Columns are taken by name. In 2.0 with labels a label column follows its code column; the labels are
//! not used, because they are edited and translated. A missing value is an empty `OBS_VALUE`.
//!
//! ```text
//! DATAFLOW,LAST UPDATE,freq,unit,citizen,geo,TIME_PERIOD,OBS_VALUE,OBS_FLAG,CONF_STATUS
//! ESTAT:LFSA_ARGAN(1.0),11/06/26 23:00:00,A,PC,FOR,FR,2021,66.5,bd,
//! STRUCTURE,STRUCTURE_ID,STRUCTURE_NAME,freq,Time frequency,geo,Geopolitical entity,TIME_PERIOD,Time,OBS_VALUE,Observation value,...
//! dataflow,ESTAT:LFSA_EGAN(1.0),"Employment (1 000)",A,Annual,AT,Austria,2021,,,,u,low reliability,,
//! ```

use std::collections::BTreeSet;

use baseline_model::{Finding, Positions, RawTable};

use crate::csv_file::{self, CsvFile, figure, header_cells};
use crate::findings::{Context, nearest_note, quote};
use crate::labels;
use crate::review::duplicates;
use crate::table::{Rows, dataflow_code};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    One,
    Two,
}

impl Version {
    pub fn format(self) -> &'static str {
        match self {
            Self::One => "SDMX-CSV 1.0",
            Self::Two => "SDMX-CSV 2.0",
        }
    }
}

/// The version a first line belongs to, if any.
pub(crate) fn version(header: &str) -> Option<Version> {
    let cells = header_cells(header);
    let first = cells.first().map(String::as_str).unwrap_or_default();
    match first {
        "DATAFLOW" => Some(Version::One),
        "STRUCTURE" if cells.get(1).is_some_and(|second| second == "STRUCTURE_ID") => Some(Version::Two),
        _ => None,
    }
}

/// `None`, with findings, when the columns cannot be told apart or labels cannot be mapped.
pub(crate) fn read(text: &str, version: Version, context: &mut Context<'_>) -> Option<RawTable> {
    let mut file = csv_file::open(text, b',', 0, context)?;
    let layout = layout(&file, version, context)?;
    let mut rows = Rows::new(layout.dimensions.iter().map(|dimension| dimension.id.clone()));
    let mut places = Vec::new();
    let (mut flows, mut stamps) = (BTreeSet::new(), Vec::new());
    let mut title = None;
    let value_column = u32::try_from(layout.value + 1).unwrap_or(u32::MAX);
    while let Some((line, record)) = file.next(context) {
        let optional = |column: Option<usize>| column.map_or("", |column| record[column].trim());
        let number = figure(&record[layout.value], &format!("line {line}, column OBS_VALUE"), context);
        let key = layout.dimensions.iter().map(|dimension| dimension.code(&record[dimension.column]));
        rows.push(key, record[layout.time].trim(), number, optional(layout.flag), optional(layout.conf));
        places.push((line, value_column));
        let flow = optional(layout.flow);
        if !flows.contains(flow) {
            flows.insert(flow.to_owned());
        }
        let stamp = optional(layout.updated);
        if stamps.last().is_none_or(|last: &String| last != stamp) {
            stamps.push(stamp.to_owned());
        }
        if title.is_none() {
            title = layout.title.map(|column| record[column].trim().to_owned()).filter(|title| !title.is_empty());
        }
    }
    if flows.len() > 1 {
        let flows: Vec<_> = flows.iter().map(|flow| quote(flow)).collect();
        context.add(
            Finding::error(
                "several-dataflows",
                context.name,
                format!("expected one dataflow, found {}: {}; the file is refused", flows.len(), flows.join(", ")),
            )
            .hint("split the file: keys of different tables cannot be told apart"),
        );
        return None;
    }
    if stamps.len() > 1 {
        let message = format!(
            "the update stamp changes inside the file ({} then {}); the first is kept",
            quote(&stamps[0]),
            quote(&stamps[1])
        );
        context.add(
            Finding::warning("several-update-stamps", context.name, message)
                .hint("a file joined from several downloads: take it from the provider"),
        );
    }
    let mut table = rows.finish(Positions::Grid(places));
    table.dataflow = flows.first().and_then(|flow| dataflow_code(flow));
    table.updated = stamps.into_iter().next().filter(|stamp| !stamp.is_empty());
    table.title = title;

    let labelled = labelled(&table);
    if !labelled.is_empty() {
        table = labels::map(table, &labelled, context)?;
    }
    duplicates(&table, context);
    Some(table)
}

/// Dimensions whose cells are labels. A file has labels in all of them or in none, and the frequency tells
/// (`Annual`, not `A`): a label such as `Total` looks like a code, so no single column can be trusted alone.
fn labelled(table: &RawTable) -> BTreeSet<usize> {
    let by_labels = match table.dimension("freq") {
        Some(freq) => freq.dictionary.iter().any(|text| text.chars().count() > 1),
        None => table.dimensions.iter().any(labels::looks_like_labels),
    };
    if by_labels { (0..table.dimensions.len()).collect() } else { BTreeSet::new() }
}

struct Dimension {
    column: usize,
    id: String,
    /// The cells are `A: Annual` (1.0 with labels=both).
    both: bool,
}

impl Dimension {
    fn code<'t>(&self, cell: &'t str) -> &'t str {
        if self.both { cell.split_once(':').map_or(cell, |(code, _)| code).trim() } else { cell.trim() }
    }
}

struct Layout {
    dimensions: Vec<Dimension>,
    time: usize,
    value: usize,
    flag: Option<usize>,
    conf: Option<usize>,
    flow: Option<usize>,
    updated: Option<usize>,
    title: Option<usize>,
}

fn layout(file: &CsvFile<'_>, version: Version, context: &mut Context<'_>) -> Option<Layout> {
    // `freq: Time frequency` in a header of 1.0 with labels=both.
    let ids: Vec<&str> = file.header.iter().map(|cell| cell.split_once(':').map_or(cell.as_str(), |(id, _)| id).trim()).collect();
    let position = |id: &str| ids.iter().position(|cell| cell.eq_ignore_ascii_case(id));
    let (Some(time), Some(value)) = (position("TIME_PERIOD"), position("OBS_VALUE")) else {
        for missing in ["TIME_PERIOD", "OBS_VALUE"].into_iter().filter(|id| position(id).is_none()) {
            let near = nearest_note(missing, ids.iter().copied());
            context.add(
                Finding::error(
                    "header-not-understood",
                    context.at("line 1"),
                    format!("expected the column {missing}, found none{near}; the file is refused"),
                )
                .hint("download again with labels=id or labels=both"),
            );
        }
        return None;
    };
    let first = match version {
        Version::One => 1 + usize::from(position("LAST UPDATE") == Some(1)),
        Version::Two => 2 + usize::from(position("STRUCTURE_NAME") == Some(2)),
    };
    let first = first + usize::from(position("ACTION") == Some(first));
    // With codes only, the value stands right behind the period; with labels, the period's label stands between.
    let paired = value == time + 2;
    let step = if paired { 2 } else { 1 };
    let order_fits = first <= time && time < value && value - time == step && (time - first).is_multiple_of(step);
    let dimensions: Vec<_> = (first..time.max(first))
        .step_by(step)
        .map(|column| Dimension { column, id: ids[column].to_lowercase(), both: file.header[column].contains(':') })
        .collect();
    let odd = dimensions.iter().find(|dimension| {
        dimension.id.is_empty()
            || !dimension.id.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-')
    });
    if !order_fits || odd.is_some() {
        let message = odd.map_or_else(
            || {
                "expected the dimensions, then TIME_PERIOD and OBS_VALUE, with a label column behind each or behind none"
                    .to_owned()
            },
            |odd| {
                format!("expected the id of a dimension in column {}, found {}", odd.column + 1, quote(&file.header[odd.column]))
            },
        );
        context.add(
            Finding::error("header-not-understood", context.at("line 1"), format!("{message}; the file is refused"))
                .hint("download again with labels=id or labels=both"),
        );
        return None;
    }
    let layout = Layout {
        dimensions,
        time,
        value,
        flag: position("OBS_FLAG").or_else(|| position("OBS_STATUS")),
        conf: position("CONF_STATUS"),
        flow: Some(if version == Version::One { 0 } else { 1 }),
        updated: position("LAST UPDATE"),
        title: position("STRUCTURE_NAME"),
    };
    let used = [layout.flag, layout.conf];
    let unused: Vec<_> = (value + step..ids.len())
        .filter(|column| !used.contains(&Some(*column)) && !(paired && used.contains(&column.checked_sub(1))))
        .map(|column| quote(&file.header[column]))
        .collect();
    if !unused.is_empty() {
        let at = context.at("line 1");
        context.add(Finding::info(
            "columns-not-used",
            at,
            format!("columns behind the value that are not read: {}", unused.join(", ")),
        ));
    }
    Some(layout)
}
