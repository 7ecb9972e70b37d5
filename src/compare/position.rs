//! The position of a region among all NUTS 2 regions of a table: from the best value (from the highest when neither
//! is better), on the published numbers, never on rounded ones; ties share a range of places.

use std::collections::BTreeMap;

use baseline_model::Period;
use baseline_model::definitions::{Definitions, Direction, Indicator, Origin};
use polars::prelude::*;

use crate::derive::matching;
use crate::frame::{PERIOD, VALUE};
use crate::harmonise::{AGE, GEO, NUTS_VERSION, ORIGIN, SEX, Tidy, entries};

/// Places of one region; `first == last` without ties.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    pub first: u32,
    pub last: u32,
    /// Regions with a number.
    pub of: u32,
}

/// All NUTS 2 regions of an indicator's table in one period, for one group.
#[derive(Debug, Clone, Default)]
pub struct Regions {
    /// Region code -> value.
    pub values: BTreeMap<String, f64>,
    /// Region code -> place among all of them.
    pub places: BTreeMap<String, Position>,
    /// Region code -> place among those of the EU.
    pub places_eu: BTreeMap<String, Position>,
    /// Regions of the table that have no number.
    pub without: u32,
}

/// Positions for a group in a period; empty when no series of the indicator has regions.
///
/// # Errors
/// When a data frame expression fails.
pub fn positions(
    definitions: &Definitions,
    indicator: &Indicator,
    tidy: &BTreeMap<String, Tidy>,
    origin: Origin,
    period: Period,
) -> PolarsResult<Regions> {
    let eu: BTreeMap<&str, (&str, &str)> = entries(definitions.codelists.get("nuts2_eu"))
        .filter_map(|entry| Some((*entry.get("code")?, (*entry.get("from")?, *entry.get("to")?))))
        .collect();
    let eu_countries: std::collections::BTreeSet<&str> = eu.keys().filter_map(|code| code.get(..2)).collect();
    for record in &indicator.series {
        let states = record.set.get(ORIGIN).map(String::as_str);
        if states.is_some_and(|code| code != origin.code()) {
            continue;
        }
        let Some(table) = tidy.get(&record.dataflow) else { continue };
        let mut rows = matching(&table.frame, record).filter(col(PERIOD).eq(lit(period.to_string())));
        let columns = table.frame.get_column_names();
        let ours = [(ORIGIN, origin.code()), (SEX, indicator.headline.sex.as_str()), (AGE, indicator.headline.age.as_str())];
        for (name, code) in ours {
            if columns.iter().any(|column| column.as_str() == name) && !record.set.contains_key(name) {
                rows = rows.filter(col(name).eq(lit(code)));
            }
        }
        let rows = rows.select([col(GEO), col(NUTS_VERSION), col(VALUE)]).collect()?;
        let (geo, version, value) = (rows.column(GEO)?.str()?, rows.column(NUTS_VERSION)?.str()?, rows.column(VALUE)?.f64()?);
        let mut codes = Vec::new();
        let mut numbers = Vec::new();
        let mut without = 0;
        for row in 0..rows.height() {
            let code = geo.get(row).unwrap_or("");
            let version = version.get(row).unwrap_or("");
            let listed = eu.get(code).is_some_and(|(from, to)| (*from..=*to).contains(&version));
            let outside =
                code.len() == 4 && !code.ends_with("ZZ") && code.get(..2).is_some_and(|country| !eu_countries.contains(country));
            match value.get(row) {
                _ if !listed && !outside => {}
                Some(number) => {
                    codes.push(code.to_owned());
                    numbers.push(number);
                }
                None => without += 1,
            }
        }
        if codes.is_empty() {
            continue;
        }
        let inside: Vec<bool> = codes.iter().map(|code| eu.contains_key(code.as_str())).collect();
        let descending = indicator.direction != Direction::LowerIsBetter;
        let frame = df!(GEO => &codes, VALUE => &numbers, "eu" => inside)?;
        return Ok(Regions {
            places: places(frame.clone().lazy(), descending)?,
            places_eu: places(frame.lazy().filter(col("eu")), descending)?,
            values: codes.into_iter().zip(numbers).collect(),
            without,
        });
    }
    Ok(Regions::default())
}

fn places(frame: LazyFrame, descending: bool) -> PolarsResult<BTreeMap<String, Position>> {
    let rank = |method| col(VALUE).rank(RankOptions { method, descending }, None).cast(DataType::UInt32);
    let ranked = frame.select([col(GEO), rank(RankMethod::Min).alias("first"), rank(RankMethod::Max).alias("last")]).collect()?;
    let (geo, first, last) = (ranked.column(GEO)?.str()?, ranked.column("first")?.u32()?, ranked.column("last")?.u32()?);
    let of = u32::try_from(ranked.height()).unwrap_or(u32::MAX);
    let rows = (0..ranked.height())
        .filter_map(|row| Some((geo.get(row)?.to_owned(), Position { first: first.get(row)?, last: last.get(row)?, of })));
    Ok(rows.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(values: &[f64], descending: bool, expected: &[(u32, u32)]) {
        let codes: Vec<String> = (0..values.len()).map(|number| format!("R{number}")).collect();
        let frame = df!(GEO => &codes, VALUE => values).expect("two columns of one length");
        let places = places(frame.lazy(), descending).expect("numbers have an order");
        let found: Vec<_> = places.values().map(|place| (place.first, place.last)).collect();
        assert_eq!(found, expected);
        assert!(places.values().all(|place| place.of as usize == values.len()));
    }

    #[test]
    fn ties_share_a_range_of_places() {
        check(&[3.0, 1.0, 2.0], true, &[(1, 1), (3, 3), (2, 2)]);
        check(&[3.0, 1.0, 2.0], false, &[(3, 3), (1, 1), (2, 2)]);
        check(&[5.0, 7.0, 5.0, 1.0], true, &[(2, 3), (1, 1), (2, 3), (4, 4)]);
        check(&[5.04, 5.0], true, &[(1, 1), (2, 2)]);
    }
}
