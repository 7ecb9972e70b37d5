//! The report as one HTML file: fonts, style, script, charts and provenance inside; no request leaves it.
//!
//! Layout lives in `templates/report.html`; this module turns the document into what the template prints.
//! Every text is escaped, by the template engine or by [`escape`]; strings marked safe come only from here.
//! Figures are set twice, for wide and narrow screens; the style sheet shows one.

use std::fmt::Write;

use baseline_model::Grade;
use baseline_model::language::Language;
use minijinja::{Environment, UndefinedBehavior, Value, context};
use serde::Serialize;

use crate::chart::{self, Sheet, palette};
use crate::document::{Block, Figure, Number, Report, Section, Span, Table, TableCell, TableRow, Text};
use crate::text::escape;
use crate::{Format, RenderError, RenderedFile, Setting, check_anchors, words};

pub(crate) struct Html;

impl Format for Html {
    fn id(&self) -> &'static str {
        "html"
    }

    fn extension(&self) -> &'static str {
        "html"
    }

    fn render(&self, report: &Report, setting: &Setting<'_>) -> Result<Vec<RenderedFile>, RenderError> {
        let language = setting.language;
        check_anchors(report)?;
        let page = page(report, language)?;
        Ok(vec![RenderedFile { path: "report.html".into(), bytes: page.into_bytes() }])
    }
}

#[derive(Serialize)]
struct SectionView {
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
}

#[derive(Serialize)]
struct ColumnView {
    name: String,
    numeric: bool,
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

fn page(report: &Report, language: &Language) -> Result<String, RenderError> {
    let sections = report.sections.iter().map(|section| section_view(section, language)).collect::<Result<Vec<_>, _>>()?;
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    let failed = |error: minijinja::Error| RenderError::Template { message: format!("{error:#}") };
    environment.add_template("report.html", include_str!("../templates/report.html")).map_err(failed)?;
    environment.add_filter("kept", |text: String| safe(kept(&text)));
    let template = environment.get_template("report.html").map_err(failed)?;
    let word = |key: &str| language.text(key, &[]);
    let script_words = ["popover_close", "popover_title", "sort_by"].map(|key| (key, word(&format!("render.{key}"))));
    template
        .render(context! {
            lang => report.language.as_str(),
            title => report.title.as_str(),
            subtitle => report.subtitle.as_str(),
            front => report.front.iter().map(|line| safe(spans(line, language))).collect::<Vec<_>>(),
            sections => Value::from(minijinja::value::Serde(sections)),
            words => context! {
                contents => word("render.contents"),
                data_table => word("render.data_table"),
                long_description => word("render.long_description"),
                skip_to_content => word("render.skip_to_content"),
            },
            style => safe(style()),
            script => safe(include_str!("../templates/report.js").to_owned()),
            provenance => safe(script_json(&report.provenance)?),
            script_words => safe(script_json(&script_words.into_iter().collect::<std::collections::BTreeMap<_, _>>())?),
        })
        .map(|page| page.replace(|character| matches!(character, '\0'..='\u{8}' | '\u{b}'..='\u{1f}' | '\u{7f}'), "\u{fffd}"))
        .map_err(failed)
}

fn safe(html: String) -> Value {
    Value::from_safe_string(html)
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

fn section_view(section: &Section, language: &Language) -> Result<SectionView, RenderError> {
    let blocks = section.blocks.iter().map(|block| block_view(block, language)).collect::<Result<_, _>>()?;
    Ok(SectionView { id: section.id.clone(), title: section.title.clone(), blocks })
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
    let numeric =
        |index: usize| index > 0 && table.rows.iter().any(|row| matches!(row.cells.get(index - 1), Some(TableCell::Number(_))));
    TableView {
        id: table.id.clone(),
        label: table.label.clone(),
        caption: table.caption.clone(),
        columns: table
            .columns
            .iter()
            .enumerate()
            .map(|(index, name)| ColumnView { name: name.clone(), numeric: numeric(index) })
            .collect(),
        rows: table.rows.iter().map(|row| row_view(row, language)).collect(),
        notes: table.notes.iter().map(|note| safe(spans(note, language))).collect(),
        source: if table.source.is_empty() {
            String::new()
        } else {
            language.text("render.figure_source", &[("text", &table.source)])
        },
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

fn spans(text: &Text, language: &Language) -> String {
    text.0
        .iter()
        .map(|span| match span {
            Span::Plain(text) => isolated(text),
            Span::Strong(text) => format!("<strong>{}</strong>", isolated(text)),
            Span::Number(number) => number_html(number, language),
            // Only what a reader may open: a `javascript:` address stays text. `./` is a file beside the page.
            Span::Link { text, url } if ["https://", "http://", "mailto:", "./"].iter().any(|scheme| url.starts_with(scheme)) => {
                format!("<a href=\"{}\">{}</a>", escape(url), isolated(text))
            }
            Span::Link { text, url } => format!("{} ({})", isolated(text), isolated(url)),
            Span::Reference { text, anchor } => format!("<a href=\"#{}\">{}</a>", escape(anchor), isolated(text)),
        })
        .collect()
}

/// Escaped; a range of numbers (`20–64`) stays on one line, and a unit sign with the word before it.
fn kept(text: &str) -> String {
    let escaped = escape(text).replace(", %", ",\u{a0}%");
    let mut out = String::with_capacity(escaped.len());
    let mut rest = escaped.as_str();
    while let Some(dash) = rest.find('–') {
        let (before, after) = (&rest[..dash], &rest[dash + '–'.len_utf8()..]);
        let start = before.trim_end_matches(|digit: char| digit.is_ascii_digit()).len();
        let end = after.len() - after.trim_start_matches(|digit: char| digit.is_ascii_digit()).len();
        if start < dash && end > 0 {
            let _ = write!(out, "{}<span class=\"range\">{}–{}</span>", &before[..start], &before[start..], &after[..end]);
            rest = &after[end..];
        } else {
            out.push_str(&rest[..dash + '–'.len_utf8()]);
            rest = after;
        }
    }
    out + rest
}

/// Escaped; a text with direction marks cannot turn round what follows it.
fn isolated(text: &str) -> String {
    let turns = text.contains(|character| matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'));
    if turns { format!("<bdi>{}</bdi>", kept(text)) } else { kept(text) }
}

/// The number with every mark that belongs to it: as [`Number::marks`] prints them, each explained in its title.
fn number_html(number: &Number, language: &Language) -> String {
    let class = if number.value.is_none() { "num missing" } else { "num" };
    let title =
        number.missing.map_or_else(String::new, |reason| format!(" title=\"{}\"", escape(&words::reason(language, reason))));
    let mut html = format!(
        "<span class=\"{class}\" data-id=\"{}\" data-grade=\"{}\"{title}>{}",
        escape(&number.id),
        number.grade,
        escape(&number.text)
    );
    let mut marks = String::new();
    for letter in number.flags.letters() {
        let printed = letter.to_string();
        let meaning = language.text("render.number_status", &[("letter", &printed), ("meaning", &words::flag(language, letter))]);
        let _ = write!(marks, "<abbr class=\"flag\" title=\"{}\">[{}]</abbr>", escape(&meaning), escape(&printed));
    }
    if number.grade != Grade::A {
        let printed = number.grade.to_string();
        let meaning =
            language.text("render.number_grade", &[("grade", &printed), ("meaning", &words::grade(language, number.grade))]);
        let _ = write!(marks, "<abbr class=\"grade\" title=\"{}\">({printed})</abbr>", escape(&meaning));
    }
    if number.carried_years > 0 {
        let years = number.carried_years.to_string();
        let meaning = language.text("render.number_carried", &[("years", &years)]);
        let _ = write!(marks, "<abbr class=\"carried\" title=\"{}\">({})</abbr>", escape(&meaning), escape(&number.carried));
    }
    if !marks.is_empty() {
        html.push('\u{a0}');
        html.push_str(&marks);
    }
    html.push_str("</span>");
    html
}

/// The style sheet with the fonts in it and the charts' dark colours.
fn style() -> String {
    let mut style = String::new();
    for (weight, slant, font) in [
        (400, "normal", include_bytes!("../../../assets/fonts/BaselineSans-Regular.woff2").as_slice()),
        (600, "normal", include_bytes!("../../../assets/fonts/BaselineSans-SemiBold.woff2").as_slice()),
        (400, "italic", include_bytes!("../../../assets/fonts/BaselineSans-Italic.woff2").as_slice()),
    ] {
        let _ = writeln!(
            style,
            "@font-face {{ font-family: \"Baseline Sans\"; font-weight: {weight}; font-style: {slant}; font-display: swap; \
             src: url(data:font/woff2;base64,{}) format(\"woff2\"); }}",
            base64(font)
        );
    }
    style.push_str(include_str!("../templates/report.css"));
    style.push_str("@media screen and (prefers-color-scheme: dark) {\n");
    for ink in palette::ALL {
        let (light, dark) = (palette::hex(ink.light), palette::hex(ink.dark));
        let _ =
            writeln!(style, ".chart [fill=\"{light}\"] {{ fill: {dark}; }} .chart [stroke=\"{light}\"] {{ stroke: {dark}; }}");
    }
    style.push_str("}\n");
    style
}

/// RFC 4648, with padding.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let group = chunk.iter().fold(0_u32, |group, byte| group << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for index in 0..4 {
            let letter = LETTERS[(group >> (18 - 6 * index) & 63) as usize];
            out.push(if index > chunk.len() { '=' } else { char::from(letter) });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &str, expected: &str) {
        assert_eq!(base64(input.as_bytes()), expected);
    }

    #[test]
    fn base64_of_the_rfc() {
        check("", "");
        check("f", "Zg==");
        check("fo", "Zm8=");
        check("foo", "Zm9v");
        check("foobar", "Zm9vYmFy");
    }

    #[test]
    fn ranges_stay_together() {
        assert_eq!(kept("aged 20–64, % <"), "aged <span class=\"range\">20–64</span>,\u{a0}% &lt;");
        assert_eq!(kept("8–9 – x–9"), "<span class=\"range\">8–9</span> – x–9");
    }

    #[test]
    fn direction_marks_are_isolated() {
        assert_eq!(isolated("a\u{202e}b"), "<bdi>a\u{202e}b</bdi>");
        assert_eq!(isolated("a<b"), "a&lt;b");
    }

    /// The style sheet's colours: the light ones stand first, the dark ones in the first media block.
    #[test]
    fn colours_of_the_page_have_contrast() {
        let style = include_str!("../templates/report.css");
        let blocks: Vec<&str> = style.split(":root {").skip(1).filter_map(|block| block.split('}').next()).collect();
        assert_eq!(blocks.len(), 2);
        for block in blocks {
            let colour = |name: &str| {
                let rest = block.split(&format!("--{name}: #")).nth(1).expect("the colour is defined");
                u32::from_str_radix(&rest[..6], 16).expect("a colour has six digits")
            };
            for (text, papers) in [
                ("text", &["paper", "note", "ours", "badge"][..]),
                ("muted", &["paper", "note", "ours", "badge"]),
                ("link", &["paper", "note", "ours"]),
                ("warn", &["paper", "note", "ours"]),
            ] {
                for paper in papers {
                    let ratio = palette::contrast(colour(text), colour(paper));
                    assert!(ratio >= 4.5, "{text} on {paper}: {ratio:.2}");
                }
            }
            assert!(palette::contrast(colour("accent"), colour("paper")) >= 3.0);
        }
    }
}
