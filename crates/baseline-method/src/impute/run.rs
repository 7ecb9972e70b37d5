//! `baseline compute impute`: the ladder over every cell of a long table.
//!
//! ```text
//! unit,year,value,status,nuts2,country
//! postojna,2023,5.1,,4.0,3.7
//! postojna,2024,,,4.2,3.6
//! ```

use std::collections::BTreeMap;

use baseline_model::{Finding, ObsStatus};

use super::{Bounds, Candidate, Climb, Owner, Parent, Rung, climb};
use crate::method::{Answer, Cell, Column, Given, Method, Param};
use crate::{Fault, Sheet, inputs};

pub const METHOD: Method = Method {
    id: "impute",
    about: "A number for every missing cell from the first rung of a ladder that has one, with grade, flags and source",
    formula: &[
        "1 own value of the year: grade A",
        "2 own value at most `carry` years older: grade A, the years stated",
        "3 x_a + (x_b − x_a)(t − a)/(b − a) between the nearest own years a < t < b, b − a at most `span`: grade A, flag e",
        "4 the NUTS 3 parent's value of the year: grade B",
        "5 the NUTS 2 parent's: grade C; 6 the country's: grade D",
        "7 a modelled value: grade M",
    ],
    sources: &[
        "OECD/JRC, Handbook on Constructing Composite Indicators (2008), step 3",
        "the order of rungs: baseline's method chapter; carrying and interpolation as in Cedefop's European Skills Index 2024, with bounds",
        "flags: Eurostat's list of observation status (b break, c confidential, u low reliability)",
    ],
    assumptions: &[
        "rungs 2 and 3 never cross a break in the own series (flag b after the first year and up to the last)",
        "an own cell with flag c or u and no number is withheld: own values of other years do not take its place",
        "a parent's value says nothing of how its part differs from it",
        "no rung makes a number from nothing: a cell that no rung reaches stays empty",
    ],
    columns: &[
        Column {
            name: "unit",
            required: false,
            about: "the territory (also: territory, geo, region, id, name, or country where it holds names)",
        },
        Column { name: "year", required: false, about: "a whole number (also: time, period, time_period)" },
        Column {
            name: "value",
            required: false,
            about: "its number, or empty (also: obs_value, or the only further column of numbers)",
        },
        Column { name: "status", required: false, about: "its flags, as bu (also: flag, flags, obs_status)" },
        Column { name: "indicator", required: false, about: "where the file holds several" },
        Column {
            name: "level",
            required: false,
            about: "whose number the row has: own, nuts3, nuts2, country, modelled; without it all rows are own",
        },
        Column {
            name: "nuts3",
            required: false,
            about: "the NUTS 3 parent's value of the year, beside the own; flags in nuts3_status",
        },
        Column { name: "nuts2", required: false, about: "the NUTS 2 parent's; flags in nuts2_status" },
        Column { name: "country", required: false, about: "the country's; flags in country_status" },
        Column { name: "modelled", required: false, about: "an estimate for the territory; flags in modelled_status" },
    ],
    params: &[
        Param { name: "carry", default: "2", file: false, about: "how many years old an own value may be" },
        Param { name: "span", default: "4", file: false, about: "how many years apart the ends of an interpolation may be" },
        Param {
            name: "years",
            default: "",
            file: false,
            about: "the years to answer for, as 2024, 2020-2024 or 2020;2022; without it all that stand in the file",
        },
    ],
    example: (include_str!("../../examples/impute.csv"), &[]),
    compute,
};

/// What is known of one unit (and indicator), with the line of each candidate.
#[derive(Default)]
struct Series {
    candidates: Vec<Candidate>,
    lines: Vec<usize>,
}

const OWNERS: [(&str, Owner); 4] = [
    ("nuts3", Owner::Parent(Parent::Nuts3)),
    ("nuts2", Owner::Parent(Parent::Nuts2)),
    ("country", Owner::Parent(Parent::Country)),
    ("modelled", Owner::Modelled),
];

fn compute(given: &Given<'_>) -> Result<Answer, Fault> {
    let sheet = given.sheet;
    let called = |names: &[&str]| inputs::column(sheet, names);
    let need = |names: &[&'static str]| called(names).map_or_else(|| sheet.require(names[0]).map(|()| ""), Ok);
    let is_text = |name: &str| crate::structure::columns::is_text(sheet, name);
    // Beside `geo`, `unit` is one of measurement; a column of countries' names holds no country's values.
    let places = ["territory", "geo", "unit", "region", "id", "name"];
    let country = called(&["country"]).filter(|name| is_text(name));
    let unit = called(&places).or(country).map_or_else(|| sheet.require("unit").map(|()| ""), Ok)?;
    let year = need(&["year", "time", "period", "time_period"])?;
    let status = called(&["status", "flag", "flags", "obs_status"]);
    let (indicator, level) = (called(&["indicator"]), called(&["level", "owner"]));
    let owners: Vec<(&str, Owner)> =
        OWNERS.into_iter().filter(|(name, _)| sheet.has(name) && Some(*name) != country && *name != unit).collect();
    let value = called(&["value", "obs_value"]).or_else(|| {
        let taken = [Some(unit), Some(year), status, indicator, level, country];
        let free = |name: &&str| !taken.contains(&Some(*name)) && !owners.iter().any(|(owner, _)| owner == name);
        let mut numbers = sheet.columns.iter().map(String::as_str).filter(free).filter(|name| !is_text(name));
        numbers.next().filter(|_| numbers.next().is_none())
    });
    let value = value.map_or_else(|| sheet.require("value").map(|()| ""), Ok)?;

    let mut key: Vec<&str> = vec![unit];
    key.extend(indicator);
    let series_keys = texts(sheet, &key)?;
    sheet.keys(&key.iter().copied().chain(level).chain([year]).collect::<Vec<_>>())?;
    let years = years_of(sheet, year)?;
    let mut order: Vec<Vec<&str>> = Vec::new();
    let mut all: BTreeMap<Vec<&str>, Series> = BTreeMap::new();
    for row in 0..sheet.rows.len() {
        if !all.contains_key(&series_keys[row]) {
            order.push(series_keys[row].clone());
        }
        let series = all.entry(series_keys[row].clone()).or_default();
        let owner = level.map_or(Ok(Owner::Own), |level| owner(sheet, row, level))?;
        series.push(sheet, row, owner, years[row], status.unwrap_or_default(), number(sheet, row, value)?);
        for (name, owner) in &owners {
            let number = number(sheet, row, name)?;
            let flags = format!("{name}_status");
            if number.is_some() || !cell(sheet, row, &flags).is_empty() {
                series.push(sheet, row, *owner, years[row], &flags, number);
            }
        }
    }

    let wanted = wanted(given.param("years"), &years)?;
    let whole = |name: &str| {
        let number = given.whole(name)?;
        u32::try_from(number).map_err(|_| Fault::number(format!("--param {name}"), "a number of years", &number))
    };
    let bounds = Bounds { carry: whole("carry")?, span: whole("span")? };
    let mut columns = key.clone();
    columns.extend(["year", "value", "status", "rung", "method", "grade", "carried", "source_years", "source_lines", "skipped"]);
    let mut answer = Answer::new(&columns);
    let mut counts = [0_usize; 8];
    for key in &order {
        let Some(series) = all.get(key) else { continue };
        for year in &wanted {
            let at = format!("{}, {} {year}", sheet.name, key.join(" "));
            let climbed = climb(*year, &series.candidates, bounds).map_err(|fault| fault.within(&at))?;
            counts[climbed.filled.as_ref().map_or(0, |filled| usize::from(filled.rung.number()))] += 1;
            let mut cells: Vec<Cell> = key.iter().map(|text| Cell::from(*text)).collect();
            cells.extend(series.cells(*year, &climbed));
            answer.rows.push(cells);
        }
    }
    let names: [&'static str; 8] =
        ["missing", "own", "carried", "interpolated", "from_nuts3", "from_nuts2", "from_country", "modelled"];
    for (name, count) in names.into_iter().zip(counts) {
        answer.facts.push((name, Cell::whole(Some(count))));
    }
    if counts[0] > 0 {
        let message = format!("{} cells stay empty: no rung has a number for them", counts[0]);
        answer
            .notes
            .push(Finding::info("cells-stay-empty", "impute", message).hint("the column `skipped` says why, rung by rung"));
    }
    Ok(answer)
}

impl Series {
    fn push(&mut self, sheet: &Sheet, row: usize, owner: Owner, year: i32, status: &str, value: Option<f64>) {
        let status = ObsStatus::new(cell(sheet, row, status));
        self.candidates.push(Candidate { owner, year, value, status });
        self.lines.push(sheet.lines[row]);
    }

    /// The answer's cells after the key.
    fn cells(&self, year: i32, climbed: &Climb) -> Vec<Cell> {
        let skipped: Vec<String> =
            climbed.skipped.iter().enumerate().map(|(index, reason)| format!("{} {}", index + 1, reason.word())).collect();
        let skipped = Cell::Text(skipped.join("; "));
        let year = Cell::Whole(i64::from(year));
        let Some(filled) = &climbed.filled else {
            let mut cells = vec![year];
            cells.extend(std::iter::repeat_n(Cell::Missing, 8));
            cells.push(skipped);
            return cells;
        };
        let joined = |pick: &dyn Fn(usize) -> String| {
            Cell::Text(filled.sources.iter().map(|source| pick(*source)).collect::<Vec<_>>().join(" "))
        };
        let carried = match filled.rung {
            Rung::Carried(years) => Cell::Whole(i64::from(years)),
            Rung::Own | Rung::Interpolated { .. } | Rung::Parent(_) | Rung::Modelled => Cell::Missing,
        };
        vec![
            year,
            Cell::Number(filled.value),
            Cell::Text(filled.status.to_string()),
            Cell::Whole(i64::from(filled.rung.number())),
            Cell::from(filled.rung.word()),
            Cell::Text(filled.rung.grade().to_string()),
            carried,
            joined(&|source| self.candidates[source].year.to_string()),
            joined(&|source| self.lines[source].to_string()),
            skipped,
        ]
    }
}

fn texts<'s>(sheet: &'s Sheet, columns: &[&str]) -> Result<Vec<Vec<&'s str>>, Fault> {
    let texts: Vec<Vec<&str>> = columns.iter().map(|column| sheet.texts(column)).collect::<Result<_, _>>()?;
    Ok((0..sheet.rows.len()).map(|row| texts.iter().map(|column| column[row]).collect()).collect())
}

fn cell<'s>(sheet: &'s Sheet, row: usize, column: &str) -> &'s str {
    let index = sheet.columns.iter().position(|name| name == column);
    index.map_or("", |index| sheet.rows[row][index].as_str())
}

/// A number of one row; a sign for none (`:`) is none.
fn number(sheet: &Sheet, row: usize, column: &str) -> Result<Option<f64>, Fault> {
    match cell(sheet, row, column) {
        "" | ":" => Ok(None),
        text => match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Some(number)),
            Ok(_) | Err(_) => {
                let at = sheet.at(sheet.lines[row], column);
                Err(Fault::number(at, "a finite number with a decimal point, or an empty cell", &format!("`{text}`")))
            }
        },
    }
}

fn owner(sheet: &Sheet, row: usize, level: &str) -> Result<Owner, Fault> {
    let text = cell(sheet, row, level).to_lowercase();
    Ok(match text.replace([' ', '_', '-'], "").as_str() {
        "own" | "lau" | "territory" | "a" => Owner::Own,
        "nuts3" | "3" | "b" => Owner::Parent(Parent::Nuts3),
        "nuts2" | "2" | "c" => Owner::Parent(Parent::Nuts2),
        "country" | "national" | "nuts0" | "0" | "d" => Owner::Parent(Parent::Country),
        "modelled" | "model" | "estimate" | "m" => Owner::Modelled,
        _ => {
            let at = sheet.at(sheet.lines[row], level);
            return Err(Fault::shape(at, "own, nuts3, nuts2, country or modelled", format!("`{text}`"), "correct the cell"));
        }
    })
}

/// The years of all rows.
///
/// # Errors
/// When a cell is no whole number.
pub(crate) fn years_of(sheet: &Sheet, column: &str) -> Result<Vec<i32>, Fault> {
    let year = |(text, line): (&str, &usize)| {
        text.parse::<i32>().map_err(|_| Fault::number(sheet.at(*line, column), "a year as a whole number", &format!("`{text}`")))
    };
    sheet.texts(column)?.into_iter().zip(&sheet.lines).map(year).collect()
}

/// The years to answer for, rising.
fn wanted(text: &str, known: &[i32]) -> Result<Vec<i32>, Fault> {
    /// More than any series of statistics has.
    const MOST: i32 = 1000;
    let mut years = Vec::new();
    if text.is_empty() {
        years.extend(known);
    }
    for part in text.split([';', ',']).map(str::trim).filter(|part| !part.is_empty()) {
        let ends = part.split_once('-').unwrap_or((part, part));
        match (ends.0.trim().parse::<i32>(), ends.1.trim().parse::<i32>()) {
            (Ok(from), Ok(to)) if from <= to && to.saturating_sub(from) < MOST => years.extend(from..=to),
            _ => {
                let hint = "write 2024, 2020-2024 or 2020;2022";
                return Err(Fault::shape("--param years", "years", format!("`{part}`"), hint));
            }
        }
    }
    years.sort_unstable();
    years.dedup();
    Ok(years)
}
