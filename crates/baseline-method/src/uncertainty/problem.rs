//! What a composite is made of, and the choices that the uncertainty analysis varies. Checked here once, so that the
//! kernel can be plain arithmetic.

use baseline_model::Grade;
use baseline_model::definitions::Direction;

use crate::Fault;
use crate::composite::Structure;
use crate::normalise::{Goalposts, higher};
use crate::rank::order;

/// The data of a composite. Tables are indicator by indicator, each with one cell a unit.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    pub units: Vec<String>,
    pub indicators: Vec<String>,
    /// In the indicator's own unit; `None` where there is no value.
    pub values: Vec<Vec<Option<f64>>>,
    /// One for each indicator.
    pub directions: Vec<Direction>,
    /// Of each indicator, in its own unit; needed for [`Normalisation::Goalposts`].
    pub goalposts: Option<Vec<Goalposts>>,
    /// From the indicators up to one index.
    pub structure: Structure,
    /// Standard errors, in the indicator's own unit; `None` where none is known.
    pub errors: Option<Vec<Vec<Option<f64>>>>,
    /// The smallest and the largest number that an indicator can have (0 and 100 for a percentage): drawn values are
    /// clipped to it. `None` where none is declared.
    pub ranges: Vec<Option<(f64, f64)>>,
    /// Whose value a cell is. A cell without a value has none.
    pub grades: Option<Vec<Vec<Option<Grade>>>>,
    /// The least share of the indicators of each dimension that a unit must have to get a score, 0 to 1; as in
    /// [`crate::composite::Rules`].
    pub availability: f64,
}

/// How values become scores in which more is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Normalisation {
    /// 0 to 100 between the worst and the best value of the draw.
    MinMax,
    /// 50 + 10 z with the sample standard deviation: the affine form of the z-score that is positive for all but
    /// absurd values, so that geometric means exist. The order of arithmetic means is that of plain z-scores.
    ZScore,
    /// 100 · min-rank/n.
    Rank,
    /// 0 to 100 between fixed goalposts, clipped.
    Goalposts,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Weighting {
    /// As in the problem's levels.
    Given,
    /// Equal under each parent.
    Equal,
    /// Each given weight times a uniform number within 1 ± the share, then rescaled under each parent.
    Expert { share: f64 },
    /// A symmetric Dirichlet draw under each parent.
    Dirichlet { concentration: f64 },
    /// Another list of indicator weights, for a problem of one level.
    Scheme { name: String, weight: Vec<f64> },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aggregation {
    /// Each level by the mean that the structure says.
    AsGiven,
    Arithmetic,
    Geometric,
    /// Wins less losses over all pairs, where e_jk = Σ w(better) + ½ Σ w(equal) above one half is a win.
    Copeland,
    /// Σ_k e_jk.
    Borda,
}

/// What becomes of cells that are not the territory's own (grade below A).
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Imputation {
    Keep,
    /// Normal noise with a standard deviation of so many sample standard deviations of the indicator; for B, C, D, M.
    Spread([f64; 4]),
    /// Taken as missing.
    Exclude,
}

/// The options of each choice. The first of each is the reference; the reference's weights are the given ones and it has
/// neither exclusion nor data error.
#[derive(Debug, Clone, PartialEq)]
pub struct Design {
    pub normalisation: Vec<Normalisation>,
    pub weighting: Vec<Weighting>,
    pub aggregation: Vec<Aggregation>,
    pub imputation: Vec<Imputation>,
    /// Whether one indicator, or none, is left out, all equally likely.
    pub exclusion: bool,
    /// Whether values are drawn within their errors.
    pub data_error: bool,
    pub seed: u64,
}

impl Design {
    /// Nothing varies.
    pub fn fixed() -> Self {
        Self {
            normalisation: vec![Normalisation::MinMax],
            weighting: vec![Weighting::Given],
            aggregation: vec![Aggregation::Arithmetic],
            imputation: vec![Imputation::Keep],
            exclusion: false,
            data_error: false,
            seed: 1,
        }
    }
}

/// Sums of weights may miss 1 by as much, which is what two printed digits of ten weights do.
const SUM: f64 = 1e-6;

/// Larger numbers have no squares.
const LARGEST: f64 = 1e100;

/// Checks everything that the kernel takes for granted.
///
/// # Errors
/// For tables of another shape, fewer than two units, no indicator, a column without spread, equal or missing goalposts,
/// weights that are negative or do not sum to 1 under their parent, negative errors, a range whose ends are turned, an empty
/// list of options, and options that the problem has no data for.
pub fn check(problem: &Problem, design: &Design) -> Result<(), Fault> {
    let (units, indicators) = (problem.units.len(), problem.indicators.len());
    if units < 2 {
        return Err(Fault::Few { at: "units to rank".into(), found: units, least: 2 });
    }
    if units > usize::from(u16::MAX) {
        let hint = "rank fewer units at once";
        return Err(Fault::shape("units", format!("at most {}", u16::MAX), units.to_string(), hint));
    }
    if indicators == 0 {
        return Err(Fault::Few { at: "indicators".into(), found: 0, least: 1 });
    }
    shape("values", &problem.values, indicators, units)?;
    length("directions", problem.directions.len(), indicators)?;
    for (direction, name) in problem.directions.iter().zip(&problem.indicators) {
        higher(*direction).map_err(|fault| fault.within(name))?;
    }
    length("ranges", problem.ranges.len(), indicators)?;
    for (column, name) in problem.values.iter().zip(&problem.indicators) {
        spread(column, name)?;
    }
    if let Some(errors) = &problem.errors {
        shape("errors", errors, indicators, units)?;
        for (column, name) in errors.iter().zip(&problem.indicators) {
            if let Some(error) = column.iter().flatten().find(|error| !(0.0..=LARGEST).contains(*error)) {
                return Err(Fault::number(format!("errors of {name}"), "a standard error from 0 up", error));
            }
        }
    }
    if let Some(grades) = &problem.grades {
        shape("grades", grades, indicators, units)?;
    }
    for (range, name) in problem.ranges.iter().zip(&problem.indicators) {
        if let Some((lower, upper)) = range.filter(|(lower, upper)| lower.is_nan() || upper.is_nan() || lower >= upper) {
            let found = format!("{lower} to {upper}");
            return Err(Fault::number(format!("range of {name}"), "a lower end below the upper one", &found));
        }
    }
    if !(0.0..=1.0).contains(&problem.availability) {
        return Err(Fault::number("availability", "a share from 0 to 1", &problem.availability));
    }
    tree(problem)?;
    options(problem, design)
}

fn options(problem: &Problem, design: &Design) -> Result<(), Fault> {
    let lists = [
        ("normalisation", design.normalisation.len()),
        ("weighting", design.weighting.len()),
        ("aggregation", design.aggregation.len()),
        ("imputation", design.imputation.len()),
    ];
    if let Some((name, _)) = lists.iter().find(|(_, options)| *options == 0) {
        return Err(Fault::Few { at: format!("options of {name}"), found: 0, least: 1 });
    }
    if design.normalisation.contains(&Normalisation::Goalposts) {
        let Some(goalposts) = &problem.goalposts else {
            let hint = "give goalposts, or leave them out of the normalisations";
            return Err(Fault::shape("goalposts", "a worst and a best value for every indicator", "none", hint));
        };
        length("goalposts", goalposts.len(), problem.indicators.len())?;
        for (Goalposts { worst, best }, name) in goalposts.iter().zip(&problem.indicators) {
            if !worst.is_finite() || !best.is_finite() {
                return Err(Fault::number(format!("goalposts of {name}"), "two finite numbers", &format!("{worst}, {best}")));
            }
            if worst == best {
                return Err(Fault::Equal { at: format!("goalposts of {name}"), value: *worst });
            }
        }
    }
    for weighting in &design.weighting {
        match weighting {
            Weighting::Given | Weighting::Equal => {}
            Weighting::Expert { share } => {
                if !(*share > 0.0 && *share < 1.0) {
                    return Err(Fault::number("expert share", "a share between 0 and 1", share));
                }
            }
            Weighting::Dirichlet { concentration } => {
                if !(*concentration > 0.0 && concentration.is_finite()) {
                    return Err(Fault::number("concentration", "a number above 0", concentration));
                }
            }
            Weighting::Scheme { name, weight } => {
                if problem.structure.levels.len() != 1 {
                    let hint = "schemes are lists of indicator weights; leave them out where a structure is given";
                    return Err(Fault::shape(format!("weights {name}"), "a problem of one level", "a structure", hint));
                }
                length(&format!("weights {name}"), weight.len(), problem.indicators.len())?;
                sums(weight, &vec![0; weight.len()], &format!("weights {name}"))?;
            }
        }
    }
    for imputation in &design.imputation {
        match imputation {
            Imputation::Keep => continue,
            Imputation::Exclude => {}
            Imputation::Spread(spread) => {
                if let Some(bad) = spread.iter().find(|share| !(**share >= 0.0 && share.is_finite())) {
                    return Err(Fault::number("spread", "a number of standard deviations from 0 up", bad));
                }
            }
        }
        if problem.grades.is_none() {
            let hint = "give the grades, or keep all cells";
            return Err(Fault::shape("grades", "a grade for every value", "none", hint));
        }
    }
    if design.data_error && problem.errors.is_none() {
        let hint = "give the standard errors, or leave the data error out";
        return Err(Fault::shape("errors", "standard errors", "none", hint));
    }
    Ok(())
}

fn tree(problem: &Problem) -> Result<(), Fault> {
    let mut nodes = problem.indicators.len();
    if problem.structure.levels.is_empty() {
        return Err(Fault::Few { at: "levels of the composite".into(), found: 0, least: 1 });
    }
    for level in &problem.structure.levels {
        let at = format!("weights in {}", level.name);
        length(&at, level.weight.len(), nodes)?;
        length(&at, level.parent.len(), nodes)?;
        nodes = level.groups.len();
        if let Some(group) = (0..nodes).find(|group| !level.parent.contains(group)) {
            let hint = "every group has something in it";
            return Err(Fault::shape(at, "no empty group", level.groups[group].clone(), hint));
        }
        if level.parent.iter().any(|parent| *parent >= nodes) {
            return Err(Fault::shape(at, format!("groups up to {nodes}"), "one beyond", "name all groups"));
        }
        sums(&level.weight, &level.parent, &at)?;
    }
    if nodes != 1 {
        let hint = "put all groups of the last level into one";
        return Err(Fault::shape("levels of the composite", "one index at the top", nodes.to_string(), hint));
    }
    Ok(())
}

fn sums(weight: &[f64], parent: &[usize], at: &str) -> Result<(), Fault> {
    if let Some(bad) = weight.iter().find(|weight| !(**weight >= 0.0 && weight.is_finite())) {
        return Err(Fault::number(at, "a weight from 0 up", bad));
    }
    for group in 0..parent.iter().max().map_or(0, |last| last + 1) {
        let sum: f64 = weight.iter().zip(parent).filter(|(_, of)| **of == group).map(|(weight, _)| weight).sum();
        if (sum - 1.0).abs() > SUM {
            return Err(Fault::Weights { at: format!("{at}, group {}", group + 1), sum });
        }
    }
    Ok(())
}

fn spread(column: &[Option<f64>], name: &str) -> Result<(), Fault> {
    if let Some(bad) = column.iter().flatten().find(|value| !value.is_finite()) {
        return Err(Fault::number(name, "a finite number", bad));
    }
    if let Some(bad) = column.iter().flatten().find(|value| value.abs() > LARGEST) {
        return Err(Fault::number(name, "a number between -1e100 and 1e100", &format!("{bad:e}")));
    }
    let mut present = column.iter().flatten();
    let Some(first) = present.next() else {
        return Err(Fault::Few { at: format!("numbers of {name}"), found: 0, least: 2 });
    };
    if present.all(|value| order(*value, *first).is_eq()) {
        return Err(Fault::Equal { at: name.to_owned(), value: *first });
    }
    Ok(())
}

fn shape<T>(name: &str, table: &[Vec<T>], indicators: usize, units: usize) -> Result<(), Fault> {
    length(name, table.len(), indicators)?;
    table.iter().try_for_each(|column| length(name, column.len(), units))
}

fn length(name: &str, found: usize, expected: usize) -> Result<(), Fault> {
    if found == expected {
        return Ok(());
    }
    let hint = "one entry for each indicator, and in tables for each unit";
    Err(Fault::shape(name, expected.to_string(), found.to_string(), hint))
}
