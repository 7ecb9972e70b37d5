//! What our fonts can print. PDF embeds its fonts and has no fallback, so a character without a picture would vanish
//! or become an empty box: it is printed as its code point instead. Measures nothing.

use crate::text::has_glyph;

/// Whether a character is printed as it is. Spaces and the invisible marks of line breaking are.
pub(super) fn is_printable(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\r' | '\u{ad}' | '\u{200b}' | '\u{2060}' | '\u{feff}')
        || (!turns(character) && !character.is_control() && has_glyph(character))
}

/// The text as it can be printed: line ends are spaces, and what has no picture is named: `[U+1F642]`.
/// A mark that turns the direction of what follows is named as well, so that it turns no number round.
pub(super) fn printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\t' | '\n' | '\r' | '\u{2028}' | '\u{2029}' => out.push(' '),
            // Invisible, and without a picture in the fonts: they only forbid a break.
            '\u{2060}' | '\u{feff}' => {}
            other if is_printable(other) => out.push(other),
            other => out.push_str(&format!("[U+{:04X}]", u32::from(other))),
        }
    }
    out
}

/// A drawn figure as it can be printed: a box of about the measured width stands for what has no picture.
/// The whole text is in the data table.
pub(super) fn picture(svg: String) -> String {
    if svg.chars().all(|character| is_printable(character) && !matches!(character, '\u{2060}' | '\u{feff}')) {
        return svg;
    }
    svg.chars()
        .map(|character| match character {
            '\u{2060}' | '\u{feff}' => '\u{200b}',
            other if is_printable(other) => other,
            _ => '\u{25a1}',
        })
        .collect()
}

/// Marks and isolates of the bidirectional algorithm.
fn turns(character: char) -> bool {
    matches!(character, '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &str, expected: &str) {
        assert_eq!(printable(input), expected, "{input:?}");
    }

    #[test]
    fn text_stays_text() {
        check("", "");
        check("Κεντρική Μακεδονία, Łódź, Jyväskylä", "Κεντρική Μακεδονία, Łódź, Jyväskylä");
        check("#set $x$ @cmd {{ ]]> \\", "#set $x$ @cmd {{ ]]> \\");
        check("a 🙂 b", "a [U+1F642] b");
        check("\u{202e}abc\u{200f}", "[U+202E]abc[U+200F]");
        check("a\0b\u{1}\u{b}", "a[U+0000]b[U+0001][U+000B]");
        check("two\r\nlines\u{2028}", "two  lines ");
        check("no\u{2060}break\u{feff}", "nobreak");
        check("soft\u{ad}hyphen\u{200b}", "soft\u{ad}hyphen\u{200b}");
        check("שלום", "[U+05E9][U+05DC][U+05D5][U+05DD]");
        check("\u{fffd}", "[U+FFFD]");
    }

    #[test]
    fn pictures_keep_their_markup() {
        assert_eq!(picture("<text>a 🙂\u{202e}</text>\n".into()), "<text>a □□</text>\n");
        assert_eq!(picture("<text>Łódź</text>".into()), "<text>Łódź</text>");
    }
}
