//! Shift-share: how much of a region's growth is the nation's, how much is due to its mix of industries, how much is its
//! own. The parts sum to the growth.

use std::collections::BTreeMap;

use baseline_model::Finding;

use super::columns::{TIMES, find, name_column, split, unused};
use super::counts::is_total;
use crate::method::{Answer, Cell, Column, Given, Method, Param};
use crate::{Fault, Sheet};

/// One industry of a region and of the nation, at the start and at the end; the same unit throughout.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Industry {
    pub region: [f64; 2],
    pub nation: [f64; 2],
}

/// The parts of a growth, in the unit of the counts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Parts {
    pub growth: f64,
    /// e (E'/E − 1): what the region would have gained growing as the nation.
    pub national: f64,
    /// e (`E_i'`/`E_i` − E'/E): what its mix of industries adds.
    pub industry_mix: f64,
    /// e' − e `E_i'`/`E_i`: what its industries gained beside their national growth.
    pub regional: f64,
    /// Esteban-Marquillas 1972: the regional part at the nation's mix, and the rest, which is specialisation in what the
    /// region does well. `None` where an industry of the region begins at zero.
    pub competitive: Option<f64>,
    pub allocation: Option<f64>,
}

/// The parts for each industry, and for the region, whose parts are their sums. Dunn, A statistical and analytical
/// technique for regional analysis, 1960. All industries of the nation must be there, also those the region lacks.
///
/// # Errors
/// When there is no industry, a number is negative or not finite, the nation is empty at the start, or an industry begins
/// at zero in the nation and above in the region.
pub fn shift_share(industries: &[Industry]) -> Result<(Vec<Parts>, Parts), Fault> {
    for (row, industry) in industries.iter().enumerate() {
        for number in industry.region.iter().chain(&industry.nation) {
            if !(*number >= 0.0 && number.is_finite()) {
                return Err(Fault::number(format!("industry {}", row + 1), "a count from 0 up", number));
            }
        }
        if industry.nation[0] == 0.0 && industry.region[0] > 0.0 {
            let at = format!("industry {}, nation at the start", row + 1);
            return Err(Fault::number(at, "at least the region's count", &0));
        }
    }
    let sum = |pick: fn(&Industry) -> f64| -> f64 { industries.iter().map(pick).sum() };
    let nation = [sum(|industry| industry.nation[0]), sum(|industry| industry.nation[1])];
    let region = sum(|industry| industry.region[0]);
    for (total, name) in [(nation[0], "nation at the start, sum"), (region, "region at the start, sum")] {
        if total == 0.0 {
            return Err(Fault::number(name, "a sum above 0", &0));
        }
    }
    let parts: Vec<Parts> = industries.iter().map(|industry| part(*industry, nation, region)).collect();
    let add = |pick: fn(&Parts) -> f64| -> f64 { parts.iter().map(pick).sum() };
    let add_some = |pick: fn(&Parts) -> Option<f64>| -> Option<f64> { parts.iter().map(pick).sum() };
    let whole = Parts {
        growth: add(|part| part.growth),
        national: add(|part| part.national),
        industry_mix: add(|part| part.industry_mix),
        regional: add(|part| part.regional),
        competitive: add_some(|part| part.competitive),
        allocation: add_some(|part| part.allocation),
    };
    Ok((parts, whole))
}

fn part(industry: Industry, nation: [f64; 2], region: f64) -> Parts {
    let Industry { region: [start, end], nation: [before, after] } = industry;
    // Differences before quotients: whole numbers then stay whole where they can.
    let national = start * (nation[1] - nation[0]) / nation[0];
    // An industry that the region did not have has no growth of its own to compare: all it gained is regional.
    let expected = if start == 0.0 { 0.0 } else { start * (after - before) / before };
    let regional = end - start - expected;
    let competitive = (start > 0.0).then(|| region * before / nation[0] * (end / start - after / before));
    Parts {
        growth: end - start,
        national,
        industry_mix: expected - national,
        regional,
        competitive,
        allocation: competitive.map(|competitive| regional - competitive),
    }
}

pub const METHOD: Method = Method {
    id: "shift-share",
    about: "Shift-share analysis: growth as the nation's part, the industry mix's part and the region's own part",
    formula: &[
        "growth = Σ (e'_i − e_i) = national + industry_mix + regional",
        "national = Σ e_i (E'/E − 1)",
        "industry_mix = Σ e_i (E'_i/E_i − E'/E)",
        "regional = Σ (e'_i − e_i E'_i/E_i)",
        "net_total = industry_mix + regional",
        "competitive = Σ e E_i/E (e'_i/e_i − E'_i/E_i); allocation = regional − competitive",
    ],
    sources: &[
        "Dunn, A statistical and analytical technique for regional analysis, Papers of the Regional Science Association 6, 1960",
        "Esteban-Marquillas, A reinterpretation of shift-share analysis, Regional and Urban Economics 2, 1972 (competitive, allocation)",
        "input of the example: Farhauer and Kröll, Standorttheorien, 2013, as in the R package REAT, shift",
    ],
    assumptions: &[
        "the same classification at both dates, and no break between them",
        "all industries of the nation are in the table; without columns of the nation it is the sum of the regions",
        "an accounting, not an explanation: the regional part holds everything that the classification does not see",
    ],
    columns: &[
        Column { name: "region", required: false, about: "name of the region" },
        Column { name: "industry", required: false, about: "name of the industry" },
        Column { name: "e_t", required: false, about: "count at the start; any name with _t and _t1, or with two years" },
        Column { name: "e_t1", required: false, about: "count at the end" },
        Column { name: "nation_t", required: false, about: "the nation's count of the industry at the start" },
        Column { name: "nation_t1", required: false, about: "the nation's count of the industry at the end" },
        Column { name: "time", required: false, about: "long: period, with the count in `value`" },
        Column { name: "*", required: true, about: "wide: a pair of columns for each region, as A_2011, A_2021, B_2011, ..." },
    ],
    params: &[
        Param { name: "from", default: "", file: false, about: "long: the period of the start; else the only two" },
        Param { name: "to", default: "", file: false, about: "long: the period of the end" },
    ],
    example: (include_str!("../../examples/shift-share.csv"), &[]),
    compute,
};

/// The industries of each region, in the file's order.
type Regions = Vec<(String, Vec<(String, Industry)>)>;

fn compute(given: &Given<'_>) -> Result<Answer, Fault> {
    let mut answer = Answer::new(&[
        "region",
        "industry",
        "start",
        "end",
        "growth",
        "national",
        "industry_mix",
        "regional",
        "net_total",
        "competitive",
        "allocation",
    ]);
    let regions = match find(given.sheet, TIMES) {
        Some(time) => from_long(given, time)?,
        None => from_pairs(given, &mut answer)?,
    };
    let (regions, summed) = regions;
    if summed {
        let names: Vec<&str> = regions.iter().map(|(region, _)| region.as_str()).collect();
        let message = format!("the nation is the sum of {}", names.join(", "));
        let hint = "columns nation_t and nation_t1, or a region named nation, give another one";
        answer.notes.push(Finding::info("reference", METHOD.id, message).hint(hint));
    }
    let single = regions.len() == 1;
    for (region, industries) in regions {
        let counts: Vec<Industry> = industries.iter().map(|(_, industry)| *industry).collect();
        let (parts, whole) = shift_share(&counts).map_err(|fault| named(fault, &region, &industries))?;
        let total = |end: usize| counts.iter().map(|count| count.region[end]).sum();
        push(&mut answer, &region, "total", [total(0), total(1)], &whole);
        for ((industry, count), part) in industries.iter().zip(&parts) {
            push(&mut answer, &region, industry, count.region, part);
        }
        if single {
            let facts = ["growth", "national", "industry_mix", "regional", "net_total"];
            let net = whole.industry_mix + whole.regional;
            let numbers = [whole.growth, whole.national, whole.industry_mix, whole.regional, net];
            answer.facts.extend(facts.into_iter().zip(numbers.map(Cell::from)));
        }
    }
    Ok(answer)
}

fn push(answer: &mut Answer, region: &str, industry: &str, [start, end]: [f64; 2], parts: &Parts) {
    let net = parts.industry_mix + parts.regional;
    let mut cells = vec![Cell::from(region), Cell::from(industry)];
    cells.extend([start, end, parts.growth, parts.national, parts.industry_mix, parts.regional, net].map(Cell::from));
    cells.extend([Cell::number(parts.competitive), Cell::number(parts.allocation)]);
    answer.rows.push(cells);
}

/// Names the region, and the industry in place of its number.
fn named(fault: Fault, region: &str, industries: &[(String, Industry)]) -> Fault {
    let Fault::Number { at, expected, found } = fault else { return fault };
    let (first, rest) = at.split_once(", ").unwrap_or((&at, ""));
    let row = first.strip_prefix("industry ").and_then(|row| row.parse::<usize>().ok());
    let place = row.and_then(|row| industries.get(row - 1)).map_or(first, |(name, _)| name);
    let joint = if rest.is_empty() { "" } else { ", " };
    Fault::Number { at: format!("{region}, {place}{joint}{rest}"), expected, found }
}

/// One row for each region, industry and period.
fn from_long(given: &Given<'_>, time: &str) -> Result<(Regions, bool), Fault> {
    let sheet = given.sheet;
    let (region, industry) = keys_of(sheet);
    let (Some(region), Some(industry)) = (region, industry) else {
        let hint = "--column region=NAME and --column industry=NAME say what the file calls them";
        return Err(Fault::shape(&sheet.name, "columns region and industry beside the period", sheet.columns.join(", "), hint));
    };
    let (numbers, _) = split(sheet, &[region, industry, time]);
    let value = match numbers.as_slice() {
        [only] => only,
        _ => "value",
    };
    let values = sheet.full(value)?;
    let keys = sheet.keys(&[region, industry, time])?;
    let mut periods: Vec<&str> = keys.iter().map(|key| key[2]).collect();
    periods.sort_unstable();
    periods.dedup();
    let ends = match (given.param("from"), given.param("to"), periods.as_slice()) {
        ("", "", [from, to]) => [*from, *to],
        (from, to, _) if periods.contains(&from) && periods.contains(&to) && from != to => [from, to],
        (from, to, _) => {
            let hint = "--param from=PERIOD --param to=PERIOD chooses two of them";
            let found = format!("{} with from=`{from}`, to=`{to}`", periods.join(", "));
            return Err(Fault::shape(format!("{}, column {time}", sheet.name), "two periods", found, hint));
        }
    };
    let known: BTreeMap<&[&str], f64> = keys.iter().map(Vec::as_slice).zip(values).collect();
    let mut table: Vec<(&str, &str)> = Vec::new();
    for key in &keys {
        if !table.contains(&(key[0], key[1])) {
            table.push((key[0], key[1]));
        }
    }
    let mut rows = Vec::new();
    for (region, industry) in table {
        let mut counts = [0.0; 2];
        for (count, period) in counts.iter_mut().zip(ends) {
            let found = known.get([region, industry, period].as_slice());
            *count = *found.ok_or_else(|| {
                let at = format!("{}, {region}, {industry}, {period}", sheet.name);
                Fault::shape(at, "a count", "no row", "add the row; none is no zero")
            })?;
        }
        rows.push((region.to_owned(), industry.to_owned(), counts, None));
    }
    joined(rows, &sheet.name)
}

/// Columns in pairs of a start and an end.
fn from_pairs(given: &Given<'_>, answer: &mut Answer) -> Result<(Regions, bool), Fault> {
    let sheet = given.sheet;
    let (region, industry) = keys_of(sheet);
    let taken: Vec<&str> = region.into_iter().chain(industry).collect();
    let (numbers, texts) = split(sheet, &taken);
    answer.notes.extend(unused("shift-share", &texts));
    let pairs = pairs(&sheet.name, &numbers)?;
    let (nations, locals): (Vec<_>, Vec<_>) = // E beside e is the usual sign for the nation.
        pairs.into_iter().partition(|(stem, _)| is_total(stem) || stem == "E");
    if nations.len() > 1 || locals.is_empty() || (region.is_some() && locals.len() > 1) {
        let hint = "columns e_t, e_t1, nation_t, nation_t1; or a pair of columns for each region and none named region";
        let found = numbers.join(", ");
        return Err(Fault::shape(&sheet.name, "one pair of columns for the region and at most one for the nation", found, hint));
    }
    let texts = |column: Option<&str>| column.map(|column| sheet.texts(column)).transpose();
    let (regions, industries) = (texts(region)?, texts(industry)?);
    if !taken.is_empty() {
        sheet.keys(&taken)?;
    }
    let both = |columns: [&str; 2]| Ok::<_, Fault>((sheet.full(columns[0])?, sheet.full(columns[1])?));
    let nation = nations.first().map(|(_, columns)| both(*columns)).transpose()?;
    let mut rows = Vec::new();
    for (stem, columns) in &locals {
        let (starts, ends) = both(*columns)?;
        for row in 0..sheet.rows.len() {
            let own =
                if ["", "e", "e_ij", "e_j", "employment", "local", "value"].contains(&stem.as_str()) { "region" } else { stem };
            let name = regions.as_ref().map_or(own, |regions| regions[row]).to_owned();
            let industry = industries.as_ref().map_or_else(|| (row + 1).to_string(), |industries| industries[row].to_owned());
            let nation = nation.as_ref().map(|(starts, ends)| [starts[row], ends[row]]);
            rows.push((name, industry, [starts[row], ends[row]], nation));
        }
    }
    joined(rows, &sheet.name)
}

/// Region, industry, the region's counts, perhaps the nation's.
type Row = (String, String, [f64; 2], Option<[f64; 2]>);

/// Groups rows of region, industry, counts and perhaps the nation's counts by region, and completes the nation, which may have to be their sum.
fn joined(rows: Vec<Row>, name: &str) -> Result<(Regions, bool), Fault> {
    let mut nation: BTreeMap<String, [f64; 2]> = BTreeMap::new();
    let is_nation = |region: &str| is_total(region);
    let stated = rows.iter().any(|(region, ..)| is_nation(region));
    for (region, industry, counts, given) in &rows {
        match given {
            Some(given) => {
                let before = *nation.entry(industry.clone()).or_insert(*given);
                if before != *given {
                    let (expected, found) = (format!("{before:?} as in the rows above"), format!("{given:?}"));
                    let at = format!("{name}, {region}, {industry}: the nation");
                    return Err(Fault::shape(at, expected, found, "the nation's counts are the same for all regions"));
                }
            }
            None if stated && !is_nation(region) => {}
            None => {
                let sum = nation.entry(industry.clone()).or_insert([0.0; 2]);
                sum.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
            }
        }
    }
    let own_nation = rows.iter().any(|(.., given)| given.is_some()) || stated;
    let mut regions: Regions = Vec::new();
    for (region, industry, counts, _) in rows {
        if stated && is_nation(&region) {
            continue;
        }
        let found = nation.get(&industry).copied();
        let nation = found.ok_or_else(|| {
            let at = format!("{name}, {region}, {industry}");
            Fault::shape(at, "the nation's counts of the industry", "no row", "add a row for the nation")
        })?;
        let entry = (industry, Industry { region: counts, nation });
        match regions.iter_mut().find(|(other, _)| *other == region) {
            Some((_, industries)) => industries.push(entry),
            None => regions.push((region, vec![entry])),
        }
    }
    if !own_nation && regions.len() < 2 {
        let hint = "add the columns nation_t and nation_t1, or further regions";
        return Err(Fault::shape(name, "the nation's counts", "one region alone", hint));
    }
    for (region, industries) in &regions {
        if industries.len() != nation.len() {
            let lacks = nation.keys().find(|industry| !industries.iter().any(|(own, _)| own == *industry));
            let found = lacks.map_or_else(String::new, |lacks| format!("no row for `{lacks}`"));
            let hint = "add the row; 0 when the region has none of the industry";
            return Err(Fault::shape(format!("{name}, {region}"), "every industry of the nation", found, hint));
        }
    }
    Ok((regions, !own_nation))
}

/// The columns of regions and of industries.
fn keys_of(sheet: &Sheet) -> (Option<&str>, Option<&str>) {
    let region = find(sheet, &["region", "territory", "geo", "place", "area", "county", "municipality", "nuts"]);
    let industry = find(sheet, &["industry", "sector", "branch", "nace", "activity", "occupation", "isco", "i"])
        .or_else(|| name_column(sheet).filter(|column| Some(*column) != region));
    (region, industry)
}

/// Columns by their name without the mark of the date: the earlier, the later.
fn pairs<'s>(name: &str, columns: &[&'s str]) -> Result<Vec<(String, [&'s str; 2])>, Fault> {
    let mut stems: Vec<(String, Vec<(f64, &str)>)> = Vec::new();
    for column in columns {
        let (stem, date) = dated(column).ok_or_else(|| {
            let hint = "columns come in pairs: e_t and e_t1, or A_2011 and A_2021";
            Fault::shape(format!("{name}, column {column}"), "a name that ends in a date", "none", hint)
        })?;
        match stems.iter_mut().find(|(other, _)| *other == stem) {
            Some((_, found)) => found.push((date, column)),
            None => stems.push((stem, vec![(date, column)])),
        }
    }
    let pair = |(stem, mut found): (String, Vec<(f64, &'s str)>)| {
        found.sort_by(|a, b| a.0.total_cmp(&b.0));
        let [(_, start), (_, end)] = found.as_slice() else {
            let hint = "columns come in pairs: e_t and e_t1, or A_2011 and A_2021";
            let at = format!("{name}, columns of `{stem}`");
            return Err(Fault::shape(at, "a start and an end", format!("{} columns", found.len()), hint));
        };
        Ok((stem, [*start, *end]))
    };
    stems.into_iter().map(pair).collect()
}

/// `nation_t1` is `nation` at 1, `A_2011` is `A` at 2011, `e_t` is `e` at 0.
fn dated(column: &str) -> Option<(String, f64)> {
    let words = [("start", 0.0), ("end", 1.0), ("before", 0.0), ("after", 1.0), ("first", 0.0), ("last", 1.0), ("t", 0.0)];
    let bare = column.trim_end_matches(|sign: char| sign.is_ascii_digit());
    let digits = &column[bare.len()..];
    let parts = |stem: &str| stem.trim_end_matches(['_', ' ', '.', '-']).to_owned();
    if !digits.is_empty() {
        let joint = bare.strip_suffix("_t").or_else(|| bare.strip_suffix(" t")).or_else(|| bare.strip_suffix(".t"));
        let stem = joint.unwrap_or(if bare == "t" { "" } else { bare });
        return Some((parts(stem), digits.parse().ok()?));
    }
    let (stem, word) = column.rsplit_once(['_', ' ', '.', '-']).unwrap_or(("", column));
    let date = words.iter().find(|(known, _)| word.eq_ignore_ascii_case(known))?.1;
    Some((parts(stem), date))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::structure::tests::{answer, cell, fault};

    const TEXT: &str = "region,industry,e_t,e_t1,nation_t,nation_t1\n\
        A,1,90,100,400,440\nA,2,20,40,150,210\nA,3,10,10,150,135\nA,4,60,55,400,480\n\
        B,1,60,85,400,440\nB,2,30,55,150,210\nB,3,30,40,150,135\nB,4,40,35,400,480\n\
        C,1,250,255,400,440\nC,2,100,115,150,210\nC,3,110,85,150,135\nC,4,300,390,400,480\n";

    fn check(text: &str, region: &str, expected: [f64; 5]) {
        let found = answer(&METHOD, text, &[]);
        for (column, expected) in ["growth", "national", "industry_mix", "regional", "net_total"].into_iter().zip(expected) {
            let found = cell(&found, &[region, "total"], column);
            assert!((found - expected).abs() < 1e-9, "{region} {column}: {found}, expected {expected}");
        }
    }

    /// Farhauer and Kröll 2013 in the R package REAT.
    #[test]
    fn published() {
        check(TEXT, "A", [25.0, 27.0, 1.0, -3.0, -2.0]);
        check(TEXT, "B", [55.0, 24.0, -1.0, 32.0, 31.0]);
        check(TEXT, "C", [85.0, 114.0, 0.0, -29.0, -29.0]);
    }

    #[test]
    fn layouts() {
        let a = [25.0, 27.0, 1.0, -3.0, -2.0];
        check(
            "industry,A_2005,A_2010,nation_2005,nation_2010\n1,90,100,400,440\n2,20,40,150,210\n3,10,10,150,135\n4,60,55,400,480\n",
            "A",
            a,
        );
        check("e_ij1,e_ij2,e_i1,e_i2\n90,100,400,440\n20,40,150,210\n10,10,150,135\n60,55,400,480\n", "region", a);
        let wide = "industry,A_t,A_t1,B_t,B_t1,C_t,C_t1\n1,90,100,60,85,250,255\n2,20,40,30,55,100,115\n3,10,10,30,40,110,85\n4,60,55,40,35,300,390\n";
        check(wide, "A", a);
        let long = "region,industry,year,employment\nA,x,1,90\nA,x,2,100\nA,y,1,110\nA,y,2,105\nnation,x,1,400\nnation,x,2,440\nnation,y,1,700\nnation,y,2,825\n";
        let mix = 90.0 * 1.1 + 110.0 * 825.0 / 700.0 - 200.0 * 1.15;
        check(long, "A", [5.0, 30.0, mix, 5.0 - 30.0 - mix, -25.0]);
    }

    /// Which nation it is changes the result, so that a sum is said.
    #[test]
    fn nation() {
        let stated = answer(&METHOD, "industry,e0,e1,E0,E1\na,1,2,10,11\nb,3,4,20,25\n", &[]);
        assert_eq!((stated.notes.len(), cell(&stated, &["region", "total"], "national")), (0, 4.0 * 6.0 / 30.0));
        let summed = answer(&METHOD, "industry,A_0,A_1,B_0,B_1\na,1,2,10,11\nb,3,4,20,25\n", &[]);
        assert_eq!(summed.notes[0].message, "the nation is the sum of A, B");
    }

    #[test]
    fn refused() {
        let one = "industry,e_t,e_t1\n1,2,3\n";
        assert_eq!(fault(&METHOD, one, &[]), "x.csv: expected the nation's counts, found one region alone");
        let negative = "industry,e_t,e_t1,nation_t,nation_t1\na,-1,3,4,5\n";
        assert_eq!(fault(&METHOD, negative, &[]), "region, a: expected a count from 0 up, found -1");
        let more = "industry,e_t,e_t1,nation_t,nation_t1\na,1,3,0,5\nb,1,1,2,2\n";
        assert!(fault(&METHOD, more, &[]).starts_with("region, a, nation at the start: expected at least"));
        let lacks = "region,industry,e_t,e_t1\nA,x,1,2\nA,y,1,2\nB,x,1,2\n";
        assert_eq!(fault(&METHOD, lacks, &[]), "x.csv, B: expected every industry of the nation, found no row for `y`");
        let odd = "industry,e_t,e_t1,e_t2\na,1,2,3\n";
        assert_eq!(fault(&METHOD, odd, &[]), "x.csv, columns of `e`: expected a start and an end, found 3 columns");
    }

    proptest! {
        #[test]
        fn sums_to_growth(rows in prop::collection::vec((0u32..500, 0u32..500, 0u32..5000, 0u32..5000), 1..12)) {
            let industries: Vec<Industry> = rows
                .iter()
                .map(|(a, b, more, later)| {
                    let (start, end) = (f64::from(*a), f64::from(*b));
                    Industry { region: [start, end], nation: [start + f64::from(*more), end + f64::from(*later)] }
                })
                .collect();
            if let Ok((parts, whole)) = shift_share(&industries) {
                let scale = 1.0 + industries.iter().map(|industry| industry.nation[1] + industry.region[0]).sum::<f64>();
                for part in parts.iter().chain([&whole]) {
                    prop_assert!((part.national + part.industry_mix + part.regional - part.growth).abs() < 1e-9 * scale);
                }
                if let (Some(competitive), Some(allocation)) = (whole.competitive, whole.allocation) {
                    prop_assert!((competitive + allocation - whole.regional).abs() < 1e-6 * scale);
                }
            }
        }
    }
}
