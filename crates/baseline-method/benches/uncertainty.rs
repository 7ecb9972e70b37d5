//! Time and peak memory of Monte Carlo over ranks: `cargo bench -p baseline-method`. Not a test. Argument: another number
//! of draws.

#![expect(clippy::print_stdout, reason = "a benchmark reports")]

use std::time::Instant;

use baseline_method::composite::Structure;
use baseline_method::random::Random;
use baseline_method::uncertainty::{Aggregation, Design, Imputation, Normalisation, Problem, Weighting, run};
use baseline_method::{Fault, aggregate, sobol};
use baseline_model::definitions::Direction;

fn main() -> Result<(), Fault> {
    // Cargo adds `--bench`.
    let draws = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(1000);
    let all = [Aggregation::Arithmetic, Aggregation::Geometric, Aggregation::Copeland];
    for (units, indicators) in [(9, 30), (330, 60)] {
        let problem = problem(units, indicators);
        measure(&format!("{draws} draws, {units} units, {indicators} indicators"), || {
            run(&problem, &design(&all), draws, 0.9).map(|_| ())
        })?;
        for aggregation in all {
            measure(&format!("  {aggregation:?} alone"), || run(&problem, &design(&[aggregation]), draws, 0.9).map(|_| ()))?;
        }
    }
    measure("sobol, 1024 samples, 9 units, 30 indicators", || {
        sobol::composite(&problem(9, 30), &design(&all), 1024).map(|_| ())
    })?;
    // Linux only, and only what the system says: no allocator of our own.
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    if let Some(line) = status.lines().find(|line| line.starts_with("VmHWM")) {
        println!("{line}");
    }
    Ok(())
}

fn measure(name: &str, job: impl Fn() -> Result<(), Fault>) -> Result<(), Fault> {
    let mut seconds = Vec::new();
    for _ in 0..5 {
        let start = Instant::now();
        job()?;
        seconds.push(start.elapsed().as_secs_f64());
    }
    seconds.sort_by(f64::total_cmp);
    println!("{name:<48} {:.3} {:.3} {:.3} s", seconds[0], seconds[2], seconds[4]);
    Ok(())
}

fn design(aggregation: &[Aggregation]) -> Design {
    Design {
        normalisation: vec![Normalisation::MinMax, Normalisation::ZScore, Normalisation::Rank],
        weighting: vec![
            Weighting::Given,
            Weighting::Equal,
            Weighting::Expert { share: 0.25 },
            Weighting::Dirichlet { concentration: 1.0 },
        ],
        aggregation: aggregation.to_vec(),
        imputation: vec![Imputation::Keep],
        exclusion: true,
        data_error: true,
        seed: 1,
    }
}

/// Rates around 50 with a standard error of 2, a twentieth of the cells missing.
fn problem(units: usize, indicators: usize) -> Problem {
    let mut random = Random::new(1, 0, 0);
    let mut cell = || (random.uniform() > 0.05).then(|| 50.0 + 10.0 * random.normal());
    let values: Vec<Vec<Option<f64>>> = (0..indicators).map(|_| (0..units).map(|_| cell()).collect()).collect();
    let weight = 1.0 / indicators as f64;
    Problem {
        units: (0..units).map(|unit| unit.to_string()).collect(),
        indicators: (0..indicators).map(|indicator| indicator.to_string()).collect(),
        errors: Some(values.iter().map(|column| column.iter().map(|value| value.map(|_| 2.0)).collect()).collect()),
        values,
        directions: vec![Direction::HigherIsBetter; indicators],
        goalposts: None,
        structure: Structure::flat(&vec![weight; indicators], aggregate::Aggregation::Arithmetic),
        ranges: vec![Some((0.0, 100.0)); indicators],
        grades: None,
        availability: 0.65,
    }
}
