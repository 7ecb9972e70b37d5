//! The header of a block: texts of one or more rows, put in order, as a path for every column.
//!
//! ```text
//! Population |                  | Population total | Nationality |            |
//! Year       | Region - NUTS II |                  | Greek       | EU country | Other
//! ```
//!
//! `Nationality` stands over three columns and in one cell: it is filled to the right. In the last row nothing is.

use std::collections::{BTreeMap, BTreeSet};

use baseline_model::definitions::Block;

use super::Part;
use crate::pattern;
use crate::sheet::{Sheet, text};

/// A column that has a text of its own in the header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Column {
    pub number: u32,
    /// One text a header row, filled to the right; empty where none holds.
    pub levels: Vec<String>,
}

impl Column {
    /// `Nationality / Greek`.
    pub fn path(&self) -> String {
        let levels: Vec<&str> = self.levels.iter().map(String::as_str).filter(|level| !level.is_empty()).collect();
        levels.join(" / ")
    }

    /// The lowest text.
    pub fn last(&self) -> &str {
        self.levels.iter().rev().find(|level| !level.is_empty()).map_or("", String::as_str)
    }
}

/// The columns under the header of a part, in order.
pub(super) fn columns(block: &Block, sheet: &Sheet, part: Part) -> Vec<Column> {
    let count = rows(block);
    let mut own: Vec<BTreeMap<u32, String>> = Vec::new();
    let mut named: BTreeSet<u32> = BTreeSet::new();
    for level in 0..count {
        let row = sheet.row(part.header.saturating_add(level));
        let cells = row.into_iter().flat_map(|row| row.cells(0));
        let mut texts: BTreeMap<u32, String> = cells.map(|(column, cell)| (column, tidy(&text(cell)))).collect();
        named.extend(texts.keys());
        if let Some(group) = block.groups.iter().find(|group| group.row == level + 1) {
            texts = grouped(texts, &group.begins);
        }
        for text in texts.values_mut() {
            if let Some(meant) = block.misprints.get(text.as_str()) {
                text.clone_from(meant);
            }
            if block.footnotes {
                *text = without_footnote(text).to_owned();
            }
        }
        texts.retain(|_, text| !block.technical.iter().any(|technical| pattern::matches(technical, text)));
        own.push(texts);
    }
    let column = |number: u32| {
        let levels = (0..own.len()).map(|level| {
            let filled = level + 1 < own.len() || block.groups.iter().any(|group| group.row as usize == level + 1);
            if !filled {
                return own[level].get(&number).cloned().unwrap_or_default();
            }
            let Some((from, text)) = own[level].range(..=number).next_back() else { return String::new() };
            // A group of a row above that begins in between ends this one.
            let ended = own[..level].iter().any(|above| above.range(..=number).next_back().is_some_and(|(last, _)| last > from));
            if ended { String::new() } else { text.clone() }
        });
        Column { number, levels: levels.collect() }
    };
    named.into_iter().map(column).collect()
}

/// Rows of the header; a wrong declaration must not ask for more than a header can have.
pub(super) fn rows(block: &Block) -> u32 {
    block.header_rows.unwrap_or(1).clamp(1, 20)
}

/// A text with its blanks in order: line breaks, no-break blanks and double blanks are one blank, none stands at an end.
pub(super) fn tidy(text: &str) -> String {
    let mut tidy = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !tidy.is_empty() {
            tidy.push(' ');
        }
        tidy.push_str(word);
    }
    tidy
}

/// Without signs of footnotes at the end: `Ausländer1)`, `Insgesamt (2)`, `Sonstige*`, `Männer¹`, `Total2`.
pub(super) fn without_footnote(text: &str) -> &str {
    let mut rest = text.trim_end();
    loop {
        let before = rest;
        rest = rest.trim_end_matches(['*', '†', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹', '⁰']).trim_end();
        if let Some(open) = rest.strip_suffix(')') {
            let digits = open.trim_end_matches(|letter: char| letter.is_ascii_digit());
            if digits.len() < open.len() {
                rest = digits.strip_suffix('(').unwrap_or(digits).trim_end();
            }
        }
        let digits = rest.trim_end_matches(|letter: char| letter.is_ascii_digit());
        // One digit or two directly behind a letter: a longer number, or one of its own, is part of the name.
        if rest.len() - digits.len() <= 2 && digits.ends_with(char::is_alphabetic) {
            rest = digits;
        }
        if rest.is_empty() {
            return text;
        }
        if rest == before {
            return rest;
        }
    }
}

/// Texts of a group joined at its first column.
fn grouped(texts: BTreeMap<u32, String>, begins: &str) -> BTreeMap<u32, String> {
    let mut joined: BTreeMap<u32, String> = BTreeMap::new();
    let mut group = None;
    for (column, text) in texts {
        if pattern::matches(begins, &text) {
            group = Some(column);
        }
        match group.filter(|first| *first != column).and_then(|first| joined.get_mut(&first)) {
            Some(known) => {
                known.push(' ');
                known.push_str(&text);
            }
            None => drop(joined.insert(column, text)),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn footnotes() {
        for (text, expected) in [
            ("Ausländer1)", "Ausländer"),
            ("Insgesamt (2)", "Insgesamt"),
            ("Sonstige*", "Sonstige"),
            ("Männer¹", "Männer"),
            ("Total2", "Total"),
            ("15-24", "15-24"),
            ("2023", "2023"),
            ("1st quarter 2011", "1st quarter 2011"),
            ("Aged 20", "Aged 20"),
            ("EU27", "EU"),
            ("EU (27)1)", "EU"),
            ("*", "*"),
            ("(a)", "(a)"),
        ] {
            assert_eq!(without_footnote(text), expected, "{text}");
        }
        assert_eq!(tidy(" a\u{a0} b\n\tc "), "a b c");
    }
}
