//! The report as one HTML file: fonts, style, script, charts and provenance inside; no request leaves it.
//!
//! Layout lives in `templates/report.html`, which a user may replace; [`view`] turns the document into what it prints,
//! [`inline`] escapes every text, [`style`] writes the policy that forbids everything from outside. Figures are set
//! twice, for wide and narrow screens; the style sheet shows one. [`index`] is the page that links a study's reports.

pub(crate) mod index;
mod inline;
mod style;
mod template;
mod view;

use std::collections::BTreeMap;

use baseline_model::language::Language;
use minijinja::Value;
use minijinja::value::Serde;
use serde::Serialize;

use self::inline::spans;
use self::view::{listed, programme_view, safe, section_view, units};
use crate::document::{Block, Product, Report};
use crate::{Format, RenderError, RenderedFile, Setting, check_anchors};

pub(crate) struct Html;

impl Format for Html {
    fn id(&self) -> &'static str {
        "html"
    }

    fn extension(&self) -> &'static str {
        "html"
    }

    fn render(&self, report: &Report, setting: &Setting<'_>) -> Result<Vec<RenderedFile>, RenderError> {
        check_anchors(report)?;
        check_reserved(report)?;
        let page = page(report, setting)?;
        Ok(vec![RenderedFile { path: "report.html".into(), bytes: page.into_bytes() }])
    }
}

/// Words that the template prints.
const WORDS: [&str; 17] = [
    "render.contents",
    "render.data_table",
    "render.long_description",
    "render.popover_close",
    "render.popover_title",
    "render.skip_to_content",
    "html.back_to_top",
    "html.contents_figures",
    "html.copy_id",
    "html.copy_link",
    "html.figure_id",
    "html.highlight",
    "html.highlight_none",
    "html.hint",
    "html.programme",
    "html.tools",
    "html.trace_hint",
];

/// Words that the script prints; those with placeholders are filled by it.
const SCRIPT_WORDS: [&str; 11] = [
    "render.column_carried",
    "render.column_grade",
    "render.column_id",
    "render.column_status",
    "render.sort_by",
    "html.copied",
    "html.copy_failed",
    "html.download_csv",
    "html.highlighted",
    "html.sorted_down",
    "html.sorted_up",
];

/// Elements of the page itself have ids that begin so.
const OWN: &str = "page-";
const PROVENANCE: &str = "provenance";

/// The lines of all figures, each once, and for each figure which of them are its own.
#[derive(Serialize)]
struct Provenance<'a> {
    lines: Vec<&'a str>,
    figures: BTreeMap<&'a str, Vec<usize>>,
}

fn page(report: &Report, setting: &Setting<'_>) -> Result<String, RenderError> {
    let language = setting.language;
    let sections = report.sections.iter().map(|section| section_view(section, language)).collect::<Result<Vec<_>, _>>()?;
    let style = style::style(&template::inset(setting, "report.css", include_str!("../../templates/report.css"))?);
    let script = template::inset(setting, "report.js", include_str!("../../templates/report.js"))?;
    let product = match report.product {
        Product::Report => "report",
        Product::Comparison => "comparison",
        Product::Factsheet => "factsheet",
    };
    let date = if report.date.is_empty() {
        String::new()
    } else {
        language.text("render.data_state", &[("date", &language.date(&report.date))])
    };
    let context = [
        ("lang", Value::from(report.language.as_str())),
        ("title", Value::from(report.title.as_str())),
        ("subtitle", Value::from(report.subtitle.as_str())),
        ("product", Value::from(product)),
        ("date", Value::from(date)),
        ("front", report.front.iter().map(|line| safe(spans(line, language))).collect()),
        ("programme", Value::from(Serde(programme_view(&report.programme, language)))),
        ("sections", Value::from(Serde(sections))),
        ("listed", Value::from(Serde(listed(report)))),
        ("units", Value::from(Serde(units(report)))),
        ("words", words(language, &WORDS)),
        ("policy", safe(style::policy(&style, &script))),
        ("style", safe(style)),
        ("script", safe(script)),
        ("provenance", safe(script_json(&provenance(report))?)),
        ("script_words", safe(script_json(&word_map(language, &SCRIPT_WORDS))?)),
    ];
    template::page(setting, "report.html", include_str!("../../templates/report.html"), &context)
}

/// The words by the last part of their keys.
fn words(language: &Language, keys: &[&'static str]) -> Value {
    Value::from(word_map(language, keys))
}

fn word_map(language: &Language, keys: &[&'static str]) -> BTreeMap<&'static str, String> {
    keys.iter().map(|key| (key.rsplit('.').next().unwrap_or(key), language.text(key, &[]))).collect()
}

/// Lines recur in many figures (the file, the grade): each is written once, which halves the page.
fn provenance(report: &Report) -> Provenance<'_> {
    let mut lines: Vec<&str> = Vec::new();
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    let mut figures = BTreeMap::new();
    for (id, said) in &report.provenance {
        let mut own = Vec::with_capacity(said.len());
        for line in said {
            own.push(*places.entry(line.as_str()).or_insert_with(|| {
                lines.push(line.as_str());
                lines.len() - 1
            }));
        }
        figures.insert(id.as_str(), own);
    }
    Provenance { lines, figures }
}

/// JSON that cannot end its `<script>` element, whatever the texts are.
fn script_json(value: &impl Serialize) -> Result<String, RenderError> {
    let json = serde_json::to_string(value).map_err(|error| RenderError::Template { message: error.to_string() })?;
    Ok(json
        .replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029"))
}

/// No anchor of the report is that of an element of the page.
fn check_reserved(report: &Report) -> Result<(), RenderError> {
    let blocks = report.sections.iter().flat_map(|section| &section.blocks).filter_map(|block| match block {
        Block::Figure(figure) => Some(&figure.id),
        Block::Table(table) => Some(&table.id),
        Block::Heading(_) | Block::Paragraph(_) | Block::List(_) | Block::Note { .. } => None,
    });
    let mut anchors = report.sections.iter().map(|section| &section.id).chain(blocks);
    match anchors.find(|anchor| anchor.starts_with(OWN) || *anchor == PROVENANCE) {
        Some(anchor) => Err(RenderError::Duplicate { anchor: anchor.clone() }),
        None => Ok(()),
    }
}
