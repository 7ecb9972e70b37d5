//! Values for places without own figures, made from figures of larger ones: rates of strata over the local composition, a
//! mean of an own and such a value, and the parent's value with what speaks for and against it.
//!
//! None of these observes the place. Whoever prints one prints its grade, and that it is an estimate.

use std::collections::BTreeMap;

use baseline_model::Finding;

use crate::method::{Answer, Cell, Column, Given, Method, Param};
use crate::{Fault, Sheet};

/// One stratum of a place: how many persons it has there, and the larger region's rate for it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stratum {
    pub count: f64,
    /// In the unit of the answer.
    pub rate: Option<f64>,
    pub standard_error: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Synthetic {
    pub population: f64,
    /// Share of the population in strata with a rate, 0 to 1.
    pub covered: f64,
    /// `None` when nobody lives there, or a stratum with persons has no rate.
    pub estimate: Option<f64>,
    /// Of the rates' sampling only; `None` when one of them has none.
    pub standard_error: Option<f64>,
}

/// Σ N_k θ_k / N over the strata of a place, and √Σ (N_k/N)² SE_k².
///
/// # Errors
/// When a count or a standard error is negative, or a number is not finite.
pub fn post_stratified(strata: &[Stratum]) -> Result<Synthetic, Fault> {
    for stratum in strata {
        if !(stratum.count >= 0.0 && stratum.count.is_finite()) {
            return Err(Fault::number("count", "a number of persons from 0 up", &stratum.count));
        }
        if let Some(bad) = stratum.rate.filter(|rate| !rate.is_finite()) {
            return Err(Fault::number("rate", "a finite number", &bad));
        }
        if let Some(bad) = stratum.standard_error.filter(|error| !(*error >= 0.0 && error.is_finite())) {
            return Err(Fault::number("standard error", "a number from 0 up", &bad));
        }
    }
    let lived = || strata.iter().filter(|stratum| stratum.count > 0.0);
    let population: f64 = lived().map(|stratum| stratum.count).sum();
    let covered: f64 = lived().filter(|stratum| stratum.rate.is_some()).map(|stratum| stratum.count).sum();
    let mean = || lived().map(|stratum| Some(stratum.count * stratum.rate?)).sum::<Option<f64>>();
    let variance =
        || lived().map(|stratum| Some((stratum.count / population * stratum.standard_error?).powi(2))).sum::<Option<f64>>();
    let estimate = if population > 0.0 { mean().map(|sum| sum / population) } else { None };
    Ok(Synthetic {
        population,
        covered: if population > 0.0 { covered / population } else { 0.0 },
        estimate,
        standard_error: estimate.and_then(|_| variance()).map(f64::sqrt),
    })
}

/// φ, the weight of the direct estimate in a sample-size dependent mean: 1 where the sample stands for at least δ times
/// the place's population, else N̂/(δN).
///
/// # Errors
/// When N̂ is negative, N or δ is not positive, or one is not finite.
pub fn direct_weight(estimated: f64, population: f64, delta: f64) -> Result<f64, Fault> {
    if !(estimated >= 0.0 && estimated.is_finite()) {
        return Err(Fault::number("estimated population", "a number from 0 up", &estimated));
    }
    if !(population > 0.0 && population.is_finite()) {
        return Err(Fault::number("population", "a number above 0", &population));
    }
    if !(delta > 0.0 && delta.is_finite()) {
        return Err(Fault::number("delta", "a number above 0", &delta));
    }
    Ok((estimated / (delta * population)).min(1.0))
}

pub const SYNTHETIC: Method = Method {
    id: "synthetic",
    about: "Rates of strata of a larger region over the composition of a small place (post-stratified synthetic estimate)",
    formula: &[
        "estimate = Σ_k N_k θ_k / Σ_k N_k: N_k persons of stratum k in the place, θ_k the larger region's rate of that stratum",
        "standard_error = √Σ_k (N_k/N)² SE_k², where the rates have standard errors; lower, upper = estimate ∓ 1.96 of it",
        "covered_percent = 100 Σ N_k of strata with a rate / N; below 100 there is no estimate",
    ],
    sources: &["post-stratified synthetic estimator: Rao & Molina, Small Area Estimation, 2nd ed. 2015, section 3.2"],
    assumptions: &[
        "a stratum's rate is the same in the place as in the larger region: only the composition is local, no local behaviour",
        "N_k counts the rate's own denominator (for over-qualification: employed persons with tertiary education)",
        "the standard error is of the rates' sampling; the bias of the first assumption is not in it",
    ],
    columns: &[
        Column { name: "area", required: false, about: "name of the place; else the first column" },
        Column {
            name: "*",
            required: false,
            about: "the strata: columns of codes beside `count`, or one column of counts a stratum",
        },
        Column { name: "count", required: false, about: "persons of the stratum in the place. Also n, population, persons" },
        Column { name: "rate", required: false, about: "the larger region's rate, unless a file gives it" },
        Column { name: "standard_error", required: false, about: "of the rate. Also se" },
    ],
    params: &[
        Param { name: "area", default: "", file: false, about: "column with the places' names" },
        Param { name: "count", default: "", file: false, about: "column with the counts" },
        Param {
            name: "rates",
            default: "",
            file: true,
            about: "the strata's columns as in the input (or one column of names), `rate`, and if known `standard_error`",
        },
    ],
    example: (include_str!("../examples/synthetic.csv"), &[("rates", "synthetic.rates.csv")]),
    compute: compute_synthetic,
};

pub const SAMPLE_SIZE_DEPENDENT: Method = Method {
    id: "sample-size-dependent",
    about: "A mean of a place's own and its synthetic estimate, weighted by how much of the place the sample stands for",
    formula: &[
        "estimate = φ direct + (1−φ) synthetic",
        "φ = 1 where N̂ ≥ δN, else N̂/(δN): N̂ the sum of the sample's weights, N the known population",
        "standard_error = √(φ² SE_direct² + (1−φ)² SE_synthetic²), where both are given",
    ],
    sources: &[
        "Drew, Singh & Choudhry 1982, Survey Methodology 8, 17-47",
        "Rao & Molina, Small Area Estimation, 2nd ed. 2015, section 3.3",
    ],
    assumptions: &["both estimates are of the same quantity", "the synthetic estimate's bias is not in the standard error"],
    columns: &[
        Column { name: "area", required: false, about: "name of the place; else the first column" },
        Column { name: "direct", required: false, about: "own estimate; empty: none, and the synthetic one is taken. Also y" },
        Column { name: "synthetic", required: true, about: "synthetic estimate, in the same unit" },
        Column { name: "estimated_population", required: false, about: "N̂. Also n_hat, sum_of_weights, weights" },
        Column { name: "population", required: false, about: "N. Also n, domsize" },
        Column { name: "se_direct", required: false, about: "standard error of the own estimate" },
        Column { name: "se_synthetic", required: false, about: "standard error of the synthetic one" },
    ],
    params: &[
        Param { name: "area", default: "", file: false, about: "column with the places' names" },
        Param {
            name: "delta",
            default: "1",
            file: false,
            about: "δ: the share of the population from which the own estimate stands alone",
        },
    ],
    example: (include_str!("../examples/sample-size-dependent.csv"), &[("delta", "1")]),
    compute: compute_mean,
};

const AREAS: [&str; 6] = ["area", "id", "territory", "region", "geo", "domain"];

/// Standard normal quantile of 97.5 %.
const QUANTILE: f64 = 1.959_963_984_540_054;

/// Rates by their stratum's codes, with standard errors.
type Rates<'a> = BTreeMap<Vec<&'a str>, (Option<f64>, Option<f64>)>;

fn compute_synthetic(given: &Given<'_>) -> Result<Answer, Fault> {
    let sheet = given.sheet;
    let area = given.column("area", &AREAS)?.unwrap_or(&sheet.columns[0]);
    let count = given.column("count", &["count", "n", "population", "persons", "employed", "value"])?;
    // Rates that are named by columns of the input go row by row; else its columns are the strata.
    let by_row = match given.files.get("rates") {
        Some(file) => rates(file)?.0.iter().all(|stratum| sheet.has(stratum)),
        None => true,
    };
    let places = match count {
        Some(count) if by_row => long(given, area, count)?,
        None if by_row => {
            let hint = "--param count=COLUMN says which column counts the persons";
            return Err(Fault::shape(&sheet.name, "a column `count`", sheet.columns.join(", "), hint));
        }
        Some(_) | None => wide(given, area)?,
    };
    let mut answer = Answer::new(&["area", "population", "covered_percent", "estimate", "standard_error", "lower", "upper"]);
    for (name, strata, line) in &places {
        let known: Option<Vec<Stratum>> = strata.iter().copied().collect();
        let Some(known) = known else {
            let message = format!("{name}: a count is missing, so that the composition is not known");
            answer.notes.push(Finding::warning("synthetic-count", "synthetic", message));
            answer.rows.push(std::iter::once(Cell::from(*name)).chain((0..6).map(|_| Cell::Missing)).collect());
            continue;
        };
        let found = post_stratified(&known).map_err(|fault| fault.within(&format!("{}, line {line}, {name}", sheet.name)))?;
        if found.estimate.is_none() {
            let percent = 100.0 * found.covered;
            let message =
                format!("{name}: no estimate; {percent:.1} % of {} persons are in strata with a rate", found.population);
            let hint = "give a rate for every stratum with persons, or join strata";
            answer.notes.push(Finding::warning("synthetic-rate", "synthetic", message).hint(hint));
        }
        let bound = |sign: f64| {
            Cell::number(found.estimate.zip(found.standard_error).map(|(mean, error)| mean + sign * QUANTILE * error))
        };
        answer.rows.push(vec![
            Cell::from(*name),
            found.population.into(),
            (100.0 * found.covered).into(),
            Cell::number(found.estimate),
            Cell::number(found.standard_error),
            bound(-1.0),
            bound(1.0),
        ]);
    }
    let message = "the estimates show composition only: no local behaviour is in them (grade M)";
    answer.notes.push(Finding::info("synthetic", "synthetic", message));
    Ok(answer)
}

/// Name, strata (`None` where the count is missing) and the first line of a place.
type Place<'a> = (&'a str, Vec<Option<Stratum>>, usize);

fn long<'a>(given: &'a Given<'_>, area: &str, count: &str) -> Result<Vec<Place<'a>>, Fault> {
    let sheet = given.sheet;
    let own_rate = sheet.first_of(&["rate"]);
    let errors = sheet.first_of(&["standard_error", "se"]);
    let figures = [Some(count), own_rate, errors];
    let keys: Vec<&str> = sheet.columns.iter().map(String::as_str).filter(|name| !figures.contains(&Some(*name))).collect();
    sheet.keys(&keys)?;
    let (names, counts) = (sheet.texts(area)?, sheet.numbers(count)?);
    let found: Vec<(Option<f64>, Option<f64>)> = match (given.files.get("rates"), own_rate) {
        (Some(file), _) => {
            let (strata, rates) = rates(file)?;
            let columns: Vec<Vec<&str>> = strata.iter().map(|name| sheet.texts(name)).collect::<Result<_, _>>()?;
            let of = |row: usize| {
                let key: Vec<&str> = columns.iter().map(|column| column[row]).collect();
                rates.get(&key).copied().unwrap_or_default()
            };
            (0..sheet.rows.len()).map(of).collect()
        }
        (None, Some(rate)) => {
            let errors = errors.map_or_else(|| Ok(vec![None; sheet.rows.len()]), |errors| sheet.numbers(errors))?;
            sheet.numbers(rate)?.into_iter().zip(errors).collect()
        }
        (None, None) => return Err(no_rates(sheet)),
    };
    let mut places: Vec<Place<'_>> = Vec::new();
    let mut at: BTreeMap<&str, usize> = BTreeMap::new();
    for (row, name) in names.iter().enumerate() {
        let place = *at.entry(name).or_insert_with(|| {
            places.push((name, Vec::new(), sheet.lines[row]));
            places.len() - 1
        });
        let (rate, standard_error) = found[row];
        places[place].1.push(counts[row].map(|count| Stratum { count, rate, standard_error }));
    }
    Ok(places)
}

fn wide<'a>(given: &'a Given<'_>, area: &str) -> Result<Vec<Place<'a>>, Fault> {
    let sheet = given.sheet;
    let (_, rates) = rates(given.files.get("rates").ok_or_else(|| no_rates(sheet))?)?;
    let names = sheet.keys(&[area])?;
    let columns = sheet.wide(&[area])?;
    let place = |row: usize| {
        let strata = columns.iter().map(|(stratum, counts)| {
            let (rate, standard_error) = rates.get(&vec![*stratum]).copied().unwrap_or_default();
            counts[row].map(|count| Stratum { count, rate, standard_error })
        });
        (names[row][0], strata.collect(), sheet.lines[row])
    };
    Ok((0..names.len()).map(place).collect())
}

/// The strata's columns of a file of rates, and the rates.
fn rates(file: &Sheet) -> Result<(Vec<&str>, Rates<'_>), Fault> {
    let rate = file
        .first_of(&["rate", "value", "percent", "estimate"])
        .ok_or_else(|| Fault::shape(&file.name, "a column `rate`", file.columns.join(", "), "call the column of rates `rate`"))?;
    let errors = file.first_of(&["standard_error", "se"]);
    let strata: Vec<&str> =
        file.columns.iter().map(String::as_str).filter(|name| *name != rate && Some(*name) != errors).collect();
    if strata.is_empty() {
        return Err(Fault::shape(
            &file.name,
            "a column that names the stratum",
            rate,
            "add the strata's column beside the rates",
        ));
    }
    let errors = errors.map_or_else(|| Ok(vec![None; file.rows.len()]), |errors| file.numbers(errors))?;
    let figures = file.numbers(rate)?.into_iter().zip(errors);
    let keys = file.keys(&strata)?;
    Ok((strata, keys.into_iter().zip(figures).collect()))
}

fn no_rates(sheet: &Sheet) -> Fault {
    let hint = "add a column `rate`, or --param rates=FILE.csv with the strata and their rates";
    Fault::shape(&sheet.name, "rates of the strata", sheet.columns.join(", "), hint)
}

fn compute_mean(given: &Given<'_>) -> Result<Answer, Fault> {
    let sheet = given.sheet;
    let area = given.column("area", &AREAS)?.unwrap_or(&sheet.columns[0]);
    let names = sheet.keys(&[area])?;
    let column = |wanted: &str, usual: &[&str]| sheet.first_of(usual).map_or_else(|| sheet.require(wanted).map(|()| ""), Ok);
    let direct = sheet.numbers(column("direct", &["direct", "y"])?)?;
    let synthetic = sheet.full("synthetic")?;
    let estimated =
        sheet.full(column("estimated_population", &["estimated_population", "n_hat", "sum_of_weights", "weights"])?)?;
    let population = sheet.full(column("population", &["population", "n", "domsize"])?)?;
    let further = |name: &str| sheet.first_of(&[name]).map_or_else(|| Ok(vec![None; names.len()]), |name| sheet.numbers(name));
    let (direct_error, synthetic_error) = (further("se_direct")?, further("se_synthetic")?);
    let delta = given.positive("delta")?;
    let mut answer = Answer::new(&["area", "direct", "synthetic", "phi", "estimate", "standard_error"]);
    for (row, name) in names.iter().enumerate() {
        let weight = direct_weight(estimated[row], population[row], delta)
            .map_err(|fault| fault.within(&format!("{}, line {}", sheet.name, sheet.lines[row])))?;
        let phi = if direct[row].is_some() { weight } else { 0.0 };
        // What has no weight needs no error.
        let part =
            |weight: f64, error: Option<f64>| if weight == 0.0 { Some(0.0) } else { error.map(|error| (weight * error).powi(2)) };
        let variance = part(phi, direct_error[row]).zip(part(1.0 - phi, synthetic_error[row])).map(|(own, other)| own + other);
        answer.rows.push(vec![
            Cell::from(name[0]),
            Cell::number(direct[row]),
            synthetic[row].into(),
            phi.into(),
            (phi * direct[row].unwrap_or(0.0) + (1.0 - phi) * synthetic[row]).into(),
            Cell::number(variance.map(f64::sqrt)),
        ]);
    }
    Ok(answer)
}

#[cfg(test)]
mod tests;
