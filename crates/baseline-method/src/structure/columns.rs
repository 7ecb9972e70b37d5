//! What the columns of a table are, from their names and contents: so that a table as a statistician writes it needs no
//! renaming. Nothing is guessed in silence: a column that is not used becomes a note.

use baseline_model::Finding;

use crate::{Fault, Sheet};

/// Usual names of the column that says what a row is.
pub const NAMES: &[&str] = &[
    "id",
    "name",
    "geo",
    "territory",
    "region",
    "place",
    "area",
    "unit",
    "code",
    "nuts",
    "country",
    "county",
    "municipality",
    "industry",
    "sector",
    "branch",
    "nace",
    "activity",
    "occupation",
    "isco",
    "person",
    "school",
    "tract",
];

/// Usual names of a period.
pub const TIMES: &[&str] = &["time", "year", "period", "time_period", "date"];

/// The column of the first of some names that the table has, whatever its capitals.
pub fn find<'s>(sheet: &'s Sheet, names: &[&str]) -> Option<&'s str> {
    let column = |wanted: &&str| sheet.columns.iter().find(|column| column.eq_ignore_ascii_case(wanted));
    names.iter().find_map(column).map(String::as_str)
}

/// Whether a column holds texts only. One broken number among numbers does not make it a text: it is to be refused.
pub fn is_text(sheet: &Sheet, column: &str) -> bool {
    let Some(index) = sheet.columns.iter().position(|name| name == column) else { return false };
    let cells = || sheet.rows.iter().map(|row| row[index].as_str()).filter(|cell| !cell.is_empty());
    cells().next().is_some() && cells().all(|cell| cell.parse::<f64>().is_err())
}

/// The column that names the rows: one with a usual name, or the first when it holds texts.
pub fn name_column(sheet: &Sheet) -> Option<&str> {
    let first = sheet.columns.first().map(String::as_str);
    first.filter(|column| is_text(sheet, column)).or_else(|| find(sheet, NAMES))
}

/// The rows' names, each once; their numbers from 1 without a column for them.
///
/// # Errors
/// When a name is empty or stands twice.
pub fn names(sheet: &Sheet, column: Option<&str>) -> Result<Vec<String>, Fault> {
    let Some(column) = column else { return Ok((1..=sheet.rows.len()).map(|row| row.to_string()).collect()) };
    Ok(sheet.keys(&[column])?.into_iter().map(|key| key[0].to_owned()).collect())
}

/// The columns of numbers but some, in the file's order, and the columns of texts that are left over.
pub fn split<'s>(sheet: &'s Sheet, except: &[&str]) -> (Vec<&'s str>, Vec<&'s str>) {
    let left = sheet.columns.iter().map(String::as_str).filter(|column| !except.contains(column));
    left.partition(|column| !is_text(sheet, column))
}

/// The note that columns were left out of the computation; none for no columns.
pub fn unused(method: &str, columns: &[&str]) -> Option<Finding> {
    (!columns.is_empty()).then(|| {
        Finding::info("column-unused", method, format!("not used, because they hold texts: {}", columns.join(", ")))
            .hint("--column NAME=COLUMN says what a column is")
    })
}
