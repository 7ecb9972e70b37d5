//! The study's composite: every indicator between its goalposts, who has enough values of a grade that counts, and what many
//! draws of its choices leave of the ranks ([`ranks`]).
//!
//! No score without an interval: fewer than three scored units get none. What is scored is what the values are of: territories
//! whose counted values are of the same regions are one unit, under the name of these regions.

pub mod ranks;

use baseline_method::normalise::{Goalposts, goalposts};
use baseline_model::definitions::{Composite as Record, Concept, Definitions, Origin, Study, Unit};
use baseline_model::{Formula, Grade, Observation, Period};

pub use ranks::{Ranked, Run, UnitRank};

use super::measure;
use crate::derive::{Figures, computed};

/// The indicator part of the ids of a composite's figures.
pub const ID: &str = "composite";
/// The fewest units of which ranks say anything.
pub const LEAST: usize = 3;

/// The composite of a study as far as its figures carry it.
#[derive(Debug, Clone)]
pub struct Composite {
    /// The newest of the periods that its indicators are compared in.
    pub period: Period,
    /// The group it is about: that of all indicators, or the wider one that holds theirs.
    pub origin: Origin,
    pub parts: Vec<Part>,
    /// Id and weight, in order.
    pub dimensions: Vec<(String, f64)>,
    /// A row a territory of the study, in its order.
    pub rows: Vec<Row>,
    /// `None`: too few are available.
    pub ranked: Option<Ranked>,
    /// Why the ranks could not be computed although enough are available.
    pub fault: Option<baseline_method::Fault>,
}

/// An indicator of the composite.
#[derive(Debug, Clone)]
pub struct Part {
    pub id: String,
    /// Index of its dimension.
    pub dimension: usize,
    /// In its dimension.
    pub weight: f64,
    pub goalposts: Goalposts,
    pub unit: Unit,
    /// In which its values are compared; none: there are none.
    pub period: Option<Period>,
}

#[derive(Debug, Clone)]
pub struct Row {
    pub territory: String,
    /// One a part; `None` where no value of the indicator is known anywhere.
    pub cells: Vec<Option<Cell>>,
    /// One a dimension.
    pub available: Vec<Available>,
}

#[derive(Debug, Clone)]
pub struct Cell {
    pub value: Observation,
    /// 0 to 100.
    pub score: Observation,
    /// The value lies outside the goalposts.
    pub clipped: bool,
    /// There is a number, and its grade is one that the study counts.
    pub counts: bool,
}

/// How much of a dimension a territory has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Available {
    /// Of the territory's own values, carried ones included.
    pub own: usize,
    /// Of the grades that count.
    pub counted: usize,
    pub of: usize,
    pub enough: bool,
    /// Whether the own ones alone would be enough.
    pub enough_own: bool,
}

impl Row {
    pub fn passes(&self) -> bool {
        self.available.iter().all(|dimension| dimension.enough)
    }

    pub fn passes_with_own(&self) -> bool {
        self.available.iter().all(|dimension| dimension.enough_own)
    }

    pub fn counted(&self) -> impl Iterator<Item = &Cell> {
        self.cells.iter().flatten().filter(|cell| cell.counts)
    }
}

/// The composite of a study; `None` when it declares none.
pub fn composite(definitions: &Definitions, (study_id, study): (&str, &Study), figures: &Figures) -> Option<Composite> {
    let record = study.composite.as_ref()?;
    let parts = parts(definitions, record, figures)?;
    let weights = record.weights()?;
    let dimensions: Vec<(String, f64)> = record.dimensions.iter().map(|one| one.id.clone()).zip(weights).collect();
    let row = |territory: &String| row(definitions, record, figures, &parts, territory);
    let rows: Vec<Row> = study.territories.iter().map(row).collect();
    let period = parts.iter().filter_map(|part| part.period).max()?;
    let mut found =
        Composite { period, origin: origin(definitions, study, &parts), parts, dimensions, rows, ranked: None, fault: None };
    match ranks::ranked(study_id, record, &found) {
        Ok(ranked) => found.ranked = ranked,
        Err(fault) => found.fault = Some(fault),
    }
    Some(found)
}

fn parts(definitions: &Definitions, record: &Record, figures: &Figures) -> Option<Vec<Part>> {
    let posts = definitions.goalposts.get(&record.goalposts)?;
    let mut parts = Vec::new();
    for (dimension, group) in record.dimensions.iter().enumerate() {
        for (part, weight) in group.indicators.iter().zip(group.weights()?) {
            let post = posts.posts.get(&part.id)?;
            parts.push(Part {
                id: part.id.clone(),
                dimension,
                weight,
                goalposts: Goalposts { worst: post.worst, best: post.best },
                unit: post.unit,
                period: figures.reference.get(&part.id).copied(),
            });
        }
    }
    Some(parts)
}

fn row(definitions: &Definitions, record: &Record, figures: &Figures, parts: &[Part], territory: &str) -> Row {
    let cell = |part: &Part| {
        let indicator = definitions.indicators.get(&part.id)?;
        let value = figures.value((&part.id, indicator), territory, indicator.headline.origin, part.period?);
        let clipped =
            value.value.number().is_some_and(|number| score(number, part.goalposts).is_some_and(|(_, clipped)| clipped));
        let counts = value.value.number().is_some() && record.grades.contains(&value.grade);
        Some(Cell { score: scored(&value, part, &record.goalposts, clipped), value, clipped, counts })
    };
    let cells: Vec<Option<Cell>> = parts.iter().map(cell).collect();
    let available = (0..record.dimensions.len()).map(|dimension| {
        let inside = || cells.iter().zip(parts).filter(|(_, part)| part.dimension == dimension).map(|(cell, _)| cell);
        let count = |wanted: &dyn Fn(&Cell) -> bool| inside().flatten().filter(|cell| wanted(cell)).count();
        let of = inside().count();
        let own = count(&|cell| cell.value.grade == Grade::A && cell.value.value.number().is_some());
        let counted = count(&|cell| cell.counts);
        // Rounding of the product must not take a score.
        let least = (record.availability - 1e-9) * of as f64;
        Available { own, counted, of, enough: counted as f64 >= least, enough_own: own as f64 >= least }
    });
    let available = available.collect();
    Row { territory: territory.to_owned(), cells, available }
}

/// Score from 0 to 100, and whether the value was clipped.
fn score(value: f64, posts: Goalposts) -> Option<(f64, bool)> {
    let found = goalposts(&[Some(value)], posts).ok()?;
    let found = found.first().copied().flatten()?;
    Some((100.0 * found.score, found.clipped.is_some()))
}

fn scored(value: &Observation, part: &Part, version: &str, clipped: bool) -> Observation {
    let parameters = vec![
        ("worst", part.goalposts.worst.to_string()),
        ("best", part.goalposts.best.to_string()),
        ("goalposts", version.to_owned()),
        ("clipped", if clipped { "yes" } else { "no" }.to_owned()),
    ];
    computed(value, measure(value, "score"), Unit::Score, (Formula::Score, parameters), vec![value.clone()], |numbers| {
        score(*numbers.first()?, part.goalposts).map(|(score, _)| score)
    })
}

/// The group of all indicators that have values; the wider one where they differ.
fn origin(definitions: &Definitions, study: &Study, parts: &[Part]) -> Origin {
    let with = parts.iter().filter(|part| part.period.is_some());
    let all: Vec<Origin> = with.filter_map(|part| Some(definitions.indicators.get(&part.id)?.headline.origin)).collect();
    match all.first() {
        Some(first) if all.iter().all(|origin| origin == first) => *first,
        _ if all.iter().any(|origin| origin.concept().is_none()) => Origin::Total,
        _ if study.concept == Concept::Birth => Origin::ForeignBorn,
        _ => Origin::Foreign,
    }
}

#[cfg(test)]
mod tests;
