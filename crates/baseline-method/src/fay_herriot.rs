//! Estimates for areas whose own sample is small: each area's direct estimate is drawn towards what a regression over all
//! areas says of it, the more so the less precise it is. With its mean squared error, and never without.
//!
//! For panels of areas with published standard errors (regions of NUTS 2); a single municipality has no place here.

use std::collections::BTreeSet;

use baseline_model::Finding;

use crate::matrix::{Square, cross, dot, inverse, product, quadratic, times, trace};
use crate::method::{Answer, Cell, Column, Given, Method, Param};
use crate::{Fault, Sheet};

/// An area with the regression's columns, and its own estimate if it has one.
#[derive(Debug, Clone, PartialEq)]
pub struct Area {
    /// y, in the unit of the answer.
    pub direct: Option<f64>,
    /// ψ, the sampling variance of `direct`, in its squared unit.
    pub variance: Option<f64>,
    /// x, the intercept included; as many for every area.
    pub covariates: Vec<f64>,
}

/// When the iteration ends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// Relative change of σ²_u between two iterations.
    pub limit: f64,
    pub iterations: usize,
}

/// What is estimated of one area.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// γ y + (1−γ) x'β; x'β without an own estimate.
    pub estimate: f64,
    /// x'β.
    pub synthetic: f64,
    /// σ²_u/(σ²_u + ψ): the weight of the own estimate, 0 without one.
    pub gamma: f64,
    /// γψ; without an own estimate σ²_u.
    pub g1: f64,
    /// (1−γ)² x'(X'V⁻¹X)⁻¹x.
    pub g2: f64,
    /// ψ² (σ²_u+ψ)⁻³ 2/Σ(σ²_u+ψ)⁻²; 0 without an own estimate.
    pub g3: f64,
    /// g1 + g2 + 2 g3, in the squared unit of the estimate.
    pub mse: f64,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Coefficient {
    pub value: f64,
    /// Square root of the diagonal of (X'V⁻¹X)⁻¹.
    pub standard_error: f64,
}

/// A fitted model; `areas` in the order given, `coefficients` as the covariates.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    pub areas: Vec<Estimate>,
    pub coefficients: Vec<Coefficient>,
    /// The variance of the areas' own effects.
    pub sigma2_u: f64,
    /// Its asymptotic variance, 2/Σ(σ²_u+ψ)⁻².
    pub sigma2_u_variance: f64,
    /// The likelihood is greatest at or below zero: σ²_u is 0, and every estimate is the synthetic one.
    pub truncated: bool,
    pub iterations: usize,
    /// The last relative change of σ²_u.
    pub last: f64,
    /// Areas with an own estimate.
    pub used: usize,
    pub log_likelihood: f64,
}

impl Fit {
    /// −2 l + 2 (p + 1).
    pub fn aic(&self) -> f64 {
        -2.0 * self.log_likelihood + 2.0 * (self.coefficients.len() + 1) as f64
    }

    /// −2 l + (p + 1) ln m.
    pub fn bic(&self) -> f64 {
        -2.0 * self.log_likelihood + (self.coefficients.len() + 1) as f64 * (self.used as f64).ln()
    }
}

/// Fits y = x'β + u + e, u ~ N(0, σ²_u), e ~ N(0, ψ) by restricted maximum likelihood with Fisher scoring, σ²_u kept from
/// falling below zero; `names` are those of the covariates, for messages.
///
/// # Errors
/// When a number is not finite, a variance is not positive, there are not more areas with an own estimate than covariates,
/// the covariates depend on one another, or the iteration does not come to rest.
pub fn fit(areas: &[Area], names: &[String], limits: Limits) -> Result<Fit, Fault> {
    for area in areas {
        if let Some(bad) = area.covariates.iter().chain(&area.direct).find(|number| !number.is_finite()) {
            return Err(Fault::number("areas", "finite numbers", bad));
        }
        if let Some(bad) = area.variance.filter(|variance| !(*variance > 0.0 && variance.is_finite())) {
            return Err(Fault::number("sampling variance", "a number above 0", &bad));
        }
    }
    let own = |area: &Area| Some((area.direct?, area.variance?));
    let rows: Vec<&[f64]> = areas.iter().filter(|area| own(area).is_some()).map(|area| area.covariates.as_slice()).collect();
    let (direct, variances): (Vec<f64>, Vec<f64>) = areas.iter().filter_map(own).unzip();
    if names.is_empty() || rows.len() <= names.len() {
        let at = if names.is_empty() { "columns of the regression" } else { "areas with an estimate and its standard error" };
        let least = if names.is_empty() { 1 } else { names.len() + 1 };
        return Err(Fault::Few { at: at.into(), found: if names.is_empty() { 0 } else { rows.len() }, least });
    }
    let data = Data { rows, direct, variances, names };
    let mut sigma = median(&data.variances);
    let mut last = f64::INFINITY;
    let mut iterations = 0;
    while last > limits.limit {
        if iterations == limits.iterations {
            return Err(Fault::NotConverged {
                at: "variance of the areas' effects".into(),
                iterations,
                last,
                limit: limits.limit,
            });
        }
        let state = data.at(sigma)?;
        let step = state.score / state.information;
        if !step.is_finite() {
            // A maximum with 0 would make a variance of 0 of it.
            return Err(Fault::number("direct estimates and their variances", "numbers whose squares are finite", &step));
        }
        let next = (sigma + step).max(0.0);
        last = if next == sigma { 0.0 } else { (next - sigma).abs() / next.max(sigma) };
        sigma = next;
        iterations += 1;
    }
    let state = data.at(sigma)?;
    let squares: f64 = state.weights.iter().map(|weight| weight * weight).sum();
    let estimate = |area: &Area| {
        let synthetic = dot(&area.covariates, &state.beta);
        let spread = quadratic(&state.inverse, &area.covariates);
        let Some((direct, variance)) = own(area) else {
            return Estimate { estimate: synthetic, synthetic, gamma: 0.0, g1: sigma, g2: spread, g3: 0.0, mse: sigma + spread };
        };
        let gamma = sigma / (sigma + variance);
        let (g1, g2) = (gamma * variance, (1.0 - gamma).powi(2) * spread);
        let g3 = variance.powi(2) / (sigma + variance).powi(3) * 2.0 / squares;
        let estimate = gamma * direct + (1.0 - gamma) * synthetic;
        Estimate { estimate, synthetic, gamma, g1, g2, g3, mse: g1 + g2 + 2.0 * g3 }
    };
    let deviance = state.residuals.iter().zip(&state.weights);
    let coefficients = state.beta.iter().enumerate();
    Ok(Fit {
        areas: areas.iter().map(estimate).collect(),
        coefficients: coefficients
            .map(|(at, value)| Coefficient { value: *value, standard_error: state.inverse[at][at].sqrt() })
            .collect(),
        sigma2_u: sigma,
        sigma2_u_variance: 2.0 / squares,
        truncated: sigma == 0.0,
        iterations,
        last,
        used: data.direct.len(),
        log_likelihood: -0.5
            * deviance
                .map(|(residual, weight)| (std::f64::consts::TAU / weight).ln() + residual * residual * weight)
                .sum::<f64>(),
    })
}

/// The areas with an own estimate.
struct Data<'a> {
    rows: Vec<&'a [f64]>,
    direct: Vec<f64>,
    variances: Vec<f64>,
    names: &'a [String],
}

/// What follows from one value of σ²_u.
struct State {
    /// 1/(σ²_u + ψ), the diagonal of V⁻¹.
    weights: Vec<f64>,
    /// (X'V⁻¹X)⁻¹.
    inverse: Square,
    beta: Vec<f64>,
    residuals: Vec<f64>,
    /// −½ tr P + ½ y'PPy with P = V⁻¹ − V⁻¹X(X'V⁻¹X)⁻¹X'V⁻¹.
    score: f64,
    /// ½ tr PP.
    information: f64,
}

impl Data<'_> {
    fn at(&self, sigma: f64) -> Result<State, Fault> {
        let weights: Vec<f64> = self.variances.iter().map(|variance| 1.0 / (sigma + variance)).collect();
        let power = |exponent: i32| weights.iter().map(|weight| weight.powi(exponent)).collect::<Vec<f64>>();
        let inverse = inverse(&cross(&self.rows, &weights)).map_err(|columns| {
            let columns: Vec<&str> = columns.iter().filter_map(|at| self.names.get(*at)).map(String::as_str).collect();
            Fault::Singular { at: "regression".into(), columns: columns.join(", ") }
        })?;
        let mut moments = vec![0.0; self.names.len()];
        for ((row, direct), weight) in self.rows.iter().zip(&self.direct).zip(&weights) {
            moments.iter_mut().zip(*row).for_each(|(moment, cell)| *moment += weight * direct * cell);
        }
        let beta = times(&inverse, &moments);
        let residuals: Vec<f64> = self.rows.iter().zip(&self.direct).map(|(row, direct)| direct - dot(row, &beta)).collect();
        // Traces by the small matrices: P itself has a cell for every pair of areas.
        let second = product(&inverse, &cross(&self.rows, &power(2)));
        let third = product(&inverse, &cross(&self.rows, &power(3)));
        let trace_p = weights.iter().sum::<f64>() - trace(&second);
        let trace_pp = power(2).iter().sum::<f64>() - 2.0 * trace(&third) + trace(&product(&second, &second));
        let squares: f64 = residuals.iter().zip(&weights).map(|(residual, weight)| (residual * weight).powi(2)).sum();
        Ok(State { score: 0.5 * (squares - trace_p), information: 0.5 * trace_pp, weights, inverse, beta, residuals })
    }
}

/// Of a vector that is not empty.
fn median(numbers: &[f64]) -> f64 {
    let mut sorted = numbers.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 { sorted[middle] } else { f64::midpoint(sorted[middle - 1], sorted[middle]) }
}

/// Standard normal quantile of 97.5 %.
const QUANTILE: f64 = 1.959_963_984_540_054;

pub const METHOD: Method = Method {
    id: "fay-herriot",
    about: "Area estimates that borrow strength: own estimates shrunk to a regression over all areas, with mean squared error",
    formula: &[
        "y = x'β + u + e, u ~ N(0, σ²_u), e ~ N(0, ψ), ψ the known sampling variance",
        "estimate = γ y + (1−γ) x'β, γ = σ²_u/(σ²_u + ψ), β by generalised least squares",
        "σ²_u by REML scoring from the median of ψ: σ² ← max(0, σ² + s/F), s = −½ tr P + ½ y'PPy, F = ½ tr PP",
        "mse = g1 + g2 + 2 g3: g1 = γψ, g2 = (1−γ)² x'(X'V⁻¹X)⁻¹x, g3 = ψ²(σ²_u+ψ)⁻³ · 2/Σ(σ²_u+ψ)⁻²",
        "without an own estimate: x'β with mse = σ²_u + x'(X'V⁻¹X)⁻¹x",
        "cv_percent = 100 √mse/|estimate|; lower, upper = estimate ∓ 1.96 √mse",
    ],
    sources: &[
        "Fay & Herriot 1979, J. Am. Stat. Assoc. 74, 269-277",
        "mean squared error: Prasad & Rao 1990, J. Am. Stat. Assoc. 85, 163-171; Datta & Lahiri 2000, Statistica Sinica 10, 613-627",
        "Rao & Molina, Small Area Estimation, 2nd ed. 2015, chapters 5 and 6",
    ],
    assumptions: &[
        "the sampling variances are known and the direct estimates unbiased",
        "areas are independent given the covariates, and their effects normal with one variance",
        "the covariates are without error",
        "a modelled value has grade M: hollow marks, with its interval, not ranked with own values",
    ],
    columns: &[
        Column { name: "area", required: false, about: "name of the area, each once; else the first column" },
        Column {
            name: "direct",
            required: false,
            about: "the area's own estimate; empty: none. Also y, yi, direct_estimate, estimate",
        },
        Column { name: "standard_error", required: false, about: "of the own estimate, in its unit. Also se, SD" },
        Column { name: "variance", required: false, about: "its square, in place of the standard error. Also vardir, psi" },
        Column { name: "*", required: false, about: "covariates and groups, used when a parameter names them" },
    ],
    params: &[
        Param { name: "area", default: "", file: false, about: "column with the areas' names" },
        Param { name: "direct", default: "", file: false, about: "column with the own estimates" },
        Param { name: "standard_error", default: "", file: false, about: "column with their standard errors" },
        Param { name: "variance", default: "", file: false, about: "column with their variances; goes before standard_error" },
        Param { name: "covariates", default: "", file: false, about: "columns of numbers, with commas: share,rate" },
        Param {
            name: "groups",
            default: "",
            file: false,
            about: "columns of categories, with commas; each becomes one indicator a category, the first being the reference",
        },
        Param { name: "intercept", default: "yes", file: false, about: "yes or no" },
        Param { name: "limit", default: "1e-8", file: false, about: "relative change of σ²_u at which the iteration ends" },
        Param { name: "iterations", default: "200", file: false, about: "at most so many" },
        Param { name: "table", default: "areas", file: false, about: "areas or coefficients: what the answer's rows are" },
    ],
    example: (
        include_str!("../examples/fay-herriot.csv"),
        &[("direct", "rate"), ("standard_error", "error"), ("covariates", "register_rate"), ("groups", "country")],
    ),
    compute,
};

fn compute(given: &Given<'_>) -> Result<Answer, Fault> {
    let sheet = given.sheet;
    let area = given.column("area", &["area", "id", "territory", "region", "geo", "domain"])?.unwrap_or(&sheet.columns[0]);
    let names = sheet.keys(&[area])?;
    let (areas, columns) = areas(given)?;
    let limits =
        Limits { limit: given.positive("limit")?, iterations: usize::try_from(given.whole("iterations")?).unwrap_or(usize::MAX) };
    let fit = fit(&areas, &columns, limits)?;
    let mut answer = match given.choice("table", &["areas", "coefficients"])? {
        "coefficients" => Answer::new(&["term", "coefficient", "standard_error", "t"]),
        _ => Answer::new(&[
            "area",
            "direct",
            "variance",
            "estimate",
            "synthetic",
            "gamma",
            "g1",
            "g2",
            "g3",
            "mse",
            "rmse",
            "cv_percent",
            "lower",
            "upper",
        ]),
    };
    if answer.columns.len() == 4 {
        answer.rows = columns
            .iter()
            .zip(&fit.coefficients)
            .map(|(name, found)| {
                let error = found.standard_error;
                vec![Cell::from(name.as_str()), found.value.into(), error.into(), (found.value / error).into()]
            })
            .collect();
    } else {
        answer.rows = names.iter().zip(&areas).zip(&fit.areas).map(|((name, area), found)| row(name[0], area, found)).collect();
    }
    let text = |(name, found): (&String, &Coefficient)| format!("{name} {} ({})", found.value, found.standard_error);
    let coefficients: Vec<String> = columns.iter().zip(&fit.coefficients).map(text).collect();
    answer.facts = vec![
        ("sigma2_u", fit.sigma2_u.into()),
        ("sigma2_u_standard_error", fit.sigma2_u_variance.sqrt().into()),
        ("sigma2_u_truncated_to_0", Cell::from(if fit.truncated { "yes" } else { "no" })),
        ("coefficients", Cell::Text(coefficients.join("; "))),
        ("areas_used", Cell::whole(Some(fit.used))),
        ("iterations", Cell::whole(Some(fit.iterations))),
        ("last_error", fit.last.into()),
        ("log_likelihood", fit.log_likelihood.into()),
        ("aic", fit.aic().into()),
        ("bic", fit.bic().into()),
    ];
    answer.notes = notes(given, sheet, &areas, &fit);
    Ok(answer)
}

fn row(name: &str, area: &Area, found: &Estimate) -> Vec<Cell> {
    let root = found.mse.sqrt();
    let own = |number: Option<f64>| Cell::number(number.filter(|_| area.direct.is_some() && area.variance.is_some()));
    vec![
        Cell::from(name),
        Cell::number(area.direct),
        own(area.variance),
        found.estimate.into(),
        found.synthetic.into(),
        found.gamma.into(),
        found.g1.into(),
        found.g2.into(),
        found.g3.into(),
        found.mse.into(),
        root.into(),
        Cell::number((found.estimate != 0.0).then(|| 100.0 * root / found.estimate.abs())),
        (found.estimate - QUANTILE * root).into(),
        (found.estimate + QUANTILE * root).into(),
    ]
}

fn notes(given: &Given<'_>, sheet: &Sheet, areas: &[Area], fit: &Fit) -> Vec<Finding> {
    let mut notes = Vec::new();
    if fit.truncated {
        let message = "the variance of the areas' effects would be negative and is set to 0: every estimate is the synthetic one";
        notes.push(
            Finding::warning("fay-herriot-truncated", "fay-herriot", message)
                .hint("the areas differ no more than their sampling errors let expect; do not read differences into them"),
        );
    }
    let without = areas.len() - fit.used;
    if without > 0 {
        let message =
            format!("{without} of {} areas have no own estimate with a standard error: theirs is synthetic", areas.len());
        notes.push(Finding::info("fay-herriot-synthetic", "fay-herriot", message));
    }
    if given.param("covariates").is_empty() && given.param("groups").is_empty() && sheet.columns.len() > 3 {
        let message = format!("no covariates: all areas are drawn to one mean; the columns are {}", sheet.columns.join(", "));
        notes.push(
            Finding::info("fay-herriot-mean", "fay-herriot", message)
                .hint("--param covariates=A,B or --param groups=C uses columns"),
        );
    }
    notes
}

/// The areas in the sheet's order, and the names of the regression's columns.
fn areas(given: &Given<'_>) -> Result<(Vec<Area>, Vec<String>), Fault> {
    let sheet = given.sheet;
    let missing = |name: &str| {
        let hint = format!("--param {name}=COLUMN says which column it is");
        Fault::shape(&sheet.name, format!("a column `{name}`"), sheet.columns.join(", "), hint)
    };
    let direct =
        given.column("direct", &["direct", "y", "yi", "direct_estimate", "estimate"])?.ok_or_else(|| missing("direct"))?;
    let direct = sheet.numbers(direct)?;
    // A parameter goes before a column that merely has a usual name.
    let wanted = !given.param("standard_error").is_empty() && given.param("variance").is_empty();
    let variance = if wanted { None } else { given.column("variance", &["variance", "vardir", "psi", "var"])? };
    let (column, squared) = if let Some(column) = variance {
        (column, true)
    } else {
        let usual = ["standard_error", "se", "sd", "std_error", "stderr"];
        (given.column("standard_error", &usual)?.ok_or_else(|| missing("standard_error"))?, false)
    };
    let spreads = sheet.numbers(column)?;
    for ((spread, direct), line) in spreads.iter().zip(&direct).zip(&sheet.lines) {
        // A sample without any spread says that nothing is known of its error, not that there is none.
        if let Some(bad) = spread.filter(|spread| *spread <= 0.0 && direct.is_some()) {
            return Err(Fault::number(sheet.at(*line, column), "a number above 0, or an empty cell", &bad));
        }
    }
    let mut columns: Vec<(String, Vec<f64>)> = Vec::new();
    let intercept = given.choice("intercept", &["yes", "no"])? == "yes";
    if intercept {
        columns.push(("intercept".into(), vec![1.0; sheet.rows.len()]));
    }
    for name in given.list("covariates") {
        columns.push((name.to_owned(), sheet.full(name)?));
    }
    for (place, name) in given.list("groups").into_iter().enumerate() {
        let texts = sheet.texts(name)?;
        // Without an intercept the first grouping takes its place, so that it has no reference.
        let reference = usize::from(intercept || place > 0);
        for level in levels(&texts).into_iter().skip(reference) {
            let indicator = texts.iter().map(|text| if *text == level { 1.0 } else { 0.0 }).collect();
            columns.push((format!("{name}={level}"), indicator));
        }
    }
    let area = |row: usize| {
        let spread = spreads[row].filter(|spread| *spread > 0.0);
        let variance = spread.map(|spread| if squared { spread } else { spread * spread });
        let covariates = columns.iter().map(|(_, numbers)| numbers[row]).collect();
        Area { direct: direct[row], variance, covariates }
    };
    Ok(((0..sheet.rows.len()).map(area).collect(), columns.iter().map(|(name, _)| name.clone()).collect()))
}

/// Categories in order: as numbers when all are.
fn levels<'t>(texts: &[&'t str]) -> Vec<&'t str> {
    let mut levels: Vec<&str> = texts.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
    let number = |text: &str| text.parse::<f64>().ok().filter(|number| number.is_finite());
    if levels.iter().all(|level| number(level).is_some()) {
        levels.sort_by(|a, b| number(a).unwrap_or(0.0).total_cmp(&number(b).unwrap_or(0.0)));
    }
    levels
}

#[cfg(test)]
mod tests;
