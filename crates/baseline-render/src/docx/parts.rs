//! The small parts of the package: settings, lists, fonts, properties, header and footer, footnotes and comments
//! around their contents.
//!
//! `settings.xml` does not ask for an update of all fields (`w:updateFields`): Word would then ask at every opening,
//! and would change numbers and references that are right already. Only the tables of contents are marked as not
//! up to date (`w:dirty`), because the pages are known to nobody before Word has set the text: Word offers to
//! fill them in once, and they are links without.

use super::package::DECLARATION;
use super::styles::{HEADINGS, Ids, MAIN, Style};
use super::{Page, write};
use crate::document::Report;
use crate::text::escape;

/// Beside [`MAIN`], whatever the body needs.
pub(super) const NAMESPACES: &str = "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" \
    xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\" \
    xmlns:wp=\"http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing\" \
    xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\" \
    xmlns:pic=\"http://schemas.openxmlformats.org/drawingml/2006/picture\"";

/// The list of bullets in our own `numbering.xml`.
pub(super) const BULLETS: u32 = 2;

/// Word wants a region; an author in another one changes it in a second.
pub(super) fn language_tag(code: &str) -> String {
    let region = match code {
        "en" => "GB",
        "el" => "GR",
        "sv" => "SE",
        "sl" => "SI",
        "pl" => "PL",
        "de" => "DE",
        "fi" => "FI",
        "it" => "IT",
        "nl" => "NL",
        "es" | "ca" => "ES",
        _ => return escape(code),
    };
    format!("{code}-{region}")
}

pub(super) fn settings(language: &str, decimal: &str, even_pages_differ: bool) -> String {
    let even = if even_pages_differ { "<w:evenAndOddHeaders/>" } else { "" };
    format!(
        "{DECLARATION}<w:settings xmlns:w=\"{MAIN}\"><w:zoom w:percent=\"100\"/><w:defaultTabStop w:val=\"709\"/>{even}\
         <w:characterSpacingControl w:val=\"doNotCompress\"/><w:footnotePr><w:footnote w:id=\"-1\"/><w:footnote w:id=\"0\"/>\
         </w:footnotePr><w:compat><w:compatSetting w:name=\"compatibilityMode\" \
         w:uri=\"http://schemas.microsoft.com/office/word\" w:val=\"15\"/></w:compat><w:themeFontLang w:val=\"{language}\"/>\
         <w:decimalSymbol w:val=\"{}\"/><w:listSeparator w:val=\";\"/></w:settings>",
        escape(decimal)
    )
}

/// The lists with their instances, each of the numbers given: `(abstract list, instance)`.
pub(super) fn lists(ids: &Ids, headings: Option<(u32, u32)>, bullets: (u32, u32)) -> (String, String) {
    let (mut lists, mut instances) = (String::new(), String::new());
    if let Some((list, instance)) = headings {
        lists.push_str(&format!("<w:abstractNum w:abstractNumId=\"{list}\"><w:multiLevelType w:val=\"multilevel\"/>"));
        for (level, style) in [Style::Heading1, Style::Heading2, Style::Heading3].into_iter().enumerate() {
            let text: Vec<String> = (1..=level + 1).map(|number| format!("%{number}")).collect();
            let indent = 454 + 227 * level;
            lists.push_str(&format!(
                "<w:lvl w:ilvl=\"{level}\"><w:start w:val=\"1\"/><w:numFmt w:val=\"decimal\"/><w:pStyle w:val=\"{}\"/>\
                 <w:lvlText w:val=\"{}\"/><w:lvlJc w:val=\"left\"/><w:pPr><w:ind w:left=\"{indent}\" w:hanging=\"{indent}\"/></w:pPr></w:lvl>",
                escape(ids.of(style)),
                text.join("."),
            ));
        }
        lists.push_str("</w:abstractNum>");
        instances.push_str(&format!("<w:num w:numId=\"{instance}\"><w:abstractNumId w:val=\"{list}\"/></w:num>"));
    }
    let (list, instance) = bullets;
    lists.push_str(&format!(
        "<w:abstractNum w:abstractNumId=\"{list}\"><w:multiLevelType w:val=\"singleLevel\"/><w:lvl w:ilvl=\"0\"><w:start w:val=\"1\"/>\
         <w:numFmt w:val=\"bullet\"/><w:lvlText w:val=\"\u{2022}\"/><w:lvlJc w:val=\"left\"/><w:pPr>\
         <w:ind w:left=\"397\" w:hanging=\"284\"/></w:pPr></w:lvl></w:abstractNum>"
    ));
    instances.push_str(&format!("<w:num w:numId=\"{instance}\"><w:abstractNumId w:val=\"{list}\"/></w:num>"));
    (lists, instances)
}

/// `numbering.xml` without a template.
pub(super) fn numbering(ids: &Ids) -> String {
    let (lists, instances) = lists(ids, Some((0, HEADINGS)), (1, BULLETS));
    format!("{DECLARATION}<w:numbering xmlns:w=\"{MAIN}\">{lists}{instances}</w:numbering>")
}

/// The font and who stands in for it. Ours is not named: few have it, and each program would take another one
/// for it; an author's document should look at its readers' as it does at the author's. In the charts it is drawn.
pub(super) fn fonts() -> String {
    format!(
        "{DECLARATION}<w:fonts xmlns:w=\"{MAIN}\"><w:font w:name=\"Calibri\"><w:altName w:val=\"Carlito\"/>\
         <w:panose1 w:val=\"020F0502020204030204\"/><w:charset w:val=\"00\"/><w:family w:val=\"swiss\"/><w:pitch w:val=\"variable\"/>\
         </w:font><w:font w:name=\"Carlito\"><w:altName w:val=\"Source Sans 3\"/><w:panose1 w:val=\"020F0502020204030204\"/>\
         <w:charset w:val=\"00\"/><w:family w:val=\"swiss\"/><w:pitch w:val=\"variable\"/></w:font></w:fonts>"
    )
}

/// Title, language and the date of the data; never the clock's.
pub(super) fn core(report: &Report) -> String {
    let stamp = stamp(&report.date).map_or_else(String::new, |stamp| {
        format!(
            "<dcterms:created xsi:type=\"dcterms:W3CDTF\">{stamp}</dcterms:created>\
             <dcterms:modified xsi:type=\"dcterms:W3CDTF\">{stamp}</dcterms:modified>"
        )
    });
    format!(
        "{DECLARATION}<cp:coreProperties xmlns:cp=\"http://schemas.openxmlformats.org/package/2006/metadata/core-properties\" \
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:dcterms=\"http://purl.org/dc/terms/\" \
         xmlns:dcmitype=\"http://purl.org/dc/dcmitype/\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\
         <dc:title>{}</dc:title><dc:subject>{}</dc:subject><dc:creator>baseline</dc:creator><dc:language>{}</dc:language>\
         <cp:lastModifiedBy>baseline</cp:lastModifiedBy>{stamp}</cp:coreProperties>",
        escape(&report.title),
        escape(&report.subtitle),
        language_tag(&report.language),
    )
}

pub(super) fn app() -> String {
    format!(
        "{DECLARATION}<Properties xmlns=\"http://schemas.openxmlformats.org/officeDocument/2006/extended-properties\">\
         <Application>baseline</Application></Properties>"
    )
}

pub(super) fn header(ids: &Ids, title: &str) -> String {
    let text = write::run("", title);
    let paragraph = write::paragraph(ids.of(Style::Header), "", &text);
    format!("{DECLARATION}<w:hdr {NAMESPACES}>{paragraph}</w:hdr>")
}

/// `template` has `{page}` and `{pages}`, in any order.
pub(super) fn footer(ids: &Ids, template: &str) -> String {
    let mut runs = String::new();
    let mut rest = template;
    while let Some(start) = rest.find('{') {
        let Some(end) = rest[start..].find('}').map(|end| start + end) else { break };
        runs.push_str(&write::run("", &rest[..start]));
        runs.push_str(&match &rest[start + 1..end] {
            "page" => write::field("PAGE", &write::run("", "1")),
            "pages" => write::field("NUMPAGES", &write::run("", "1")),
            _ => write::run("", &rest[start..=end]),
        });
        rest = &rest[end + 1..];
    }
    runs.push_str(&write::run("", rest));
    format!("{DECLARATION}<w:ftr {NAMESPACES}>{}</w:ftr>", write::paragraph(ids.of(Style::Footer), "", &runs))
}

/// An empty header or footer, for the first page.
pub(super) fn blank(ids: &Ids, header: bool) -> String {
    let (tag, style) = if header { ("hdr", Style::Header) } else { ("ftr", Style::Footer) };
    format!("{DECLARATION}<w:{tag} {NAMESPACES}>{}</w:{tag}>", write::paragraph(ids.of(style), "", ""))
}

pub(super) fn footnotes(ids: &Ids, notes: &[String]) -> String {
    let mut xml = format!("{DECLARATION}<w:footnotes {NAMESPACES}>");
    for (id, kind) in [(-1, "separator"), (0, "continuationSeparator")] {
        xml.push_str(&format!(
            "<w:footnote w:type=\"{kind}\" w:id=\"{id}\"><w:p><w:pPr><w:spacing w:after=\"0\" w:line=\"240\" w:lineRule=\"auto\"/>\
             </w:pPr><w:r><w:{kind}/></w:r></w:p></w:footnote>"
        ));
    }
    for (id, note) in (1..).zip(notes) {
        let mark = format!("<w:r>{}<w:footnoteRef/></w:r>", write::style(ids.of(Style::FootnoteReference)));
        let paragraph = write::paragraph(ids.of(Style::FootnoteText), "", &(mark + &write::run("", &format!(" {note}"))));
        xml.push_str(&format!("<w:footnote w:id=\"{id}\">{paragraph}</w:footnote>"));
    }
    xml + "</w:footnotes>"
}

/// Each comment is its lines.
pub(super) fn comments(ids: &Ids, comments: &[Vec<String>], date: &str) -> String {
    let date = stamp(date).map_or_else(String::new, |stamp| format!(" w:date=\"{stamp}\""));
    let mut xml = format!("{DECLARATION}<w:comments {NAMESPACES}>");
    for (id, lines) in comments.iter().enumerate() {
        xml.push_str(&format!("<w:comment w:id=\"{id}\" w:author=\"baseline\" w:initials=\"b\"{date}>"));
        for (index, line) in lines.iter().enumerate() {
            let mark = if index == 0 {
                format!("<w:r>{}<w:annotationRef/></w:r>", write::style(ids.of(Style::CommentReference)))
            } else {
                String::new()
            };
            xml.push_str(&write::paragraph(ids.of(Style::CommentText), "", &(mark + &write::run("", line))));
        }
        xml.push_str("</w:comment>");
    }
    xml + "</w:comments>"
}

/// The properties of a section. `references` are those of its headers and footers.
pub(super) fn section(page: &Page, landscape: bool, references: &str, first: bool) -> String {
    let Page { width, height, top, bottom, left, right, header, footer, gutter } = *page;
    let (width, height, orient) = if landscape { (height, width, " w:orient=\"landscape\"") } else { (width, height, "") };
    let title = if first { "<w:titlePg/>" } else { "" };
    format!(
        "<w:sectPr>{references}<w:type w:val=\"nextPage\"/><w:pgSz w:w=\"{width}\" w:h=\"{height}\"{orient}/>\
         <w:pgMar w:top=\"{top}\" w:right=\"{right}\" w:bottom=\"{bottom}\" w:left=\"{left}\" w:header=\"{header}\" \
         w:footer=\"{footer}\" w:gutter=\"{gutter}\"/>{title}</w:sectPr>"
    )
}

/// `2026-06-30T00:00:00Z` of a day; nothing of what is no day.
fn stamp(date: &str) -> Option<String> {
    date.parse::<jiff::civil::Date>().ok().map(|day| format!("{day}T00:00:00Z"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_the_data() {
        for (date, expected) in [("2026-06-30", Some("2026-06-30T00:00:00Z")), ("", None), ("2026-13-01", None), ("soon", None)] {
            assert_eq!(stamp(date).as_deref(), expected, "{date}");
        }
    }

    #[test]
    fn pages_are_fields_in_the_order_of_the_language() {
        let xml = footer(&Ids::ours(), "{pages} in all, this is {page} {x");
        let (pages, page) = (xml.find(" NUMPAGES ").expect("in it"), xml.find(" PAGE ").expect("in it"));
        assert!(pages < page && xml.contains("{x"), "{xml}");
    }
}
