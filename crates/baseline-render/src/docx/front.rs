//! The title page and the tables of contents.
//!
//! The tables are fields, filled with every heading and caption as a link. The pages are left to Word, which offers
//! to fill them in: nobody knows them before the text is set, and a wrong page would be worse than none.

use super::body::{Body, Entry};
use super::styles::Style;
use super::{parts, write};
use crate::document::Text;

/// Title, subtitle, the lines of the report, the state of the data and what the programme wants printed.
pub(super) fn title_page(body: &mut Body<'_>) -> String {
    let report = body.report;
    let mut xml = write::paragraph(body.ids.of(Style::Title), "", &write::run("", &report.title));
    if !report.subtitle.is_empty() {
        xml.push_str(&write::paragraph(body.ids.of(Style::Subtitle), "", &write::run("", &report.subtitle)));
    }
    for line in &report.front {
        let runs = body.spans(line, false);
        xml.push_str(&write::paragraph(body.ids.of(Style::Front), "", &runs));
    }
    let mut more = Vec::new();
    if !report.date.is_empty() {
        more.push(body.language.text("render.data_state", &[("date", &body.language.date(&report.date))]));
    }
    more.extend([report.programme.funding.clone(), report.programme.disclaimer.clone()]);
    let printed: Vec<String> = report.front.iter().map(Text::to_plain).collect();
    // The lines of the report may have it already.
    for line in more.iter().filter(|line| !line.is_empty() && !printed.contains(line)) {
        xml.push_str(&write::paragraph(body.ids.of(Style::Front), "", &write::run("", line)));
    }
    xml
}

/// Contents, list of figures, list of tables: each only when there is something in it.
pub(super) fn contents(body: &Body<'_>) -> String {
    let mut xml = String::new();
    let heading = |key: &str, break_before: bool| {
        let more = if break_before { "<w:pageBreakBefore/>" } else { "" };
        write::paragraph(body.ids.of(Style::ContentsHeading), more, &write::run("", &body.word(key)))
    };
    if !body.headings.is_empty() {
        // As Word makes its own, with a button to update it.
        xml.push_str(&format!(
            "<w:sdt><w:sdtPr><w:docPartObj><w:docPartGallery w:val=\"Table of Contents\"/><w:docPartUnique/></w:docPartObj></w:sdtPr>\
             <w:sdtContent>\n{}{}</w:sdtContent></w:sdt>\n",
            heading("render.contents", true),
            list(body, "TOC \\o \"1-2\" \\h \\z", &body.headings, |level| {
                if level == 0 { Style::Contents1 } else { Style::Contents2 }
            })
        ));
    }
    for (key, name, entries) in [("render.docx_figures", "Figure", &body.figures), ("render.docx_tables", "Table", &body.tables)]
    {
        if !entries.is_empty() {
            xml.push_str(&heading(key, false));
            xml.push_str(&list(body, &format!("TOC \\h \\z \\c \"{name}\""), entries, |_| Style::ListOfFigures));
        }
    }
    xml
}

fn list(body: &Body<'_>, instruction: &str, entries: &[Entry], style: impl Fn(usize) -> Style) -> String {
    let mut xml = String::new();
    for (index, entry) in entries.iter().enumerate() {
        let tab = "<w:r><w:tab/></w:r>";
        let number = if entry.number.is_empty() { String::new() } else { format!("{}{tab}", write::run("", &entry.number)) };
        let page = write::field(&format!("PAGEREF {} \\h", entry.bookmark), "");
        let link = write::internal(&entry.bookmark, &format!("{number}{}{tab}{page}", write::run("", &entry.text)));
        let start = if index == 0 { write::field_start(instruction, true) } else { String::new() };
        let end = if index + 1 == entries.len() { write::FIELD_END } else { "" };
        xml.push_str(&write::paragraph(body.ids.of(style(entry.level)), "", &format!("{start}{link}{end}")));
    }
    xml
}

/// Header and footer of a document without a template.
pub(super) fn running(body: &Body<'_>) -> [(&'static str, &'static str, String); 4] {
    [
        ("header", "default", parts::header(body.ids, &body.report.title)),
        ("footer", "default", parts::footer(body.ids, &body.word("render.page"))),
        ("header", "first", parts::blank(body.ids, true)),
        ("footer", "first", parts::blank(body.ids, false)),
    ]
}
