//! Runs of text and bound numbers as HTML. Everything is escaped here; strings marked safe come only from this
//! module and the charts.

use std::fmt::Write;

use baseline_model::Grade;
use baseline_model::language::Language;

use crate::document::{Number, Span, Text};
use crate::text::escape;
use crate::words;

/// A text with its numbers, marks and links.
pub(super) fn spans(text: &Text, language: &Language) -> String {
    let isolated = |text: &str| isolated(text, &language.code);
    text.0
        .iter()
        .map(|span| match span {
            Span::Plain(text) => isolated(text),
            Span::Strong(text) => format!("<strong>{}</strong>", isolated(text)),
            Span::Number(number) => number_html(number, language),
            // Only what a reader may open: a `javascript:` address stays text.
            Span::Link { text, url } if ["https://", "http://", "mailto:"].iter().any(|scheme| url.starts_with(scheme)) => {
                format!("<a href=\"{}\">{}</a>", escape(url), isolated(text))
            }
            Span::Link { text, url } => format!("{} ({})", isolated(text), isolated(url)),
            Span::Reference { text, anchor } => format!("<a href=\"#{}\">{}</a>", escape(anchor), isolated(text)),
        })
        .collect()
}

/// The number with every mark that belongs to it: as [`Number::marks`] prints them, each explained in its title.
pub(super) fn number_html(number: &Number, language: &Language) -> String {
    let class = if number.value.is_none() { "num missing" } else { "num" };
    let title =
        number.missing.map_or_else(String::new, |reason| format!(" title=\"{}\"", escape(&words::reason(language, reason))));
    // What the script writes to a file, where the marks alone say too little.
    let value = number.value.map_or_else(String::new, |value| format!(" data-value=\"{value}\""));
    let carried = if number.carried_years == 0 { String::new() } else { format!(" data-years=\"{}\"", number.carried_years) };
    let mut html = format!(
        "<span class=\"{class}\" data-id=\"{}\" data-grade=\"{}\"{value}{carried}{title}>{}",
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

/// Escaped; a range of numbers (`20–64`) and a name with a number (`EU-27`) stay on one line, a unit sign with the word before it, and words in Greek
/// letters are marked as Greek on a page in another language, so that they are read aloud and not spelt.
pub(super) fn kept(text: &str, page: &str) -> String {
    let escaped = escape(text).replace(", %", ",\u{a0}%");
    let escaped = if page == "el" { escaped } else { greek(&escaped) };
    let mut out = String::with_capacity(escaped.len());
    let mut rest = escaped.as_str();
    while let Some(dash) = rest.find(['–', '-']) {
        let (before, from) = rest.split_at(dash);
        let range = from.starts_with('–');
        let after = &from[if range { '–'.len_utf8() } else { 1 }..];
        // `EU-27` holds like `20–64`.
        let held = |letter: char| if range { letter.is_ascii_digit() } else { letter.is_ascii_uppercase() };
        let start = before.trim_end_matches(held).len();
        let end = after.len() - after.trim_start_matches(|digit: char| digit.is_ascii_digit()).len();
        let (dash, next) = from.split_at(from.len() - after.len());
        if start < before.len() && end > 0 {
            let _ = write!(out, "{}<span class=\"range\">{}{dash}{}</span>", &before[..start], &before[start..], &next[..end]);
            rest = &next[end..];
        } else {
            out.push_str(before);
            out.push_str(dash);
            rest = next;
        }
    }
    out + rest
}

/// Escaped; a text with direction marks cannot turn round what follows it.
pub(super) fn isolated(text: &str, page: &str) -> String {
    let turns = text.contains(|character| matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'));
    if turns { format!("<bdi>{}</bdi>", kept(text, page)) } else { kept(text, page) }
}

/// Runs of Greek words of an escaped text in an element of their language; a single letter is a symbol.
fn greek(escaped: &str) -> String {
    let is_greek = |letter: char| matches!(letter, '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}') && letter.is_alphabetic();
    let mut out = String::with_capacity(escaped.len());
    let mut rest = escaped;
    while let Some(start) = rest.find(is_greek) {
        let (before, run) = rest.split_at(start);
        let last = run
            .char_indices()
            .take_while(|(_, letter)| is_greek(*letter) || matches!(letter, ' ' | '-' | '\u{a0}' | '\u{ad}'))
            .filter(|(_, letter)| is_greek(*letter))
            .last();
        let end = last.map_or(0, |(index, letter)| index + letter.len_utf8());
        let (run, after) = run.split_at(end);
        out.push_str(before);
        if run.chars().count() > 1 {
            let _ = write!(out, "<span lang=\"el\">{run}</span>");
        } else {
            out.push_str(run);
        }
        rest = after;
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(kept(text, "en"), expected);
    }

    #[test]
    fn ranges_stay_together() {
        check("aged 20–64, % <", "aged <span class=\"range\">20–64</span>,\u{a0}% &lt;");
        check("8–9 – x–9", "<span class=\"range\">8–9</span> – x–9");
        check("from EU-27, non-EU", "from <span class=\"range\">EU-27</span>, non-EU");
    }

    #[test]
    fn greek_words_are_greek() {
        check("in Κεντρική Μακεδονία (EL52)", "in <span lang=\"el\">Κεντρική Μακεδονία</span> (EL52)");
        check("χ² < μ", "χ² &lt; μ");
        check("Ά-Β, ΓΔ", "<span lang=\"el\">Ά-Β</span>, <span lang=\"el\">ΓΔ</span>");
        assert_eq!(kept("Κεντρική", "el"), "Κεντρική");
    }

    #[test]
    fn direction_marks_are_isolated() {
        assert_eq!(isolated("a\u{202e}b", "en"), "<bdi>a\u{202e}b</bdi>");
        assert_eq!(isolated("a<b", "en"), "a&lt;b");
    }
}
