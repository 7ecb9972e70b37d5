//! The position of a region among all NUTS 2 regions of a table: from the best value (from the highest when neither
//! is better), on the published numbers, never on rounded ones; ties share a range of places.

use std::collections::{BTreeMap, BTreeSet};

use baseline_model::Period;
use baseline_model::definitions::{Definitions, Direction, Indicator, Origin};
use polars::prelude::*;

use crate::derive::matching;
use crate::frame::{PERIOD, VALUE};
use crate::harmonise::{AGE, GEO, ORIGIN, SEX, Tidy, common_version, entries, nuts_lives};

/// Places of one region; `first == last` without ties.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    pub first: u32,
    pub last: u32,
    /// Regions with a number.
    pub of: u32,
}

/// The regions a place is one among.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Among {
    All,
    Eu,
}

impl Among {
    pub fn code(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Eu => "eu",
        }
    }

    /// The measure at the end of a figure's id.
    pub fn measure(self) -> &'static str {
        match self {
            Self::All => "position",
            Self::Eu => "position_eu",
        }
    }
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
    let lives = nuts_lives(definitions);
    let eu: BTreeSet<&str> =
        entries(definitions.codelists.get("nuts2_eu")).filter_map(|entry| entry.get("code").copied()).collect();
    // Aggregates such as `EU28` and `EA20` look like regions.
    let no_regions: BTreeSet<&str> = eu.iter().filter_map(|code| code.get(..2)).chain(["EU", "EA"]).collect();
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
        let rows = rows.select([col(GEO), col(VALUE)]).collect()?;
        let (geo, value) = (rows.column(GEO)?.str()?, rows.column(VALUE)?.f64()?);
        let cells: Vec<(&str, Option<f64>)> = geo.iter().map(Option::unwrap_or_default).zip(value.iter()).collect();
        // A table may list the regions of several versions side by side: no area may be counted twice.
        let with_number = cells.iter().filter(|(code, number)| eu.contains(code) && number.is_some());
        let shown = common_version(with_number.filter_map(|(code, _)| lives.get(code)).copied());
        let mut codes = Vec::new();
        let mut numbers = Vec::new();
        let mut without = 0;
        for (code, number) in cells {
            let valid = lives.get(code).is_none_or(|(from, to)| (*from..=*to).contains(&shown));
            let outside =
                code.len() == 4 && !code.ends_with("ZZ") && code.get(..2).is_some_and(|country| !no_regions.contains(country));
            match number {
                _ if !valid || !(outside || eu.contains(code)) => {}
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
        let inside: Vec<bool> = codes.iter().map(|code| eu.contains(code.as_str())).collect();
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

    /// Codes and values of a table -> the place of `PL42` among all and among the EU's, and how many have none.
    fn check_universe(rows: &[(&str, &str)], expected: ((u32, u32), (u32, u32), u32)) {
        let definitions = crate::derive::tests::definitions();
        let csv: String = rows.iter().map(|(code, value)| format!("NEU,{code},2024,{value},\n")).collect();
        let table =
            crate::derive::tests::tidy(&definitions, "s/rates", &format!("citizen,geo,period,value,obs_status\n{csv}"), &[]);
        let tables = BTreeMap::from([("s/rates".to_owned(), table)]);
        let indicator = &definitions.indicators["rate"];
        let found = positions(&definitions, indicator, &tables, Origin::NonEu, Period::year(2024)).expect("a sound table");
        let place = |places: &BTreeMap<String, Position>| (places["PL42"].first, places["PL42"].of);
        assert_eq!((place(&found.places), place(&found.places_eu), found.without), expected, "{rows:?}");
    }

    #[test]
    fn no_area_is_counted_twice_and_none_is_lost() {
        let (pl42, pl91, aggregate) = (("PL42", "5"), ("PL91", "1"), ("EA20", "1"));
        // Lower is better. PL91 lives on; PT16 and NL31 are of the version the others show, though they do not.
        check_universe(&[pl42, pl91, ("NL31", "1"), ("PT16", "2"), aggregate], ((4, 4), (4, 4), 0));
        check_universe(&[pl42, ("NL31", "1"), ("NL33", ""), ("TR10", "2"), ("DEZZ", "1")], ((3, 3), (2, 2), 1));
        // Two versions side by side: Utrecht has one place, of the version that more regions have a number in.
        check_universe(&[pl42, ("NL31", "1"), ("PT16", "2"), ("NL35", "1")], ((3, 3), (3, 3), 0));
    }

    #[test]
    fn ties_share_a_range_of_places() {
        check(&[3.0, 1.0, 2.0], true, &[(1, 1), (3, 3), (2, 2)]);
        check(&[3.0, 1.0, 2.0], false, &[(3, 3), (1, 1), (2, 2)]);
        check(&[5.0, 7.0, 5.0, 1.0], true, &[(2, 3), (1, 1), (2, 3), (4, 4)]);
        check(&[5.04, 5.0], true, &[(1, 1), (2, 2)]);
    }
}
