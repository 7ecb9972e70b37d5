//! SDMX-CSV 1.0 and 2.0: with codes, with codes and labels, or (Eurostat) with labels only.
//!
//! Columns are taken by name. Dimensions are the columns before `OBS_VALUE` that are neither the period, nor a label,
//! nor a known attribute (`sdmx::part`); what stands behind the value is an attribute. In 2.0 with labels a label column
//! follows its code column (`REF_AREA,Reference area`): it gives the dimension its label, and its cells are not used,
//! because they are edited and translated. A missing value is an empty `OBS_VALUE` or `NaN`. A row of 2.0 without
//! period and without value holds attributes only and is no observation. A file of 2.0 may hold several tables.
//!
//! ```text
//! DATAFLOW,LAST UPDATE,freq,unit,citizen,geo,TIME_PERIOD,OBS_VALUE,OBS_FLAG,CONF_STATUS
//! ESTAT:LFSA_ARGAN(1.0),11/06/26 23:00:00,A,PC,FOR,FR,2021,66.5,bd,
//! DATAFLOW,FREQ,REF_AREA,DATA_TYPE,SEX,TIME_PERIOD,OBS_VALUE,OBS_STATUS,NOTE_DS,…,UNIT_MULT
//! IT1:29_316_DF_DCIS_POPSTRBIL1_1(1.0),A,ITC1,FJAN,9,2023,420240,,,,,,,,
//! STRUCTURE,STRUCTURE_ID,STRUCTURE_NAME,ACTION,REF_AREA,Reference area,…,TIME_PERIOD,Time period,OBS_VALUE,Observation value,…
//! DATAFLOW,OECD.ELS.IMD:DSD_MIG@DF_MIG(1.0),International migration database,I,ITA,Italy,…,2008,,9,,A,Normal value,0,Units,0,Zero
//! ```
//! Specification: <https://github.com/sdmx-twg/sdmx-csv>

use std::collections::BTreeSet;

use baseline_model::{Finding, Positions, RawTable};

use crate::findings::{Context, nearest_note, quote};
use crate::labels;
use crate::records::{self, Record, shown};
use crate::review::duplicates;
use crate::sdmx::{self, Part, Unread};
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

/// The version a first line belongs to, if any. 2.0 may name a sign for lists behind `STRUCTURE` (`STRUCTURE[;]`).
pub(crate) fn version(header: &str) -> Option<Version> {
    let delimiter = char::from(records::delimiter(header));
    let mut cells = header.trim_start_matches('\u{feff}').split(delimiter).map(|cell| cell.trim().trim_matches('"').trim());
    let first = cells.next().unwrap_or_default();
    if id_of(first) == "DATAFLOW" {
        return Some(Version::One);
    }
    let structure = first == "STRUCTURE" || first.starts_with("STRUCTURE[");
    (structure && cells.next().is_some_and(|second| id_of(second) == "STRUCTURE_ID")).then_some(Version::Two)
}

/// The tables; none, with findings, when the columns cannot be told apart or labels cannot be mapped.
pub(crate) fn read(text: &str, version: Version, context: &mut Context<'_>) -> Vec<RawTable> {
    let delimiter = records::delimiter(text.lines().next().unwrap_or_default());
    let Some(mut file) = records::open(text, delimiter, context) else { return Vec::new() };
    let Some(layout) = layout(&file.header, version, context) else { return Vec::new() };
    context.own_marks = layout.own_marks;
    let mut parts: Vec<Table> = Vec::new();
    let (mut current, mut without_value) = (0, 0_u64);
    let mut first_without = 0;
    let rows = file.estimate();
    while let Some(record) = file.next(context) {
        let flow = record.get(layout.flow);
        if parts.get(current).is_none_or(|part| part.flow != flow) {
            current = match parts.iter().position(|part| part.flow == flow) {
                Some(place) => place,
                None if parts.len() == TABLES => {
                    too_many_tables(context);
                    return Vec::new();
                }
                None => {
                    let room = if parts.is_empty() { rows } else { 0 };
                    parts.push(Table::new(flow, &layout, &record, room));
                    parts.len() - 1
                }
            };
        }
        if let Some(column) = layout.action
            && record.get(column).eq_ignore_ascii_case("d")
        {
            refuse_deletion(record.line, context);
            return Vec::new();
        }
        if version == Version::Two && record.get(layout.time).is_empty() && record.get(layout.value).is_empty() {
            without_value += 1;
            first_without = if without_value == 1 { record.line } else { first_without };
            continue;
        }
        parts[current].push(&layout, &record, context);
    }
    if without_value > 0 {
        let at = context.at(format_args!("line {first_without}"));
        let message = "a row without period and value states attributes of a series, and is no observation";
        let mut finding = Finding::info("attribute-row", at, message);
        finding.count = without_value;
        context.add(finding);
    }
    finish(parts, version, &layout, context)
}

/// Tables in one file; real ones have one or two.
const TABLES: usize = 100;

fn finish(parts: Vec<Table>, version: Version, layout: &Layout, context: &mut Context<'_>) -> Vec<RawTable> {
    if version == Version::One && parts.len() > 1 {
        let flows: Vec<_> = parts.iter().take(10).map(|part| quote(&part.flow)).collect();
        context.add(
            Finding::error(
                "several-dataflows",
                context.name,
                format!("expected one dataflow, found {}: {}; the file is refused", parts.len(), flows.join(", ")),
            )
            .hint("split the file: keys of different tables cannot be told apart"),
        );
        return Vec::new();
    }
    let several = parts.len() > 1;
    let mut tables = Vec::new();
    let parts = if parts.is_empty() { vec![Table::empty(layout)] } else { parts };
    for part in parts {
        if let Some(table) = part.finish(layout, several, context) {
            tables.push(table);
        }
    }
    tables
}

fn too_many_tables(context: &mut Context<'_>) {
    context.add(
        Finding::error("several-dataflows", context.name, format!("the file has more than {TABLES} tables; it is refused"))
            .hint("split the file, or look whether its columns were moved"),
    );
}

fn refuse_deletion(line: u32, context: &mut Context<'_>) {
    context.add(
        Finding::error(
            "deletions",
            context.at(format_args!("line {line}, column ACTION")),
            "the row tells to delete an observation; the file is no table of figures and is refused",
        )
        .hint("ask the provider for the data themselves"),
    );
}

/// One table of the file.
struct Table {
    flow: String,
    title: Option<String>,
    stamps: Vec<String>,
    rows: Rows,
    places: Vec<(u32, u32)>,
    unread: Unread,
}

impl Table {
    fn new(flow: &str, layout: &Layout, record: &Record<'_>, room: usize) -> Self {
        let mut part = Self::empty(layout);
        flow.clone_into(&mut part.flow);
        part.title = layout.title.map(|column| record.get(column).to_owned()).filter(|title| !title.is_empty());
        part.rows.reserve(room);
        part.places.reserve(room);
        part
    }

    fn empty(layout: &Layout) -> Self {
        Self {
            flow: String::new(),
            title: None,
            stamps: Vec::new(),
            rows: Rows::new(layout.dimensions.iter().map(|dimension| dimension.id.clone())),
            places: Vec::new(),
            unread: Unread::default(),
        }
    }

    fn push(&mut self, layout: &Layout, record: &Record<'_>, context: &mut Context<'_>) {
        let line = record.line;
        let (number, mark) = sdmx::figure(record.get(layout.value), context, || format!("line {line}, column OBS_VALUE"));
        let optional = |column: Option<usize>| column.map_or("", |column| layout.code(record.get(column)));
        let flag = Some(optional(layout.flag)).filter(|flag| !flag.is_empty()).unwrap_or(mark);
        let key = layout.dimensions.iter().map(|dimension| layout.code(record.get(dimension.column)));
        self.rows.push(key, record.get(layout.time), number, flag, optional(layout.conf));
        self.places.push((line, layout.value_place));
        if let Some(column) = layout.updated {
            let stamp = record.get(column);
            if self.stamps.len() < 2 && self.stamps.last().is_none_or(|last| last != stamp) {
                self.stamps.push(stamp.to_owned());
            }
        }
        for (name, column) in &layout.multipliers {
            self.unread.note(name, record.get(*column));
        }
    }

    fn finish(self, layout: &Layout, several: bool, context: &mut Context<'_>) -> Option<RawTable> {
        if let [first, second, ..] = self.stamps.as_slice() {
            let message =
                format!("the update stamp changes inside the file ({} then {}); the first is kept", quote(first), quote(second));
            context.add(
                Finding::warning("several-update-stamps", context.name, message)
                    .hint("a file joined from several downloads: take it from the provider"),
            );
        }
        let at = if several { context.at(quote(&self.flow)) } else { context.name.to_owned() };
        self.unread.report_multiplier(&at, context);
        let mut table = self.rows.finish(Positions::Grid(self.places));
        for (column, dimension) in table.dimensions.iter_mut().zip(&layout.dimensions) {
            column.label.clone_from(&dimension.label);
        }
        if several {
            // Columns of the other tables.
            table.dimensions.retain(|column| column.dictionary.iter().any(|text| !text.is_empty()));
        }
        table.dataflow = dataflow_code(&self.flow);
        table.updated = self.stamps.into_iter().next().filter(|stamp| !stamp.is_empty());
        table.title = self.title;
        let labelled = if layout.paired { BTreeSet::new() } else { labelled(&table) };
        if !labelled.is_empty() {
            table = labels::map(table, &labelled, context)?;
        }
        duplicates(&table, context);
        Some(table)
    }
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
    label: String,
}

struct Layout {
    dimensions: Vec<Dimension>,
    time: usize,
    value: usize,
    /// Column of the value, from 1.
    value_place: u32,
    flag: Option<usize>,
    conf: Option<usize>,
    flow: usize,
    updated: Option<usize>,
    title: Option<usize>,
    action: Option<usize>,
    multipliers: Vec<(String, usize)>,
    /// A label column stands behind each code column.
    paired: bool,
    /// Cells are `A: Annual` (labels=both).
    both: bool,
    own_marks: bool,
}

impl Layout {
    fn code<'t>(&self, cell: &'t str) -> &'t str {
        if self.both { cell.split_once(':').map_or(cell, |(code, _)| code).trim() } else { cell }
    }
}

/// `freq` of `freq: Time frequency` (1.0 with labels=both), `GEO` of `GEO[]` (2.0, a list).
fn id_of(cell: &str) -> &str {
    let id = cell.split_once(':').map_or(cell, |(id, _)| id).trim();
    id.strip_suffix("[]").unwrap_or(id)
}

fn layout(header: &[String], version: Version, context: &mut Context<'_>) -> Option<Layout> {
    let ids: Vec<&str> = header.iter().map(|cell| id_of(cell)).collect();
    let position = |id: &str| ids.iter().position(|cell| cell.eq_ignore_ascii_case(id));
    let mut refuse = |message: String| {
        context.add(
            Finding::error("header-not-understood", context.at("line 1"), format!("{message}; the file is refused"))
                .hint("download again with labels=id or labels=both"),
        );
    };
    let (Some(time), Some(value)) = (position("TIME_PERIOD"), position("OBS_VALUE")) else {
        for missing in ["TIME_PERIOD", "OBS_VALUE"].into_iter().filter(|id| position(id).is_none()) {
            let near = nearest_note(missing, ids.iter().copied());
            refuse(format!("expected the column {missing}, found none{near}"));
        }
        return None;
    };
    let first = match version {
        Version::One => 1 + usize::from(position("LAST UPDATE") == Some(1)),
        Version::Two => 2 + usize::from(position("STRUCTURE_NAME") == Some(2)),
    };
    let first = first + usize::from(position("ACTION") == Some(first));
    // With labels in columns of their own every code column before the value is one of a pair.
    let even = |from: usize, to: usize| to.saturating_sub(from).is_multiple_of(2);
    let paired =
        version == Version::Two && even(first, value) && even(first, time) && time + 1 < value && is_label(ids[time + 1]);
    let step = if paired { 2 } else { 1 };
    if !(first <= time && time < value) {
        refuse("expected the dimensions, then TIME_PERIOD and OBS_VALUE".into());
        return None;
    }
    let columns = || (first..value).step_by(step);
    let dimensions: Vec<_> = columns()
        .filter(|column| *column != time && sdmx::part(ids[*column]) == Part::Open)
        .map(|column| Dimension {
            column,
            id: ids[column].to_lowercase(),
            label: if paired { header[column + 1].clone() } else { label_of(&header[column]) },
        })
        .collect();
    let odd = dimensions.iter().find(|dimension| {
        dimension.id.is_empty()
            || !dimension.id.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-')
    });
    if let Some(odd) = odd {
        let found = quote(&header[odd.column]);
        refuse(format!("expected the id of a dimension in column {}, found {found}", odd.column + 1));
        return None;
    }
    // Labels may be called the same; what is read by its id may not.
    let wanted =
        dimensions.iter().map(|dimension| ids[dimension.column]).chain(["TIME_PERIOD", "OBS_VALUE", "OBS_FLAG", "OBS_STATUS"]);
    for id in wanted {
        let places = (first..ids.len()).step_by(step).filter(|column| ids[*column].eq_ignore_ascii_case(id)).count();
        if places > 1 {
            refuse(format!("the column {} stands twice", quote(id)));
            return None;
        }
    }
    let (flag, status) = (position("OBS_FLAG"), position("OBS_STATUS"));
    let conf = position("CONF_STATUS").or_else(|| position("OBS_CONF"));
    let layout = Layout {
        time,
        value,
        value_place: u32::try_from(value + 1).unwrap_or(u32::MAX),
        flag: flag.or(status),
        conf,
        flow: usize::from(version == Version::Two),
        updated: position("LAST UPDATE").or_else(|| position("LAST_UPDATE")),
        title: position("STRUCTURE_NAME"),
        action: (version == Version::Two).then(|| position("ACTION")).flatten(),
        multipliers: (first..ids.len())
            .filter(|column| sdmx::is_multiplier(ids[*column]))
            .map(|column| (ids[column].to_owned(), column))
            .collect(),
        paired,
        both: header[time].contains(':') || header[value].contains(':') || (first < time && header[first].contains(':')),
        // OBS_FLAG has Eurostat's letters, OBS_STATUS the codes of whoever wrote the file.
        own_marks: flag.is_none() && status.is_some(),
        dimensions,
    };
    let used = [layout.flag, layout.conf, layout.updated, Some(time), Some(value)];
    let is_used =
        |column: usize| used.contains(&Some(column)) || layout.dimensions.iter().any(|dimension| dimension.column == column);
    let unused: Vec<_> = (first..ids.len()).step_by(step).filter(|column| !is_used(*column)).collect();
    if !unused.is_empty() {
        let message = format!("columns of attributes that are not read: {}", shown(header, unused));
        context.add(Finding::info("columns-not-used", context.at("line 1"), message));
    }
    Some(layout)
}

/// Whether a header cell reads like a label (`Time`, `Time period`) and not like an id (`TIME`, `geo`).
fn is_label(cell: &str) -> bool {
    let capital = cell.chars().next().is_some_and(char::is_uppercase);
    cell.contains(char::is_whitespace) || (capital && cell.chars().any(char::is_lowercase))
}

/// `Time frequency` of `freq: Time frequency`.
fn label_of(cell: &str) -> String {
    cell.split_once(':').map_or_else(String::new, |(_, label)| label.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions() {
        for (header, expected) in [
            ("DATAFLOW,freq,OBS_VALUE", Some(Version::One)),
            ("\"DATAFLOW\",\"freq\"", Some(Version::One)),
            ("DATAFLOW;freq;OBS_VALUE", Some(Version::One)),
            ("STRUCTURE,STRUCTURE_ID,ACTION", Some(Version::Two)),
            ("STRUCTURE[;],STRUCTURE_ID,ACTION", Some(Version::Two)),
            ("STRUCTURE,NAME", None),
            ("geo,period,value", None),
        ] {
            assert_eq!(version(header), expected, "{header}");
        }
    }
}
