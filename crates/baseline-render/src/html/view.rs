//! The document as the template sees it: plain values, texts already escaped where they hold markup.

use std::collections::{BTreeMap, BTreeSet};

use baseline_model::Grade;
use baseline_model::language::Language;
use minijinja::Value;
use serde::Serialize;

use super::inline::{number_html, spans};
use crate::RenderError;
use crate::chart::{self, Sheet};
use crate::document::{Block, Figure, Number, Programme, Report, Section, Span, Table, TableCell, TableRow, Text};
use crate::text::escape;

#[derive(Serialize)]
pub(super) struct SectionView {
    id: String,
    title: String,
    blocks: Vec<BlockView>,
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum BlockView {
    Heading { text: String },
    Paragraph { text: Value },
    List { items: Vec<Value> },
    Note { title: String, body: Vec<Value> },
    Table { table: TableView },
    Figure { figure: Box<FigureView> },
}

#[derive(Serialize)]
struct FigureView {
    id: String,
    label: String,
    title: String,
    subtitle: String,
    wide: Value,
    narrow: Value,
    note: String,
    source: String,
    long_description: String,
    data: TableView,
}

#[derive(Serialize)]
struct TableView {
    id: String,
    label: String,
    caption: String,
    columns: Vec<ColumnView>,
    rows: Vec<RowView>,
    notes: Vec<Value>,
    source: String,
    /// Has so many columns that it is printed across the sheet.
    broad: bool,
}

#[derive(Serialize)]
struct ColumnView {
    name: String,
    numeric: bool,
    /// Its values are of one kind, so that their order says something.
    sortable: bool,
}

#[derive(Serialize)]
struct RowView {
    header: Value,
    cells: Vec<CellView>,
    highlight: bool,
}

#[derive(Serialize)]
struct CellView {
    html: Value,
    class: &'static str,
    /// The unrounded value, empty when missing; `None` sorts by text.
    sort: Option<String>,
}

/// A numbered figure or table of the contents.
#[derive(Serialize)]
pub(super) struct ListedView {
    id: String,
    label: String,
    title: String,
}

/// A territory, country or mean that can be highlighted: the second part of its figure ids, and its name.
#[derive(Serialize)]
pub(super) struct UnitView {
    code: String,
    name: String,
}

#[derive(Serialize)]
pub(super) struct ProgrammeView {
    name: String,
    /// The project, as a link where its address is one.
    project: Value,
    period: String,
    funding: String,
    disclaimer: String,
}

/// A table from this number of columns on is printed across.
const BROAD: usize = 10;

pub(super) fn safe(html: String) -> Value {
    Value::from_safe_string(html)
}

pub(super) fn section_view(section: &Section, language: &Language) -> Result<SectionView, RenderError> {
    let blocks = section.blocks.iter().map(|block| block_view(block, language)).collect::<Result<_, _>>()?;
    Ok(SectionView { id: section.id.clone(), title: section.title.clone(), blocks })
}

pub(super) fn programme_view(programme: &Programme, language: &Language) -> ProgrammeView {
    let project = if programme.url.is_empty() {
        Text::plain(programme.project.as_str())
    } else {
        let text = if programme.project.is_empty() { programme.url.clone() } else { programme.project.clone() };
        Text(vec![Span::Link { text, url: programme.url.clone() }])
    };
    ProgrammeView {
        name: programme.name.clone(),
        project: safe(spans(&project, language)),
        period: programme.period.clone(),
        funding: programme.funding.clone(),
        disclaimer: programme.disclaimer.clone(),
    }
}

/// Figures and tables with a number, in reading order.
pub(super) fn listed(report: &Report) -> Vec<ListedView> {
    let mut listed = Vec::new();
    for block in report.sections.iter().flat_map(|section| &section.blocks) {
        match block {
            Block::Figure(figure) if !figure.label.is_empty() => {
                listed.push(ListedView { id: figure.id.clone(), label: figure.label.clone(), title: figure.title.clone() });
            }
            Block::Table(table) if !table.label.is_empty() => {
                listed.push(ListedView { id: table.id.clone(), label: table.label.clone(), title: table.caption.clone() });
            }
            Block::Figure(_)
            | Block::Table(_)
            | Block::Heading(_)
            | Block::Paragraph(_)
            | Block::List(_)
            | Block::Note { .. } => {}
        }
    }
    listed
}

/// What can be highlighted, by name. The report has no list of territories; their names are the headers of rows, or
/// of columns, whose numbers are all of one territory, in tables where these differ.
pub(super) fn units(report: &Report) -> Vec<UnitView> {
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    for block in report.sections.iter().flat_map(|section| &section.blocks) {
        let table = match block {
            Block::Table(table) => table,
            Block::Figure(figure) => &figure.data,
            Block::Heading(_) | Block::Paragraph(_) | Block::List(_) | Block::Note { .. } => continue,
        };
        let rows = table.rows.iter().map(|row| (row.header.to_plain(), row.cells.iter().filter_map(number).collect()));
        let columns = table.columns.iter().enumerate().skip(1).map(|(index, name)| {
            (name.clone(), table.rows.iter().filter_map(|row| row.cells.get(index - 1).and_then(number)).collect())
        });
        for (unit, name) in named(rows).into_iter().chain(named(columns)) {
            names.entry(unit).or_insert(name);
        }
    }
    let mut units: Vec<UnitView> = names.into_iter().map(|(code, name)| UnitView { code, name }).collect();
    units.sort_by(|a, b| (a.name.to_lowercase(), &a.code).cmp(&(b.name.to_lowercase(), &b.code)));
    units
}

/// Unit and name of each line of a table whose numbers are of one unit, when lines differ in it and no name stands for two.
fn named<'a>(lines: impl Iterator<Item = (String, Vec<&'a Number>)>) -> BTreeMap<String, String> {
    let mut by_unit: BTreeMap<String, String> = BTreeMap::new();
    for (header, numbers) in lines {
        let units: BTreeSet<&str> = numbers.iter().filter_map(|number| number.id.split('.').nth(1)).collect();
        let name = header.replace('\u{ad}', "").trim_start_matches(['▸', ' ', '\u{a0}']).trim().to_owned();
        let mut units = units.into_iter();
        let (Some(unit), None) = (units.next(), units.next()) else { continue };
        if name.is_empty() || by_unit.insert(unit.to_owned(), name.clone()).is_some_and(|other| other != name) {
            return BTreeMap::new();
        }
    }
    let distinct: BTreeSet<&String> = by_unit.values().collect();
    if by_unit.len() < 2 || distinct.len() < by_unit.len() { BTreeMap::new() } else { by_unit }
}

fn number(cell: &TableCell) -> Option<&Number> {
    match cell {
        TableCell::Number(number) => Some(number),
        TableCell::Empty | TableCell::Text(_) | TableCell::Letter { .. } => None,
    }
}

/// A text with a number inside has no order of its own.
fn has_number_in_text(row: &TableRow, column: usize) -> bool {
    match column.checked_sub(1).and_then(|index| row.cells.get(index)) {
        Some(TableCell::Text(text)) => text.0.iter().any(|span| matches!(span, Span::Number(_))),
        Some(TableCell::Empty | TableCell::Number(_) | TableCell::Letter { .. }) | None => false,
    }
}

fn block_view(block: &Block, language: &Language) -> Result<BlockView, RenderError> {
    let all = |texts: &[Text]| texts.iter().map(|text| safe(spans(text, language))).collect();
    Ok(match block {
        Block::Heading(text) => BlockView::Heading { text: text.clone() },
        Block::Paragraph(text) => BlockView::Paragraph { text: safe(spans(text, language)) },
        Block::List(items) => BlockView::List { items: all(items) },
        Block::Note { title, body } => BlockView::Note { title: title.clone(), body: all(body) },
        Block::Table(table) => BlockView::Table { table: table_view(table, language) },
        Block::Figure(figure) => BlockView::Figure { figure: Box::new(figure_view(figure, language)?) },
    })
}

fn figure_view(figure: &Figure, language: &Language) -> Result<FigureView, RenderError> {
    let mut data = table_view(&figure.data, language);
    data.id = format!("{}-data", figure.id);
    // It stands under the figure already.
    if figure.data.source == figure.source {
        data.source.clear();
    }
    if data.caption.is_empty() {
        data.caption.clone_from(&figure.subtitle);
    }
    let labelled = |key: &str, text: &str| if text.is_empty() { String::new() } else { language.text(key, &[("text", text)]) };
    Ok(FigureView {
        id: figure.id.clone(),
        label: figure.label.clone(),
        title: figure.title.clone(),
        subtitle: figure.subtitle.clone(),
        wide: safe(chart::draw(figure, language, Sheet::WIDE)?.svg),
        narrow: safe(chart::draw(figure, language, Sheet::NARROW)?.svg),
        note: labelled("render.figure_note", &figure.note),
        source: labelled("render.figure_source", &figure.source),
        long_description: figure.long_description.clone(),
        data,
    })
}

fn table_view(table: &Table, language: &Language) -> TableView {
    let column = |index: usize| table.rows.iter().filter_map(move |row| row.cells.get(index.checked_sub(1)?).and_then(number));
    TableView {
        id: table.id.clone(),
        label: table.label.clone(),
        caption: table.caption.clone(),
        columns: table
            .columns
            .iter()
            .enumerate()
            .map(|(index, name)| {
                let kinds: BTreeSet<_> = column(index).map(|number| number.id.split('.').next()).collect();
                let enough = if kinds.is_empty() { table.rows.len() } else { column(index).count() } > 2;
                let sortable = kinds.len() < 2 && enough && !table.rows.iter().any(|row| has_number_in_text(row, index));
                ColumnView { name: name.clone(), numeric: !kinds.is_empty(), sortable }
            })
            .collect(),
        rows: table.rows.iter().map(|row| row_view(row, language)).collect(),
        notes: table.notes.iter().map(|note| safe(spans(note, language))).collect(),
        source: if table.source.is_empty() {
            String::new()
        } else {
            language.text("render.figure_source", &[("text", &table.source)])
        },
        broad: table.columns.len() >= BROAD,
    }
}

fn row_view(row: &TableRow, language: &Language) -> RowView {
    let cells = row
        .cells
        .iter()
        .map(|cell| match cell {
            TableCell::Empty => CellView { html: safe(String::new()), class: "", sort: Some(String::new()) },
            TableCell::Text(text) => CellView { html: safe(spans(text, language)), class: "", sort: None },
            TableCell::Number(number) => CellView {
                html: safe(number_html(number, language)),
                class: "n",
                sort: Some(number.value.map_or_else(String::new, |value| value.to_string())),
            },
            TableCell::Letter { letter, title, grade } => {
                let class = if grade.is_some_and(|grade| grade != Grade::A) { " class=\"grade\"" } else { "" };
                let html = format!("<abbr{class} title=\"{}\">{}</abbr>", escape(title), escape(letter));
                CellView { html: safe(html), class: "letter", sort: None }
            }
        })
        .collect();
    RowView { header: safe(spans(&row.header, language)), cells, highlight: row.highlight }
}
