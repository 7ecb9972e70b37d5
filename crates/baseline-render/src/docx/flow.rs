//! The order of pages: pieces of the text put into sections of upright and of turned pages.
//!
//! Why here: a turned page is a section of its own, and a section begins a page. So a heading goes with the table it
//! announces, a few lines between two wide tables go with them, and no page is left with three lines on it.

use super::Page;
use super::parts;

/// What is set together.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    /// Whole paragraphs and tables.
    pub xml: String,
    pub need: Need,
    /// Signs of its text, as a measure of its height.
    pub weight: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    /// Text, which any page may have.
    Any,
    /// As [`Need::Any`], and on the page of what follows.
    Heading,
    Upright,
    Turned,
}

/// So much text goes along with a wide table rather than stand on a page of its own.
const ALONG: usize = 1500;

/// The body of the document: the pieces, the sections between them, and the properties of the last section.
/// `first_differs` gives the first page its own header and footer.
pub(super) fn body(pieces: &[Piece], page: &Page, references: &str, first_differs: bool) -> String {
    let turned = turned(pieces);
    let mut xml = String::new();
    let mut first = first_differs;
    for (index, piece) in pieces.iter().enumerate() {
        if index > 0 && turned[index] != turned[index - 1] {
            let section = parts::section(page, turned[index - 1], references, first);
            end_section(&mut xml, &section);
            first = false;
        }
        xml.push_str(&piece.xml);
    }
    let last = turned.last().copied().unwrap_or_default();
    xml + &parts::section(page, last, references, first)
}

/// Which pieces stand on turned pages.
fn turned(pieces: &[Piece]) -> Vec<bool> {
    let mut turned: Vec<bool> = pieces.iter().map(|piece| piece.need == Need::Turned).collect();
    let mut index = pieces.len();
    // Backwards, so that a heading knows where what follows it stands.
    while index > 0 {
        index -= 1;
        if !turned[index] || index == 0 || turned[index - 1] {
            continue;
        }
        let mut weight = 0;
        let mut start = index;
        while start > 0 && matches!(pieces[start - 1].need, Need::Any | Need::Heading) {
            weight += pieces[start - 1].weight;
            if weight > ALONG && pieces[start - 1].need == Need::Any {
                break;
            }
            start -= 1;
        }
        // Between two wide tables, or from a heading on: what begins in the middle of a text stays with it.
        let between = start > 0 && turned[start - 1];
        let from = if between { start } else { (start..index).find(|at| pieces[*at].need == Need::Heading).unwrap_or(index) };
        turned[from..index].fill(true);
    }
    turned
}

/// Ends a section at the last paragraph; after a table, with a paragraph that takes no room.
fn end_section(xml: &mut String, section: &str) {
    let trimmed = xml.trim_end().len();
    xml.truncate(trimmed);
    // Texts are escaped, so these are never part of one.
    let inside = xml.ends_with("</w:p>").then(|| xml.rfind("<w:p>")).flatten();
    if let Some(end) = inside.and_then(|start| xml[start..].find("</w:pPr>").map(|end| start + end)) {
        xml.insert_str(end, section);
    } else {
        // Of no style, that is of the default one.
        xml.push_str(&format!(
            "<w:p><w:pPr><w:spacing w:before=\"0\" w:after=\"0\" w:line=\"20\" w:lineRule=\"exact\"/><w:rPr><w:sz w:val=\"2\"/></w:rPr>\
             {section}</w:pPr></w:p>"
        ));
    }
    xml.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `a` text, `l` long text, `h` heading, `u` upright, `T` turned; expected in capitals what stands on turned pages.
    fn check(pieces: &str, expected: &str) {
        let list: Vec<Piece> = pieces
            .chars()
            .map(|kind| {
                let (need, weight) = match kind {
                    'a' => (Need::Any, 300),
                    'l' => (Need::Any, 5000),
                    'h' => (Need::Heading, 20),
                    'u' => (Need::Upright, 0),
                    _ => (Need::Turned, 0),
                };
                Piece { xml: String::new(), need, weight }
            })
            .collect();
        let found: String = pieces
            .chars()
            .zip(turned(&list))
            .map(|(kind, turned)| if turned { kind.to_ascii_uppercase() } else { kind.to_ascii_lowercase() })
            .collect();
        assert_eq!(found, expected, "{pieces}");
    }

    #[test]
    fn headings_go_with_their_tables() {
        check("", "");
        check("aua", "aua");
        check("ahTa", "aHTa");
        check("uhaTaaTu", "uHATAATu");
        check("uhlhTu", "uhlHTu");
        check("ulTlT", "ulTlT");
        check("uaT", "uaT");
        check("aT", "aT");
    }
}
