//! The protection of a table of counts from a file: a list of cells or a two-way table, its totals marked by a code for
//! "all". The answer has the cells, and nothing else of the input: another column could give them away.

use std::collections::BTreeMap;

use baseline_model::Finding;
use baseline_model::definitions::Disclosure;

use super::{HIDDEN, Item, Outcome, ROUNDED, Reason, hide};
use crate::method::{Answer, Cell, Column, Given, Method, Param};
use crate::{Fault, Sheet};

/// Names of the column of counts.
const COUNTS: [&str; 8] = ["count", "value", "n", "freq", "persons", "population", "obs_value", "number"];
/// Names of the column with the size of the group.
const GROUPS: [&str; 3] = ["denominator", "base", "group_size"];
/// Names of the column of rates.
const RATES: [&str; 4] = ["rate", "percent", "percentage", "share"];
/// Names of columns of marks and remarks: neither dimensions nor given on.
const MARKS: [&str; 7] = ["status", "obs_status", "flag", "flags", "reason", "note", "remark"];
/// Codes for "all".
const TOTALS: [&str; 7] = ["total", "t", "tot", "_t", "all", "sum", "totals"];

pub const METHOD: Method = Method {
    id: "suppress",
    about: "Hides the counts of a table that must not be printed, and those from which they could be worked out",
    formula: &[
        "hidden: a count below the threshold; a cell whose denominator, and a breakdown whose total, is below the group",
        "a rate is hidden with its count, and where its denominator is below the group, or the numerator or the rest is small",
        "secondary: in a line of a total and its parts with one unknown cell, or whose unknown cells are together below the \
         threshold, the smallest further part is hidden, then the total",
        "audit: the lines together are solved exactly, every hidden cell is bounded, and a linear programme finds what both \
         leave with a single value; until nothing hidden has one",
        "rounding: counts of the finest level to the nearest multiple, totals as sums of the rounded",
        "stable: what the previous table hid stays hidden; what it showed unchanged protects nothing",
    ],
    sources: &[
        "Hundepool et al. 2012, Statistical Disclosure Control, chapters 4 and 5",
        "threshold 5, group 50: Statistics Finland's rule for its integration indicators",
    ],
    assumptions: &[
        "the counts are unpublished; published figures of an office pass untouched and are not given to this",
        "the reader knows the rule, but no count by other means",
        "all tables of the same counts are protected together, or one after the other with `previous`",
    ],
    columns: &[
        Column {
            name: "*",
            required: false,
            about: "a list: the dimensions' codes; or a two-way table: names first, then one column a code",
        },
        Column { name: "count", required: false, about: "counts of a list, empty where not stated. Also value, n, persons" },
        Column {
            name: "denominator",
            required: false,
            about: "size of the group that the cell belongs to. Also base, group_size",
        },
        Column {
            name: "rate",
            required: false,
            about: "percent of the denominator, beside the count or in its place. Also percent, share",
        },
    ],
    params: &[
        Param { name: "count", default: "", file: false, about: "column with the counts" },
        Param { name: "denominator", default: "", file: false, about: "column with the sizes of the groups" },
        Param { name: "rate", default: "", file: false, about: "column with rates in percent" },
        Param {
            name: "dimensions",
            default: "",
            file: false,
            about: "columns of codes of a list, with commas; else all but figures and marks",
        },
        Param { name: "threshold", default: "5", file: false, about: "counts below this are hidden" },
        Param { name: "group", default: "50", file: false, about: "breakdowns of fewer persons than this are hidden; 0: none" },
        Param {
            name: "zeros",
            default: "hide",
            file: false,
            about: "hide or show: whether it may be told that nobody is in a cell",
        },
        Param {
            name: "rounding",
            default: "0",
            file: false,
            about: "what is shown is rounded to multiples of this, such as 5; 0: not",
        },
        Param {
            name: "total",
            default: "",
            file: false,
            about: "the code for all, one for every dimension (T) or one each (sex:T,region:PL); else total, T, TOTAL, all",
        },
        Param {
            name: "previous",
            default: "",
            file: true,
            about: "the table as it was protected before, as this method answers",
        },
        Param {
            name: "reasons",
            default: "no",
            file: false,
            about: "yes adds why each cell is hidden; not for publication: it bounds the counts",
        },
    ],
    example: (include_str!("../../examples/suppress.csv"), &[("group", "20")]),
    compute,
};

/// A table of counts as cells.
struct Cells<'a> {
    dimensions: Vec<&'a str>,
    keys: Vec<Vec<&'a str>>,
    /// Stated, or those behind the rates.
    counts: Vec<Option<f64>>,
    counted: bool,
    rates: Option<Vec<Option<f64>>>,
    bases: Vec<Option<f64>>,
}

fn compute(given: &Given<'_>) -> Result<Answer, Fault> {
    let rule = Disclosure {
        threshold: small(given, "threshold")?,
        group: small(given, "group")?,
        rounding: small(given, "rounding")?,
        zeros_safe: given.choice("zeros", &["hide", "show"])? == "show",
        ..Disclosure::default()
    };
    let cells = cells(given)?;
    let totals = totals(&cells, given)?;
    let previous = given.files.get("previous").map(|file| previous(file, &cells.dimensions)).transpose()?.unwrap_or_default();
    let items = cells.keys.iter().zip(&cells.counts).zip(&cells.bases).map(|((key, count), base)| {
        let before = previous.get(key.as_slice());
        Item {
            key: key.clone(),
            count: *count,
            base: *base,
            hidden_before: before.is_some_and(Option::is_none),
            shown_before: before.copied().flatten(),
        }
    });
    let outcome = hide(items.collect(), &totals, &rule);
    let reasons = given.choice("reasons", &["no", "yes"])? == "yes";
    let mut columns = cells.dimensions.clone();
    columns.extend(cells.counted.then_some("count"));
    columns.extend(cells.rates.is_some().then_some("rate"));
    columns.push("status");
    columns.extend(reasons.then_some("reason"));
    let mut answer = Answer::new(&columns);
    let mut hidden_rates = 0;
    for (at, key) in cells.keys.iter().enumerate() {
        let shown = cells.counts[at].filter(|_| !outcome.hidden[at]);
        let rounded = outcome.rounded.get(at).copied().flatten().filter(|_| shown.is_some());
        let rate = cells.rates.as_ref().and_then(|rates| rates[at]);
        let shown_rate = rate.filter(|rate| shown.is_some() && rate_is_safe(*rate, cells.bases[at], &rule));
        let withheld = rate.is_some() && shown_rate.is_none();
        hidden_rates += usize::from(withheld);
        let mut row: Vec<Cell> = key.iter().map(|code| Cell::from(*code)).collect();
        row.extend(cells.counted.then(|| Cell::number(rounded.or(shown))));
        row.extend(cells.rates.is_some().then(|| Cell::number(shown_rate)));
        row.push(if withheld || (cells.counts[at].is_some() && shown.is_none()) {
            Cell::from(HIDDEN)
        } else if cells.counted && rounded.is_some() {
            Cell::from(ROUNDED)
        } else {
            Cell::Missing
        });
        row.extend(reasons.then(|| outcome.reasons[at].map_or(Cell::Missing, |reason| Cell::from(reason.word()))));
        answer.rows.push(row);
    }
    let all = [Reason::Small, Reason::Earlier, Reason::Group, Reason::Secondary, Reason::Broken];
    answer.facts = all.map(|reason| (reason.word(), Cell::whole(Some(outcome.count(reason))))).to_vec();
    let hidden = all.iter().map(|reason| outcome.count(*reason)).sum();
    answer.facts.insert(0, ("cells", Cell::whole(Some(cells.keys.len()))));
    answer.facts.insert(1, ("hidden", Cell::whole(Some(hidden))));
    if cells.rates.is_some() {
        answer.facts.push(("hidden_rates", Cell::whole(Some(hidden_rates))));
    }
    answer.notes = notes(&cells, &totals, &outcome);
    Ok(answer)
}

/// Whether a rate that is shown tells neither of a small count nor of a small group.
fn rate_is_safe(rate: f64, base: Option<f64>, rule: &Disclosure) -> bool {
    let Some(base) = base else { return false };
    let numerator = base * rate / 100.0;
    // Rates are rounded: what may be a small count is one.
    let small = |number: f64| number < f64::from(rule.threshold) - 0.5 && !(rule.zeros_safe && number < 0.5);
    base >= f64::from(rule.group) && !small(numerator) && !small(base - numerator)
}

fn notes(cells: &Cells<'_>, totals: &[Option<&str>], outcome: &Outcome) -> Vec<Finding> {
    let mut notes = Vec::new();
    let name = |at: usize| {
        let codes = cells.dimensions.iter().zip(&cells.keys[at]).map(|(dimension, code)| format!("{dimension}={code}"));
        codes.collect::<Vec<_>>().join(", ")
    };
    if let Some(first) = outcome.unprotected.first() {
        let message = format!(
            "{} small counts can be worked out from what the previous table showed ({} ...); every count is hidden",
            outcome.unprotected.len(),
            name(*first)
        );
        let hint = "withdraw the earlier figures, or publish totals alone";
        notes.push(Finding::error("suppress-broken", "suppress", message).hint(hint));
    }
    for at in &outcome.exceeded {
        let message =
            format!("the parts of {} are more than it: not treated as its parts, so that it protects nothing", name(*at));
        let hint = "correct the total, unless a person can be in several parts";
        notes.push(Finding::warning("suppress-exceeded", "suppress", message).hint(hint));
    }
    for (dimension, _) in cells.dimensions.iter().zip(totals).filter(|(_, total)| total.is_none()) {
        let message = format!("{dimension} has no total: its codes are not added up");
        let hint = "when totals over it are published elsewhere, add them here; --param total=CODE names the code for all";
        notes.push(Finding::info("suppress-no-total", "suppress", message).hint(hint));
    }
    notes
}

/// A parameter that is a whole number of persons.
fn small(given: &Given<'_>, name: &str) -> Result<u32, Fault> {
    let number = given.whole(name)?;
    u32::try_from(number).map_err(|_| Fault::number(format!("--param {name}"), "a whole number below 4294967296", &number))
}

fn cells<'a>(given: &'a Given<'_>) -> Result<Cells<'a>, Fault> {
    let sheet = given.sheet;
    let count = given.column("count", &COUNTS)?;
    let base = given.column("denominator", &GROUPS)?;
    let rate = given.column("rate", &RATES)?;
    if count.is_none() && rate.is_none() {
        return two_way(sheet);
    }
    if let (Some(rate), None) = (rate, base) {
        let hint = "a rate is only as safe as the number of persons behind it: add a column `denominator`";
        let expected = format!("a column `denominator` beside `{rate}`");
        return Err(Fault::shape(&sheet.name, expected, sheet.columns.join(", "), hint));
    }
    let dimensions = dimensions(given, [count, rate, base])?;
    let bases = base.map_or_else(|| Ok(vec![None; sheet.rows.len()]), |base| counts(sheet, base))?;
    let rates = rate.map(|rate| percentages(sheet, rate)).transpose()?;
    let numerators = || {
        let rates = rates.iter().flatten().zip(&bases);
        rates.map(|(rate, base)| Some((*rate)? * (*base)? / 100.0)).collect()
    };
    Ok(Cells {
        keys: sheet.keys(&dimensions)?,
        counts: count.map_or_else(|| Ok(numerators()), |count| counts(sheet, count))?,
        counted: count.is_some(),
        rates,
        bases,
        dimensions,
    })
}

/// The columns of codes. A column of other figures would make every cell a table of its own, and be printed.
fn dimensions<'a>(given: &'a Given<'_>, figures: [Option<&str>; 3]) -> Result<Vec<&'a str>, Fault> {
    let sheet = given.sheet;
    let named = given.list("dimensions");
    if !named.is_empty() {
        named.iter().try_for_each(|name| sheet.require(name))?;
        return Ok(named);
    }
    let is = |name: &str, list: &[&str]| list.contains(&name.to_lowercase().as_str());
    let names = sheet.columns.iter().map(String::as_str);
    let names: Vec<&str> = names.filter(|name| !figures.contains(&Some(*name)) && !is(name, &MARKS)).collect();
    for name in &names {
        let figure = is(name, &COUNTS) || is(name, &GROUPS) || is(name, &RATES);
        let is_figure = |text: &str| figure || (text.contains('.') && text.parse::<f64>().is_ok());
        let found = sheet.texts(name)?.into_iter().zip(&sheet.lines).find(|(text, _)| is_figure(text));
        if let Some((text, line)) = found {
            let hint = "leave the column out, or --param dimensions=A,B names the columns of codes";
            return Err(Fault::shape(sheet.at(*line, name), "a code of a dimension", format!("the figure `{text}`"), hint));
        }
    }
    if names.is_empty() {
        return Err(Fault::Few { at: format!("{}, columns of codes", sheet.name), found: 0, least: 1 });
    }
    Ok(names)
}

/// Rates in percent, empty where not stated.
fn percentages(sheet: &Sheet, column: &str) -> Result<Vec<Option<f64>>, Fault> {
    let rates = counts(sheet, column)?;
    match rates.iter().zip(&sheet.lines).find(|(rate, _)| rate.is_some_and(|rate| rate > 100.0)) {
        Some((bad, line)) => Err(Fault::number(sheet.at(*line, column), "a rate in percent, 0 to 100", &bad.unwrap_or(f64::NAN))),
        None => Ok(rates),
    }
}

/// Counts from 0 up, empty where not stated.
fn counts(sheet: &Sheet, column: &str) -> Result<Vec<Option<f64>>, Fault> {
    let counts = sheet.numbers(column)?;
    for (count, line) in counts.iter().zip(&sheet.lines) {
        if let Some(bad) = count.filter(|count| *count < 0.0) {
            return Err(Fault::number(sheet.at(*line, column), "a count from 0 up, or an empty cell", &bad));
        }
    }
    Ok(counts)
}

fn two_way(sheet: &Sheet) -> Result<Cells<'_>, Fault> {
    let first = sheet.columns[0].as_str();
    let names: Vec<&str> = sheet.keys(&[first])?.into_iter().map(|key| key[0]).collect();
    let mut columns = Vec::new();
    for name in &sheet.columns[1..] {
        columns.push((name.as_str(), counts(sheet, name)?));
    }
    if columns.is_empty() {
        return Err(Fault::Few { at: format!("{}, columns of counts", sheet.name), found: 0, least: 1 });
    }
    let pairs = || (0..names.len()).flat_map(|row| columns.iter().map(move |column| (row, column)));
    Ok(Cells {
        dimensions: vec![first, "column"],
        keys: pairs().map(|(row, (name, _))| vec![names[row], *name]).collect(),
        counts: pairs().map(|(row, (_, counts))| counts[row]).collect(),
        bases: vec![None; names.len() * columns.len()],
        counted: true,
        rates: None,
    })
}

/// Each dimension's code for all, if it has one.
fn totals<'a>(cells: &Cells<'a>, given: &Given<'_>) -> Result<Vec<Option<&'a str>>, Fault> {
    let codes = |place: usize| cells.keys.iter().map(move |key| key[place]);
    let mut named: BTreeMap<&str, &str> = BTreeMap::new();
    let mut every = None;
    for entry in given.list("total") {
        match entry.split_once(':') {
            Some((dimension, code)) => drop(named.insert(dimension.trim(), code.trim())),
            None => every = Some(entry),
        }
    }
    if let Some(unknown) = named.keys().find(|name| !cells.dimensions.contains(name)) {
        let expected = format!("one of the dimensions {}", cells.dimensions.join(", "));
        return Err(Fault::shape("--param total", expected, format!("`{unknown}`"), "write DIMENSION:CODE, with commas between"));
    }
    let of = |(place, dimension): (usize, &&str)| {
        if let Some(code) = named.get(dimension) {
            let found = codes(place).find(|own| own == code);
            return found.map(Some).ok_or_else(|| {
                let expected = format!("a code of {dimension}");
                Fault::shape("--param total", expected, format!("`{code}`"), "write the code as the table does")
            });
        }
        if let Some(every) = every {
            return Ok(codes(place).find(|own| *own == every));
        }
        let usual = |code: &&str| TOTALS.contains(&code.to_lowercase().as_str());
        let Some(first) = codes(place).find(usual) else { return Ok(None) };
        match codes(place).filter(usual).find(|other| *other != first) {
            Some(other) => {
                let found = format!("`{first}` and `{other}`");
                let hint = format!("--param total={dimension}:{first} says which one it is");
                Err(Fault::shape(format!("column {dimension}"), "one code for all", found, hint))
            }
            None => Ok(Some(first)),
        }
    };
    let totals: Vec<Option<&str>> = cells.dimensions.iter().enumerate().map(of).collect::<Result<_, _>>()?;
    if let Some(every) = every.filter(|_| totals.iter().all(Option::is_none)) {
        let hint = "write the code as the table does";
        return Err(Fault::shape("--param total", "a code of the table", format!("`{every}`"), hint));
    }
    Ok(totals)
}

/// What a protected table showed: `None` for a hidden cell.
type Shown<'a> = BTreeMap<Vec<&'a str>, Option<f64>>;

fn previous<'a>(file: &'a Sheet, dimensions: &[&str]) -> Result<Shown<'a>, Fault> {
    let listed = dimensions.iter().all(|name| file.has(name));
    match (file.first_of(&COUNTS), file.first_of(&RATES)) {
        (Some(count), _) => Ok(file.keys(dimensions)?.into_iter().zip(counts(file, count)?).collect()),
        // Rates alone: what was hidden is told, and no count was shown.
        (None, Some(rate)) if listed => {
            let rates = file.keys(dimensions)?.into_iter().zip(counts(file, rate)?);
            Ok(rates.filter(|(_, rate)| rate.is_none()).collect())
        }
        (None, _) => {
            let cells = two_way(file)?;
            Ok(cells.keys.into_iter().zip(cells.counts).collect())
        }
    }
}
