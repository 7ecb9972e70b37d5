//! Seeds and margins of the fit from files: seeds as lists of cells or as two-way tables, margins as columns and rows of
//! the table itself or in files of their own.
//!
//! ```text
//! sex,a,b,c,target      sex,occupation,value     occupation,target     sex,occupation,target
//! male,100,50,100,325   male,a,100               a,225                 male,,325
//! female,50,50,50,275   male,b,50                b,200                 ,a,225
//! target,225,200,175,   ...                      c,175                 ...
//! ```

use std::collections::BTreeMap;

use baseline_model::Finding;

use super::{Dimension, Fitted, Margin, Table, fit, label};
use crate::method::{Answer, Cell, Column, Given, Method, Param};
use crate::{Fault, Sheet};

/// Names of the column of counts.
const COUNTS: [&str; 8] = ["value", "count", "n", "seed", "freq", "obs_value", "persons", "population"];
/// Names of the column, and in a two-way table of the row, of targets.
const TARGETS: [&str; 5] = ["target", "targets", "margin", "row_target", "column_target"];
/// Codes for "all": a sum among the cells would be fitted like a cell.
const TOTALS: [&str; 6] = ["total", "t", "tot", "_t", "all", "sum"];

pub const METHOD: Method = Method {
    id: "ipf",
    about: "Fits a table of counts to new margins, keeping its structure (iterative proportional fitting, SPREE)",
    formula: &[
        "x_ij ← x_ij r_i / x_i+, then x_ij ← x_ij c_j / x_+j, and so on for every margin, until max |sum/target − 1| ≤ limit",
        "zeros stay zero; the odds ratios of the seed are kept",
    ],
    sources: &[
        "Deming & Stephan 1940, Ann. Math. Stat. 11, 427-444",
        "structure-preserving estimation: Purcell & Kish 1980, Int. Stat. Rev. 48, 3-18",
        "example: Karmel & Maclachlan 1988, Economic Record 64, 187-195",
    ],
    assumptions: &["the seed's odds ratios still hold, or hold in the place", "the margins are exact and have one total"],
    columns: &[
        Column {
            name: "*",
            required: false,
            about: "a list: the dimensions' codes and `value`; or a two-way table: names first, then one column a code",
        },
        Column { name: "value", required: false, about: "counts of a list. Also count, n, seed, persons" },
        Column {
            name: "target",
            required: false,
            about: "of a two-way table: each row's target; a row `target` has the columns'",
        },
    ],
    params: &[
        Param { name: "value", default: "", file: false, about: "column with the counts of a list" },
        Param {
            name: "dimensions",
            default: "",
            file: false,
            about: "columns of codes of a list, with commas; else all but the counts",
        },
        Param { name: "rows", default: "", file: true, about: "targets of the first dimension: name, target" },
        Param { name: "columns", default: "", file: true, about: "targets of the second dimension: name, target" },
        Param {
            name: "margins",
            default: "",
            file: true,
            about: "targets of any margins: columns named as dimensions (empty cell: all of it) and `target`; or dimension, name, target",
        },
        Param {
            name: "absent",
            default: "refuse",
            file: false,
            about: "refuse or zero: what a combination that the list does not have is",
        },
        Param { name: "rescale", default: "no", file: false, about: "yes scales every margin to the first one's total" },
        Param { name: "limit", default: "1e-10", file: false, about: "largest |sum/target − 1| that is left" },
        Param { name: "iterations", default: "1000", file: false, about: "at most so many rounds over all margins" },
    ],
    example: (include_str!("../../examples/ipf.csv"), &[("rows", "ipf.rows.csv"), ("columns", "ipf.columns.csv")]),
    compute,
};

fn compute(given: &Given<'_>) -> Result<Answer, Fault> {
    let (seed, own) = match given.column("value", &COUNTS)? {
        Some(value) => (list(given, value)?, Vec::new()),
        None => two_way(given.sheet)?,
    };
    let mut margins = own;
    for (place, name) in ["rows", "columns"].into_iter().enumerate() {
        if let Some(file) = given.files.get(name) {
            let Some(dimension) = seed.dimensions.get(place) else {
                let hint = "--param margins=FILE.csv names its dimensions";
                return Err(Fault::shape(format!("--param {name}"), "a table of two dimensions", "one", hint));
            };
            let (names, targets) = (targets_by_name(file, &dimension.name)?, file.full(target_column(file)?)?);
            margins.push(margin(&seed, file, &[place], names.into_iter().map(|name| vec![name]).zip(targets).collect())?);
        }
    }
    if let Some(file) = given.files.get("margins") {
        margins.extend(any_margins(&seed, file)?);
    }
    if margins.is_empty() {
        let hint = "--param rows=FILE.csv --param columns=FILE.csv, or --param margins=FILE.csv, or a column and a row `target`";
        return Err(Fault::shape("targets", "margins to fit to", "none", hint));
    }
    let mut notes = Vec::new();
    if given.choice("rescale", &["no", "yes"])? == "yes" {
        rescale(&seed, &mut margins, &mut notes);
    }
    let iterations = usize::try_from(given.whole("iterations")?).unwrap_or(usize::MAX);
    let fitted = fit(&seed, &margins, given.positive("limit")?, iterations)?;
    Ok(answer(&seed, &fitted, notes))
}

fn answer(seed: &Table, fitted: &Fitted, notes: Vec<Finding>) -> Answer {
    let names: Vec<&str> = seed.dimensions.iter().map(|dimension| dimension.name.as_str()).collect();
    let mut answer = Answer::new(&[names.as_slice(), &["seed", "fitted", "factor"]].concat());
    let shape: Vec<usize> = seed.dimensions.iter().map(|dimension| dimension.codes.len()).collect();
    for (at, (before, after)) in seed.cells.iter().zip(&fitted.cells).enumerate() {
        let codes = super::unravel(&shape, at).into_iter().zip(&seed.dimensions);
        let mut cells: Vec<Cell> = codes.map(|(code, dimension)| Cell::from(dimension.codes[code].as_str())).collect();
        cells.extend([(*before).into(), (*after).into(), Cell::number((*before > 0.0).then(|| after / before))]);
        answer.rows.push(cells);
    }
    answer.facts = vec![
        ("total", fitted.cells.iter().sum::<f64>().into()),
        ("iterations", Cell::whole(Some(fitted.iterations))),
        ("last_error", fitted.last.into()),
        ("cells_at_zero", Cell::whole(Some(fitted.cells.iter().filter(|cell| **cell == 0.0).count()))),
    ];
    answer.notes = notes;
    answer
}

fn refuse_totals(at: &str, codes: &[String]) -> Result<(), Fault> {
    match codes.iter().find(|code| TOTALS.contains(&code.to_lowercase().as_str())) {
        Some(total) => {
            let hint = "leave sums out of the seed; targets stand in a column or row `target`, or in files";
            Err(Fault::shape(at, "cells only", format!("`{total}`"), hint))
        }
        None => Ok(()),
    }
}

/// A list of cells; codes in the order in which they come.
fn list(given: &Given<'_>, value: &str) -> Result<Table, Fault> {
    let sheet = given.sheet;
    let named = given.list("dimensions");
    let others = || sheet.columns.iter().map(String::as_str).filter(|name| *name != value).collect();
    let names: Vec<&str> = if named.is_empty() { others() } else { named };
    if names.is_empty() {
        return Err(Fault::Few { at: format!("{}, columns of codes", sheet.name), found: 0, least: 1 });
    }
    let (keys, counts) = (sheet.keys(&names)?, sheet.full(value)?);
    let mut dimensions: Vec<Dimension> =
        names.iter().map(|name| Dimension { name: (*name).to_owned(), codes: Vec::new() }).collect();
    for key in &keys {
        for (dimension, code) in dimensions.iter_mut().zip(key) {
            if !dimension.codes.iter().any(|known| known == code) {
                dimension.codes.push((*code).to_owned());
            }
        }
    }
    for dimension in &dimensions {
        refuse_totals(&format!("{}, column {}", sheet.name, dimension.name), &dimension.codes)?;
    }
    let count = dimensions.iter().try_fold(1_usize, |count, dimension| count.checked_mul(dimension.codes.len()));
    let count = count.filter(|count| *count <= 10_000_000).ok_or_else(|| {
        let hint = "leave out columns that are no dimension of the table";
        Fault::shape(&sheet.name, "at most 10000000 combinations of codes", "more", hint)
    })?;
    let mut cells = vec![None; count];
    for (key, count) in keys.iter().zip(counts) {
        let place = dimensions.iter().zip(key).fold(0, |place, (dimension, code)| {
            place * dimension.codes.len() + dimension.codes.iter().position(|known| known == code).unwrap_or(0)
        });
        cells[place] = Some(count);
    }
    let absent = given.choice("absent", &["refuse", "zero"])? == "zero";
    let empty = cells.iter().position(Option::is_none).filter(|_| !absent);
    let table = Table { dimensions, cells: cells.into_iter().map(|cell| cell.unwrap_or(0.0)).collect() };
    if let Some(empty) = empty {
        let all: Vec<usize> = (0..table.dimensions.len()).collect();
        let hint = "add the row, or --param absent=zero when combinations that are not listed have nobody";
        return Err(Fault::shape(&sheet.name, format!("a row for {}", label(&table, &all, empty)), "none", hint));
    }
    Ok(table)
}

/// A two-way table, with the targets that stand in it.
fn two_way(sheet: &Sheet) -> Result<(Table, Vec<Margin>), Fault> {
    let first = sheet.columns[0].as_str();
    let names: Vec<&str> = sheet.keys(&[first])?.into_iter().map(|key| key[0]).collect();
    let is_target = |name: &str| TARGETS.contains(&name.to_lowercase().as_str());
    let column = sheet.columns.iter().skip(1).map(String::as_str).find(|name| is_target(name));
    let row = names.iter().position(|name| is_target(name));
    let codes: Vec<String> = sheet.columns.iter().skip(1).filter(|name| Some(name.as_str()) != column).cloned().collect();
    let rows: Vec<usize> = (0..names.len()).filter(|at| Some(*at) != row).collect();
    let dimensions = vec![
        Dimension { name: first.to_owned(), codes: rows.iter().map(|at| names[*at].to_owned()).collect() },
        Dimension { name: "column".into(), codes },
    ];
    for dimension in &dimensions {
        refuse_totals(&sheet.name, &dimension.codes)?;
        if dimension.codes.is_empty() {
            return Err(Fault::Few { at: format!("{}, cells of the table", sheet.name), found: 0, least: 1 });
        }
    }
    let numbers: Vec<Vec<Option<f64>>> = dimensions[1].codes.iter().map(|name| sheet.numbers(name)).collect::<Result<_, _>>()?;
    let cell = |numbers: &[Option<f64>], at: usize, name: &str| {
        let place = sheet.at(sheet.lines[at], name);
        numbers[at].ok_or_else(|| Fault::number(place, "a number", &"an empty cell"))
    };
    let mut cells = Vec::new();
    for at in &rows {
        for (numbers, name) in numbers.iter().zip(&dimensions[1].codes) {
            cells.push(cell(numbers, *at, name)?);
        }
    }
    let mut margins = Vec::new();
    if let Some(column) = column {
        let targets = sheet.numbers(column)?;
        let targets = rows.iter().map(|at| cell(&targets, *at, column)).collect::<Result<_, _>>()?;
        margins.push(Margin { dimensions: vec![0], targets });
    }
    if let Some(row) = row {
        let targets = numbers.iter().zip(&dimensions[1].codes).map(|(numbers, name)| cell(numbers, row, name));
        margins.push(Margin { dimensions: vec![1], targets: targets.collect::<Result<_, _>>()? });
    }
    Ok((Table { dimensions, cells }, margins))
}

/// The column of targets of a file: by its name, else the last.
fn target_column(file: &Sheet) -> Result<&str, Fault> {
    let last = file.columns.last().filter(|_| file.columns.len() > 1).map(String::as_str);
    file.first_of(&TARGETS).or_else(|| file.first_of(&COUNTS)).or_else(|| file.first_of(&["total"])).or(last).ok_or_else(|| {
        Fault::shape(&file.name, "a column of names and a column `target`", file.columns.join(", "), "write name,target")
    })
}

/// The names in a file of one dimension's targets: in a column called like the dimension, else in the first one.
fn targets_by_name<'a>(file: &'a Sheet, dimension: &str) -> Result<Vec<&'a str>, Fault> {
    let target = target_column(file)?;
    let other = || file.columns.iter().map(String::as_str).find(|name| *name != target).unwrap_or(target);
    let column = file.first_of(&[dimension, "name"]).unwrap_or_else(other);
    file.texts(column)
}

/// Margins of several dimensions from one file.
fn any_margins(seed: &Table, file: &Sheet) -> Result<Vec<Margin>, Fault> {
    let target = target_column(file)?;
    let targets = file.full(target)?;
    let position = |name: &str| seed.dimensions.iter().position(|dimension| dimension.name == name);
    let unknown = |at: String, found: &str| {
        let names: Vec<&str> = seed.dimensions.iter().map(|dimension| dimension.name.as_str()).collect();
        Fault::shape(
            at,
            format!("a dimension of the seed: {}", names.join(", ")),
            format!("`{found}`"),
            "name it as the seed does",
        )
    };
    let mut groups: BTreeMap<Vec<usize>, Vec<(Vec<&str>, f64)>> = BTreeMap::new();
    if let (Some(dimension), Some(name)) = (file.first_of(&["dimension"]), file.first_of(&["name", "code", "category"])) {
        let rows = file.texts(dimension)?.into_iter().zip(file.texts(name)?).zip(&file.lines).zip(targets);
        for (((dimension, name), line), target) in rows {
            let place = position(dimension).ok_or_else(|| unknown(format!("{}, line {line}", file.name), dimension))?;
            groups.entry(vec![place]).or_default().push((vec![name], target));
        }
    } else {
        let mut columns = Vec::new();
        for (at, name) in file.columns.iter().enumerate().filter(|(_, name)| *name != target) {
            columns.push((at, position(name).ok_or_else(|| unknown(format!("{}, header line", file.name), name))?));
        }
        columns.sort_by_key(|(_, dimension)| *dimension);
        for (row, target) in file.rows.iter().zip(targets) {
            let given = || {
                columns.iter().filter(|(at, _)| {
                    let code = row[*at].to_lowercase();
                    !code.is_empty() && !TOTALS.contains(&code.as_str())
                })
            };
            let dimensions: Vec<usize> = given().map(|(_, dimension)| *dimension).collect();
            groups.entry(dimensions).or_default().push((given().map(|(at, _)| row[*at].as_str()).collect(), target));
        }
    }
    groups.into_iter().map(|(dimensions, rows)| margin(seed, file, &dimensions, rows)).collect()
}

/// One margin with a target for each combination, each once.
fn margin(seed: &Table, file: &Sheet, dimensions: &[usize], rows: Vec<(Vec<&str>, f64)>) -> Result<Margin, Fault> {
    let count = dimensions.iter().map(|at| seed.dimensions[*at].codes.len()).product();
    let mut targets = vec![None; count];
    for (codes, target) in rows {
        let mut slot = 0;
        for (at, code) in dimensions.iter().zip(&codes) {
            let known = &seed.dimensions[*at];
            let place = known.codes.iter().position(|own| own == code).ok_or_else(|| {
                let expected = format!("a {} of the seed: {}", known.name, known.codes.join(", "));
                Fault::shape(&file.name, expected, format!("`{code}`"), "write the names as the seed does")
            })?;
            slot = slot * known.codes.len() + place;
        }
        if targets[slot].replace(target).is_some() {
            let key = label(seed, dimensions, slot);
            return Err(Fault::shape(&file.name, format!("one target for {key}"), "two", "keep one row for each combination"));
        }
    }
    if let Some(empty) = targets.iter().position(Option::is_none) {
        let expected = format!("a target for {}", label(seed, dimensions, empty));
        return Err(Fault::shape(
            &file.name,
            expected,
            "none",
            "give every combination of the margin its target, 0 where nobody is",
        ));
    }
    Ok(Margin { dimensions: dimensions.to_vec(), targets: targets.into_iter().flatten().collect() })
}

fn rescale(seed: &Table, margins: &mut [Margin], notes: &mut Vec<Finding>) {
    let total = |margin: &Margin| margin.targets.iter().sum::<f64>();
    let Some(wanted) = margins.first().map(total) else { return };
    for margin in margins.iter_mut().skip(1) {
        let own = total(margin);
        if own > 0.0 && own != wanted {
            margin.targets.iter_mut().for_each(|target| *target *= wanted / own);
            let names: Vec<&str> = margin.dimensions.iter().map(|at| seed.dimensions[*at].name.as_str()).collect();
            let message = format!("the margin of {} summed to {own} and is scaled to {wanted}", names.join(" × "));
            notes.push(Finding::warning("ipf-rescaled", "ipf", message));
        }
    }
}
