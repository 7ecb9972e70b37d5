//! Whether territories become more alike: σ-convergence (does the spread fall?) and β-convergence (do those behind grow
//! faster?). With nine territories a coefficient has no stars; its standard error is given and nothing else.

use baseline_model::Finding;

use super::columns::{TIMES, find, name_column, names, split, unused};
use crate::method::{Answer, Cell, Column, Given, Method, Param};
use crate::{Fault, Sheet};

/// The spread of values over territories at one date.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sigma {
    pub mean: f64,
    pub sd: f64,
    /// sd / mean.
    pub cv: f64,
    /// Standard deviation of the natural logarithms.
    pub sd_log: f64,
    /// `sd_log` / mean of the logarithms; `None` when that mean is zero.
    pub cv_log: Option<f64>,
}

/// The spread; standard deviations with n − 1 when `sample`, else with n.
///
/// # Errors
/// With fewer than two values, or one that is not above zero.
pub fn sigma(values: &[f64], sample: bool) -> Result<Sigma, Fault> {
    positive(values, "values")?;
    if values.len() < 2 {
        return Err(Fault::Few { at: "values".into(), found: values.len(), least: 2 });
    }
    let logs: Vec<f64> = values.iter().map(|value| value.ln()).collect();
    let ((mean, sd), (mean_log, sd_log)) = (moments(values, sample), moments(&logs, sample));
    Ok(Sigma { mean, sd, cv: sd / mean, sd_log, cv_log: (mean_log != 0.0).then(|| sd_log / mean_log) })
}

/// The line of growth over the level at the start.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Beta {
    pub alpha: f64,
    /// Below zero: those behind grow faster.
    pub beta: f64,
    /// Standard error of `beta`; no test is made of it.
    pub se: f64,
    pub r_squared: f64,
    /// −ln(1 + βT)/T, the speed of convergence per year; `None` when 1 + βT is not above zero.
    pub lambda: Option<f64>,
    /// ln 2/λ years; `None` without convergence.
    pub half_life: Option<f64>,
}

/// Least squares of ln(`y_T`/`y_0`)/T over ln `y_0`. Barro and Sala-i-Martin, Convergence, 1992.
///
/// # Errors
/// With fewer than three territories, slices of different length, a value or T that is not above zero, or equal starts.
pub fn beta(first: &[f64], last: &[f64], years: f64) -> Result<Beta, Fault> {
    if first.len() != last.len() {
        return Err(Fault::shape(
            "last values",
            first.len().to_string(),
            last.len().to_string(),
            "a first and a last value each",
        ));
    }
    positive(first, "first values")?;
    positive(last, "last values")?;
    positive(&[years], "years")?;
    if first.len() < 3 {
        return Err(Fault::Few { at: "territories with both values".into(), found: first.len(), least: 3 });
    }
    let n = first.len() as f64;
    let x: Vec<f64> = first.iter().map(|value| value.ln()).collect();
    let y = growth(first, last, years);
    let ((mean_x, spread), (mean_y, _)) = (moments(&x, false), moments(&y, false));
    if spread <= 1e-12 * mean_x.abs().max(1.0) {
        return Err(Fault::Equal { at: "first values".into(), value: first[0] });
    }
    let xx: f64 = x.iter().map(|x| (x - mean_x).powi(2)).sum();
    let xy: f64 = x.iter().zip(&y).map(|(x, y)| (x - mean_x) * (y - mean_y)).sum();
    let yy: f64 = y.iter().map(|y| (y - mean_y).powi(2)).sum();
    let beta = xy / xx;
    let alpha = mean_y - beta * mean_x;
    let rest: f64 = x.iter().zip(&y).map(|(x, y)| (y - alpha - beta * x).powi(2)).sum();
    let inside = 1.0 + beta * years;
    let lambda = (inside > 0.0).then(|| -inside.ln() / years);
    Ok(Beta {
        alpha,
        beta,
        se: (rest / (n - 2.0) / xx).sqrt(),
        r_squared: if yy > 0.0 { 1.0 - rest / yy } else { 1.0 },
        lambda,
        half_life: lambda.filter(|lambda| *lambda > 0.0).map(|lambda| 2f64.ln() / lambda),
    })
}

/// ln(last/first)/years for each.
fn growth(first: &[f64], last: &[f64], years: f64) -> Vec<f64> {
    first.iter().zip(last).map(|(first, last)| (last / first).ln() / years).collect()
}

/// Mean and standard deviation.
fn moments(values: &[f64], sample: bool) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (mean, (squares / if sample { n - 1.0 } else { n }).sqrt())
}

fn positive(values: &[f64], name: &str) -> Result<(), Fault> {
    match values.iter().find(|value| !(**value > 0.0 && value.is_finite())) {
        Some(wrong) => Err(Fault::number(name, "a number above 0, because logarithms are taken", wrong)),
        None => Ok(()),
    }
}

pub const METHOD: Method = Method {
    id: "convergence",
    about: "Do territories become more alike: σ (the spread over time) and β (those behind grow faster), speed and half-life",
    formula: &[
        "σ: cv = sd/mean and sd_log = sd of ln y, at each date, over the territories that have every date",
        "β: ln(y_T/y_0)/T = α + β ln y_0 + ε, least squares",
        "λ = −ln(1 + βT)/T; half_life = ln 2/λ",
    ],
    sources: &[
        "Barro and Sala-i-Martin, Convergence, Journal of Political Economy 100, 1992",
        "as in the R package REAT: sigmaconv, betaconv.ols",
    ],
    assumptions: &[
        "values above zero, of one concept, without a break between the dates",
        "with so few territories the coefficient describes these territories; it carries no stars",
        "β below zero does not imply that the spread falls: both are shown",
    ],
    columns: &[
        Column { name: "id", required: false, about: "name of the territory" },
        Column { name: "time", required: false, about: "long: year" },
        Column { name: "value", required: false, about: "long: value" },
        Column { name: "*", required: true, about: "wide: one column for each year, as 2011 or gdp_2011; or y0 and y1" },
    ],
    params: &[
        Param {
            name: "years",
            default: "",
            file: false,
            about: "years between the first and the last date; else from the names",
        },
        Param { name: "sd", default: "sample", file: false, about: "sample (n − 1) or population (n)" },
        Param {
            name: "show",
            default: "sigma",
            file: false,
            about: "sigma (a row for each date) or growth (a row for each territory)",
        },
    ],
    example: (include_str!("../../examples/convergence.csv"), &[]),
    compute,
};

/// Values by territory and date.
struct Panel {
    territories: Vec<String>,
    periods: Vec<String>,
    /// One row for each territory.
    values: Vec<Vec<Option<f64>>>,
    notes: Vec<Finding>,
}

fn compute(given: &Given<'_>) -> Result<Answer, Fault> {
    let sheet = given.sheet;
    let sample = given.choice("sd", &["sample", "population"])? == "sample";
    let show = given.choice("show", &["sigma", "growth"])?;
    let mut panel = match find(sheet, TIMES) {
        Some(time) => long(sheet, time)?,
        None => wide(sheet)?,
    };
    for (territory, values) in panel.territories.iter().zip(&panel.values) {
        for (period, value) in panel.periods.iter().zip(values) {
            if value.is_some_and(|value| value <= 0.0) {
                let at = format!("{}, {territory}, {period}", sheet.name);
                return Err(Fault::number(at, "a number above 0, because logarithms are taken", &value.unwrap_or_default()));
            }
        }
    }
    let (whole, partial): (Vec<usize>, Vec<usize>) =
        (0..panel.values.len()).partition(|row| panel.values[*row].iter().all(Option::is_some));
    if !partial.is_empty() {
        let names: Vec<&str> = partial.iter().map(|row| panel.territories[*row].as_str()).collect();
        let message = format!("left out at all dates, because a date is missing: {}", names.join(", "));
        let hint = "a spread over changing territories would not be comparable";
        panel.notes.push(Finding::warning("rows-left-out", METHOD.id, message).hint(hint));
    }
    let column = |period: usize| whole.iter().filter_map(|row| panel.values[*row][period]).collect::<Vec<f64>>();
    let few = |found| Fault::Few { at: format!("{}, territories with every date", sheet.name), found, least: 3 };
    if whole.len() < 3 {
        return Err(few(whole.len()));
    }
    if panel.periods.len() < 2 {
        return Err(Fault::Few { at: format!("{}, dates", sheet.name), found: panel.periods.len(), least: 2 });
    }
    let last = panel.periods.len() - 1;
    let named = year(&panel.periods[0]).zip(year(&panel.periods[last])).map(|(first, last)| last - first);
    let Some(years) = given.number("years")?.or(named.filter(|years| *years > 0.0)) else {
        let found = format!("{} and {}", panel.periods[0], panel.periods[last]);
        let hint = "--param years=10 says how many years lie between the two";
        return Err(Fault::shape(format!("{}, dates", sheet.name), "names with a year", found, hint));
    };
    if years <= 0.0 {
        return Err(Fault::number("--param years", "a number above 0", &years));
    }
    let (starts, ends) = (column(0), column(last));
    let line = beta(&starts, &ends, years).map_err(|fault| fault.within(&sheet.name))?;
    let mut answer;
    if show == "growth" {
        answer = Answer::new(&["territory", "first", "last", "ln_first", "growth", "fitted"]);
        let rates = growth(&starts, &ends, years);
        for ((row, (first, last)), rate) in whole.iter().zip(starts.iter().zip(&ends)).zip(rates) {
            let numbers = [*first, *last, first.ln(), rate, line.alpha + line.beta * first.ln()].map(Cell::from);
            answer.rows.push(std::iter::once(Cell::from(panel.territories[*row].as_str())).chain(numbers).collect());
        }
    } else {
        answer = Answer::new(&["time", "n", "mean", "sd", "cv", "sd_log", "cv_log"]);
        for (index, period) in panel.periods.iter().enumerate() {
            let spread = sigma(&column(index), sample)?;
            let mut cells = vec![Cell::from(period.as_str()), Cell::whole(Some(whole.len()))];
            cells.extend([spread.mean, spread.sd, spread.cv, spread.sd_log].map(Cell::from));
            cells.push(Cell::number(spread.cv_log));
            answer.rows.push(cells);
        }
    }
    let (before, after) = (sigma(&starts, sample)?, sigma(&ends, sample)?);
    answer.facts = vec![
        ("territories", Cell::whole(Some(whole.len()))),
        ("years", Cell::from(years)),
        ("alpha", Cell::from(line.alpha)),
        ("beta", Cell::from(line.beta)),
        ("se_beta", Cell::from(line.se)),
        ("r_squared", Cell::from(line.r_squared)),
        ("lambda", Cell::number(line.lambda)),
        ("half_life", Cell::number(line.half_life)),
        ("change_cv", Cell::from(after.cv - before.cv)),
        ("change_sd_log", Cell::from(after.sd_log - before.sd_log)),
    ];
    if line.half_life.is_none() {
        let message = if line.lambda.is_none() {
            "1 + βT is not above zero, so there is neither a speed nor a half-life"
        } else {
            "β is not below zero: those behind do not grow faster, and there is no half-life"
        };
        panel.notes.push(Finding::info("no-half-life", METHOD.id, message));
    }
    answer.notes = panel.notes;
    Ok(answer)
}

fn wide(sheet: &Sheet) -> Result<Panel, Fault> {
    let name = name_column(sheet);
    let territories = names(sheet, name)?;
    let (mut columns, texts) = split(sheet, name.as_slice());
    if columns.iter().all(|column| year(column).is_some()) {
        columns.sort_by(|a, b| year(a).partial_cmp(&year(b)).unwrap_or(std::cmp::Ordering::Equal));
    } else if let (Some(first), Some(last)) =
        (find(sheet, &["y0", "t0", "start", "first"]), find(sheet, &["y1", "t1", "yt", "end", "last"]))
    {
        columns = vec![first, last];
    }
    for (index, column) in columns.iter().enumerate() {
        let twin = columns[..index].iter().find(|other| year(other).is_some() && year(other) == year(column));
        if let Some(twin) = twin {
            let hint = "one indicator at a time: leave the others out";
            return Err(Fault::shape(&sheet.name, "one column for each year", format!("`{twin}` and `{column}`"), hint));
        }
    }
    let numbers: Vec<Vec<Option<f64>>> = columns.iter().map(|column| sheet.numbers(column)).collect::<Result<_, _>>()?;
    let values = (0..territories.len()).map(|row| numbers.iter().map(|column| column[row]).collect()).collect();
    let periods = columns.iter().map(|column| (*column).to_owned()).collect();
    Ok(Panel { territories, periods, values, notes: unused(METHOD.id, &texts).into_iter().collect() })
}

fn long(sheet: &Sheet, time: &str) -> Result<Panel, Fault> {
    let name = name_column(sheet).filter(|column| *column != time).ok_or_else(|| {
        let hint = "--column id=NAME says which column names the territory";
        Fault::shape(&sheet.name, "a column of territories beside the period", sheet.columns.join(", "), hint)
    })?;
    let (numbers, texts) = split(sheet, &[name, time]);
    let value = match numbers.as_slice() {
        [only] => only,
        _ => "value",
    };
    let numbers = sheet.numbers(value)?;
    let keys = sheet.keys(&[name, time])?;
    let distinct = |part: usize| {
        let mut all: Vec<&str> = Vec::new();
        for key in &keys {
            all.extend((!all.contains(&key[part])).then_some(key[part]));
        }
        all
    };
    let (territories, mut periods) = (distinct(0), distinct(1));
    periods.sort_unstable();
    let cell = |territory: &str, period: &str| {
        keys.iter().position(|key| key[0] == territory && key[1] == period).and_then(|row| numbers[row])
    };
    let values = territories.iter().map(|territory| periods.iter().map(|period| cell(territory, period)).collect()).collect();
    let owned = |all: Vec<&str>| all.into_iter().map(str::to_owned).collect();
    let notes = unused(METHOD.id, &texts).into_iter().collect();
    Ok(Panel { territories: owned(territories), periods: owned(periods), values, notes })
}

/// The year in a name: its last run of four digits.
fn year(name: &str) -> Option<f64> {
    name.split(|sign: char| !sign.is_ascii_digit()).rfind(|run| run.len() == 4)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::structure::tests::{answer, cell, fact, fault};

    /// Data made by a known line: growth = 0.5 − 0.04 ln `y_0` over ten years.
    #[test]
    fn known_line() {
        let rows: String = [10.0f64, 20.0, 40.0, 80.0]
            .iter()
            .enumerate()
            .map(|(row, first)| format!("t{row},{first},{}\n", first * (10.0 * (0.5 - 0.04 * first.ln())).exp()))
            .collect();
        let found = answer(&METHOD, &format!("territory,2010,2020\n{rows}"), &[]);
        for (name, expected) in [
            ("alpha", 0.5),
            ("beta", -0.04),
            ("se_beta", 0.0),
            ("r_squared", 1.0),
            ("lambda", -(0.6f64.ln()) / 10.0),
            ("half_life", 2f64.ln() * 10.0 / -(0.6f64.ln())),
        ] {
            assert!((fact(&found, name) - expected).abs() < 1e-7, "{name}: {}", fact(&found, name));
        }
        let logs = 2f64.ln() * (5.0f64 / 3.0).sqrt();
        assert!((cell(&found, &["2010"], "sd_log") - logs).abs() < 1e-12);
        assert!((cell(&found, &["2020"], "sd_log") - logs * 0.6).abs() < 1e-12);
    }

    #[test]
    fn layouts() {
        let wide = "geo,gdp_2010,gdp_2020\na,1,2\nb,2,3\nc,4,5\n";
        let expected = fact(&answer(&METHOD, wide, &[]), "beta");
        for (text, params) in [
            ("geo,time,value\na,2010,1\na,2020,2\nb,2010,2\nb,2020,3\nc,2010,4\nc,2020,5\n", [].as_slice()),
            ("geo,2020,2010\na,2,1\nb,3,2\nc,5,4\n", &[]),
            ("geo,y0,y1\na,1,2\nb,2,3\nc,4,5\n", &[("years", "10")]),
            ("y0,y1\n1,2\n2,3\n4,5\n", &[("years", "10")]),
        ] {
            assert!((fact(&answer(&METHOD, text, params), "beta") - expected).abs() < 1e-12, "{text}");
        }
    }

    #[test]
    fn refused() {
        assert_eq!(
            fault(&METHOD, "id,2010,2020\na,1,2\n", &[]),
            "x.csv, territories with every date: 1 usable, at least 3 needed"
        );
        assert_eq!(
            fault(&METHOD, "id,2010,2020\na,1,2\nb,0,3\nc,4,5\n", &[]),
            "x.csv, b, 2010: expected a number above 0, because logarithms are taken, found 0"
        );
        assert_eq!(fault(&METHOD, "id,2010,2020\na,2,2\nb,2,3\nc,2,5\n", &[]), "x.csv, first values: no spread, both ends are 2");
        assert_eq!(
            fault(&METHOD, "id,y0,y1\na,2,2\nb,2,3\nc,2,5\n", &[]),
            "x.csv, dates: expected names with a year, found y0 and y1"
        );
        assert!(fault(&METHOD, "id,time,value\na,2010,1\na,2010,2\n", &[]).contains("stands twice"));
        let found = answer(&METHOD, "id,2010,2020\na,1,2\nb,2,3\nc,4,5\nd,,7\n", &[]);
        assert_eq!(found.notes[0].code, "rows-left-out");
    }

    proptest! {
        #[test]
        fn unit_free(rows in prop::collection::vec((1.0f64..100.0, 1.0f64..100.0), 3..12), factor in 0.1f64..100.0) {
            let first: Vec<f64> = rows.iter().map(|row| row.0).collect();
            let last: Vec<f64> = rows.iter().map(|row| row.1).collect();
            let scaled = |values: &[f64]| values.iter().map(|value| value * factor).collect::<Vec<_>>();
            if let (Ok(one), Ok(other)) = (beta(&first, &last, 10.0), beta(&scaled(&first), &scaled(&last), 10.0)) {
                prop_assert!((one.beta - other.beta).abs() < 1e-7 * (1.0 + one.beta.abs()));
            }
            let (one, other) = (sigma(&first, true).unwrap(), sigma(&scaled(&first), true).unwrap());
            prop_assert!((one.cv - other.cv).abs() < 1e-9 && (one.sd_log - other.sd_log).abs() < 1e-9);
        }
    }
}
