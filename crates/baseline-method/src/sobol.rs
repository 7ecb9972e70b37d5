//! Which choice moves a result: first-order and total indices of the variance (Sobol 1993), by n (k + 2) runs.
//!
//! First order: S_i = (1/n) Σ f(B) (f(A_B^i) − f(A)) / V (Saltelli et al. 2010, Computer Physics Communications 181,
//! table 2 b). Total: S_Ti = (1/2n) Σ (f(A) − f(A_B^i))² / V (Jansen 1999; the same table, f). A and B are two
//! independent samples of n points of the unit cube, A_B^i is A with its i-th coordinate from B. Outputs are centred first,
//! which changes no expectation and makes the first estimator steadier.
//!
//! The function may be anything that a point determines; discrete choices are cuts of a coordinate.

use baseline_model::Finding;

use crate::Fault;
use crate::method::{Answer, Cell, Column, Given, Method, Param};
use crate::random::Random;
use crate::uncertainty::{self, Design, FACTORS, Kernel, NAMES, Problem, Setting, Weighting, parameters};

/// The streams of the two samples.
const A: u32 = 10;
const B: u32 = 11;

/// Relative variance below which an output does not vary: rounding of the machine.
const CONSTANT: f64 = 1e-20;

/// The share of the variance that one factor explains.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Index {
    /// Alone: by how much the variance would fall on average if the factor were fixed. Small ones can come out below 0.
    pub first: f64,
    /// Standard error of the estimate, from the spread over the points.
    pub first_error: f64,
    /// With all its interactions: what would remain if all others were fixed.
    pub total: f64,
    pub total_error: f64,
}

/// The sensitivity of one output.
#[derive(Debug, Clone, PartialEq)]
pub struct Sensitivity {
    pub mean: f64,
    pub variance: f64,
    /// One for each factor; none when the output does not vary.
    pub factors: Option<Vec<Index>>,
}

/// The point of a run of a sample: run 0 is A, run 1 is B, run i + 2 is A with coordinate i from B. `point` has one
/// coordinate a factor.
pub fn point(seed: u64, sample: usize, run: usize, point: &mut [f64]) {
    let fill = |stream: u32, point: &mut [f64]| {
        let mut random = Random::new(seed, sample as u64, stream);
        for coordinate in point {
            *coordinate = random.uniform();
        }
    };
    fill(if run == 1 { B } else { A }, point);
    if let Some(factor) = run.checked_sub(2).filter(|factor| *factor < point.len()) {
        let mut random = Random::new(seed, sample as u64, B);
        for _ in 0..factor {
            random.uniform();
        }
        point[factor] = random.uniform();
    }
}

/// The indices from the outputs of all runs: sample by sample, each with its `factors + 2` runs in the order of [`point`].
///
/// # Errors
/// When there is no factor, there are fewer than two whole samples, or an output is not finite.
pub fn indices(outputs: &[f64], factors: usize) -> Result<Sensitivity, Fault> {
    let runs = factors + 2;
    if factors == 0 {
        return Err(Fault::Few { at: "factors that vary".into(), found: 0, least: 1 });
    }
    if !outputs.len().is_multiple_of(runs) {
        let hint = "give f(A), f(B) and one f(A_B) a factor for every sample";
        return Err(Fault::shape("outputs", format!("a multiple of {runs}"), outputs.len().to_string(), hint));
    }
    let samples = outputs.len() / runs;
    if samples < 2 {
        return Err(Fault::Few { at: "samples".into(), found: samples, least: 2 });
    }
    if let Some(bad) = outputs.iter().find(|output| !output.is_finite()) {
        return Err(Fault::number("outputs", "finite numbers", bad));
    }
    let count = samples as f64;
    let rows = || outputs.chunks_exact(runs);
    let mean = rows().map(|row| row[0] + row[1]).sum::<f64>() / (2.0 * count);
    let spread = |row: &[f64]| f64::midpoint((row[0] - mean).powi(2), (row[1] - mean).powi(2));
    let variance = rows().map(spread).sum::<f64>() / count;
    if variance <= CONSTANT * mean * mean || variance == 0.0 {
        return Ok(Sensitivity { mean, variance: 0.0, factors: None });
    }
    // Both indices are ratios of means over the points: the error of a ratio follows from the spread of t − S v.
    let ratio = |term: &dyn Fn(&[f64]) -> f64| {
        let index = rows().map(term).sum::<f64>() / count / variance;
        let squares: f64 = rows().map(|row| (term(row) - index * spread(row)).powi(2)).sum();
        (index, (squares / (count - 1.0) / count).sqrt() / variance)
    };
    let index = |factor: usize| {
        let (first, first_error) = ratio(&|row| (row[1] - mean) * (row[factor + 2] - row[0]));
        let (total, total_error) = ratio(&|row| (row[0] - row[factor + 2]).powi(2) / 2.0);
        Index { first, first_error, total, total_error }
    };
    Ok(Sensitivity { mean, variance, factors: Some((0..factors).map(index).collect()) })
}

/// The indices of a function of the unit cube.
///
/// # Errors
/// As [`indices`].
pub fn analyse(function: impl Fn(&[f64]) -> f64, factors: usize, samples: usize, seed: u64) -> Result<Sensitivity, Fault> {
    let mut at = vec![0.0; factors];
    let mut outputs = Vec::with_capacity(samples * (factors + 2));
    for sample in 0..samples {
        for run in 0..factors + 2 {
            point(seed, sample, run, &mut at);
            outputs.push(function(&at));
        }
    }
    indices(&outputs, factors)
}

/// The sensitivity of a composite's ranks to its choices.
#[derive(Debug, Clone, PartialEq)]
pub struct Composite {
    /// The choices that vary, in the order of the indices.
    pub factors: Vec<&'static str>,
    /// Of R̄_S, the mean over units of |reference rank − rank|.
    pub shift: Sensitivity,
    /// Of each unit's rank; `None` for a unit that has no rank in some run.
    pub units: Vec<Option<Sensitivity>>,
    pub runs: usize,
}

/// Indices of R̄_S and of every unit's rank, over the choices that have more than one option. Threads as for
/// [`uncertainty::run`]; their number does not change the result.
///
/// # Errors
/// As [`uncertainty::check`] and [`indices`]; when the runs would be too many to hold.
pub fn composite(problem: &Problem, design: &Design, samples: usize) -> Result<Composite, Fault> {
    uncertainty::check(problem, design)?;
    let varied = varied(design);
    let runs = varied.len() + 2;
    let units = problem.units.len();
    if samples.saturating_mul(runs).saturating_mul(units) > CELLS {
        let hint = "fewer samples tell as much: the standard errors show it";
        let most = CELLS / runs / units;
        return Err(Fault::shape("samples", format!("at most {most} for {units} units"), samples.to_string(), hint));
    }
    let kernel = Kernel::new(problem, design);
    let mut settings = Vec::with_capacity(samples * runs + 1);
    settings.push(Setting::reference());
    let mut short = vec![0.0; varied.len()];
    for sample in 0..samples {
        for run in 0..runs {
            point(design.seed, sample, run, &mut short);
            // A choice without alternative stays at its only option.
            let mut whole = [0.0; FACTORS];
            varied.iter().zip(&short).for_each(|(factor, coordinate)| whole[*factor] = *coordinate);
            settings.push(Setting::at(&whole, design, problem.indicators.len()));
        }
    }
    let (ranks, _) = uncertainty::ranks(&kernel, &settings, units);
    let (reference, ranks) = ranks.split_at(units);
    let rows = || ranks.chunks_exact(units);
    let shifts: Vec<f64> = rows().map(|row| uncertainty::shift(reference, row).unwrap_or(0.0)).collect();
    let shift = indices(&shifts, varied.len())?;
    let unit = |unit: usize| {
        let outputs: Vec<f64> = rows().map(|row| f64::from(row[unit])).collect();
        if outputs.contains(&0.0) { Ok(None) } else { indices(&outputs, varied.len()).map(Some) }
    };
    let units = (0..units).map(unit).collect::<Result<_, _>>()?;
    Ok(Composite { factors: varied.iter().map(|factor| NAMES[*factor]).collect(), shift, units, runs: samples * runs })
}

pub const METHOD: Method = Method {
    id: "sobol",
    about: "Which choice moves a composite's ranks: first-order and total sensitivity of the mean rank shift and of each rank",
    formula: &[
        "first = (1/n) Σ f(B) (f(A_B) − f(A)) / V; total = (1/2n) Σ (f(A) − f(A_B))² / V; n (k + 2) runs",
        "choices and their options as for monte-carlo; each is one coordinate of the unit cube, cut into equal parts",
        "f = R_S = (1/M) Σ |reference rank − rank|, and each unit's rank",
    ],
    sources: &[
        "first order: Saltelli et al., Variance based sensitivity analysis of model output, Computer Physics Communications 181, 2010, table 2 b",
        "total: Jansen, Analysis of variance designs for model output, Computer Physics Communications 117, 1999",
        "use for composites: Saisana, Saltelli and Tarantola, J. R. Stat. Soc. A 168(2), 2005",
        "example: invented numbers",
    ],
    assumptions: &[
        "the choices are independent of one another",
        "estimates have a sampling error, which is given; small indices may come out below 0",
    ],
    columns: &[
        Column { name: "unit", required: false, about: "name of the place: the first column, whatever it is called" },
        Column { name: "*", required: true, about: "one column an indicator" },
    ],
    params: parameters!(Param {
        name: "samples",
        default: "2048",
        file: false,
        about: "n: each takes as many runs as choices vary, and two"
    },),
    example: (
        include_str!("../examples/sobol.csv"),
        &[("errors", "monte-carlo.errors.csv"), ("lower_is_better", "unemployment;over_qualification"), ("samples", "256")],
    ),
    compute,
};

/// Ranks to hold at most: two bytes each.
const CELLS: usize = 200_000_000;

/// Which coordinates have more than one option.
fn varied(design: &Design) -> Vec<usize> {
    // Random weights are many options under one word.
    let weights = match design.weighting.as_slice() {
        [Weighting::Expert { .. } | Weighting::Dirichlet { .. }] => true,
        several => several.len() > 1,
    };
    let spread = match design.imputation.as_slice() {
        [uncertainty::Imputation::Spread(_)] => true,
        several => several.len() > 1,
    };
    let varies =
        [design.normalisation.len() > 1, design.exclusion, weights, design.aggregation.len() > 1, spread, design.data_error];
    (0..FACTORS).filter(|factor| varies[*factor]).collect()
}

fn compute(given: &Given<'_>) -> Result<Answer, Fault> {
    let (problem, notes) = uncertainty::given(given)?;
    let design = uncertainty::varied(given, &problem)?;
    let samples = usize::try_from(given.whole("samples")?).unwrap_or(usize::MAX);
    let found = composite(&problem, &design, samples)?;
    let mut answer = Answer::new(&["output", "factor", "first_order", "first_order_se", "total", "total_se", "mean", "variance"]);
    answer.notes = notes;
    let mut output = |name: &str, sensitivity: &Sensitivity| {
        for (place, factor) in found.factors.iter().enumerate() {
            let index = sensitivity.factors.as_ref().map(|factors| factors[place]);
            let cell = |pick: fn(&Index) -> f64| Cell::number(index.as_ref().map(pick));
            answer.rows.push(vec![
                Cell::from(name),
                Cell::from(*factor),
                cell(|index| index.first),
                cell(|index| index.first_error),
                cell(|index| index.total),
                cell(|index| index.total_error),
                Cell::from(sensitivity.mean),
                Cell::from(sensitivity.variance),
            ]);
        }
        if sensitivity.factors.is_none() {
            let message = format!("{name} does not vary: there is nothing to explain");
            answer.notes.push(Finding::info("no-variance", "sobol", message));
        }
    };
    output("mean_rank_shift", &found.shift);
    for (name, sensitivity) in problem.units.iter().zip(&found.units) {
        if let Some(sensitivity) = sensitivity {
            output(name, sensitivity);
        }
    }
    for (name, _) in problem.units.iter().zip(&found.units).filter(|(_, found)| found.is_none()) {
        let message = format!("{name} has no rank in some runs, and so no indices");
        answer.notes.push(Finding::warning("availability", "sobol", message));
    }
    answer.facts.push(("runs", Cell::whole(Some(found.runs))));
    let factors = found.shift.factors.iter().flatten();
    answer.facts.push((
        "sum_of_first_orders",
        Cell::number(found.shift.factors.as_ref().map(|_| factors.map(|index| index.first).sum())),
    ));
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SAMPLES: usize = 8192;

    /// Each index within the tolerance of its known value, and within six of its own standard errors.
    fn check(function: impl Fn(&[f64]) -> f64, expected: &[(f64, f64)], tolerance: f64) {
        let found = analyse(function, expected.len(), SAMPLES, 1).unwrap();
        for (found, (first, total)) in found.factors.unwrap().iter().zip(expected) {
            assert!((found.first - first).abs() < tolerance, "{found:?}, expected {first}");
            assert!((found.total - total).abs() < tolerance, "{found:?}, expected {total}");
            assert!((found.first - first).abs() <= 6.0 * found.first_error + 1e-12, "{found:?}, expected {first}");
            assert!((found.total - total).abs() <= 6.0 * found.total_error + 1e-12, "{found:?}, expected {total}");
        }
    }

    /// Ishigami & Homma (1990) with a = 7, b = 0.1; the indices follow in closed form:
    /// V = a²/8 + b π⁴/5 + b² π⁸/18 + 1/2, V_1 = (1 + b π⁴/5)²/2, V_2 = a²/8, V_13 = b² π⁸ (1/18 − 1/50).
    #[test]
    fn ishigami() {
        use std::f64::consts::PI;
        let angle = |u: f64| PI * (2.0 * u - 1.0);
        let function =
            |x: &[f64]| angle(x[0]).sin() + 7.0 * angle(x[1]).sin().powi(2) + 0.1 * angle(x[2]).powi(4) * angle(x[0]).sin();
        let variance = 49.0 / 8.0 + 0.1 * PI.powi(4) / 5.0 + 0.01 * PI.powi(8) / 18.0 + 0.5;
        let first = (1.0 + 0.1 * PI.powi(4) / 5.0).powi(2) / 2.0 / variance;
        let second = 49.0 / 8.0 / variance;
        let both = 0.01 * PI.powi(8) * (1.0 / 18.0 - 1.0 / 50.0) / variance;
        assert!((first - 0.3139).abs() < 1e-4 && (second - 0.4424).abs() < 1e-4 && (both - 0.2437).abs() < 1e-4);
        check(function, &[(first, first + both), (second, second), (0.0, both)], 0.04);
    }

    /// Σ c_i u_i: S_i = c_i² / Σ c², total the same. The last does nothing.
    #[test]
    fn linear() {
        let squares = 1.0 + 4.0 + 9.0;
        let of = |c: f64| (c * c / squares, c * c / squares);
        check(|x| x[0] + 2.0 * x[1] - 3.0 * x[2] + 5.0, &[of(1.0), of(2.0), of(3.0), (0.0, 0.0)], 0.03);
    }

    /// A product of two signs: nothing alone, everything together.
    #[test]
    fn interaction() {
        let sign = |u: f64| if u < 0.5 { -1.0 } else { 1.0 };
        check(|x| sign(x[0]) * sign(x[1]), &[(0.0, 1.0), (0.0, 1.0)], 0.06);
    }

    #[test]
    fn edges() {
        assert_eq!(analyse(|_| 3.0, 2, 16, 1).unwrap().factors, None);
        let code = |outputs: &[f64], factors| indices(outputs, factors).unwrap_err().code();
        assert_eq!(code(&[], 0), "method-too-few");
        assert_eq!(code(&[1.0; 3], 1), "method-too-few");
        assert_eq!(code(&[1.0; 4], 1), "method-shape");
        assert_eq!(code(&[1.0, 2.0, f64::NAN, 1.0, 2.0, 3.0], 1), "method-number");
    }

    proptest! {
        /// Neither a shift nor a scale of the output changes an index.
        #[test]
        fn of_shape_only(shift in -100.0..100.0_f64, scale in 0.1..50.0_f64, seed in 0..20_u64) {
            let function = |x: &[f64]| x[0] * x[1] + x[2];
            let plain = analyse(function, 3, 64, seed).unwrap().factors.unwrap();
            let other = analyse(|x| shift - scale * function(x), 3, 64, seed).unwrap().factors.unwrap();
            for (plain, other) in plain.iter().zip(&other) {
                prop_assert!((plain.first - other.first).abs() < 1e-6 && (plain.total - other.total).abs() < 1e-6);
                prop_assert!(plain.total >= 0.0);
            }
        }

        /// A run differs from A in one coordinate, which is B's.
        #[test]
        fn points(seed in 0..100_u64, sample in 0..100_usize, run in 2..7_usize) {
            let at = |run| { let mut x = [0.0; 5]; point(seed, sample, run, &mut x); x };
            let (a, b, mixed) = (at(0), at(1), at(run));
            for factor in 0..5 {
                prop_assert_eq!(mixed[factor], if factor + 2 == run { b[factor] } else { a[factor] });
            }
        }
    }
}
