//! The report as the template sees it: plain values, every text printable, every table measured.
//!
//! Data tables and long descriptions of figures stand in an annex, so that the chapters can be read; pages are turned
//! by a quarter for runs of tables that need it (`turn`).

use std::collections::{BTreeMap, BTreeSet};

use baseline_model::Grade;
use baseline_model::language::Language;

use super::glyphs::{picture, printable};
use super::page::{Attachment, Column, Data, FigureView, Node, Page, PictureView, Row, SpanView, TableView};
use super::table::{ACROSS, Layout, Measure, UPRIGHT, layout};
use super::turn::turned;
use crate::chart::{self, Sheet, palette};
use crate::document::{Block, Figure, Number, Product, Programme, Report, Span, Table, TableCell, TableRow, Text};
use crate::text::{self, Cut};
use crate::{RenderError, RenderedFile, Setting, words};

/// The highest picture that leaves room for its caption and note; points.
const TALLEST: f64 = 520.0;
/// The same in a publication of two pages.
const SHORT: f64 = 390.0;
/// A block of more letters than this may be divided between pages.
const LONG: usize = 1500;
/// A table that is estimated lower than this is not divided; points.
const LOW: f64 = 260.0;
/// A row that is estimated higher than this may be divided.
const HIGH: f64 = 300.0;

/// What the template gets.
pub(super) struct View {
    pub page: Page,
    /// SVG by the path that [`FigureView::picture`] names.
    pub pictures: Vec<(String, String)>,
}

/// Where an attached file lies for the template.
pub(super) fn attached(index: usize) -> String {
    format!("attached/{index}")
}

/// The whole report.
///
/// # Errors
/// [`RenderError::NotFinite`] and [`RenderError::Drawing`] of a figure.
pub(super) fn page(report: &Report, setting: &Setting<'_>) -> Result<View, RenderError> {
    let &Setting { language, attachments, workbook, .. } = setting;
    let attached = attachments.iter().any(|file| file.path == "observations.csv");
    let short = report.product == Product::Factsheet;
    let mut maker = Maker {
        language,
        anchors: anchors(report),
        measure: Measure::default(),
        pictures: Vec::new(),
        annex: Vec::new(),
        attached,
        workbook,
        short,
    };
    let mut nodes = Vec::new();
    for section in &report.sections {
        let text = worded(&section.title, &section.id);
        nodes.push(Node::Heading { level: 1, anchor: section.id.clone(), text });
        for block in &section.blocks {
            nodes.extend(maker.node(block)?);
        }
    }
    if !maker.annex.is_empty() {
        nodes.push(Node::Heading { level: 1, anchor: String::new(), text: printed(language, "render.pdf_annex") });
        nodes.push(Node::Paragraph { text: vec![SpanView::Plain { s: printed(language, "render.pdf_annex_lead") }] });
        nodes.extend(std::mem::take(&mut maker.annex).into_iter().map(|data| Node::Data(Box::new(data))));
    }
    let programme = &report.programme;
    let nonempty = |texts: &[&String]| -> Vec<String> {
        texts.iter().filter(|text| !text.trim().is_empty()).map(|text| printable(text)).collect()
    };
    let (lang, region) = locale(&report.language);
    let title = worded(&report.title, &report.subtitle);
    let page = Page {
        lang,
        region,
        running: text::shorten(&title, 8.0, Cut::Regular, 330.0),
        title,
        subtitle: printable(&report.subtitle),
        date: printable(&language.date(&report.date)),
        author: nonempty(&[if programme.project.is_empty() { &programme.name } else { &programme.project }]),
        keywords: nonempty(&[&report.subtitle, &programme.name, &programme.project]),
        programme: BTreeMap::from([
            ("name", printable(&programme.name)),
            ("project", printable(&programme.project)),
            ("period", printable(&programme.period)),
            ("url", link(&programme.url).unwrap_or_default()),
            ("funding", printable(&programme.funding)),
            ("disclaimer", printable(&programme.disclaimer)),
        ]),
        front: report.front.iter().filter(|line| !said(programme, line)).map(|line| maker.spans(line, 10.5, UPRIGHT)).collect(),
        short,
        marks: marks(report, language),
        nodes: turned(nodes),
        attachments: attachments.iter().enumerate().map(|(index, file)| attachment(index, file, language)).collect(),
        words: WORDS.iter().map(|(name, key)| (*name, printed(language, key))).collect(),
        ink: BTreeMap::from(
            [
                ("text", palette::TEXT),
                ("muted", palette::MUTED),
                ("rule", palette::GRID),
                ("line", palette::BAR),
                ("band", palette::BAND),
                ("accent", palette::FIRST),
                ("mark", palette::SECOND_TEXT),
            ]
            .map(|(name, ink)| (name, palette::hex(ink.light))),
        ),
    };
    Ok(View { page, pictures: maker.pictures })
}

/// The template's own words. Placeholders that only the layout can fill (page numbers) stay in them.
const WORDS: &[(&str, &str)] = &[
    ("attached", "render.pdf_attached"),
    ("attached_lead", "render.pdf_attached_lead"),
    ("contents", "render.contents"),
    ("data", "render.pdf_data"),
    ("data_at", "render.pdf_data_at"),
    ("date", "render.pdf_date"),
    ("emblem", "render.pdf_emblem"),
    ("emblem_alt", "render.pdf_emblem_alt"),
    ("marks", "render.pdf_marks"),
    ("marks_lead", "render.pdf_marks_lead"),
    ("page", "render.page"),
    ("period", "render.pdf_period"),
    ("programme", "render.pdf_programme"),
    ("project", "render.pdf_project"),
];

struct Maker<'a> {
    language: &'a Language,
    anchors: BTreeSet<String>,
    measure: Measure,
    pictures: Vec<(String, String)>,
    annex: Vec<Data>,
    /// The figures are inside the file.
    attached: bool,
    /// There is a workbook beside the file.
    workbook: bool,
    /// Two pages: no data of figures, and these as high as the page allows.
    short: bool,
}

impl Maker<'_> {
    fn node(&mut self, block: &Block) -> Result<Option<Node>, RenderError> {
        Ok(Some(match block {
            Block::Heading(text) if text.trim().is_empty() => return Ok(None),
            Block::Heading(text) => Node::Heading { level: 2, anchor: String::new(), text: self.whole(text, 13.0, UPRIGHT) },
            Block::Paragraph(text) => Node::Paragraph { text: self.spans(text, 10.0, UPRIGHT) },
            Block::List(items) => Node::List { items: items.iter().map(|item| self.spans(item, 10.0, UPRIGHT - 14.0)).collect() },
            Block::Note { title, body } => Node::Note {
                title: self.whole(title, 10.0, UPRIGHT - 24.0),
                together: body.iter().map(|text| letters(&text.to_plain())).sum::<usize>() < LONG,
                body: body.iter().map(|text| self.spans(text, 10.0, UPRIGHT - 24.0)).collect(),
            },
            Block::Figure(figure) => Node::Figure(Box::new(self.figure(figure)?)),
            Block::Table(table) if table.reference && self.workbook => {
                let place = Text::plain(in_workbook(self.language, &table.label));
                let left = Table { rows: Vec::new(), columns: Vec::new(), notes: vec![place], ..table.clone() };
                Node::Table(Box::new(self.table(&left)))
            }
            Block::Table(table) => Node::Table(Box::new(self.table(table))),
        }))
    }

    fn figure(&mut self, figure: &Figure) -> Result<FigureView, RenderError> {
        let tallest = if self.short { SHORT } else { TALLEST };
        let drawings = chart::parts(figure, self.language, Sheet::PRINT, tallest * Sheet::PRINT.width / UPRIGHT)?;
        // With the figures inside the file the pages are for reading.
        let mut data = (!self.attached).then(|| self.data(figure));
        if data.is_some()
            && !data
                .as_ref()
                .and_then(|data| data.table.as_ref())
                .is_none_or(|table| table.together && !table.wide && !table.twin)
        {
            self.annex.extend(data.take());
        }
        let length: usize =
            [&figure.title, &figure.subtitle, &figure.note, &figure.source].into_iter().map(|text| letters(text)).sum();
        let alt = if figure.alt.trim().is_empty() { &figure.title } else { &figure.alt };
        // Without the data under it the description is nowhere else.
        let alt = if self.attached { format!("{alt} {}", figure.long_description) } else { alt.clone() };
        let place = if self.workbook { in_workbook(self.language, &figure.label) } else { String::new() };
        let count = drawings.len();
        let mut pictures = Vec::new();
        for (index, drawing) in drawings.into_iter().enumerate() {
            let path = format!("figures/{}.svg", self.pictures.len());
            let width = UPRIGHT.min(tallest * drawing.width / drawing.height.max(1.0));
            let alt = if index == 0 { &alt } else { &figure.alt };
            self.pictures.push((path.clone(), picture(drawing.svg)));
            pictures.push(PictureView { path, alt: worded(alt.trim(), &figure.id), width });
        }
        Ok(FigureView {
            anchor: figure.id.clone(),
            label: printable(&figure.label),
            title: self.whole(&worded(&figure.title, &figure.id), 11.0, UPRIGHT),
            subtitle: self.whole(&figure.subtitle, 9.5, UPRIGHT),
            note: self.labelled("render.figure_note", &figure.note),
            source: self.labelled("render.figure_source", &figure.source),
            pictures,
            data_at: if self.attached { String::new() } else { data_anchor(figure) },
            data_note: if self.attached { printable(&place) } else { String::new() },
            data,
            together: length < LONG && count < 2,
        })
    }

    fn data(&mut self, figure: &Figure) -> Data {
        let table = (!figure.data.columns.is_empty()).then(|| {
            let mut view = self.table(&figure.data);
            // What stands with the figure already.
            view.anchor.clear();
            view.label.clear();
            view.caption = self.whole(&figure.subtitle, 9.5, UPRIGHT);
            if figure.data.source == figure.source {
                view.source.clear();
            }
            view
        });
        Data {
            anchor: data_anchor(figure),
            label: printable(&figure.label),
            title: self.whole(&worded(&figure.title, &figure.id), 10.0, UPRIGHT),
            description: self.whole(&figure.long_description, 9.0, UPRIGHT),
            table,
        }
    }

    fn table(&mut self, table: &Table) -> TableView {
        let form = layout(table, &mut self.measure);
        let columns = form
            .widths
            .iter()
            .enumerate()
            .map(|(index, width)| Column {
                name: table.columns.get(index).map_or_else(String::new, |name| self.whole(name, form.size, form.room(index))),
                width: *width,
                align: aligned(table, index),
            })
            .collect();
        let rows = table.rows.iter().enumerate().map(|(index, row)| self.row(row, index, &form)).collect();
        let full = if form.wide { ACROSS } else { UPRIGHT };
        TableView {
            anchor: table.id.clone(),
            label: printable(&table.label),
            caption: self.whole(&table.caption, 10.0, full),
            columns,
            rows,
            notes: table.notes.iter().map(|note| self.spans(note, 8.5, full)).collect(),
            source: self.labelled("render.figure_source", &table.source),
            size: form.size,
            twin: form.twin,
            together: form.heights.iter().sum::<f64>() < LOW
                && table.notes.iter().map(|note| letters(&note.to_plain())).sum::<usize>() < LONG,
            wide: form.wide,
        }
    }

    fn row(&mut self, row: &TableRow, index: usize, form: &Layout) -> Row {
        let mut cells = vec![self.spans(&row.header, form.size, form.room(0))];
        for column in 1..form.widths.len() {
            let room = form.room(column);
            cells.push(match row.cells.get(column - 1) {
                None | Some(TableCell::Empty) => Vec::new(),
                Some(TableCell::Text(text)) => self.spans(text, form.size, room),
                Some(TableCell::Number(number)) => vec![self.number(number, form.size, room)],
                Some(TableCell::Letter { letter, grade, .. }) => {
                    let letter = self.whole(letter, form.size, room);
                    // A borrowed value's letter has the colour of all marks; an own one has none.
                    match grade {
                        Some(grade) if *grade != Grade::A => vec![SpanView::Number { s: String::new(), m: letter, x: false }],
                        _ => vec![SpanView::Plain { s: letter }],
                    }
                }
            });
        }
        let whole = form.heights.get(index).is_none_or(|height| *height < HIGH);
        Row { cells, ours: row.highlight, whole }
    }

    fn spans(&mut self, text: &Text, size: f64, room: f64) -> Vec<SpanView> {
        text.0
            .iter()
            .filter_map(|span| {
                Some(match span {
                    Span::Plain(text) if text.is_empty() => return None,
                    Span::Strong(text) => SpanView::Strong { s: self.whole(text, size, room) },
                    Span::Number(number) => self.number(number, size, room),
                    Span::Link { text, url } => match link(url) {
                        Some(url) => SpanView::Link { s: self.whole(text, size, room), url },
                        None => SpanView::Plain { s: self.whole(&format!("{text} ({url})"), size, room) },
                    },
                    Span::Reference { text, anchor } if self.anchors.contains(anchor) => {
                        SpanView::Reference { s: self.whole(text, size, room), to: anchor.clone() }
                    }
                    Span::Plain(text) | Span::Reference { text, .. } => SpanView::Plain { s: self.whole(text, size, room) },
                })
            })
            .collect()
    }

    fn number(&mut self, number: &Number, size: f64, room: f64) -> SpanView {
        let bound = number.value.is_some() && letters(&number.text) < 40;
        let text = if bound { printable(&number.text) } else { self.whole(&number.text, size, room) };
        // A box cannot be divided: a number that is longer than any is set as text.
        SpanView::Number { s: text, m: tied(&number.marks()), x: !bound }
    }

    /// Printable, and with places to break where a word is wider than the room.
    fn whole(&mut self, text: &str, size: f64, room: f64) -> String {
        self.measure.broken(&printable(text), size, room)
    }

    fn labelled(&mut self, key: &str, text: &str) -> String {
        if text.is_empty() { String::new() } else { self.whole(&self.language.text(key, &[("text", text)]), 8.5, UPRIGHT) }
    }
}

/// A word of ours; that of a language which lacks it is its key in brackets, of which the fonts have no picture.
fn printed(language: &Language, key: &str) -> String {
    printable(&language.text(key, &[]))
}

/// Marks as they stand in a box, which needs no spaces that hold: readers of structure stumble over these.
fn tied(marks: &str) -> String {
    printable(marks.trim_start_matches('\u{a0}')).replace('\u{a0}', " ")
}

/// A heading, a title or an alternative text must not be empty.
fn worded(text: &str, instead: &str) -> String {
    let text = printable(text);
    if !text.trim().is_empty() {
        return text;
    }
    let instead = printable(instead);
    if instead.trim().is_empty() { "–".into() } else { instead }
}

/// Whether a line of the front says what the programme block below it says.
fn said(programme: &Programme, line: &Text) -> bool {
    let line = line.to_plain();
    let has = |text: &str| !text.is_empty() && line.contains(text);
    has(&programme.disclaimer) || has(&programme.funding) || (has(&programme.name) && has(&programme.project))
}

/// What a reference may lead to.
fn anchors(report: &Report) -> BTreeSet<String> {
    let mut anchors = BTreeSet::new();
    for section in &report.sections {
        anchors.insert(section.id.clone());
        for block in &section.blocks {
            match block {
                Block::Figure(figure) => anchors.insert(figure.id.clone()),
                Block::Table(table) => anchors.insert(table.id.clone()),
                Block::Heading(_) | Block::Paragraph(_) | Block::List(_) | Block::Note { .. } => false,
            };
        }
    }
    anchors
}

/// Where a table stands that is not printed.
/// Letters of any alphabet count one each.
fn letters(text: &str) -> usize {
    text.chars().count()
}

fn in_workbook(language: &Language, sheet: &str) -> String {
    language.text("render.in_workbook", &[("sheet", sheet)])
}

/// No anchor of a report has a colon.
fn data_anchor(figure: &Figure) -> String {
    format!("data:{}", figure.id)
}

/// Only what a reader may open: a `javascript:` address stays text.
fn link(url: &str) -> Option<String> {
    let opens = ["https://", "http://", "mailto:"].iter().any(|scheme| url.starts_with(scheme));
    (opens && url.chars().all(|character| !character.is_control() && !character.is_whitespace())).then(|| url.to_owned())
}

fn aligned(table: &Table, index: usize) -> &'static str {
    let any =
        |wanted: fn(&TableCell) -> bool| index > 0 && table.rows.iter().any(|row| row.cells.get(index - 1).is_some_and(wanted));
    if any(|cell| matches!(cell, TableCell::Number(_))) {
        "right"
    } else if any(|cell| matches!(cell, TableCell::Letter { .. })) {
        "center"
    } else {
        "left"
    }
}

/// `pl`, `pt-BR`: language and region; English for what is neither.
fn locale(language: &str) -> (String, Option<String>) {
    let mut parts = language.split('-');
    let letters =
        |part: &str, most: usize| (2..=most).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphabetic());
    match parts.next() {
        Some(lang) if letters(lang, 3) => {
            (lang.to_ascii_lowercase(), parts.next().filter(|region| letters(region, 2)).map(str::to_ascii_uppercase))
        }
        _ => ("en".into(), None),
    }
}

/// Every mark that stands behind a number of the report, flags before grades, each once.
fn marks(report: &Report, language: &Language) -> Vec<(String, String)> {
    let (mut flags, mut grades, mut years) = (BTreeSet::new(), BTreeSet::new(), BTreeMap::new());
    let mut add = |number: &Number| {
        flags.extend(number.flags.letters());
        if number.grade != Grade::A {
            grades.insert(number.grade);
        }
        if number.carried_years > 0 {
            years.insert(number.carried_years, number.carried.clone());
        }
    };
    let mut texts: Vec<&Text> = report.front.iter().collect();
    let mut tables: Vec<&Table> = Vec::new();
    for block in report.sections.iter().flat_map(|section| &section.blocks) {
        match block {
            Block::Heading(_) => {}
            Block::Paragraph(text) => texts.push(text),
            Block::List(items) => texts.extend(items),
            Block::Note { body, .. } => texts.extend(body),
            Block::Figure(figure) => tables.push(&figure.data),
            Block::Table(table) => tables.push(table),
        }
    }
    for row in tables.iter().flat_map(|table| &table.rows) {
        texts.push(&row.header);
        for cell in &row.cells {
            match cell {
                TableCell::Empty | TableCell::Letter { .. } => {}
                TableCell::Text(text) => texts.push(text),
                TableCell::Number(number) => add(number),
            }
        }
    }
    texts.extend(tables.iter().flat_map(|table| &table.notes));
    for span in texts.iter().flat_map(|text| &text.0) {
        if let Span::Number(number) = span {
            add(number);
        }
    }
    let mut marks = Vec::new();
    marks.extend(grades.into_iter().map(|grade| (format!("({grade})"), printable(&words::grade(language, grade)))));
    marks.extend(flags.into_iter().map(|letter| (printable(&format!("[{letter}]")), printable(&words::flag(language, letter)))));
    marks.extend(years.into_iter().map(|(years, mark)| {
        (tied(&format!("({mark})")), printable(&language.text("render.number_carried", &[("years", &years.to_string())])))
    }));
    marks
}

fn attachment(index: usize, file: &RenderedFile, language: &Language) -> Attachment {
    let name = file.path.rsplit('/').next().unwrap_or(&file.path);
    let (relationship, key) = match name {
        "observations.csv" => ("data", "render.pdf_attached_observations"),
        "provenance.json" => ("source", "render.pdf_attached_provenance"),
        "lock.json" => ("source", "render.pdf_attached_lock"),
        _ => ("supplement", "render.pdf_attached_other"),
    };
    let mime = match name.rsplit('.').next() {
        Some("csv") => "text/csv",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("txt" | "md") => "text/plain",
        _ => "application/octet-stream",
    };
    Attachment { name: name.to_owned(), path: attached(index), mime, relationship, description: printed(language, key) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &str, expected: (&str, Option<&str>)) {
        let (lang, region) = locale(input);
        assert_eq!((lang.as_str(), region.as_deref()), expected, "{input}");
    }

    #[test]
    fn locales() {
        check("en", ("en", None));
        check("pt-BR", ("pt", Some("BR")));
        check("", ("en", None));
        check("<b>", ("en", None));
        check("el-Grek", ("el", None));
    }

    #[test]
    fn only_real_addresses_are_links() {
        assert!(link("https://example.org/a").is_some());
        assert!(link("javascript:alert(1)").is_none());
        assert!(link("https://example.org/a b").is_none());
    }
}
