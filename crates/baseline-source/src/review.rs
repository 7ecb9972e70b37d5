//! What is checked in every table, whatever its format: flag letters, periods, duplicate keys, emptiness.
//!
//! Works on dictionaries, not on cells, so that a million cells cost nothing.

use std::collections::HashMap;

use baseline_model::{Column, Finding, Frequency, Period, RawTable};

use crate::findings::{Context, quote};

/// Letters of the flag lists before and since January 2025.
const FLAGS: &str = "bcdefimnprsuz";

pub(crate) fn review(table: &RawTable, context: &mut Context<'_>) {
    if !context.own_marks {
        flags(table, context);
    }
    periods(table, context);
}

/// First row and number of rows of every dictionary entry that `odd` picks, in dictionary order.
fn odd_rows(column: &Column, odd: impl Fn(&str) -> bool) -> Vec<(&str, usize, u64)> {
    let mut found: Vec<_> = column.dictionary.iter().map(|text| odd(text).then_some((text.as_str(), usize::MAX, 0))).collect();
    if found.iter().all(Option::is_none) {
        return Vec::new();
    }
    for (row, &code) in column.codes.iter().enumerate() {
        if let Some((_, first, count)) = &mut found[code as usize] {
            *first = row.min(*first);
            *count += 1;
        }
    }
    found.into_iter().flatten().filter(|(_, _, count)| *count > 0).collect()
}

fn flags(table: &RawTable, context: &mut Context<'_>) {
    for (text, row, count) in odd_rows(&table.obs_status, |text| text.chars().any(|letter| !FLAGS.contains(letter))) {
        let at = context.at(table.positions.text(row));
        let mut finding =
            Finding::warning("unknown-flag", at, format!("the flag {} is in no known list; kept as it is", quote(text)))
                .hint("look it up in the provider's list of flags and add it to pipelines/codelists/obs_status.csv");
        finding.count = count;
        context.add(finding);
    }
}

fn periods(table: &RawTable, context: &mut Context<'_>) {
    for (text, row, count) in odd_rows(&table.period, |text| !text.is_empty() && Period::parse(text).is_none()) {
        let at = context.at(table.positions.text(row));
        let mut finding =
            Finding::warning("unknown-period", at, format!("{} is no known form of a period; kept as it is", quote(text)))
                .hint("known are 2024, 2024-S1, 2024-Q1, 2024-01, 2024-W07 and 2024-05-31");
        finding.count = count;
        context.add(finding);
    }
    // A tool between the provider and us may have rewritten periods (`2025` into `2025-01-01`).
    let Some([freq]) = table.dimension("freq").map(|column| column.dictionary.as_slice()) else { return };
    let expected = match freq.as_str() {
        "A" => Frequency::Annual,
        "S" => Frequency::Semester,
        "Q" => Frequency::Quarter,
        "M" => Frequency::Month,
        "W" => Frequency::Week,
        "D" => Frequency::Day,
        _ => return,
    };
    let differs = |text: &str| Period::parse(text).is_some_and(|period| period.frequency != expected);
    for (text, row, count) in odd_rows(&table.period, differs) {
        let at = context.at(table.positions.text(row));
        let message = format!("the period {} does not fit the frequency `{freq}` that the file states", quote(text));
        let mut finding = Finding::warning("period-not-of-frequency", at, message).hint("take the file from the provider itself");
        finding.count = count;
        context.add(finding);
    }
}

/// Keys that stand in the table more than once: which one is right cannot be known here, so it is an error.
///
/// Every key becomes one number first (8 bytes a row, sorted), and only rows whose numbers repeat are compared as keys.
pub(crate) fn duplicates(table: &RawTable, context: &mut Context<'_>) {
    let columns: Vec<&Column> = table.dimensions.iter().chain([&table.period]).collect();
    duplicate_keys(&columns, table.len(), |row| table.positions.text(row), context);
}

/// The same for the first `rows` of any columns, where a row may be a whole record of figures.
pub(crate) fn duplicate_keys(columns: &[&Column], rows: usize, place: impl Fn(usize) -> String, context: &mut Context<'_>) {
    let repeated = repeated(rows, columns);
    if repeated.is_empty() {
        return;
    }
    let number = numbering(columns);
    let mut seen: HashMap<Box<[u32]>, usize> = HashMap::new();
    for row in 0..rows {
        if repeated.binary_search(&number(row)).is_err() {
            continue;
        }
        let key: Box<[u32]> = columns.iter().map(|column| column.codes[row]).collect();
        let Some(first) = seen.insert(key, row) else { continue };
        context.group("duplicate-key", "", |context| {
            let key: Vec<_> = columns.iter().map(|column| format!("{}={}", column.id, column.get(row))).collect();
            Finding::error(
                "duplicate-key",
                context.at(place(row)),
                format!("the key {} stands already at {}; both rows are kept", key.join(" "), place(first)),
            )
            .hint("take the file from the provider itself; a file joined from several downloads repeats keys")
        });
    }
}

/// The number of a row's key: its place among all combinations of codes where these fit, else a mixture of the codes,
/// which different keys may share.
fn numbering<'c>(columns: &'c [&'c Column]) -> impl Fn(usize) -> u64 + 'c {
    let fits = columns.iter().try_fold(1_u64, |product, column| product.checked_mul(column.dictionary.len() as u64)).is_some();
    move |row| {
        columns.iter().fold(0_u64, |number, column| {
            let code = u64::from(column.codes[row]);
            if fits {
                number * column.dictionary.len() as u64 + code
            } else {
                (number.rotate_left(23) ^ code).wrapping_mul(0x9e37_79b9_7f4a_7c15)
            }
        })
    }
}

/// Numbers that more than one row has, sorted.
fn repeated(rows: usize, columns: &[&Column]) -> Vec<u64> {
    let number = numbering(columns);
    let mut numbers: Vec<u64> = (0..rows).map(number).collect();
    numbers.sort_unstable();
    let mut repeated: Vec<u64> = numbers.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect();
    repeated.dedup();
    repeated
}

/// A file without a single cell answers nothing: say so, unless the reason was said already.
pub(crate) fn emptiness(tables: &[RawTable], context: &mut Context<'_>) {
    if tables.iter().all(RawTable::is_empty) && !context.has_errors() {
        context.add(
            Finding::error("no-data", context.name, "the file has the form of a table and no cell in it")
                .hint("check the filters of the request: an unknown code or a year without data gives such an answer"),
        );
    }
}
