//! The page that links all reports of a study: what is there, what is new, how much of it is the territories' own.
//!
//! One page per language, each with links to the others. It has no script and asks nothing of the network. What the
//! state of a report is, and what changed, is told by the caller: nothing is compared here.

use std::collections::BTreeMap;

use baseline_model::Grade;
use baseline_model::language::Language;
use minijinja::Value;
use minijinja::value::Serde;
use serde::Serialize;

use super::view::{programme_view, safe};
use super::{style, template, words};
use crate::document::{Product, Programme};
use crate::{RenderError, RenderedFile, Setting, words};

/// The study whose reports are linked, in the language of the page.
#[derive(Debug, Clone, Default)]
pub struct IndexStudy {
    pub title: String,
    /// May be empty.
    pub subtitle: String,
    /// The day of the newest figure's vintage, `2026-06-30`; may be empty. Never the clock's.
    pub date: String,
    pub programme: Programme,
    /// The index pages of the study, this one among them, in the order of the links.
    pub languages: Vec<IndexLanguage>,
}

/// An index page.
#[derive(Debug, Clone)]
pub struct IndexLanguage {
    pub code: String,
    /// The language's name in itself.
    pub name: String,
    /// File name of its page, `index.pl.html`.
    pub path: String,
}

/// A report of the study in one language.
#[derive(Debug, Clone)]
pub struct IndexEntry {
    /// Of the territory or the comparison, in the report's language.
    pub name: String,
    /// Language code.
    pub language: String,
    pub product: Product,
    pub status: IndexStatus,
    /// The day of its newest figure's vintage, `2026-06-30`; empty where there is no report.
    pub date: String,
    /// How many indicators show a value of each grade.
    pub grades: BTreeMap<Grade, usize>,
    /// Since the issue before, a short text each, in the report's language.
    pub changes: Vec<String>,
    /// The first is what a reader opens; none for a missing report.
    pub files: Vec<IndexFile>,
}

#[derive(Debug, Clone)]
pub struct IndexFile {
    /// As the reader knows it: `html`, `pdf`; printed in capitals.
    pub format: String,
    /// From the index page, with `/`.
    pub path: String,
    /// Bytes.
    pub size: u64,
}

/// What became of a report in the run that made the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum IndexStatus {
    New,
    Updated,
    Unchanged,
    /// Declared by the study and not there.
    Missing,
}

/// The index page in the language of the setting. Its path is the one that `study.languages` has for that language,
/// else `index.html`. Entries in the page's language stand first, by product and in the order given; then those in
/// languages that have no page.
///
/// # Errors
/// [`RenderError::Template`] when a template of the user fails.
pub fn index(study: &IndexStudy, entries: &[IndexEntry], setting: &Setting<'_>) -> Result<RenderedFile, RenderError> {
    let language = setting.language;
    let own = study.languages.iter().find(|page| page.code == language.code);
    let path = own.map_or_else(|| "index.html".to_owned(), |page| page.path.clone());
    let style = style::style(&template::inset(setting, "report.css", include_str!("../../templates/report.css"))?);
    let in_page = |entry: &&IndexEntry| entry.language == language.code;
    let groups: Vec<GroupView> = PRODUCTS
        .into_iter()
        .map(|product| GroupView {
            id: product_id(product),
            title: product_title(product, language),
            rows: entries
                .iter()
                .filter(in_page)
                .filter(|entry| entry.product == product)
                .map(|entry| row(entry, study, language))
                .collect(),
        })
        .filter(|group| !group.rows.is_empty())
        .collect();
    let others: Vec<RowView> = entries
        .iter()
        .filter(|entry| !in_page(entry) && !study.languages.iter().any(|page| page.code == entry.language))
        .map(|entry| row(entry, study, language))
        .collect();
    let date = if study.date.is_empty() {
        String::new()
    } else {
        language.text("render.data_state", &[("date", &language.date(&study.date))])
    };
    let languages = study.languages.iter().map(|page| LanguageView {
        code: page.code.clone(),
        name: page.name.clone(),
        path: safe(address(&page.path)),
        current: page.code == language.code,
    });
    let grades = Grade::ALL.into_iter().map(|grade| GradeView {
        name: language.text("index.grade", &[("grade", &grade.to_string())]),
        meaning: words::grade(language, grade),
    });
    let context = [
        ("lang", Value::from(language.code.as_str())),
        ("title", Value::from(study.title.as_str())),
        ("subtitle", Value::from(study.subtitle.as_str())),
        ("date", Value::from(date)),
        ("programme", Value::from(Serde(programme_view(&study.programme, language)))),
        ("languages", Value::from(Serde(languages.collect::<Vec<_>>()))),
        ("counts", Value::from(Serde(counts(entries, language)))),
        ("groups", Value::from(Serde(groups))),
        ("others", Value::from(Serde(others))),
        ("grades", Value::from(Serde(grades.collect::<Vec<_>>()))),
        ("words", words(language, &WORDS)),
        ("policy", safe(style::policy(&style, ""))),
        ("style", safe(style)),
    ];
    let page = template::page(setting, "index.html", include_str!("../../templates/index.html"), &context)?;
    Ok(RenderedFile { path, bytes: page.into_bytes() })
}

/// The order of the tables.
const PRODUCTS: [Product; 3] = [Product::Comparison, Product::Report, Product::Factsheet];
const STATUSES: [IndexStatus; 4] = [IndexStatus::New, IndexStatus::Updated, IndexStatus::Unchanged, IndexStatus::Missing];

const WORDS: [&str; 14] = [
    "render.grades",
    "render.skip_to_content",
    "html.programme",
    "index.changes",
    "index.date",
    "index.empty",
    "index.files",
    "index.grades_note",
    "index.language",
    "index.languages",
    "index.other_languages",
    "index.report",
    "index.reports_of",
    "index.status",
];

#[derive(Serialize)]
struct LanguageView {
    code: String,
    name: String,
    path: Value,
    current: bool,
}

#[derive(Serialize)]
struct GradeView {
    name: String,
    meaning: String,
}

#[derive(Serialize)]
struct GroupView {
    id: &'static str,
    title: String,
    rows: Vec<RowView>,
}

#[derive(Serialize)]
struct RowView {
    name: String,
    lang: String,
    language: String,
    product: String,
    status: StatusView,
    date: String,
    grades: Vec<String>,
    changes: Vec<String>,
    files: Vec<FileView>,
}

#[derive(Serialize)]
struct StatusView {
    class: &'static str,
    name: String,
}

#[derive(Serialize)]
struct CountView {
    class: &'static str,
    name: String,
    count: String,
}

#[derive(Serialize)]
struct FileView {
    format: String,
    size: String,
    path: Value,
}

fn row(entry: &IndexEntry, study: &IndexStudy, language: &Language) -> RowView {
    let page = study.languages.iter().find(|page| page.code == entry.language);
    RowView {
        name: entry.name.clone(),
        lang: entry.language.clone(),
        language: page.map_or(&entry.language, |page| &page.name).clone(),
        product: product_title(entry.product, language),
        status: StatusView { class: status_class(entry.status), name: status_name(entry.status, language) },
        date: language.date(&entry.date),
        grades: Grade::ALL
            .iter()
            .map(|grade| match entry.grades.get(grade) {
                Some(count) => language.number(*count as f64, 0),
                // Without a report nothing was counted.
                None if entry.grades.is_empty() => "–".to_owned(),
                None => language.number(0.0, 0),
            })
            .collect(),
        changes: entry.changes.clone(),
        files: entry
            .files
            .iter()
            .map(|file| FileView {
                format: file.format.to_uppercase(),
                size: size(file.size, language),
                path: safe(address(&file.path)),
            })
            .collect(),
    }
}

/// How many reports have each status, those that none has left out.
fn counts(entries: &[IndexEntry], language: &Language) -> Vec<CountView> {
    let count = |status| entries.iter().filter(|entry| entry.status == status).count();
    STATUSES
        .into_iter()
        .filter(|status| count(*status) > 0)
        .map(|status| CountView {
            class: status_class(status),
            name: status_name(status, language),
            count: language.number(count(status) as f64, 0),
        })
        .collect()
}

fn status_class(status: IndexStatus) -> &'static str {
    match status {
        IndexStatus::New => "new",
        IndexStatus::Updated => "updated",
        IndexStatus::Unchanged => "unchanged",
        IndexStatus::Missing => "absent",
    }
}

fn status_name(status: IndexStatus, language: &Language) -> String {
    let key = match status {
        IndexStatus::New => "index.status_new",
        IndexStatus::Updated => "index.status_updated",
        IndexStatus::Unchanged => "index.status_unchanged",
        IndexStatus::Missing => "index.status_missing",
    };
    language.text(key, &[])
}

fn product_id(product: Product) -> &'static str {
    match product {
        Product::Report => "reports",
        Product::Comparison => "comparison",
        Product::Factsheet => "factsheets",
    }
}

fn product_title(product: Product, language: &Language) -> String {
    let key = match product {
        Product::Report => "index.reports",
        Product::Comparison => "index.comparison",
        Product::Factsheet => "index.factsheets",
    };
    language.text(key, &[])
}

/// Thousands or millions of bytes.
fn size(bytes: u64, language: &Language) -> String {
    if bytes < 999_500 {
        let thousands = bytes.div_ceil(1000).max(1);
        language.text("index.size_kb", &[("n", &language.number(thousands as f64, 0))])
    } else {
        language.text("index.size_mb", &[("n", &language.number(bytes as f64 / 1e6, 1))])
    }
}

/// A relative path as an address: whatever stands in it, it has no scheme and leads to no other host.
fn address(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for segment in path.split('/').filter(|segment| !segment.is_empty()) {
        if !out.is_empty() {
            out.push('/');
        }
        for byte in segment.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                out.push(char::from(byte));
            } else {
                out.push_str(&format!("%{byte:02X}"));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, expected: &str) {
        assert_eq!(address(path), expected);
    }

    #[test]
    fn addresses_are_relative() {
        check("asco/en/report.html", "asco/en/report.html");
        check("javascript:alert(1)", "javascript%3Aalert%281%29");
        check("//host/x", "host/x");
        check("a b/ä\".html", "a%20b/%C3%A4%22.html");
        check("", "");
    }
}
