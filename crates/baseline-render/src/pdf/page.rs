//! What the template reads: the values of `report.json`. Only their shapes; `view` fills them, every text printable.

use std::collections::BTreeMap;

use serde::Serialize;

#[derive(Serialize)]
pub(super) struct Page {
    /// A few pages without cover and contents.
    pub short: bool,
    pub lang: String,
    pub region: Option<String>,
    pub title: String,
    /// Short enough for one line at the top of a page.
    pub running: String,
    pub subtitle: String,
    pub date: String,
    pub author: Vec<String>,
    pub keywords: Vec<String>,
    pub programme: BTreeMap<&'static str, String>,
    pub front: Vec<Vec<SpanView>>,
    /// The marks that occur behind figures, with their meaning.
    pub marks: Vec<(String, String)>,
    pub nodes: Vec<Node>,
    pub attachments: Vec<Attachment>,
    pub words: BTreeMap<&'static str, String>,
    pub ink: BTreeMap<&'static str, String>,
}

#[derive(Serialize)]
#[serde(tag = "k")]
pub(super) enum SpanView {
    #[serde(rename = "t")]
    Plain { s: String },
    #[serde(rename = "b")]
    Strong { s: String },
    /// Number and marks; `x` when it is the word for a missing one.
    #[serde(rename = "n")]
    Number { s: String, m: String, x: bool },
    #[serde(rename = "l")]
    Link { s: String, url: String },
    #[serde(rename = "r")]
    Reference { s: String, to: String },
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub(super) enum Node {
    Heading {
        level: u8,
        /// Empty without one.
        anchor: String,
        text: String,
    },
    Paragraph {
        text: Vec<SpanView>,
    },
    List {
        items: Vec<Vec<SpanView>>,
    },
    Note {
        title: String,
        body: Vec<Vec<SpanView>>,
        together: bool,
    },
    Figure(Box<FigureView>),
    Table(Box<TableView>),
    /// What is known of a figure beside its picture.
    Data(Box<Data>),
    /// On pages turned by a quarter.
    Wide {
        nodes: Vec<Node>,
    },
}

#[derive(Serialize)]
pub(super) struct Data {
    pub anchor: String,
    pub label: String,
    pub title: String,
    pub description: String,
    pub table: Option<TableView>,
}

/// A picture in the file, or a part of one.
#[derive(Debug, Serialize)]
pub struct PictureView {
    pub path: String,
    pub alt: String,
    /// Points.
    pub width: f64,
}

#[derive(Serialize)]
pub(super) struct FigureView {
    pub anchor: String,
    pub label: String,
    pub title: String,
    pub subtitle: String,
    pub note: String,
    pub source: String,
    /// From the top; more than one of a figure that is too high for a page.
    pub pictures: Vec<PictureView>,
    /// Under the picture when it is short, else the anchor of its place in the annex.
    pub data: Option<Data>,
    pub data_at: String,
    /// Or where they stand outside the pages.
    pub data_note: String,
    pub together: bool,
}

#[derive(Serialize)]
pub(super) struct TableView {
    pub anchor: String,
    pub label: String,
    pub caption: String,
    pub columns: Vec<Column>,
    pub rows: Vec<Row>,
    pub notes: Vec<Vec<SpanView>>,
    pub source: String,
    pub size: f64,
    pub twin: bool,
    pub together: bool,
    #[serde(skip)]
    pub wide: bool,
}

#[derive(Serialize)]
pub(super) struct Column {
    pub name: String,
    pub width: f64,
    pub align: &'static str,
}

#[derive(Serialize)]
pub(super) struct Row {
    pub cells: Vec<Vec<SpanView>>,
    pub ours: bool,
    /// Not divided between pages.
    pub whole: bool,
}

#[derive(Serialize)]
pub(super) struct Attachment {
    pub name: String,
    pub path: String,
    pub mime: &'static str,
    pub relationship: &'static str,
    pub description: String,
}
