//! The table of values to convert: regions, perhaps dates, versions, denominators and flags, and columns of values.
//!
//! ```text
//! geo,time,value,flag        geo,employed,unemployed
//! FI193,2023,71.2,b          FI193,110000,9000
//! ```

use crate::structure::{TIMES, find, is_text};
use crate::{Fault, Sheet};

use super::flows::year;

/// One row; numbers are in the order of the table's indicators.
#[derive(Debug)]
pub struct Row<'s> {
    pub line: usize,
    pub code: &'s str,
    pub time: &'s str,
    pub version: Option<u16>,
    pub flag: &'s str,
    pub denominator: Option<f64>,
    pub values: Vec<Option<f64>>,
}

/// The table with its columns told apart.
#[derive(Debug)]
pub struct Table<'s> {
    pub rows: Vec<Row<'s>>,
    pub indicators: Vec<&'s str>,
    pub geo: &'s str,
    pub time: Option<&'s str>,
    pub denominator: bool,
    pub flag: bool,
    pub unused: Vec<&'s str>,
}

const GEOS: &[&str] = &["geo", "code", "nuts", "nuts_code", "nuts_id", "geo_code", "region", "id", "territory"];
const VALUES: &[&str] = &["value", "values", "obs_value", "x"];

/// # Errors
/// When there is no column of regions or of values, a cell is no number, a version is no year, or a region stands twice at
/// one date.
pub fn read(sheet: &Sheet) -> Result<Table<'_>, Fault> {
    let texts = || sheet.columns.iter().map(String::as_str).find(|column| is_text(sheet, column));
    let geo = find(sheet, GEOS).or_else(texts);
    let geo = geo.ok_or_else(|| {
        let hint = "--column geo=NAME says which column holds the region codes";
        Fault::shape(&sheet.name, "a column `geo` of region codes", sheet.columns.join(", "), hint)
    })?;
    let time = find(sheet, TIMES);
    let version = find(sheet, &["nuts_version", "version"]);
    let denominator = find(sheet, &["denominator", "den", "base"]);
    let flag = find(sheet, &["flag", "flags", "obs_status", "obs_flag", "status"]);
    let level = find(sheet, &["level", "nuts_level"]);
    let taken: Vec<&str> = [Some(geo), time, version, denominator, flag, level].into_iter().flatten().collect();
    let stated = find(sheet, VALUES).filter(|column| !is_text(sheet, column));
    let others = sheet.columns.iter().map(String::as_str).filter(|column| !taken.contains(column));
    let (numbers, unused): (Vec<&str>, Vec<&str>) =
        others.partition(|column| stated.map_or_else(|| !is_text(sheet, column), |stated| *column == stated));
    if numbers.is_empty() {
        return Err(Fault::Few { at: format!("{}, columns of values", sheet.name), found: 0, least: 1 });
    }
    sheet.keys(&[Some(geo), time].into_iter().flatten().collect::<Vec<_>>()).map_err(|fault| mixed_hint(fault, time))?;
    let codes = sheet.texts(geo)?;
    let times = time.map(|time| sheet.texts(time)).transpose()?;
    let columns: Vec<Vec<Option<f64>>> = numbers.iter().map(|column| sheet.numbers(column)).collect::<Result<_, _>>()?;
    let denominators = denominator.map(|column| sheet.numbers(column)).transpose()?;
    let cell = |row: usize, column: Option<&str>| {
        let index = column.and_then(|column| sheet.columns.iter().position(|name| name == column));
        index.map_or("", |index| sheet.rows[row][index].as_str())
    };
    let mut rows = Vec::with_capacity(codes.len());
    for (row, code) in codes.iter().enumerate() {
        let line = sheet.lines[row];
        let stated = cell(row, version);
        if version.is_some() && year(stated).is_none() {
            let at = sheet.at(line, version.unwrap_or_default());
            return Err(Fault::shape(at, "a NUTS version as 2021", format!("`{stated}`"), "every row needs its version"));
        }
        rows.push(Row {
            line,
            code,
            time: times.as_ref().map_or("", |times| times[row]),
            version: year(stated),
            flag: cell(row, flag),
            denominator: denominators.as_ref().and_then(|all| all[row]),
            values: columns.iter().map(|column| column[row]).collect(),
        });
    }
    let (denominator, flag) = (denominator.is_some(), flag.is_some());
    Ok(Table { rows, indicators: numbers, geo, time, denominator, flag, unused })
}

/// One region with several values: most likely a table with dimensions that are not named here.
fn mixed_hint(fault: Fault, time: Option<&str>) -> Fault {
    let Fault::Duplicate { at, key, first } = fault else { return fault };
    let by = if time.is_some() { "region and date" } else { "region" };
    let hint = format!("one row for each {by}; filter the table to one series, or name the date with --column time=NAME");
    Fault::shape(at, format!("each {by} once"), format!("`{key}` again, first in line {first}"), hint)
}
