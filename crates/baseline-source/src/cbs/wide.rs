//! OData 3 data sets: one record a region and period, one member a figure.
//!
//! A member with a position behind its name is a topic, any other text is a dimension. In a `TypedDataSet` a topic of
//! texts (a name, a postal code) is no figure; in an `UntypedDataSet` everything is text, so a topic without a single
//! figure is none. Kinds of nothing (`.`, `x`, blank) stand only in the latter.

use std::collections::BTreeMap;

use baseline_model::definitions::Numbers;
use baseline_model::{Column, Finding, Positions, RawTable, Role};

use super::{Origin, note_padding, period, period_field, position_suffix};
use crate::findings::{Context, quote};
use crate::members::{Cell, Field, Records};
use crate::number::{self, Figure};
use crate::review::duplicate_keys;
use crate::table::{Interner, constant};

/// Texts that stand for a figure in every table of the office, beside those of the source's rule.
const MARKS: [&str; 5] = [".", "x", "-", "*", "**"];

pub(super) fn read(records: &Records, origin: &Origin, context: &mut Context<'_>) -> Option<RawTable> {
    context.own_marks = true;
    let rule = context.options.numbers.cloned().unwrap_or_default();
    let parts = split(records, origin, &rule);
    if !parts.texts.is_empty() {
        let names: Vec<_> = parts.texts.iter().map(|field| quote(&field.name)).collect();
        context.add(Finding::info(
            "texts-left-out",
            context.name,
            format!("topics of text are no figures and no rows of the table: {}", names.join(", ")),
        ));
    }
    let limit = context.options.limits.cells;
    let rows = records.len.checked_mul(parts.measures.len()).filter(|rows| *rows <= limit);
    let Some(rows) = rows else {
        context.add(
            Finding::error(
                "too-many-cells",
                context.name,
                format!(
                    "{} records of {} figures exceed the allowed {limit} cells; the table is refused",
                    records.len,
                    parts.measures.len()
                ),
            )
            .hint("filter the request, or raise the limit if the file is trusted"),
        );
        return None;
    };
    if parts.measures.is_empty() || u32::try_from(records.len).is_err() {
        context.add(
            Finding::error("no-figures", context.name, "no member of the records holds figures; the table is refused")
                .hint("the request may have selected dimensions only"),
        );
        return None;
    }

    let keys: Vec<Interner> = parts.dimensions.iter().map(|field| codes(field, records.len, str::to_owned, context)).collect();
    let periods =
        parts.period.map(|field| codes(field, records.len, |code| period(code).unwrap_or_else(|| code.to_owned()), context));
    let key_columns: Vec<&Column> = keys.iter().chain(&periods).map(|interner| &interner.column).collect();
    duplicate_keys(&key_columns, records.len, |record| format!("[{record}]"), context);

    if periods.is_none() {
        context.add(
            Finding::warning(
                "no-time-dimension",
                context.name,
                "the table has no periods: a table of one year states it in its title only",
            )
            .hint("say it in the dataflow's record, for example period = \"2020\""),
        );
    }
    let names = measure_names(&parts.measures);
    let mut table = Unfolding::new(rows);
    for record in 0..records.len {
        for (place, field) in parts.measures.iter().enumerate() {
            if field.cells[record] == Cell::Absent {
                continue;
            }
            let (value, status) = figure(field, record, &rule, context);
            table.push(record, place, value, status);
        }
    }
    let unfold =
        |column: &Column| Column { codes: table.records().map(|record| column.codes[record]).collect(), ..column.clone() };
    let mut dimensions: Vec<Column> = keys.iter().map(|interner| unfold(&interner.column)).collect();
    let measure = Column {
        dictionary: names,
        codes: table.cells.iter().map(|(_, place)| *place).collect(),
        role: Some(Role::Metric),
        ..Column::new("measure")
    };
    dimensions.push(measure);
    let length = table.cells.len();
    Some(RawTable {
        dataflow: (!origin.table.is_empty()).then(|| origin.table.to_lowercase()),
        title: None,
        updated: None,
        dimensions,
        period: periods.map_or_else(
            || constant("period", "", length),
            |periods| Column { id: "period".into(), role: Some(Role::Time), ..unfold(&periods.column) },
        ),
        value: table.value,
        obs_status: table.obs_status.column,
        conf_status: constant("conf_status", "", length),
        positions: Positions::Record {
            names: parts.measures.iter().map(|field| field.name.clone()).collect(),
            cells: table.cells,
        },
    })
}

/// What each member is.
struct Parts<'r> {
    dimensions: Vec<&'r Field>,
    period: Option<&'r Field>,
    measures: Vec<&'r Field>,
    texts: Vec<&'r Field>,
}

fn split<'r>(records: &'r Records, origin: &Origin, rule: &Numbers) -> Parts<'r> {
    let mut parts = Parts { dimensions: Vec::new(), period: None, measures: Vec::new(), texts: Vec::new() };
    let own = |field: &&Field| field.name != "ID" && !field.name.contains("odata.");
    let fields: Vec<&Field> = records.fields.iter().filter(own).collect();
    let untyped = match origin.set.as_str() {
        "UntypedDataSet" => true,
        "TypedDataSet" => false,
        _ => !fields.iter().any(|field| field.has_numbers()),
    };
    for field in fields {
        let texts = field.texts();
        let topic = position_suffix(&field.name).is_some();
        if topic && untyped {
            let is_mark = |text: &str| matches!(read_text(text, rule), Figure::Mark(_) | Figure::Blank);
            let is_figure = |text: &str| matches!(read_text(text, rule), Figure::Number(_));
            let figures = texts.iter().any(|text| is_figure(text)) || texts.iter().all(|text| is_mark(text));
            if figures { &mut parts.measures } else { &mut parts.texts }.push(field);
        } else if field.has_numbers() || texts.is_empty() {
            parts.measures.push(field);
        } else if topic {
            parts.texts.push(field);
        } else {
            parts.dimensions.push(field);
        }
    }
    parts.period = period_field(&parts.dimensions).map(|place| parts.dimensions.remove(place));
    parts
}

/// The code of every record, trimmed.
fn codes(field: &Field, records: usize, code: impl Fn(&str) -> String, context: &mut Context<'_>) -> Interner {
    note_padding(field, context);
    let written: BTreeMap<&str, String> = field.texts().iter().map(|text| (text.as_str(), code(text.trim()))).collect();
    let mut column = Interner::new(field.name.to_lowercase());
    for record in 0..records {
        let Some(text) = field.text(record) else {
            context.group("row-without-key", &field.name, |context| {
                Finding::error(
                    "row-without-key",
                    context.at(format_args!("[{record}].{}", field.name)),
                    "expected a code, found none; the row is kept with an empty one",
                )
                .hint("take the file from the provider itself")
            });
            column.push("");
            continue;
        };
        column.push(&written[text]);
    }
    column
}

/// The topics' names without their positions; where two would be called the same, both keep theirs.
fn measure_names(measures: &[&Field]) -> Vec<String> {
    let stem = |field: &Field| position_suffix(&field.name).unwrap_or(&field.name).to_owned();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for field in measures {
        // The full names count too: a topic may be called as another with its position.
        *counts.entry(stem(field)).or_default() += 1;
        if stem(field) != field.name {
            *counts.entry(field.name.clone()).or_default() += 1;
        }
    }
    measures.iter().map(|field| if counts[&stem(field)] == 1 { stem(field) } else { field.name.clone() }).collect()
}

fn read_text<'t>(text: &'t str, rule: &'t Numbers) -> Figure<'t> {
    let text = text.trim();
    if MARKS.contains(&text) && !rule.marks.contains_key(text) { Figure::Mark(text) } else { number::figure(text, rule) }
}

/// Value and status of a cell.
fn figure<'f>(field: &'f Field, record: usize, rule: &'f Numbers, context: &mut Context<'_>) -> (Option<f64>, &'f str) {
    let text = match field.cells[record] {
        Cell::Number(number) => return (Some(number), ""),
        Cell::Absent | Cell::Null => return (None, ""),
        Cell::Text(_) => field.text(record).unwrap_or_default(),
    };
    match read_text(text, rule) {
        Figure::Number(number) => (Some(number), ""),
        Figure::Mark(mark) => (None, mark),
        Figure::Blank => (None, ""),
        Figure::Unclear => {
            context.group("not-a-number", text, |context| {
                Finding::error(
                    "not-a-number",
                    context.at(format_args!("[{record}].{}", field.name)),
                    format!("expected a number with a decimal point, found {}; the cell is kept without a value", quote(text)),
                )
                .hint("the file was edited, or the source writes numbers otherwise: say how under `numbers` in its record")
            });
            (None, "")
        }
    }
}

/// The rows of the long table, one a stated figure.
struct Unfolding {
    value: Vec<Option<f64>>,
    obs_status: Interner,
    cells: Vec<(u32, u32)>,
}

impl Unfolding {
    fn new(rows: usize) -> Self {
        Self { value: Vec::with_capacity(rows), obs_status: Interner::new("obs_status"), cells: Vec::with_capacity(rows) }
    }

    fn push(&mut self, record: usize, place: usize, value: Option<f64>, status: &str) {
        let number = |number: usize| u32::try_from(number).expect("records and members were counted before");
        self.value.push(value);
        self.obs_status.push(status);
        self.cells.push((number(record), number(place)));
    }

    fn records(&self) -> impl Iterator<Item = usize> {
        self.cells.iter().map(|(record, _)| *record as usize)
    }
}
