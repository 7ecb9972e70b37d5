//! One draw: from a setting of all choices to the ranks of the units. Everything works on flat tables that are made once
//! a thread; a draw allocates nothing. Sums go in the order of the indicators, so a draw is the same on any thread.

use baseline_model::Grade;
use baseline_model::definitions::Direction;

use super::outrank::{Blocks, borda, copeland};
use super::problem::{Aggregation, Design, Imputation, Normalisation, Problem, Weighting};
use super::scale::{goalposts, min_max, percentile, z_score};
use crate::aggregate::Aggregation as Mean;
use crate::composite::Level;
use crate::random::Random;
use crate::rank::order;

/// How many choices are varied: the length of a point.
pub const FACTORS: usize = 6;

/// The choices, in the order of a point's coordinates.
pub const NAMES: [&str; FACTORS] = ["normalisation", "inclusion", "weights", "aggregation", "imputation", "data_error"];

/// Streams of [`Random`]: what a draw's numbers are for.
const WEIGHTS: u32 = 1;
const ERRORS: u32 = 2;
const SPREADS: u32 = 3;

/// Scores below it are raised to it for geometric means, on the scale 0 to 100.
pub const FLOOR: f64 = 1.0;

/// Which option of each choice a draw takes. The keys number the random weights, errors and spreads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    pub normalisation: usize,
    /// The indicator that is left out.
    pub excluded: Option<usize>,
    /// `None`: the given weights.
    pub weighting: Option<usize>,
    pub weights_key: u64,
    pub aggregation: usize,
    pub imputation: usize,
    pub spread_key: u64,
    /// `None`: the values as they are.
    pub error_key: Option<u64>,
}

impl Setting {
    /// The first option of each list, with all indicators, the given weights and without errors.
    pub fn reference() -> Self {
        Self {
            normalisation: 0,
            excluded: None,
            weighting: None,
            weights_key: 0,
            aggregation: 0,
            imputation: 0,
            spread_key: 0,
            error_key: None,
        }
    }

    /// The setting at a point of the unit cube: each coordinate is cut into as many equal parts as there are options,
    /// and its place within the part numbers the random realisation.
    pub fn at(point: &[f64; FACTORS], design: &Design, indicators: usize) -> Self {
        let [normalisation, inclusion, weights, aggregation, imputation, errors] = *point;
        let (weighting, weights_key) = pick(weights, design.weighting.len());
        let (imputation, spread_key) = pick(imputation, design.imputation.len());
        Self {
            normalisation: pick(normalisation, design.normalisation.len()).0,
            excluded: if design.exclusion { pick(inclusion, indicators + 1).0.checked_sub(1) } else { None },
            weighting: Some(weighting),
            weights_key,
            aggregation: pick(aggregation, design.aggregation.len()).0,
            imputation,
            spread_key,
            error_key: design.data_error.then(|| pick(errors, 1).1),
        }
    }
}

/// The problem as flat tables, NaN for missing.
#[derive(Debug)]
pub struct Kernel<'a> {
    problem: &'a Problem,
    design: &'a Design,
    units: usize,
    values: Vec<f64>,
    /// NaN where no error is known.
    errors: Vec<f64>,
    /// Sample standard deviation of each indicator.
    deviation: Vec<f64>,
    /// For each indicator its dimension.
    dimensions: Vec<usize>,
    /// Whether a cell can be missing in any draw.
    gaps: bool,
    /// Units with enough values in the reference; the others have no score in any draw.
    scored: Vec<bool>,
}

/// Tables that a thread writes over and over.
#[derive(Debug)]
pub struct Scratch {
    scores: Vec<f64>,
    below: Vec<f64>,
    above: Vec<f64>,
    alive: Vec<bool>,
    weights: Vec<Vec<f64>>,
    effective: Vec<f64>,
    index: Vec<f64>,
    sums: Vec<f64>,
    blocks: Blocks,
    order: Vec<u32>,
    /// Cells raised to [`FLOOR`] in the last draw.
    pub floored: usize,
    /// Values clipped to their goalposts in the last draw.
    pub clipped: usize,
    /// Drawn values clipped to their range in the last draw.
    pub bounded: usize,
    /// Indicators without spread in the last draw, which told nothing apart.
    pub flat: usize,
}

impl<'a> Kernel<'a> {
    /// `problem` and `design` must have passed [`super::check`].
    pub fn new(problem: &'a Problem, design: &'a Design) -> Self {
        let flat =
            |table: &[Vec<Option<f64>>]| -> Vec<f64> { table.iter().flatten().map(|value| value.unwrap_or(f64::NAN)).collect() };
        let excludes = design.imputation.contains(&Imputation::Exclude);
        let mut kernel = Self {
            problem,
            design,
            units: problem.units.len(),
            values: flat(&problem.values),
            errors: problem.errors.as_deref().map(flat).unwrap_or_default(),
            deviation: problem.values.iter().map(|column| deviation(column)).collect(),
            dimensions: problem.structure.dimensions(),
            gaps: excludes || problem.values.iter().flatten().any(Option::is_none),
            scored: vec![true; problem.units.len()],
        };
        let mut scratch = kernel.scratch();
        kernel.data(&Setting::reference(), &mut scratch);
        let scored = kernel.enough(&scratch);
        kernel.scored = scored;
        kernel
    }

    pub fn scratch(&self) -> Scratch {
        let cells = self.values.len();
        Scratch {
            scores: vec![0.0; cells],
            below: vec![0.0; cells],
            above: vec![0.0; cells],
            alive: vec![true; self.problem.indicators.len()],
            weights: self.problem.structure.levels.iter().map(|level| level.weight.clone()).collect(),
            effective: vec![0.0; self.problem.indicators.len()],
            index: vec![0.0; self.units],
            sums: vec![0.0; self.units * 2],
            blocks: Blocks::default(),
            order: (0..u32::try_from(self.units).unwrap_or(u32::MAX)).collect(),
            floored: 0,
            clipped: 0,
            bounded: 0,
            flat: 0,
        }
    }

    /// The composite's value of each unit under a setting; NaN for one without. Higher is better.
    pub fn index<'s>(&self, setting: &Setting, scratch: &'s mut Scratch) -> &'s [f64] {
        self.data(setting, scratch);
        self.normalise(setting, scratch);
        self.weigh(setting, scratch);
        if self.gaps {
            let enough = self.enough(scratch);
            for column in scratch.scores.chunks_exact_mut(self.units) {
                let units = column.iter_mut().zip(enough.iter().zip(&self.scored));
                units.filter(|(_, (enough, scored))| !**enough || !**scored).for_each(|(score, _)| *score = f64::NAN);
            }
        }
        match self.design.aggregation[setting.aggregation] {
            Aggregation::AsGiven => self.means(scratch, |level| level.aggregation),
            Aggregation::Arithmetic => self.means(scratch, |_| Mean::Arithmetic),
            Aggregation::Geometric => self.means(scratch, |_| Mean::Geometric),
            Aggregation::Copeland => self.outrank(scratch, copeland),
            Aggregation::Borda => self.outrank(scratch, borda),
        }
        &scratch.index
    }

    /// The rank of each unit from 1, equal ones sharing the better rank; 0 for one without. As [`crate::rank::ranks`].
    pub fn ranks(&self, setting: &Setting, scratch: &mut Scratch, ranks: &mut [u16]) {
        self.index(setting, scratch);
        rank(&scratch.index, &mut scratch.order, ranks);
    }

    /// The values of the draw, within their errors and ranges.
    fn data(&self, setting: &Setting, scratch: &mut Scratch) {
        let values = &mut scratch.scores;
        values.copy_from_slice(&self.values);
        scratch.bounded = 0;
        if let Some(key) = setting.error_key {
            let mut random = Random::new(self.design.seed, key, ERRORS);
            for (value, error) in values.iter_mut().zip(&self.errors) {
                if *error > 0.0 {
                    *value += error * random.normal();
                }
            }
        }
        let imputation = &self.design.imputation[setting.imputation];
        if let (Some(grades), Imputation::Spread(_) | Imputation::Exclude) = (&self.problem.grades, imputation) {
            let mut random = Random::new(self.design.seed, setting.spread_key, SPREADS);
            for (indicator, column) in grades.iter().enumerate() {
                for (value, grade) in values[indicator * self.units..].iter_mut().zip(column) {
                    let level = match grade {
                        None | Some(Grade::A) => continue,
                        Some(Grade::B) => 0,
                        Some(Grade::C) => 1,
                        Some(Grade::D) => 2,
                        Some(Grade::M) => 3,
                    };
                    match imputation {
                        Imputation::Keep => {}
                        Imputation::Spread(spread) => *value += spread[level] * self.deviation[indicator] * random.normal(),
                        Imputation::Exclude => *value = f64::NAN,
                    }
                }
            }
        } else if setting.error_key.is_none() {
            return;
        }
        for (indicator, range) in self.problem.ranges.iter().enumerate() {
            let Some((lower, upper)) = range else { continue };
            let cells = indicator * self.units..(indicator + 1) * self.units;
            for (value, given) in values[cells.clone()].iter_mut().zip(&self.values[cells]) {
                // A published value outside its range stays: only what was drawn is brought back.
                if (*value < *lower || *value > *upper) && *value != *given {
                    *value = value.clamp(*lower, *upper);
                    scratch.bounded += 1;
                }
            }
        }
    }

    /// Values to scores, in place; notes which indicators tell anything apart.
    fn normalise(&self, setting: &Setting, scratch: &mut Scratch) {
        (scratch.clipped, scratch.flat) = (0, 0);
        for (indicator, column) in scratch.scores.chunks_exact_mut(self.units).enumerate() {
            scratch.alive[indicator] = setting.excluded != Some(indicator);
            if !scratch.alive[indicator] {
                continue;
            }
            let lower = self.problem.directions[indicator] == Direction::LowerIsBetter;
            let told = match self.design.normalisation[setting.normalisation] {
                Normalisation::MinMax => min_max(column, lower),
                Normalisation::ZScore => z_score(column, lower),
                Normalisation::Rank => percentile(column, lower, &mut scratch.order, &mut scratch.sums),
                Normalisation::Goalposts => {
                    if let Some(all) = &self.problem.goalposts {
                        scratch.clipped += goalposts(column, all[indicator]);
                    }
                    true
                }
            };
            if !told {
                scratch.alive[indicator] = false;
                scratch.flat += 1;
            }
        }
    }

    /// The weights of the draw on every level, rescaled over what is left, and their products down to the indicators.
    fn weigh(&self, setting: &Setting, scratch: &mut Scratch) {
        let levels = &self.problem.structure.levels;
        let mut random = Random::new(self.design.seed, setting.weights_key, WEIGHTS);
        for (level, weights) in levels.iter().zip(&mut scratch.weights) {
            match setting.weighting.map_or(&Weighting::Given, |option| &self.design.weighting[option]) {
                Weighting::Given => weights.copy_from_slice(&level.weight),
                Weighting::Equal => weights.fill(1.0),
                Weighting::Scheme { weight, .. } => weights.copy_from_slice(weight),
                Weighting::Expert { share } => {
                    for (weight, given) in weights.iter_mut().zip(&level.weight) {
                        *weight = given * (1.0 + share * (2.0 * random.uniform() - 1.0));
                    }
                }
                // Rescaled within a group, the shares of its members are a Dirichlet draw of their own.
                Weighting::Dirichlet { concentration } => random.dirichlet(*concentration, weights),
            }
        }
        for (weight, alive) in scratch.weights[0].iter_mut().zip(&scratch.alive) {
            if !alive {
                *weight = 0.0;
            }
        }
        for index in 0..levels.len() {
            let parents = levels[index].groups.len();
            for parent in 0..parents {
                let members = |weights: &[f64]| -> f64 {
                    weights.iter().zip(&levels[index].parent).filter(|(_, of)| **of == parent).map(|(weight, _)| weight).sum()
                };
                let sum = members(&scratch.weights[index]);
                if sum > 0.0 {
                    for (weight, of) in scratch.weights[index].iter_mut().zip(&levels[index].parent) {
                        if *of == parent {
                            *weight /= sum;
                        }
                    }
                } else if index + 1 < levels.len() {
                    // Nothing is left in this group: its weight goes to its neighbours.
                    scratch.weights[index + 1][parent] = 0.0;
                }
            }
        }
        for (indicator, effective) in scratch.effective.iter_mut().enumerate() {
            let mut node = indicator;
            *effective = 1.0;
            for (level, weights) in levels.iter().zip(&scratch.weights) {
                *effective *= weights[node];
                node = level.parent[node];
            }
        }
    }

    /// Level by level: Σ w x / Σ w over what is present, or exp of that over the logarithms.
    fn means(&self, scratch: &mut Scratch, mean: impl Fn(&Level) -> Mean) {
        let units = self.units;
        scratch.floored = 0;
        for (index, level) in self.problem.structure.levels.iter().enumerate() {
            let geometric = mean(level) == Mean::Geometric;
            let last = index + 1 == self.problem.structure.levels.len();
            let below = if index == 0 { &mut scratch.scores } else { &mut scratch.below };
            let weights = &scratch.weights[index];
            for parent in 0..level.groups.len() {
                let (sum, total) = scratch.sums[..2 * units].split_at_mut(units);
                sum.fill(0.0);
                total.fill(0.0);
                for (node, weight) in weights.iter().enumerate() {
                    if level.parent[node] != parent || *weight == 0.0 {
                        continue;
                    }
                    let column = &mut below[node * units..(node + 1) * units];
                    if geometric {
                        for value in column.iter_mut() {
                            if *value < FLOOR {
                                *value = FLOOR;
                                scratch.floored += 1;
                            }
                            *value = value.ln();
                        }
                    }
                    if self.gaps {
                        for ((value, sum), total) in column.iter().zip(&mut *sum).zip(&mut *total) {
                            if !value.is_nan() {
                                *sum += weight * value;
                                *total += weight;
                            }
                        }
                    } else {
                        for (value, sum) in column.iter().zip(&mut *sum) {
                            *sum += weight * value;
                        }
                    }
                }
                let above = if last { &mut scratch.index[..] } else { &mut scratch.above[parent * units..(parent + 1) * units] };
                for ((above, sum), total) in above.iter_mut().zip(&*sum).zip(&*total) {
                    // 0/0 is NaN: a group without any value has none.
                    let mean = if self.gaps { sum / total } else { *sum };
                    *above = if geometric { mean.exp() } else { mean };
                }
            }
            std::mem::swap(&mut scratch.below, &mut scratch.above);
        }
    }

    fn outrank(&self, scratch: &mut Scratch, score: impl Fn(&[f64], &[f64], &mut Blocks, &mut [f64])) {
        scratch.floored = 0;
        scratch.index.fill(0.0);
        score(&scratch.scores, &scratch.effective, &mut scratch.blocks, &mut scratch.index);
        if !self.gaps {
            return;
        }
        // A unit without any value has no score, rather than a middling one.
        for unit in 0..self.units {
            let columns = scratch.scores.chunks_exact(self.units).zip(&scratch.effective);
            if columns.filter(|(_, weight)| **weight > 0.0).all(|(column, _)| column[unit].is_nan()) {
                scratch.index[unit] = f64::NAN;
            }
        }
    }

    /// Which units have enough values in every dimension, of the indicators that the draw uses.
    fn enough(&self, scratch: &Scratch) -> Vec<bool> {
        let mut enough = vec![true; self.units];
        let last = self.dimensions.iter().max().copied().unwrap_or(0);
        for dimension in 0..=last {
            let inside = |indicator: &usize| self.dimensions[*indicator] == dimension && scratch.alive[*indicator];
            let members = (0..scratch.alive.len()).filter(inside);
            let all = members.clone().count();
            // A unit without one of the dimensions has no index; rounding of the product must not take one.
            let least = (self.problem.availability * all as f64 - 1e-9).max(if last > 0 && all > 0 { 0.5 } else { 0.0 });
            for (unit, enough) in enough.iter_mut().enumerate() {
                let present = members.clone().filter(|indicator| !scratch.scores[indicator * self.units + unit].is_nan()).count();
                *enough &= present as f64 >= least;
            }
        }
        enough
    }
}

/// Ranks of scores, the highest first; `order` is any permutation of the units and is sorted by this.
pub fn rank(scores: &[f64], sorted: &mut [u32], ranks: &mut [u16]) {
    let score = |unit: u32| scores[unit as usize];
    // NaN is put last whatever its sign.
    let key = |unit: u32| if score(unit).is_nan() { f64::NEG_INFINITY } else { score(unit) };
    sorted.sort_unstable_by(|a, b| key(*b).total_cmp(&key(*a)).then(a.cmp(b)));
    let mut ahead = 0;
    for place in 0..sorted.len() {
        let own = score(sorted[place]);
        // What is ahead of a lower score is at least what was ahead of a higher one.
        while ahead < place && order(score(sorted[ahead]), own).is_gt() {
            ahead += 1;
        }
        ranks[sorted[place] as usize] = if own.is_nan() { 0 } else { u16::try_from(ahead + 1).unwrap_or(u16::MAX) };
    }
}

/// The part of the unit interval that a number is in, of `options` equal ones, and the number of its place there.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a part of the unit interval, scaled")]
fn pick(coordinate: f64, options: usize) -> (usize, u64) {
    let scaled = coordinate * options as f64;
    let option = (scaled as usize).min(options.saturating_sub(1));
    (option, ((scaled - option as f64) * (1_u64 << 40) as f64) as u64)
}

/// Sample standard deviation; NaN for fewer than two numbers.
fn deviation(column: &[Option<f64>]) -> f64 {
    let count = column.iter().flatten().count() as f64;
    let mean = column.iter().flatten().sum::<f64>() / count;
    (column.iter().flatten().map(|value| (value - mean).powi(2)).sum::<f64>() / (count - 1.0)).sqrt()
}
