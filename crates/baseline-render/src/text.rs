//! Measuring, wrapping and shortening text in the fonts that the charts are drawn with.
//!
//! Why here: plotters measures with a box that differs from what renderers draw, so labels collide.
//! Advances are shaped by rustybuzz from the very files resvg draws with. Sizes and widths are in
//! pixels of the 900-pixel canvas. Draws nothing.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use rustybuzz::{Direction, Face, Script, ShapePlan, UnicodeBuffer, script};

/// The three cuts in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    Regular,
    SemiBold,
    Italic,
}

/// The family name in CSS and SVG: the embedded subset first, then the full font under its own name.
pub const FAMILY: &str = "'Baseline Sans','Source Sans 3',sans-serif";

/// Height of capitals and digits, as part of the size; texts are centred on it.
pub const CAP: f64 = 0.66;
/// Depth below the baseline that a text may use.
pub const DESCENT: f64 = 0.24;
/// Height above the baseline that a text may use (accented capitals).
pub const ASCENT: f64 = 0.84;

/// Texts of a cut whose width a thread remembers; some megabytes at most.
const REMEMBERED: usize = 20_000;

/// The font file of a cut.
pub fn font(cut: Cut) -> &'static [u8] {
    match cut {
        Cut::Regular => include_bytes!("../../../assets/fonts/SourceSans3-Regular.ttf"),
        Cut::SemiBold => include_bytes!("../../../assets/fonts/SourceSans3-SemiBold.ttf"),
        Cut::Italic => include_bytes!("../../../assets/fonts/SourceSans3-Italic.ttf"),
    }
}

/// Whether all cuts have a picture of the character.
pub fn has_glyph(character: char) -> bool {
    [Cut::Regular, Cut::SemiBold, Cut::Italic].into_iter().all(|cut| face(cut).glyph_index(character).is_some())
}

/// The width of one line at a size.
pub fn width(text: &str, size: f64, cut: Cut) -> f64 {
    // The same words are measured for every format of a report, and again for the next report.
    thread_local!(static KNOWN: RefCell<[HashMap<String, i64>; 3]> = RefCell::default());
    let of_cut = match cut {
        Cut::Regular => 0,
        Cut::SemiBold => 1,
        Cut::Italic => 2,
    };
    let known = KNOWN.with_borrow(|known| known[of_cut].get(text).copied());
    let advance = known.unwrap_or_else(|| {
        let advance = advance(text, cut);
        KNOWN.with_borrow_mut(|known| {
            if known[of_cut].len() >= REMEMBERED {
                known[of_cut].clear();
            }
            known[of_cut].insert(text.to_owned(), advance);
        });
        advance
    });
    advance as f64 * size / f64::from(face(cut).units_per_em())
}

/// In units of the font.
fn advance(text: &str, cut: Cut) -> i64 {
    let face = face(cut);
    let mut buffer = UnicodeBuffer::new();
    buffer.push_str(text);
    buffer.guess_segment_properties();
    let plan = plan(cut, buffer.direction(), buffer.script());
    let shaped = rustybuzz::shape_with_plan(face, &plan, buffer);
    shaped.glyph_positions().iter().map(|glyph| i64::from(glyph.x_advance)).sum()
}

/// Breaks a text into lines of at most `max` pixels, at spaces (a no-break space holds), and a word
/// that is wider than a line after a hyphen or slash, else anywhere. Never loses a character but the spaces at breaks.
pub fn wrap(text: &str, size: f64, cut: Cut, max: f64) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.split('\n') {
        let mut line = String::new();
        for word in paragraph.split(' ').filter(|word| !word.is_empty()) {
            let tried = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
            if width(&tried, size, cut) <= max {
                line = tried;
                continue;
            }
            if !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            let mut rest = word;
            while width(rest, size, cut) > max {
                let end = fitting(rest, size, cut, max);
                lines.push(rest[..end].to_owned());
                rest = &rest[end..];
            }
            line.push_str(rest);
        }
        if !line.is_empty() {
            lines.push(line);
        }
    }
    lines
}

/// At most `count` lines; the last one ends in `…` when the text is longer. The second value says whether it was shortened.
pub fn wrap_short(text: &str, size: f64, cut: Cut, max: f64, count: usize) -> (Vec<String>, bool) {
    let mut lines = wrap(text, size, cut, max);
    if lines.len() <= count.max(1) {
        return (lines, false);
    }
    let rest = lines.split_off(count.max(1) - 1).join(" ");
    lines.push(shorten(&rest, size, cut, max));
    (lines, true)
}

/// The text if it fits, else its beginning with `…`.
pub fn shorten(text: &str, size: f64, cut: Cut, max: f64) -> String {
    if width(text, size, cut) <= max {
        return text.to_owned();
    }
    let mut end = text.len();
    loop {
        end = text[..end].char_indices().next_back().map_or(0, |(index, _)| index);
        let tried = format!("{}…", text[..end].trim_end());
        if end == 0 || width(&tried, size, cut) <= max {
            return tried;
        }
    }
}

/// Escapes for XML and HTML text and quoted attributes. A character that XML forbids becomes U+FFFD, so it is seen.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\t' | '\n' | '\r' => out.push(' '),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            other => out.push(other),
        }
    }
    out
}

fn face(cut: Cut) -> &'static Face<'static> {
    static FACES: OnceLock<[Face<'static>; 3]> = OnceLock::new();
    let faces = FACES.get_or_init(|| {
        [Cut::Regular, Cut::SemiBold, Cut::Italic]
            .map(|cut| Face::from_slice(font(cut), 0).expect("the fonts in assets/fonts are whole: a test reads them"))
    });
    match cut {
        Cut::Regular => &faces[0],
        Cut::SemiBold => &faces[1],
        Cut::Italic => &faces[2],
    }
}

/// How texts of a script are shaped: made once, because that takes longer than to shape a label.
fn plan(cut: Cut, direction: Direction, of: Script) -> Arc<ShapePlan> {
    type Plans = Vec<((Cut, Direction, Script), Arc<ShapePlan>)>;
    static PLANS: RwLock<Plans> = RwLock::new(Vec::new());
    let key = (cut, direction, of);
    // A thread that panicked left a whole list behind.
    let known = |plans: &Plans| plans.iter().find(|(known, _)| *known == key).map(|(_, plan)| Arc::clone(plan));
    if let Some(plan) = known(&PLANS.read().unwrap_or_else(PoisonError::into_inner)) {
        return plan;
    }
    let named = (of != script::UNKNOWN).then_some(of);
    let plan = Arc::new(ShapePlan::new(face(cut), direction, named, None, &[]));
    let mut plans = PLANS.write().unwrap_or_else(PoisonError::into_inner);
    known(&plans).unwrap_or_else(|| {
        plans.push((key, Arc::clone(&plan)));
        plan
    })
}

/// The byte length of the longest beginning that fits, at least one character; a hyphen or slash in its second half is preferred.
fn fitting(word: &str, size: f64, cut: Cut, max: f64) -> usize {
    let mut end = 0;
    for (index, character) in word.char_indices() {
        let next = index + character.len_utf8();
        if end > 0 && width(&word[..next], size, cut) > max {
            break;
        }
        end = next;
    }
    match word[..end].rfind(['-', '/', '_']) {
        Some(index) if index + 1 > end / 2 => index + 1,
        _ => end,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, max: f64, expected: &[&str]) {
        assert_eq!(wrap(text, 10.0, Cut::Regular, max), expected, "{text}");
    }

    #[test]
    fn wrapping() {
        check("", 100.0, &[]);
        check("one two three", 1000.0, &["one two three"]);
        check("one two three", 40.0, &["one two", "three"]);
        check("one\u{a0}two three", 40.0, &["one\u{a0}two", "three"]);
        check("a\nb", 40.0, &["a", "b"]);
        check("Nordrhein-Westfalen", 60.0, &["Nordrhein-", "Westfalen"]);
        check("WWWWWW", 1.0, &["W", "W", "W", "W", "W", "W"]);
    }

    #[test]
    fn digits_have_one_width() {
        let one = width("1", 10.0, Cut::Regular);
        for digit in "023456789\u{2212}".chars() {
            assert!((width(&digit.to_string(), 10.0, Cut::Regular) - one).abs() < 1e-9, "{digit}");
        }
    }

    #[test]
    fn every_letter_of_the_partners_is_there() {
        for text in ["Κεντρική Μακεδονία", "Województwo świętokrzyskie", "Jyväskylä", "Ascó", "Škofja Loka", "−→↑●○…\u{202f}"]
        {
            for cut in [Cut::Regular, Cut::SemiBold, Cut::Italic] {
                for character in text.chars() {
                    assert!(face(cut).glyph_index(character).is_some(), "{character} in {cut:?}");
                }
            }
        }
    }

    #[test]
    fn shortened_texts_fit() {
        for max in [0.0, 5.0, 30.0, 80.0] {
            let text = shorten("Zachodniopomorskie", 10.0, Cut::SemiBold, max);
            assert!(text == "…" || width(&text, 10.0, Cut::SemiBold) <= max, "{text}");
        }
        let (lines, cut) = wrap_short("one two three four five six", 10.0, Cut::Regular, 40.0, 2);
        assert_eq!((lines.len(), cut), (2, true));
        assert!(lines[1].ends_with('…'));
    }

    #[test]
    fn escaping() {
        assert_eq!(escape("<a href=\"x\">&'\u{1}"), "&lt;a href=&quot;x&quot;&gt;&amp;&#39;\u{fffd}");
    }
}
