//! Paragraphs, runs, fields and bookmarks as WordprocessingML text.
//!
//! Why not a document tree: what is written is a handful of forms. Every text of the report passes [`run`], which
//! escapes it; so a text is a text, never markup, never a field.

use std::borrow::Cow;

use crate::text::escape;

/// A run of text. `properties` is the inside of `w:rPr`. A text without a sign is no run.
pub(super) fn run(properties: &str, text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let properties = if properties.is_empty() { String::new() } else { format!("<w:rPr>{properties}</w:rPr>") };
    let mut xml = format!("<w:r>{properties}");
    // Word prints a soft hyphen of the text as a hyphen; its own is an element.
    for (index, piece) in isolated(text).split('\u{ad}').enumerate() {
        if index > 0 {
            xml.push_str("<w:softHyphen/>");
        }
        if !piece.is_empty() {
            xml.push_str(&format!("<w:t xml:space=\"preserve\">{}</w:t>", escape(piece)));
        }
    }
    xml + "</w:r>"
}

/// The properties of a run of a character style.
pub(super) fn style(id: &str) -> String {
    format!("<w:rPr><w:rStyle w:val=\"{}\"/></w:rPr>", escape(id))
}

/// `more` are further paragraph properties, in the schema's order after the style.
pub(super) fn paragraph(style: &str, more: &str, runs: &str) -> String {
    format!("<w:p><w:pPr><w:pStyle w:val=\"{}\"/>{more}</w:pPr>{runs}</w:p>\n", escape(style))
}

/// A field with what it shows until it is updated. The instruction is ours, never of a text.
pub(super) fn field(instruction: &str, result: &str) -> String {
    format!("{}{result}{}", field_start(instruction, false), FIELD_END)
}

/// A field that reaches over several paragraphs begins with this and ends with [`FIELD_END`]. A stale one is offered for updating.
pub(super) fn field_start(instruction: &str, stale: bool) -> String {
    let dirty = if stale { " w:dirty=\"true\"" } else { "" };
    format!(
        "<w:r><w:fldChar w:fldCharType=\"begin\"{dirty}/></w:r><w:r><w:instrText xml:space=\"preserve\"> {} </w:instrText></w:r>\
         <w:r><w:fldChar w:fldCharType=\"separate\"/></w:r>",
        escape(instruction)
    )
}

pub(super) const FIELD_END: &str = "<w:r><w:fldChar w:fldCharType=\"end\"/></w:r>";

/// Around something that is referred to.
pub(super) fn bookmark(id: u32, name: &str, inside: &str) -> String {
    format!("<w:bookmarkStart w:id=\"{id}\" w:name=\"{name}\"/>{inside}<w:bookmarkEnd w:id=\"{id}\"/>")
}

/// A link to a bookmark of this document.
pub(super) fn internal(bookmark: &str, runs: &str) -> String {
    format!("<w:hyperlink w:anchor=\"{bookmark}\" w:history=\"1\">{runs}</w:hyperlink>")
}

/// An address that may become a link, in the form that a package admits; `None` for one that a reader should not
/// open (`javascript:`) or that is none: then it stays text. Word refuses a whole file for one address with a space.
pub(super) fn address(url: &str) -> Option<String> {
    let scheme = ["https://", "http://", "mailto:"].into_iter().find(|scheme| url.starts_with(scheme))?;
    let rest = &url[scheme.len()..];
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let sound = |byte: u8| byte.is_ascii_alphanumeric() || b".-_@:+".contains(&byte);
    if host.is_empty() || !host.bytes().all(sound) {
        return None;
    }
    let mut out = scheme.to_owned();
    let bytes = rest.as_bytes();
    for (index, byte) in bytes.iter().enumerate() {
        let coded = || bytes.get(index + 1..index + 3).is_some_and(|next| next.iter().all(u8::is_ascii_hexdigit));
        if byte.is_ascii_alphanumeric() || b"-._~:/?#@!$&'()*+,;=".contains(byte) || (*byte == b'%' && coded()) {
            out.push(char::from(*byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    // One fragment only.
    match out.match_indices('#').nth(1) {
        Some(_) => None,
        None => Some(out),
    }
}

/// A text with direction marks cannot turn round what follows it.
fn isolated(text: &str) -> Cow<'_, str> {
    let turns = text.contains(|character| matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'));
    if turns { Cow::Owned(format!("\u{2068}{text}\u{2069}")) } else { Cow::Borrowed(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str, expected: Option<&str>) {
        assert_eq!(address(url).as_deref(), expected, "{url}");
    }

    #[test]
    fn addresses() {
        check("https://example.org/a?b=c#d", Some("https://example.org/a?b=c#d"));
        check("https://example.org/ä b<>\"", Some("https://example.org/%C3%A4%20b%3C%3E%22"));
        check("https://example.org/100%", Some("https://example.org/100%25"));
        check("https://example.org/a%20b", Some("https://example.org/a%20b"));
        check("mailto:a@example.org", Some("mailto:a@example.org"));
        check("javascript:alert(1)", None);
        check("https://", None);
        check("https://exa mple.org", None);
        check("https://example.org/#a#b", None);
        check("file:///etc/passwd", None);
    }

    #[test]
    fn texts_stay_texts() {
        assert_eq!(run("", ""), "");
        assert_eq!(run("", "a<b"), "<w:r><w:t xml:space=\"preserve\">a&lt;b</w:t></w:r>");
        assert!(run("", "a\u{ad}b").contains("</w:t><w:softHyphen/><w:t"));
        assert!(run("", "\u{202e}x").contains("\u{2068}\u{202e}x\u{2069}"));
        assert!(run("", "\u{1}").contains('\u{fffd}'));
    }
}
