//! The page over all publications of a study: state, date, files, and what has changed since the publication before. Composed
//! as a document like any other, so that it has the look, the languages and the accessibility of the reports.
//!
//! The figures of its lines are those of the reports' tables; nothing is computed here.

use baseline_model::definitions::Origin;
use baseline_model::{Grade, ObsStatus, Period};
use baseline_render::document::{Block, Number, Product, Report, Section, Span, Table, TableCell, TableRow, Text};
use serde::{Deserialize, Serialize};

use super::context::Context;
use super::messages::filled;

/// A publication of the study: one product of one place in one language.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Entry {
    /// As typed after `--product`.
    pub product: String,
    /// The territory's id; empty for the whole study.
    pub territory: String,
    pub language: String,
    /// Below the study's folder, with `/`.
    pub folder: String,
    pub state: State,
    /// The day its newest figure was retrieved.
    pub date: String,
    /// Tables of which a newer state is held back until a person has looked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub held: Vec<String>,
    pub files: Vec<Link>,
    /// `None` for what was published for the first time or not changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changes: Option<Changes>,
}

/// What became of it in the last publication of the study.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    New,
    Updated,
    Unchanged,
}

/// A file of a publication.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Below the entry's folder.
    pub path: String,
    pub bytes: usize,
}

/// What differs from the publication before, in figures.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Changes {
    /// Numbers that are others now.
    pub numbers: usize,
    /// That stand where none stood, and the other way round.
    pub appeared: usize,
    pub vanished: usize,
    /// The same numbers with another status or grade.
    pub flags: usize,
    /// The first of all these; figures that a source states before those that were compared.
    pub lines: Vec<Changed>,
}

/// A figure before and after.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Changed {
    pub id: String,
    pub indicator: String,
    pub territory: String,
    pub origin: String,
    pub period: String,
    /// `None`: no number stood there, or none stands there now.
    pub before: Option<Shown>,
    pub after: Option<Shown>,
}

/// A number as a report's table has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Shown {
    pub value: f64,
    pub obs_status: String,
    pub grade: Grade,
}

/// The page in the context's language: its own publications, and the pages (name of the language, file) of the others.
pub fn index_report(context: &Context<'_>, entries: &[Entry], pages: &[(String, String)]) -> Report {
    let own: Vec<&Entry> = entries.iter().filter(|entry| entry.language == context.language.code).collect();
    let mut sections = vec![
        section(context, "reports", vec![Block::Table(reports(context, &own))]),
        section(context, "changes", changes(context, &own)),
    ];
    sections.extend(figures(context, &own).map(|table| section(context, "files", vec![Block::Table(table)])));
    let date = own.iter().map(|entry| entry.date.as_str()).max().unwrap_or_default().to_owned();
    let mut front = Vec::new();
    if !date.is_empty() {
        front.push(Text::plain(context.text("index.date", &[("date", &context.language.date(&date))])));
    }
    let mut languages = vec![Span::Plain(format!("{}: ", context.word("index.languages")))];
    for (index, (name, file)) in pages.iter().enumerate() {
        let link = Span::Link { text: name.clone(), url: format!("./{file}") };
        languages.extend((index > 0).then(|| Span::Plain(" · ".into())).into_iter().chain([link]));
    }
    if !pages.is_empty() {
        front.push(Text(languages));
    }
    let title = context.language.phrase(&context.study.title);
    let report = super::finish(context, Product::Comparison, title, front, sections);
    Report { subtitle: context.word("index.subtitle"), date, ..report }
}

fn section(context: &Context<'_>, id: &str, blocks: Vec<Block>) -> Section {
    Section { id: id.to_owned(), title: context.word(&format!("index.section.{id}")), blocks }
}

/// Whose it is: a territory, or the study.
fn place(context: &Context<'_>, entry: &Entry) -> String {
    if entry.territory.is_empty() { context.word("index.place.study") } else { context.unit_name(&entry.territory) }
}

fn product(context: &Context<'_>, entry: &Entry) -> String {
    context.word(&format!("index.product.{}", entry.product))
}

fn reports(context: &Context<'_>, entries: &[&Entry]) -> Table {
    let row = |entry: &&Entry| {
        let state = context.word(match entry.state {
            State::New => "index.state.new",
            State::Updated => "index.state.updated",
            State::Unchanged => "index.state.unchanged",
        });
        let state = if entry.held.is_empty() {
            state
        } else {
            context.text("index.state.held", &[("state", &state), ("tables", &entry.held.join(", "))])
        };
        let files = entry.files.iter().filter(|file| !file.path.contains('/'));
        TableRow {
            header: Text::plain(place(context, entry)),
            cells: vec![
                TableCell::Text(Text::plain(product(context, entry))),
                TableCell::Text(Text::plain(state)),
                TableCell::Text(Text::plain(context.language.date(&entry.date))),
                TableCell::Text(links(entry, files)),
            ],
            highlight: false,
        }
    };
    let columns = ["column.territory", "index.column.product", "index.column.state", "index.column.date", "index.column.files"];
    Table {
        id: "index-reports".into(),
        caption: context.word("index.caption.reports"),
        columns: columns.map(|key| context.word(key)).into(),
        rows: entries.iter().map(row).collect(),
        ..Table::default()
    }
}

/// The figures as files of their own; `None` when no publication has any.
fn figures(context: &Context<'_>, entries: &[&Entry]) -> Option<Table> {
    let row = |entry: &&Entry| {
        let files: Vec<&Link> = entry.files.iter().filter(|file| file.path.contains('/')).collect();
        (!files.is_empty()).then(|| TableRow {
            header: Text::plain(place(context, entry)),
            cells: vec![TableCell::Text(Text::plain(product(context, entry))), TableCell::Text(links(entry, files.into_iter()))],
            highlight: false,
        })
    };
    let rows: Vec<TableRow> = entries.iter().filter_map(row).collect();
    (!rows.is_empty()).then(|| Table {
        id: "index-files".into(),
        caption: context.word("index.caption.files"),
        columns: ["column.territory", "index.column.product", "index.column.files"].map(|key| context.word(key)).into(),
        rows,
        ..Table::default()
    })
}

/// Each by its name, one behind the other.
fn links<'e>(entry: &Entry, files: impl Iterator<Item = &'e Link>) -> Text {
    let mut spans = Vec::new();
    for file in files {
        if !spans.is_empty() {
            spans.push(Span::Plain(" · ".into()));
        }
        let name = file.path.rsplit('/').next().unwrap_or(&file.path);
        spans.push(Span::Link { text: name.to_owned(), url: format!("./{}/{}", entry.folder, file.path) });
    }
    Text(spans)
}

fn changes(context: &Context<'_>, entries: &[&Entry]) -> Vec<Block> {
    let (mut blocks, mut same_numbers) = (Vec::new(), Vec::new());
    for entry in entries {
        let Some(changes) = &entry.changes else { continue };
        let name = [("place", place(context, entry)), ("product", product(context, entry))];
        let fill = name.each_ref().map(|(key, text)| (*key, text.as_str()));
        let counts = [
            ("index.change.numbers", changes.numbers),
            ("index.change.appeared", changes.appeared),
            ("index.change.vanished", changes.vanished),
            ("index.change.flags", changes.flags),
        ];
        let said = counts.iter().filter(|(_, count)| *count > 0).map(|(key, count)| context.language.count(key, *count, &[]));
        let said: Vec<String> = said.collect();
        if said.is_empty() {
            same_numbers.push(context.text("index.change.of", &fill));
            continue;
        }
        blocks.push(Block::Heading(context.text("index.change.of", &fill)));
        blocks.push(Block::Paragraph(Text::plain(said.join(" "))));
        blocks.push(Block::List(changes.lines.iter().map(|line| changed(context, line)).collect()));
    }
    if !same_numbers.is_empty() {
        let names = same_numbers.join("; ");
        blocks.push(Block::Paragraph(Text::plain(context.text("index.change.words", &[("publications", &names)]))));
    }
    if blocks.is_empty() {
        let all_new = entries.iter().all(|entry| entry.state == State::New);
        let key = if all_new { "index.change.first" } else { "index.change.none" };
        blocks.push(Block::Paragraph(Text::plain(context.word(key))));
    }
    blocks
}

fn changed(context: &Context<'_>, line: &Changed) -> Text {
    let indicator = context.indicator(&line.indicator);
    let figure = indicator
        .map_or_else(|| line.indicator.clone(), |indicator| context.headed(&context.indicator_name(indicator), indicator.1.unit));
    let origin = Origin::ALL.into_iter().find(|origin| origin.code() == line.origin);
    let period = Period::parse(&line.period).map_or_else(|| line.period.clone(), |period| context.period(period));
    let number = |shown: &Option<Shown>| match shown {
        None => Span::Plain(context.word("missing.absent")),
        Some(shown) => Span::Number(Number {
            id: line.id.clone(),
            text: context.language.number(shown.value, usize::from(indicator.map_or(2, |(_, record)| record.decimals))),
            value: Some(shown.value),
            missing: None,
            grade: shown.grade,
            flags: ObsStatus::new(&shown.obs_status),
            carried_years: 0,
            carried: String::new(),
        }),
    };
    let fill = [
        ("figure", Span::Plain(figure)),
        ("place", Span::Plain(context.unit_name(&line.territory))),
        ("group", Span::Plain(origin.map_or_else(|| line.origin.clone(), |origin| context.origin(origin)))),
        ("period", Span::Plain(period)),
        ("before", number(&line.before)),
        ("after", number(&line.after)),
    ];
    filled(context, "index.change.line", &fill)
}
