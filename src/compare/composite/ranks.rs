//! From scores to what is known of ranks: the reference composite, many draws of its choices, the rank intervals, and which
//! choice moves the ranks. The arithmetic is `baseline_method::uncertainty` and `::sobol`; here it gets figures and gives
//! figures back, each with the run that it is of.

use baseline_method::Fault;
use baseline_method::aggregate::Aggregation as Mean;
use baseline_method::composite::{Level, Structure};
use baseline_method::interval::{Rule, Separated};
use baseline_method::reliability::standing;
use baseline_method::sobol;
use baseline_method::uncertainty::{
    self, Aggregation, Design, Imputation, NAMES, Normalisation, Outcome, Problem, UnitRanks, Weighting,
};
use baseline_model::definitions::{Aggregation as Declared, Composite as Record, Direction, Unit};
use baseline_model::{FigureId, Formula, Grade, NutsCode, Observation, Parameters};

use super::{Composite, ID, LEAST, Row};
use crate::derive::{Key, computed, figure_id};

/// Share of the draws in a rank interval: from the 5 % to the 95 % rank.
pub const LEVEL: f64 = 0.9;
/// By how much an expert's weights may be off.
const EXPERT: f64 = 0.25;

/// The ranks of all scored units.
#[derive(Debug, Clone)]
pub struct Ranked {
    pub run: Run,
    /// In the order of the territories.
    pub units: Vec<UnitRank>,
    /// The mean over the draws of the mean rank shift.
    pub shift: Observation,
    /// Choice, first-order index, total index; none when the ranks never change.
    pub sensitivity: Vec<(&'static str, Observation, Observation)>,
    /// Orderable units whose intervals have no rank in common: the one ahead first, and the proof.
    pub pairs: Vec<(usize, usize, Separated)>,
}

/// What one run was made of: enough to compute it again.
#[derive(Debug, Clone)]
pub struct Run {
    /// `composite.milestone.2024`.
    pub id: String,
    pub problem: Problem,
    pub design: Design,
    pub draws: usize,
    pub samples: usize,
    pub level: f64,
    /// Names of the dimensions in the problem.
    pub dimensions: Vec<String>,
    /// Indicator by indicator, unit by unit, as the problem's values.
    pub cells: Vec<Vec<Option<Observation>>>,
}

/// A unit of the composite: the regions whose values were counted.
#[derive(Debug, Clone)]
pub struct UnitRank {
    /// For which these values stand.
    pub territories: Vec<String>,
    /// Codes of the regions whose values these are, each once.
    pub geo: Vec<String>,
    /// 0 to 100, under the reference.
    pub score: Observation,
    pub rank: Observation,
    pub median: Observation,
    pub lower: Observation,
    pub upper: Observation,
    /// Mean of |reference rank − rank|.
    pub shift: Observation,
    /// No value in it is of low reliability or of another definition than the others': the draws know nothing of these, so
    /// its interval is too narrow to put it in order.
    pub orderable: bool,
}

/// The ranks; `None` when fewer than [`LEAST`] units have enough values.
///
/// # Errors
/// Any fault of the methods.
pub fn ranked(study: &str, record: &Record, composite: &Composite) -> Result<Option<Ranked>, Fault> {
    let units = units(composite);
    if units.len() < LEAST {
        return Ok(None);
    }
    let Some(run) = run(study, record, composite, &units) else { return Ok(None) };
    let outcome = uncertainty::run(&run.problem, &run.design, run.draws, run.level)?;
    let figures = Figures { composite, record, run: &run };
    let mut ranks = Vec::new();
    for (unit, found) in units.iter().zip(&outcome.units) {
        ranks.push(figures.unit(unit, found)?);
    }
    let scores: Vec<Observation> = ranks.iter().map(|unit| unit.score.clone()).collect();
    let shift = outcome.shifts.iter().sum::<f64>() / outcome.shifts.len() as f64;
    let Some(first) = scores.first() else { return Ok(None) };
    let whole = |name: &str, formula: Formula, parameters: Parameters, value: f64| {
        figures.whole(study, (first, &scores), name, (formula, parameters), value)
    };
    let sensitivity = sobol::composite(&run.problem, &run.design, run.samples)?;
    let sensitivity = sensitivity.shift.factors.into_iter().flatten().zip(sensitivity.factors).map(|(index, factor)| {
        let of = |order: &str, value: f64| {
            let parameters = vec![("run", run.id.clone()), ("factor", factor.to_owned()), ("order", order.to_owned())];
            whole(&format!("sobol_{order}_{factor}"), Formula::Sobol, parameters, value)
        };
        (factor, of("first", index.first), of("total", index.total))
    });
    let sensitivity = sensitivity.collect();
    let parameters = vec![("run", run.id.clone()), ("statistic", "shift".to_owned())];
    let shift = whole("mean_rank_shift", Formula::MonteCarlo, parameters, shift);
    let orderable = |unit: usize| ranks.get(unit).is_some_and(|unit| unit.orderable);
    let pairs = pairs(&outcome).into_iter().filter(|(ahead, behind, _)| orderable(*ahead) && orderable(*behind)).collect();
    Ok(Some(Ranked { units: ranks, shift, sensitivity, pairs, run }))
}

/// The one with the smaller rank number first: it is ahead.
fn pairs(outcome: &Outcome) -> Vec<(usize, usize, Separated)> {
    let ahead = |(first, second, separated): (usize, usize, Separated)| {
        let (behind, ahead) = separated.high_low(first, second);
        (ahead, behind, separated)
    };
    outcome.separated().into_iter().map(ahead).collect()
}

/// Rows that pass, those with the same regions together.
fn units(composite: &Composite) -> Vec<Vec<&Row>> {
    let mut units: Vec<Vec<&Row>> = Vec::new();
    let regions = |row: &Row| -> Vec<Option<NutsCode>> {
        row.cells.iter().map(|cell| Some(cell.as_ref().filter(|cell| cell.counts)?.value.geo.clone())).collect()
    };
    for row in composite.rows.iter().filter(|row| row.passes()) {
        match units.iter_mut().find(|unit| unit.first().is_some_and(|first| regions(first) == regions(row))) {
            Some(unit) => unit.push(row),
            None => units.push(vec![row]),
        }
    }
    units
}

/// The problem and its design; `None` when nothing tells the units apart.
fn run(study: &str, record: &Record, composite: &Composite, units: &[Vec<&Row>]) -> Option<Run> {
    let cell = |unit: &[&Row], part: usize| -> Option<Observation> {
        Some(unit.first()?.cells.get(part)?.as_ref().filter(|cell| cell.counts)?.value.clone())
    };
    let columns = composite.parts.iter().enumerate().map(|(index, part)| {
        let cells: Vec<Option<Observation>> = units.iter().map(|unit| cell(unit, index)).collect();
        (part, cells)
    });
    // An indicator that nobody has, or all have alike, tells nothing apart: the others of its dimension share its weight.
    let columns: Vec<_> = columns.filter(|(_, cells)| differ(cells)).collect();
    let mut dimensions: Vec<usize> = columns.iter().map(|(part, _)| part.dimension).collect();
    dimensions.dedup();
    let place = |dimension: usize| dimensions.iter().position(|other| *other == dimension).unwrap_or_default();
    let mean = |declared: Declared| match declared {
        Declared::Arithmetic => Mean::Arithmetic,
        Declared::Geometric => Mean::Geometric,
    };
    let parent: Vec<usize> = columns.iter().map(|(part, _)| place(part.dimension)).collect();
    let names: Vec<String> = dimensions.iter().filter_map(|index| Some(composite.dimensions.get(*index)?.0.clone())).collect();
    let indicators = Level {
        name: "dimension".to_owned(),
        groups: names.clone(),
        weight: rescaled(&columns.iter().map(|(part, _)| part.weight).collect::<Vec<_>>(), &parent),
        parent,
        aggregation: mean(record.within),
    };
    let weights: Vec<f64> = dimensions.iter().filter_map(|index| Some(composite.dimensions.get(*index)?.1)).collect();
    let parent = vec![0; weights.len()];
    let whole = Level {
        name: "index".to_owned(),
        groups: vec!["index".to_owned()],
        weight: rescaled(&weights, &parent),
        parent,
        aggregation: mean(record.aggregation),
    };
    let table = |pick: &dyn Fn(&Observation) -> Option<f64>| -> Vec<Vec<Option<f64>>> {
        columns.iter().map(|(_, cells)| cells.iter().map(|cell| cell.as_ref().and_then(pick)).collect()).collect()
    };
    let grades: Vec<Vec<Option<Grade>>> =
        columns.iter().map(|(_, cells)| cells.iter().map(|cell| Some(cell.as_ref()?.grade)).collect()).collect();
    let borrowed = grades.iter().flatten().flatten().any(|grade| *grade != Grade::A);
    let lower = |worst: f64, best: f64| if worst > best { Direction::LowerIsBetter } else { Direction::HigherIsBetter };
    let problem = Problem {
        units: units.iter().filter_map(|unit| Some(unit.first()?.territory.clone())).collect(),
        indicators: columns.iter().map(|(part, _)| part.id.clone()).collect(),
        values: table(&|cell| cell.value.number()),
        directions: columns.iter().map(|(part, _)| lower(part.goalposts.worst, part.goalposts.best)).collect(),
        goalposts: Some(columns.iter().map(|(part, _)| part.goalposts).collect()),
        structure: Structure { levels: vec![indicators, whole] },
        errors: None,
        ranges: columns.iter().map(|(part, _)| (part.unit == Unit::Percent).then_some((0.0, 100.0))).collect(),
        grades: Some(grades),
        availability: record.availability,
    };
    let spread = [Grade::B, Grade::C, Grade::D, Grade::M].map(|grade| record.spread.get(&grade).copied().unwrap_or(0.0));
    let design = Design {
        normalisation: vec![Normalisation::Goalposts, Normalisation::MinMax, Normalisation::ZScore, Normalisation::Rank],
        weighting: vec![Weighting::Given, Weighting::Expert { share: EXPERT }, Weighting::Dirichlet { concentration: 1.0 }],
        aggregation: vec![Aggregation::AsGiven, Aggregation::Arithmetic, Aggregation::Geometric, Aggregation::Copeland],
        imputation: if borrowed { vec![Imputation::Keep, Imputation::Spread(spread)] } else { vec![Imputation::Keep] },
        exclusion: columns.len() > 2,
        data_error: false,
        seed: record.seed,
    };
    (!columns.is_empty()).then(|| Run {
        id: format!("{ID}.{study}.{}", composite.period),
        problem,
        design,
        draws: record.draws,
        samples: record.samples,
        level: LEVEL,
        dimensions: names,
        cells: columns.into_iter().map(|(_, cells)| cells).collect(),
    })
}

fn differ(cells: &[Option<Observation>]) -> bool {
    let mut numbers = cells.iter().flatten().filter_map(|cell| cell.value.number());
    let first = numbers.next();
    first.is_some_and(|first| numbers.any(|other| baseline_method::rank::order(first, other).is_ne()))
}

/// Weights that sum to 1 under each parent again.
fn rescaled(weights: &[f64], parent: &[usize]) -> Vec<f64> {
    let sum =
        |of: usize| -> f64 { weights.iter().zip(parent).filter(|(_, other)| **other == of).map(|(weight, _)| weight).sum() };
    weights.iter().zip(parent).map(|(weight, of)| weight / sum(*of)).collect()
}

/// Makes figures of one run.
struct Figures<'a> {
    composite: &'a Composite,
    record: &'a Record,
    run: &'a Run,
}

impl Figures<'_> {
    fn unit(&self, unit: &[&Row], found: &UnitRanks) -> Result<UnitRank, Fault> {
        let few = || Fault::Few { at: "units to rank".into(), found: 0, least: LEAST };
        let row = unit.first().ok_or_else(few)?;
        let alive = |id: &str| self.run.problem.indicators.iter().any(|other| other == id);
        let scores: Vec<Observation> =
            row.counted().map(|cell| &cell.score).filter(|score| alive(&score.indicator)).cloned().collect();
        let geo: std::collections::BTreeSet<&str> = scores.iter().map(|score| score.geo.code.as_str()).collect();
        let geo: Vec<String> = geo.into_iter().map(str::to_owned).collect();
        let coarsest = scores.iter().max_by_key(|score| score.grade).ok_or_else(few)?;
        let template = self.template(coarsest, &row.territory, coarsest.geo.clone());
        let index = found.index;
        let score =
            computed(&template, template.id.clone(), Unit::Score, (Formula::Composite, self.structure()), scores, |_| index);
        let statistic = |name: &str, statistic: &str, value: Option<f64>| {
            let parameters =
                vec![("run", self.run.id.clone()), ("unit", row.territory.clone()), ("statistic", statistic.to_owned())];
            let id = FigureId(format!("{}.{name}", template.id));
            computed(&score, id, Unit::Position, (Formula::MonteCarlo, parameters), vec![score.clone()], |_| value)
        };
        Ok(UnitRank {
            territories: unit.iter().map(|row| row.territory.clone()).collect(),
            geo,
            rank: statistic("rank", "rank", found.reference.map(|rank| rank as f64)),
            median: statistic("rank_median", "median", found.median),
            lower: statistic("rank_lower", "lower", found.interval.map(baseline_method::interval::Interval::lower)),
            upper: statistic("rank_upper", "upper", found.interval.map(baseline_method::interval::Interval::upper)),
            shift: statistic("rank_shift", "shift", found.shift),
            orderable: row.counted().all(|cell| {
                let standing = standing(cell.value.value, &cell.value.obs_status);
                cell.value.grade != Grade::M && standing.rule() == Rule::WhereKnown && standing.comparable_with_others()
            }),
            score,
        })
    }

    /// A figure about all units together.
    fn whole(
        &self,
        study: &str,
        (first, scores): (&Observation, &[Observation]),
        name: &str,
        (formula, parameters): (Formula, Parameters),
        value: f64,
    ) -> Observation {
        let geo = NutsCode { code: study.to_owned(), version: None };
        let template = self.template(first, study, geo);
        let id = FigureId(format!("{}.{name}", template.id));
        computed(&template, id, Unit::Ratio, (formula, parameters), scores.to_vec(), |_| Some(value))
    }

    fn template(&self, like: &Observation, unit: &str, geo: NutsCode) -> Observation {
        let key =
            Key { period: self.composite.period, origin: self.composite.origin, sex: "T".to_owned(), age: "TOTAL".to_owned() };
        Observation {
            id: figure_id(ID, unit, &key),
            indicator: ID.to_owned(),
            territory: unit.to_owned(),
            geo,
            period: key.period,
            origin: key.origin,
            sex: key.sex,
            age: key.age,
            ..like.clone()
        }
    }

    /// The composite's rule as parameters: `work 0.5 (employment_rate 0.5, unemployment_rate 0.5); skills 0.5 (...)`.
    fn structure(&self) -> Parameters {
        let levels = &self.run.problem.structure.levels;
        let indicators = &self.run.problem.indicators;
        let dimension = |(index, name): (usize, &String)| {
            let inside = indicators.iter().enumerate().filter(|(indicator, _)| levels[0].parent[*indicator] == index);
            let inside: Vec<String> = inside.map(|(indicator, id)| format!("{id} {}", levels[0].weight[indicator])).collect();
            format!("{name} {} ({})", levels[1].weight[index], inside.join(", "))
        };
        let dimensions: Vec<String> = self.run.dimensions.iter().enumerate().map(dimension).collect();
        let word = |declared: Declared| match declared {
            Declared::Arithmetic => "arithmetic",
            Declared::Geometric => "geometric",
        };
        vec![
            ("dimensions", dimensions.join("; ")),
            ("within", word(self.record.within).to_owned()),
            ("across", word(self.record.aggregation).to_owned()),
            ("floor", uncertainty::FLOOR.to_string()),
        ]
    }
}

/// The choices that a design varies, in the order of the factors.
pub fn varied(design: &Design) -> Vec<&'static str> {
    let many = [
        design.normalisation.len() > 1,
        design.exclusion,
        design.weighting.len() > 1,
        design.aggregation.len() > 1,
        design.imputation.len() > 1,
        design.data_error,
    ];
    NAMES.into_iter().zip(many).filter(|(_, many)| *many).map(|(name, _)| name).collect()
}
