//! A run of random draws as it stands in `provenance.json`: the cells by id, and every choice, so that anybody can run it again
//! with `baseline compute monte-carlo` and `sobol`, or by the formulas.

use baseline_method::uncertainty::{Aggregation, Imputation, Normalisation, Weighting};
use serde::{Deserialize, Serialize};

use crate::compare::composite;

/// Choices in words; in each list the first is the reference.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Run {
    pub seed: u64,
    pub draws: usize,
    /// Of the sensitivity analysis.
    pub samples: usize,
    /// Share of the draws in an interval.
    pub level: f64,
    pub normalisation: Vec<String>,
    pub weighting: Vec<String>,
    pub aggregation: Vec<String>,
    pub imputation: Vec<String>,
    /// Whether one indicator or none is left out in each draw.
    pub exclusion: bool,
    pub availability: f64,
    pub units: Vec<String>,
    pub indicators: Vec<Indicator>,
    pub dimensions: Vec<Dimension>,
    /// Mean over the dimensions.
    pub across: String,
    /// Ids of figures: indicator by indicator, unit by unit; none where a unit has no value that counts.
    pub cells: Vec<Vec<Option<String>>>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Indicator {
    pub id: String,
    /// Index in `dimensions`.
    pub dimension: usize,
    /// In its dimension.
    pub weight: f64,
    /// Scores 0; above `best` where lower is better.
    pub worst: f64,
    pub best: f64,
    /// What it can be at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<(f64, f64)>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Dimension {
    pub id: String,
    pub weight: f64,
    /// Mean inside it.
    pub within: String,
}

/// A run with the names that its cells have in the file.
pub fn run(run: &composite::Run, cells: Vec<Vec<Option<String>>>) -> Run {
    let (problem, design) = (&run.problem, &run.design);
    let indicators = problem.indicators.iter().enumerate().filter_map(|(index, id)| {
        let level = problem.structure.levels.first()?;
        let posts = problem.goalposts.as_ref()?.get(index)?;
        Some(Indicator {
            id: id.clone(),
            dimension: *level.parent.get(index)?,
            weight: *level.weight.get(index)?,
            worst: posts.worst,
            best: posts.best,
            range: problem.ranges.get(index).copied().flatten(),
        })
    });
    let within = problem.structure.levels.first().map_or("", |level| level.aggregation.word());
    let dimensions = run.dimensions.iter().enumerate().filter_map(|(index, id)| {
        let weight = *problem.structure.levels.get(1)?.weight.get(index)?;
        Some(Dimension { id: id.clone(), weight, within: within.to_owned() })
    });
    Run {
        seed: design.seed,
        draws: run.draws,
        samples: run.samples,
        level: run.level,
        normalisation: design.normalisation.iter().map(|option| normalisation(*option).to_owned()).collect(),
        weighting: design.weighting.iter().map(weighting).collect(),
        aggregation: design.aggregation.iter().map(|option| aggregation(*option).to_owned()).collect(),
        imputation: design.imputation.iter().map(imputation).collect(),
        exclusion: design.exclusion,
        availability: problem.availability,
        units: problem.units.clone(),
        indicators: indicators.collect(),
        dimensions: dimensions.collect(),
        across: problem.structure.levels.get(1).map_or("", |level| level.aggregation.word()).to_owned(),
        cells,
    }
}

fn normalisation(option: Normalisation) -> &'static str {
    match option {
        Normalisation::Goalposts => "goalposts",
        Normalisation::MinMax => "minmax",
        Normalisation::ZScore => "zscore",
        Normalisation::Rank => "rank",
    }
}

fn weighting(option: &Weighting) -> String {
    match option {
        Weighting::Given => "given".to_owned(),
        Weighting::Equal => "equal".to_owned(),
        Weighting::Expert { share } => format!("expert {share}"),
        Weighting::Dirichlet { concentration } => format!("dirichlet {concentration}"),
        Weighting::Scheme { name, .. } => format!("scheme {name}"),
    }
}

fn aggregation(option: Aggregation) -> &'static str {
    match option {
        Aggregation::AsGiven => "given",
        Aggregation::Arithmetic => "arithmetic",
        Aggregation::Geometric => "geometric",
        Aggregation::Copeland => "copeland",
        Aggregation::Borda => "borda",
    }
}

fn imputation(option: &Imputation) -> String {
    match option {
        Imputation::Keep => "keep".to_owned(),
        Imputation::Exclude => "exclude".to_owned(),
        Imputation::Spread([b, c, d, m]) => format!("spread B:{b};C:{c};D:{d};M:{m}"),
    }
}
