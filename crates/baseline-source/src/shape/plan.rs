//! What each column of a part is: found by its header, or said to be missing.

use baseline_model::definitions::{Block, Cross, HeaderLevel, Name, Range};
use baseline_model::{Finding, Period};

use super::header::{Column, columns, rows, tidy};
use super::{HINT, Part};
use crate::findings::{nearest_note, quote};
use crate::sheet::Sheet;

/// Where the columns of a part stand.
#[derive(Debug)]
pub(super) struct Plan<'s> {
    pub block: &'s Block,
    /// First row behind the header.
    pub first: u32,
    /// Cells that a record of a text has.
    pub width: Option<u32>,
    pub keys: Vec<u32>,
    pub period: Vec<u32>,
    pub range: Option<u32>,
    /// Of each key the column that says for which rows its codes count.
    pub whens: Vec<Option<u32>>,
    pub fields: Vec<Field<'s>>,
    /// Columns with a text in the header, in order.
    pub named: Vec<u32>,
}

/// A column of figures.
#[derive(Debug)]
pub(super) struct Field<'s> {
    pub column: u32,
    /// Its header, for messages.
    pub name: String,
    pub period: Option<String>,
    /// Dimension by its place, and code.
    pub codes: Vec<(usize, &'s str)>,
    /// Whether an empty cell is a statement.
    pub keeps_blanks: bool,
}

/// `None`, with faults, when a column without which no row can be understood is missing.
pub(super) fn plan<'s>(
    block: &'s Block,
    sheet: &Sheet,
    part: Part,
    dimensions: &[String],
    at: &str,
    faults: &mut Vec<Finding>,
) -> Option<Plan<'s>> {
    let columns = columns(block, sheet, part);
    let mut claimed: Vec<u32> = Vec::new();
    let place_of =
        |dimension: &str| dimensions.iter().position(|known| known.eq_ignore_ascii_case(dimension)).unwrap_or_default();
    let codes_of = |set: &'s std::collections::BTreeMap<String, String>| {
        set.iter().map(|(dimension, code)| (place_of(dimension), code.as_str())).collect::<Vec<_>>()
    };
    let mut fields: Vec<Field<'s>> = Vec::new();
    for measure in &block.measures {
        let Ok(column) = column_of(&columns, &measure.column) else { continue };
        let mut codes = codes_of(&measure.set);
        if !measure.code.is_empty() {
            codes.push((0, measure.code.as_str()));
        }
        let period = measure.period.clone();
        fields.push(Field { column: column.number, name: column.path(), period, codes, keeps_blanks: !block.skip_blanks });
        claimed.push(column.number);
    }
    let mut unmatched: Vec<(u32, String)> = Vec::new();
    for cross in &block.crosses {
        let mut seen: Vec<Vec<&str>> = vec![Vec::new(); cross.levels.len()];
        let mut count = 0;
        for column in columns.iter().filter(|column| !claimed.contains(&column.number)) {
            let Some(matched) = fit(cross, column) else { continue };
            count += 1;
            let mut codes = codes_of(&cross.set);
            let mut period = cross.period.clone();
            for (place, (level, found)) in cross.levels.iter().zip(matched).enumerate() {
                match found {
                    Matched::Text => {}
                    Matched::Code(text, code) => {
                        seen[place].push(text);
                        codes.push((place_of(level.dimension.as_deref().unwrap_or_default()), code));
                    }
                    Matched::Period(text) => period = Some(text),
                }
            }
            fields.push(Field { column: column.number, name: column.path(), period, codes, keeps_blanks: false });
        }
        for (level, seen) in cross.levels.iter().zip(&seen) {
            let missing = level.codes.keys().filter(|text| !seen.contains(&text.as_str()));
            unmatched.extend(missing.map(|text| (level.row, text.clone())));
            if count == 0 && level.codes.is_empty() {
                let wanted = level.is.as_deref().or(level.periods.first().map(String::as_str)).unwrap_or_default();
                unmatched.push((level.row, wanted.to_owned()));
            }
        }
    }
    twice(&mut fields, sheet, part, at, faults);
    claimed.extend(fields.iter().map(|field| field.column));

    let period_names: Vec<Name> =
        block.period_column.iter().flat_map(|name| name.texts().iter().map(|text| Name::One(text.clone()))).collect();
    let others = block.keys.iter().map(|key| &key.column).chain(ranges(block).map(|range| &range.column)).chain(&period_names);
    claimed.extend(others.filter_map(|name| column_of(&columns, name).ok()).map(|column| column.number));
    let ignored = |column: &Column| {
        block.ignore.iter().any(|name| {
            let (name, path) = (wanted(name), column.path());
            path == name || column.last() == name || path.strip_prefix(&name).is_some_and(|rest| rest.starts_with(" / "))
        })
    };
    let undeclared: Vec<String> = columns
        .iter()
        .filter(|column| !claimed.contains(&column.number) && !ignored(column))
        .map(Column::path)
        .filter(|path| !path.is_empty())
        .collect();

    let mut find = |name: &Name, loss: &str| match column_of(&columns, name) {
        Ok(column) => Some(column.number),
        Err(count) => {
            faults.push(missing(&columns, &undeclared, name, count, loss, at));
            None
        }
    };
    let keys: Vec<_> = block.keys.iter().map(|key| find(&key.column, "the block is not read")).collect();
    let period: Vec<_> = period_names.iter().map(|name| find(name, "the block is not read")).collect();
    let mut range_of = |range: &Option<Range>| match range {
        Some(range) => find(&range.column, "the block is not read").map(Some),
        None => Some(None),
    };
    let range = range_of(&block.rows);
    let whens: Vec<_> = block.keys.iter().map(|key| range_of(&key.when)).collect();
    for measure in &block.measures {
        find(&measure.column, "the measure is not read");
    }
    for (row, text) in unmatched {
        let line = part.header.saturating_add(row.saturating_sub(1));
        let there: Vec<String> =
            columns.iter().filter_map(|column| column.levels.get(row.saturating_sub(1) as usize).cloned()).collect();
        let near = nearest_note(&text, there.iter().map(String::as_str).filter(|text| !text.is_empty()));
        let message = format!(
            "expected {} in the header row {}, found {}{near}; the columns are not read",
            quote(&text),
            u64::from(line) + 1,
            listed(&distinct(&there))
        );
        faults.push(Finding::error("column-missing", at, message).hint(HINT));
    }
    if !undeclared.is_empty() {
        let message = format!("columns that the declared shape does not name and that are not read: {}", listed(&undeclared));
        faults.push(
            Finding::warning("column-undeclared", at, message).hint("add them to the shape, as measures or under `ignore`"),
        );
    }
    fields.sort_by_key(|field| field.column);
    Some(Plan {
        block,
        first: part.header.saturating_add(rows(block)),
        width: sheet.lines.get(part.header as usize).map(|(_, width)| *width),
        keys: keys.into_iter().collect::<Option<_>>()?,
        period: period.into_iter().collect::<Option<_>>()?,
        range: range?,
        whens: whens.into_iter().collect::<Option<_>>()?,
        fields,
        named: columns.iter().map(|column| column.number).collect(),
    })
}

fn ranges(block: &Block) -> impl Iterator<Item = &Range> {
    block.rows.iter().chain(block.keys.iter().filter_map(|key| key.when.as_ref()))
}

/// The column of a name, or how many fit it when it is not one: by its whole path, else by its lowest text.
fn column_of<'c>(columns: &'c [Column], name: &Name) -> Result<&'c Column, usize> {
    let name = wanted(name);
    let one = |fits: &dyn Fn(&Column) -> bool| {
        let fitting: Vec<&Column> = columns.iter().filter(|column| fits(column)).collect();
        match fitting.as_slice() {
            [column] => Ok(*column),
            _ => Err(fitting.len()),
        }
    };
    match one(&|column| column.path() == name) {
        Err(0) => one(&|column| column.last() == name),
        found => found,
    }
}

fn wanted(name: &Name) -> String {
    let texts: Vec<String> = name.texts().iter().map(|text| tidy(text)).filter(|text| !text.is_empty()).collect();
    texts.join(" / ")
}

enum Matched<'s> {
    Text,
    Code(&'s str, &'s str),
    Period(String),
}

/// What each level of a cross table says of a column; none when the column is no part of it.
fn fit<'s>(cross: &'s Cross, column: &Column) -> Option<Vec<Matched<'s>>> {
    let level_of = |row: usize| cross.levels.iter().any(|level| level.row as usize == row + 1);
    if column.levels.iter().enumerate().any(|(row, text)| !text.is_empty() && !level_of(row)) {
        return None;
    }
    cross.levels.iter().map(|level| matched(level, column.levels.get((level.row as usize).checked_sub(1)?)?)).collect()
}

fn matched<'s>(level: &'s HeaderLevel, text: &str) -> Option<Matched<'s>> {
    if let Some(is) = &level.is {
        return (tidy(is) == text).then_some(Matched::Text);
    }
    if !level.periods.is_empty() {
        return level.periods.iter().find_map(|form| period_of(form, text)).map(Matched::Period);
    }
    let (known, code) = level.codes.iter().find(|(known, _)| tidy(known) == text)?;
    Some(Matched::Code(known, code))
}

/// The period that a text states in a form such as `{quarter}{letters} quarter {year}`, as `2001-Q1`.
pub(super) fn period_of(form: &str, text: &str) -> Option<String> {
    let (form, text) = (form.to_lowercase(), text.to_lowercase());
    let (mut form, mut text) = (form.as_str(), text.as_str());
    let mut parts: [Option<u16>; 5] = [None; 5];
    const NAMES: [(&str, usize); 5] = [("year}", 4), ("half}", 1), ("quarter}", 1), ("month}", 2), ("day}", 2)];
    while !form.is_empty() {
        if let Some(rest) = form.strip_prefix("{letters}") {
            text = text.trim_start_matches(char::is_alphabetic);
            form = rest;
            continue;
        }
        if let Some(rest) = form.strip_prefix('{') {
            let (place, name, most) = NAMES
                .iter()
                .enumerate()
                .find_map(|(place, (name, most))| rest.starts_with(name).then_some((place, name, *most)))?;
            let digits = text.bytes().take(most).take_while(u8::is_ascii_digit).count();
            if digits == 0 || (place == 0 && digits != 4) {
                return None;
            }
            parts[place] = text[..digits].parse().ok();
            (form, text) = (&rest[name.len()..], &text[digits..]);
            continue;
        }
        let letter = form.chars().next()?;
        text = text.strip_prefix(letter)?;
        form = &form[letter.len_utf8()..];
    }
    let [Some(year), half, quarter, month, day] = parts else { return None };
    let period = match (half, quarter, month, day) {
        (None, None, None, None) => format!("{year:04}"),
        (Some(half), None, None, None) => format!("{year:04}-S{half}"),
        (None, Some(quarter), None, None) => format!("{year:04}-Q{quarter}"),
        (None, None, Some(month), None) => format!("{year:04}-{month:02}"),
        (None, None, Some(month), Some(day)) => format!("{year:04}-{month:02}-{day:02}"),
        _ => return None,
    };
    (text.is_empty() && Period::parse(&period).is_some()).then_some(period)
}

/// Two declarations for one column: which is meant cannot be known, so neither is read.
fn twice(fields: &mut Vec<Field<'_>>, sheet: &Sheet, part: Part, at: &str, faults: &mut Vec<Finding>) {
    let mut double: Vec<u32> = Vec::new();
    for (place, field) in fields.iter().enumerate() {
        if fields[..place].iter().any(|other| other.column == field.column) && !double.contains(&field.column) {
            double.push(field.column);
            let message = format!(
                "the column {} ({}) fits the declared shape in two ways; it is not read",
                quote(&field.name),
                sheet.address(part.header, field.column)
            );
            faults.push(Finding::error("column-ambiguous", at, message).hint("correct the declared shape"));
        }
    }
    fields.retain(|field| !double.contains(&field.column));
}

fn missing(columns: &[Column], undeclared: &[String], name: &Name, count: usize, loss: &str, at: &str) -> Finding {
    let wanted = wanted(name);
    if count > 1 {
        let message = format!("expected one column {}, found {count} of this name; {loss}", quote(&wanted));
        return Finding::error("column-ambiguous", at, message)
            .hint("name the column in the declared shape with the texts above it: [\"Nationality\", \"Greek\"]");
    }
    let near = nearest_note(&wanted, undeclared.iter().map(String::as_str));
    let names: Vec<String> = columns.iter().map(Column::path).collect();
    Finding::error(
        "column-missing",
        at,
        format!("expected the column {}, found {}{near}; {loss}", quote(&wanted), listed(&names)),
    )
    .hint(HINT)
}

fn distinct(texts: &[String]) -> Vec<String> {
    let mut distinct: Vec<String> = Vec::new();
    for text in texts.iter().filter(|text| !text.is_empty()) {
        if !distinct.contains(text) {
            distinct.push(text.clone());
        }
    }
    distinct
}

/// Names for a message, the first ones when there are many.
fn listed(names: &[String]) -> String {
    const SHOWN: usize = 40;
    let mut shown: Vec<String> = names.iter().take(SHOWN).map(|name| quote(name)).collect();
    if names.len() > SHOWN {
        shown.push(format!("and {} more", names.len() - SHOWN));
    }
    if shown.is_empty() { "nothing".into() } else { shown.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods() {
        for (form, text, expected) in [
            ("{year}", "2024", Some("2024")),
            ("{year}", "24", None),
            ("{year}", "20245", None),
            ("{quarter}{letters} quarter {year}", "1st Quarter 2001", Some("2001-Q1")),
            ("{quarter}{letters} quarter {year}", "2d quarter 2001", Some("2001-Q2")),
            ("{quarter}{letters} quarter {year}", "5th quarter 2001", None),
            ("{quarter}{letters} quarter {year}", "1st quarter 20111", None),
            ("{year} {quarter}{letters} quarter", "2001 3rd quarter", Some("2001-Q3")),
            ("{year}H{half}", "2008H1", Some("2008-S1")),
            ("{day}.{month}.{year}", "30.06.2023", Some("2023-06-30")),
            ("{day}.{month}.{year}", "32.06.2023", None),
            ("{month}/{year}", "6/2023", Some("2023-06")),
            ("{nothing}", "x", None),
            ("", "", None),
            ("{year", "2024", None),
        ] {
            assert_eq!(period_of(form, text).as_deref(), expected, "{form} {text}");
        }
    }
}
