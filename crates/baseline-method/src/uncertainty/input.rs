//! From files and parameters to a [`Problem`]. Columns, directions, goalposts and weights are read as by
//! `composite`; here only what that method does not have: errors, grades and ranges.
//!
//! ```text
//! territory,employment,unemployment        errors.csv, same shape: standard errors
//! asco,72.5,11.0                           territory,employment,unemployment
//! linkoping,81.5,7.5                       asco,2.1,1.4
//! ```

use baseline_model::definitions::nearest;
use baseline_model::{Finding, Grade};

use super::problem::Problem;
use crate::composite::{filled, planned};
use crate::impute::{Filling, How};
use crate::inputs::{self, Wide};
use crate::method::{Given, Param};
use crate::normalise::direction_of;
use crate::random::normal_quantile;
use crate::{Fault, Sheet};

/// The parameters of the methods that vary a composite's choices, and further ones of each.
macro_rules! parameters {
    ($($further:expr),* $(,)?) => {
        &[
            $crate::inputs::ID,
            $crate::inputs::TIME,
            $crate::uncertainty::input::PERIOD,
            $crate::inputs::INDICATORS,
            $crate::inputs::LOWER,
            $crate::inputs::WEIGHTS,
            $crate::inputs::SCHEME,
            $crate::inputs::RESCALE,
            $crate::uncertainty::input::STRUCTURE,
            $crate::uncertainty::input::LEVELS,
            $crate::uncertainty::input::RULES,
            $crate::uncertainty::input::FILL,
            $crate::uncertainty::input::INTERPOLATE,
            $crate::uncertainty::input::GOALPOSTS,
            $crate::uncertainty::input::ERRORS,
            $crate::uncertainty::input::ERROR_FORM,
            $crate::uncertainty::input::GRADES,
            $crate::uncertainty::input::RANGES,
            $crate::uncertainty::input::NORMALISATION,
            $crate::uncertainty::input::WEIGHTING,
            $crate::uncertainty::input::EXPERT,
            $crate::uncertainty::input::CONCENTRATION,
            $crate::uncertainty::input::AGGREGATION,
            $crate::uncertainty::input::EXCLUSION,
            $crate::uncertainty::input::IMPUTATION,
            $crate::uncertainty::input::SPREAD,
            $crate::uncertainty::input::AVAILABILITY,
            $crate::uncertainty::input::SEED,
            $($further),*
        ]
    };
}
pub(crate) use parameters;

const fn value(name: &'static str, default: &'static str, about: &'static str) -> Param {
    Param { name, default, file: false, about }
}

const fn file(name: &'static str, about: &'static str) -> Param {
    Param { name, default: "", file: true, about }
}

pub const PERIOD: Param = value("period", "", "which year's rows to rank, when the table has several");
pub const STRUCTURE: Param =
    file("structure", "groups, weights, goalposts and directions, a row an indicator, as for the method composite");
pub const LEVELS: Param = value("levels", "", "the group columns of the structure, finest first, as a;b");
pub const RULES: Param = value(
    "rules",
    "",
    "what the aggregation `given` is: arithmetic or geometric, one for all levels or one for each from the indicators up; without it as the structure says",
);
pub const FILL: Param = value(
    "fill",
    "none",
    "none, carry or interpolate: gaps in a unit's years before the period is taken, where nothing else is said",
);
pub const INTERPOLATE: Param = value("interpolate", "", "indicators (surveys held in waves) to interpolate, as a;b, or all");
pub const GOALPOSTS: Param =
    file("goalposts", "fixed goalposts and directions: indicator, worst, best (or lower, upper, direction)");
pub const ERRORS: Param = file("errors", "a table of the same shape with the errors of the values; an empty cell: not known");
pub const ERROR_FORM: Param = value(
    "error_form",
    "standard_error",
    "standard_error, half_width (of a 95 % interval) or cv (percent of the value): what the errors file holds",
);
pub const GRADES: Param = file("grades", "a table of the same shape with the grades A, B, C, D, M; an empty cell: A");
pub const RANGES: Param =
    file("ranges", "what an indicator can be at all: indicator, lower, upper; drawn values are clipped to it");
pub const NORMALISATION: Param = value(
    "normalisation",
    "",
    "options, the first for the reference: minmax, zscore, rank, goalposts; without it all, goalposts first when they are given",
);
pub const WEIGHTING: Param = value(
    "weighting",
    "given,equal,expert,dirichlet",
    "options: given, equal, expert, dirichlet, or schemes of the weights file; the reference has the given weights",
);
pub const EXPERT: Param = value("expert", "0.25", "expert: each weight times a number from 1 − this to 1 + this");
pub const CONCENTRATION: Param =
    value("concentration", "1", "dirichlet: 1 is flat over all weights, more keeps them nearer to equal");
pub const AGGREGATION: Param = value(
    "aggregation",
    "",
    "options, the first for the reference: given (with a structure), arithmetic, geometric, copeland, borda; without it all but borda",
);
pub const EXCLUSION: Param = value("exclusion", "yes", "yes: in each draw one indicator or none is left out");
pub const IMPUTATION: Param = value(
    "imputation",
    "",
    "options for cells of a grade below A, the first for the reference: keep, spread, exclude; without it keep, and with grades all that are declared",
);
pub const SPREAD: Param =
    value("spread", "", "spread: noise by grade in standard deviations of the indicator, as B:0.25;C:0.5;D:1;M:1");
pub const AVAILABILITY: Param = value("availability", "0.65", "the least share of a group's indicators that a unit must have");
pub const SEED: Param = value("seed", "1", "a whole number; the same seed gives the same draws");

/// The problem in a method's input, and what is odd in it.
///
/// # Errors
/// As the readers of `composite`; when the table has several periods and none is chosen, or a further file does not fit the
/// table.
pub fn given(given: &Given<'_>) -> Result<(Problem, Vec<Finding>), Fault> {
    // `aggregation` is a list of options here; what `composite` calls so is `rules`.
    let mut params = given.params.clone();
    params.remove("aggregation");
    if let Some(rules) = params.remove("rules") {
        params.insert("aggregation".to_owned(), rules);
    }
    let (plan, wide) = planned(&Given { params: &params, ..*given })?;
    let mut notes = plan.notes;
    let rows = period(given, &wide)?;
    let units: Vec<String> = rows.iter().map(|row| unit(&wide, *row)).collect();
    let names: Vec<&str> = plan.indicators.iter().map(|indicator| indicator.name.as_str()).collect();
    let lower = inputs::names(given.param("lower_is_better"), &names, "--param lower_is_better")?;
    let waves = inputs::names(given.param("interpolate"), &names, "--param interpolate")?;
    let otherwise = Filling::parse(given.choice("fill", &Filling::WORDS)?).unwrap_or(Filling::None);
    let (mut values, mut directions, mut goalposts, mut made) = (Vec::new(), Vec::new(), Vec::new(), 0);
    for indicator in &plan.indicators {
        let name = indicator.name.as_str();
        let column = wide.indicators.iter().find(|(column, _)| *column == name);
        let raw = column.map(|(_, column)| column.as_slice()).unwrap_or_default();
        let rule = if waves.contains(&name) { Filling::Interpolate } else { indicator.filling.unwrap_or(otherwise) };
        let known = filled(given, &wide, name, raw, rule)?;
        let known: Vec<_> = rows.iter().map(|row| known[*row]).collect();
        made += known.iter().flatten().filter(|known| known.how != How::Given).count();
        values.push(known.iter().map(|known| known.map(|known| known.value)).collect::<Vec<Option<f64>>>());
        directions.push(direction_of(name, lower.contains(&name), indicator.direction)?);
        goalposts.extend(indicator.goalposts);
    }
    if made > 0 {
        let message = format!("numbers of other years, by the declared rule: {made}");
        notes.push(Finding::info("values-filled", &given.sheet.name, message));
    }
    if !goalposts.is_empty() && goalposts.len() < names.len() {
        let without = plan.indicators.iter().find(|indicator| indicator.goalposts.is_none());
        let without = without.map_or("", |indicator| indicator.name.as_str());
        let hint = "give goalposts to all indicators, or to none";
        return Err(Fault::shape("goalposts", format!("some for `{without}` too"), "none", hint));
    }
    let goalposts = (!goalposts.is_empty()).then_some(goalposts);
    let table = Table { wide: &wide, rows: &rows, units: &units, names: &names };
    let errors = match given.files.get("errors") {
        Some(file) => Some(errors(given, file, &table, &values, &mut notes)?),
        None => None,
    };
    let grades = match given.files.get("grades") {
        Some(file) => Some(grades(file, &table, &values)?),
        None => None,
    };
    let ranges = match given.files.get("ranges") {
        Some(file) => ranges(file, &names)?,
        None => vec![None; names.len()],
    };
    let availability = given.number("availability")?.unwrap_or_default();
    let indicators = names.iter().map(|name| (*name).to_owned()).collect();
    let structure = plan.structure;
    let problem = Problem { units, indicators, values, directions, goalposts, structure, errors, ranges, grades, availability };
    Ok((problem, notes))
}

/// The wide table and the rows of it that are used.
struct Table<'a> {
    wide: &'a Wide<'a>,
    rows: &'a [usize],
    units: &'a [String],
    names: &'a [&'a str],
}

/// The rows of the chosen period; all when there is one only.
fn period(given: &Given<'_>, wide: &Wide<'_>) -> Result<Vec<usize>, Fault> {
    let all = 0..wide.keys.len();
    let Some(time) = wide.time else { return Ok(all.collect()) };
    let mut periods: Vec<&str> = wide.keys.iter().map(|key| key[time]).collect();
    periods.sort_unstable();
    periods.dedup();
    let wanted = given.param("period");
    if wanted.is_empty() && periods.len() == 1 {
        return Ok(all.collect());
    }
    let rows: Vec<usize> = all.filter(|row| wide.keys[*row][time] == wanted).collect();
    if rows.is_empty() {
        let found = if wanted.is_empty() { "no choice".to_owned() } else { format!("`{wanted}`") };
        let hint = "units are ranked within one period; --param period=... chooses it";
        return Err(Fault::shape("--param period", format!("one of {}", periods.join(", ")), found, hint));
    }
    Ok(rows)
}

/// A row's name without its period.
fn unit(wide: &Wide<'_>, row: usize) -> String {
    let parts = wide.keys[row].iter().enumerate().filter(|(index, _)| Some(*index) != wide.time);
    let parts: Vec<&str> = parts.map(|(_, part)| *part).collect();
    if parts.is_empty() { wide.row(row) } else { parts.join(" ") }
}

/// The errors as standard errors.
fn errors(
    given: &Given<'_>,
    file: &Sheet,
    table: &Table<'_>,
    values: &[Vec<Option<f64>>],
    notes: &mut Vec<Finding>,
) -> Result<Vec<Vec<Option<f64>>>, Fault> {
    let form = given.choice("error_form", &["standard_error", "half_width", "cv"])?;
    let z = normal_quantile(0.975);
    let mut errors = matched(file, table, |text, at| match text.parse::<f64>() {
        Ok(error) if error.is_finite() && error >= 0.0 => Ok(error),
        Ok(_) | Err(_) => Err(Fault::number(at, "an error from 0 up, or an empty cell", &format!("`{text}`"))),
    })?;
    let (mut without, mut idle) = (0, 0);
    for (errors, values) in errors.iter_mut().zip(values) {
        for (error, value) in errors.iter_mut().zip(values) {
            *error = match (*error, *value) {
                (Some(error), Some(value)) => Some(match form {
                    "half_width" => error / z,
                    "cv" => value.abs() * error / 100.0,
                    _ => error,
                }),
                (None, Some(_)) => {
                    without += 1;
                    None
                }
                (Some(_), None) => {
                    idle += 1;
                    None
                }
                (None, None) => None,
            };
        }
    }
    if without > 0 {
        let message = format!("values without an error: {without}; they are not varied, and intervals are too narrow for them");
        notes.push(Finding::warning("errors-missing", &file.name, message));
    }
    if idle > 0 {
        notes.push(Finding::info("errors-unused", &file.name, format!("errors of cells without a value, not used: {idle}")));
    }
    Ok(errors)
}

fn grades(file: &Sheet, table: &Table<'_>, values: &[Vec<Option<f64>>]) -> Result<Vec<Vec<Option<Grade>>>, Fault> {
    let read = |text: &str, at: String| {
        let found = Grade::ALL.into_iter().find(|grade| grade.to_string().eq_ignore_ascii_case(text));
        found.ok_or_else(|| Fault::shape(at, "A, B, C, D or M", format!("`{text}`"), "correct the cell; empty stands for A"))
    };
    let mut grades = matched(file, table, read)?;
    for (grades, values) in grades.iter_mut().zip(values) {
        for (grade, value) in grades.iter_mut().zip(values) {
            *grade = value.map(|_| grade.unwrap_or(Grade::A));
        }
    }
    Ok(grades)
}

/// A file of the table's shape, in the table's order; a column or a row that the file does not have is empty.
fn matched<T: Copy>(
    file: &Sheet,
    table: &Table<'_>,
    read: impl Fn(&str, String) -> Result<T, Fault>,
) -> Result<Vec<Vec<Option<T>>>, Fault> {
    let ids: Vec<&str> = table.wide.ids.iter().copied().filter(|id| file.has(id)).collect();
    // The first column names the unit, whatever it is called.
    let ids = if ids.is_empty() { file.columns.first().map(String::as_str).into_iter().collect() } else { ids };
    let keys = file.keys(&ids)?;
    let shared: Vec<usize> = (0..table.wide.ids.len()).filter(|id| ids.contains(&table.wide.ids[*id])).collect();
    let key = |row: usize| -> Vec<&str> {
        if shared.is_empty() {
            vec![table.wide.keys[row][0]]
        } else {
            shared.iter().map(|id| table.wide.keys[row][*id]).collect()
        }
    };
    let known: Vec<Vec<&str>> = (0..table.wide.keys.len()).map(key).collect();
    if let Some(row) = keys.iter().position(|own| !known.contains(own)) {
        let hint = nearest(keys[row][0], table.units.iter().map(String::as_str))
            .map_or_else(|| "remove the row".to_owned(), |close| format!("did you mean `{close}`?"));
        let at = format!("{}, line {}", file.name, file.lines[row]);
        return Err(Fault::shape(at, "a unit of the table", format!("`{}`", keys[row].join(" ")), hint));
    }
    for column in file.columns.iter().filter(|column| !ids.contains(&column.as_str())) {
        let unknown = !table.names.contains(&column.as_str()) && !table.wide.ids.contains(&column.as_str());
        if unknown && let Some(close) = nearest(column, table.names.iter().copied()) {
            let hint = format!("did you mean `{close}`?");
            return Err(Fault::shape(&file.name, "columns named as in the table", format!("`{column}`"), hint));
        }
    }
    let place = |row: &usize| keys.iter().position(|own| *own == known[*row]);
    let places: Vec<Option<usize>> = table.rows.iter().map(place).collect();
    let mut columns = Vec::with_capacity(table.names.len());
    let mut found = 0;
    for name in table.names {
        let Some(index) = file.columns.iter().position(|column| column == name) else {
            columns.push(vec![None; table.rows.len()]);
            continue;
        };
        found += 1;
        let cell = |place: &Option<usize>| {
            let Some(row) = place.filter(|row| !file.rows[*row][index].is_empty()) else { return Ok(None) };
            read(&file.rows[row][index], file.at(file.lines[row], name)).map(Some)
        };
        columns.push(places.iter().map(cell).collect::<Result<_, _>>()?);
    }
    if found == 0 {
        let hint = "give the columns the names that they have in the table";
        return Err(Fault::shape(
            &file.name,
            format!("columns out of {}", table.names.join("; ")),
            file.columns.join("; "),
            hint,
        ));
    }
    Ok(columns)
}

fn ranges(file: &Sheet, names: &[&str]) -> Result<Vec<Option<(f64, f64)>>, Fault> {
    let posts = inputs::posts(file)?;
    if let Some(unknown) = posts.keys().find(|name| !names.contains(&name.as_str())) {
        let hint = nearest(unknown, names.iter().copied())
            .map_or_else(|| "remove the row".to_owned(), |close| format!("did you mean `{close}`?"));
        return Err(Fault::shape(&file.name, "indicators of the table", format!("`{unknown}`"), hint));
    }
    let range = |name: &&str| {
        let ends = posts.get(*name)?.goalposts?;
        Some((ends.worst.min(ends.best), ends.worst.max(ends.best)))
    };
    Ok(names.iter().map(range).collect())
}
