//! From sums to a table of rates in which nobody can be recognised.
//!
//! Withheld, with the mark `c` and without any number, is a rate of fewer persons than the group threshold, one with fewer
//! persons than the cell threshold (none included) on either side, and one whose denominator or numerator differs by fewer
//! persons than that from another definition's in the same group: the difference would show them. Must not be left out
//! between a file of persons and a reader.

use std::collections::{BTreeMap, BTreeSet};

use baseline_method::mismatch::{Broad, Definition, Level, Mass, Outcome, Rules, Workers, assess, index, norms, standard_error};
use baseline_method::{Answer, Cell, Fault};
use baseline_model::Finding;

use super::{By, Key, Measure, Query, Status, Sums, UNKNOWN};

/// Persons asked below which nothing is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Of either side of a rate.
    pub cell: u32,
    /// Of a rate's denominator.
    pub group: u32,
}

/// The table as it may be given away.
pub type Table = Answer;

/// What one measure says of one group.
struct Figure {
    outcome: &'static str,
    percent: Option<f64>,
    error: Option<f64>,
    /// Of the numerator.
    part: Mass,
    base: Mass,
    /// Could not be told.
    undetermined: Mass,
}

/// The rates of every group, in the order of groups and of the query's measures.
///
/// # Errors
/// When nothing can be computed; a rate that cannot is empty instead.
pub fn table(sums: &Sums, query: &Query, limits: Limits) -> Result<Table, Fault> {
    let mut columns: Vec<&str> = query.by.iter().map(|by| by.id()).collect();
    columns.extend(["definition", "concept", "ages", "outcome", "rate", "se", "n", "n_effective", "base"]);
    columns.extend(["undetermined_percent", "mark"]);
    let mut answer = Answer::new(&columns);
    let groups: BTreeMap<&[String], Vec<(&Key, Mass)>> = sums.cells.iter().fold(BTreeMap::new(), |mut groups, (key, mass)| {
        groups.entry(key.by.as_slice()).or_insert_with(Vec::new).push((key, *mass));
        groups
    });
    let mismatches = mismatches(sums, query, &groups)?;
    let ages = format!("{}-{}", query.ages.0, query.ages.1);
    let mut withheld = 0;
    for (place, (by, cells)) in groups.iter().enumerate() {
        // Numbers of persons that are shown or can be computed from what is shown.
        let mut shown: BTreeSet<(u8, Side, u64)> = BTreeSet::new();
        for measure in &query.measures {
            let figures = match measure {
                Measure::Mismatch(definition) => {
                    mismatches.get(definition).map_or_else(Vec::new, |groups| figures(&groups[place]))
                }
                Measure::MismatchIndex => mismatch_index(cells),
                Measure::Employment => rate(cells, |key| Some(one(key.status?, &[Status::Employed], &ALL))),
                Measure::Activity => rate(cells, |key| Some(one(key.status?, &[Status::Employed, Status::Unemployed], &ALL))),
                Measure::Unemployment => {
                    rate(cells, |key| Some(one(key.status?, &[Status::Unemployed], &[Status::Employed, Status::Unemployed])))
                }
                Measure::Tertiary => rate(cells, |key| Some(if key.level? == Broad::High { Stand::Part } else { Stand::Rest })),
            };
            let hidden = !safe(&figures, *measure, limits, &mut shown);
            withheld += usize::from(hidden);
            for figure in figures {
                let mut row: Vec<Cell> = by.iter().map(|name| Cell::from(name.as_str())).collect();
                let cell = |number: Option<f64>| Cell::number(number.filter(|_| !hidden));
                let whole = figure.base.weight + figure.undetermined.weight;
                row.extend([
                    Cell::from(measure.id()),
                    Cell::from(measure.concept()),
                    Cell::from(ages.as_str()),
                    Cell::from(figure.outcome),
                    cell(figure.percent),
                    cell(figure.error),
                    cell(figure.base.count),
                    cell(figure.base.effective()),
                    // Persons; what is below a millionth is of the sum, not of the file.
                    cell(Some((figure.base.weight * 1e6).round() / 1e6)),
                    cell((whole > 0.0).then(|| 100.0 * figure.undetermined.weight / whole)),
                    Cell::from(if hidden { "c" } else { "" }),
                ]);
                answer.rows.push(row);
            }
        }
    }
    remarks(&mut answer, sums, query, limits, withheld);
    Ok(answer)
}

const ALL: [Status; 3] = [Status::Employed, Status::Unemployed, Status::Inactive];

/// Where somebody stands with a rate.
enum Stand {
    Part,
    Rest,
    Outside,
}

fn one(status: Status, part: &[Status], whole: &[Status]) -> Stand {
    match (whole.contains(&status), part.contains(&status)) {
        (false, _) => Stand::Outside,
        (true, true) => Stand::Part,
        (true, false) => Stand::Rest,
    }
}

/// A share; `None` from `sort`: not stated.
fn rate(cells: &[(&Key, Mass)], sort: impl Fn(&Key) -> Option<Stand>) -> Vec<Figure> {
    let (mut part, mut base, mut undetermined) = (Mass::NONE, Mass::NONE, Mass::NONE);
    for (key, mass) in cells {
        match sort(key) {
            None => undetermined.add(*mass),
            Some(Stand::Outside) => {}
            Some(Stand::Rest) => base.add(*mass),
            Some(Stand::Part) => {
                base.add(*mass);
                part.add(*mass);
            }
        }
    }
    let percent = (base.weight > 0.0).then(|| 100.0 * part.weight / base.weight);
    let error = percent.and_then(|percent| standard_error(percent, base));
    vec![Figure { outcome: "rate", percent, error, part, base, undetermined }]
}

fn mismatch_index(cells: &[(&Key, Mass)]) -> Vec<Figure> {
    let mut sides = [[Mass::NONE; 3]; 2];
    let mut undetermined = Mass::NONE;
    for (key, mass) in cells {
        let side = match key.status {
            Some(Status::Employed) => 0,
            Some(Status::Unemployed) => 1,
            Some(Status::Inactive) => continue,
            None => {
                undetermined.add(*mass);
                continue;
            }
        };
        match key.level {
            Some(level) => sides[side][level as usize].add(*mass),
            None => undetermined.add(*mass),
        }
    }
    let (mut base, mut part) = (Mass::NONE, Mass::NONE);
    sides.iter().flatten().for_each(|mass| base.add(*mass));
    sides[1].iter().for_each(|mass| part.add(*mass));
    let found = index::index(&sides[0], &sides[1]).ok();
    let percent = found.as_ref().map(|found| 100.0 * found.index);
    let error = found.and_then(|found| found.standard_error).map(|error| 100.0 * error);
    vec![Figure { outcome: "index", percent, error, part, base, undetermined }]
}

type Assessments = BTreeMap<Definition, Vec<baseline_method::mismatch::Assessed>>;

/// Every definition for every group. An occupation's norm is of its country and year.
fn mismatches(sums: &Sums, query: &Query, groups: &BTreeMap<&[String], Vec<(&Key, Mass)>>) -> Result<Assessments, Fault> {
    let place: BTreeMap<&[String], usize> = groups.keys().enumerate().map(|(index, by)| (*by, index)).collect();
    let stratum = |key: &Key| -> Vec<String> {
        let part = |(by, name): (&By, &String)| match by {
            By::Country | By::Year => Some(name.clone()),
            By::Region => Some(name.get(..2).unwrap_or(name).to_owned()),
            By::Citizenship | By::Birth | By::Sex | By::Age => None,
        };
        query.by.iter().zip(&key.by).filter_map(part).collect()
    };
    let mut strata: BTreeMap<Vec<String>, Vec<Workers<'_>>> = BTreeMap::new();
    for (key, mass) in sums.cells.iter().filter(|(key, _)| key.status == Some(Status::Employed)) {
        let worker = Workers {
            group: place[key.by.as_slice()],
            level: key.level.map(Level::Broad),
            occupation: key.major.as_deref(),
            years: None,
            field: None,
            learning: key.learning,
            mass: *mass,
        };
        strata.entry(stratum(key)).or_default().push(worker);
    }
    let rules = Rules::default();
    let mut assessments = Assessments::new();
    for cells in strata.values() {
        let norms = norms(cells.iter(), rules)?;
        for definition in query.measures.iter().filter_map(|measure| match measure {
            Measure::Mismatch(definition) => Some(*definition),
            Measure::Employment | Measure::Activity | Measure::Unemployment | Measure::Tertiary | Measure::MismatchIndex => None,
        }) {
            // Groups of other strata stay empty here and are filled by theirs.
            let mut of: Vec<Workers<'_>> = cells.clone();
            let places: BTreeSet<usize> = of.iter().map(|cell| cell.group).collect();
            let places: Vec<usize> = places.into_iter().collect();
            for cell in &mut of {
                cell.group = places.binary_search(&cell.group).unwrap_or_default();
            }
            let found = assess(&of, places.len(), definition, &norms, rules)?;
            let empty = baseline_method::mismatch::Assessed { definition, masses: BTreeMap::new() };
            let all = assessments.entry(definition).or_insert_with(|| vec![empty; groups.len()]);
            for (place, assessed) in places.into_iter().zip(found) {
                all[place] = assessed;
            }
        }
    }
    Ok(assessments)
}

fn figures(assessed: &baseline_method::mismatch::Assessed) -> Vec<Figure> {
    let figure = |outcome: &Outcome| Figure {
        outcome: outcome.id(),
        percent: assessed.rate(*outcome),
        error: assessed.standard_error(*outcome),
        part: assessed.mass(*outcome),
        base: assessed.base(),
        undetermined: assessed.mass(Outcome::Undetermined),
    };
    assessed.definition.outcomes().iter().map(figure).collect()
}

/// Which of a rate's three numbers of persons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Side {
    Part,
    Rest,
    Base,
}

/// Measures whose numbers of persons contain one another, and the sides on which they do: there a small difference is a
/// small group.
fn nested(measure: Measure) -> (u8, &'static [Side]) {
    match measure {
        Measure::Mismatch(definition) => match definition {
            Definition::Eurostat | Definition::WithoutArmedForces | Definition::Istat | Definition::Oecd => {
                (1, &[Side::Part, Side::Rest, Side::Base])
            }
            Definition::IloNormative | Definition::IloModal | Definition::MeanYears | Definition::Horizontal => {
                (2, &[Side::Base])
            }
        },
        Measure::Employment | Measure::Activity => (3, &[Side::Part, Side::Rest, Side::Base]),
        Measure::Unemployment | Measure::Tertiary | Measure::MismatchIndex => (0, &[]),
    }
}

/// Whether all figures of a measure may be shown beside those of `shown`, to which they are added.
fn safe(figures: &[Figure], measure: Measure, limits: Limits, shown: &mut BTreeSet<(u8, Side, u64)>) -> bool {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts of rows")]
    let persons = |mass: Mass| mass.count.unwrap_or(0.0) as u64;
    let (cell, group) = (u64::from(limits.cell), u64::from(limits.group));
    let (family, sides) = nested(measure);
    let mut numbers = Vec::new();
    for figure in figures {
        let (part, base) = (persons(figure.part), persons(figure.base));
        let rest = base.saturating_sub(part);
        // The index shows no side of a rate: both its sides must be groups.
        let least = if measure == Measure::MismatchIndex { group } else { cell };
        if base < group || part < least || rest < least {
            return false;
        }
        let all = [(Side::Part, part), (Side::Rest, rest), (Side::Base, base)];
        numbers.extend(all.into_iter().filter(|(side, _)| sides.contains(side)).map(|(side, number)| (family, side, number)));
    }
    let near = |(family, side, number): &(u8, Side, u64)| {
        let same = |other: &&(u8, Side, u64)| other.0 == *family && other.1 == *side && other.2 != *number;
        shown.iter().filter(same).any(|other| other.2.abs_diff(*number) < cell)
    };
    if figures.is_empty() || numbers.iter().any(near) {
        return false;
    }
    shown.extend(numbers);
    true
}

/// What a reader of the table must know about the rows that are not in it.
fn remarks(answer: &mut Answer, sums: &Sums, query: &Query, limits: Limits, withheld: usize) {
    let counts = sums.counts;
    answer.facts.push(("rows", Cell::whole(usize::try_from(counts.rows).ok())));
    answer.facts.push(("withheld", Cell::whole(Some(withheld))));
    if withheld > 0 {
        let message = format!(
            "{withheld} rates withheld (mark c): fewer than {} persons asked, fewer than {} on one side, or to be told from another definition",
            limits.group, limits.cell
        );
        let hint = "a coarser --by shows more; do not publish it beside this table: differences would show what is hidden here";
        answer.notes.push(Finding::info("microdata-withheld", "microdata", message).hint(hint));
    }
    // Below the threshold a count of rows is itself a small cell.
    let told = |rows: u64| {
        if rows < u64::from(limits.cell) { format!("fewer than {} rows", limits.cell) } else { format!("{rows} rows") }
    };
    for (rows, what) in [(counts.unweighted, "no weight"), (counts.ageless, "no age")] {
        if rows > 0 {
            let message = format!("{} with {what}: they are in no figure", told(rows));
            answer.notes.push(Finding::info("microdata-left-out", "microdata", message));
        }
    }
    for (rows, what) in counts.unknown.into_iter().zip(UNKNOWN) {
        if rows > 0 {
            let message = format!("{} with a code of {what} that the layout does not know: taken as not stated", told(rows));
            let hint = "compare the layout with the file's codebook; a layout of your own lies in pipelines/layouts/";
            answer.notes.push(Finding::warning("microdata-unknown-code", "microdata", message).hint(hint));
        }
    }
    if query.measures.contains(&Measure::Mismatch(Definition::IloModal)) {
        let message = "modal levels are of ISCO-08 major groups within a country and year, as far as --by tells these apart";
        answer.notes.push(Finding::info("microdata-modal", "microdata", message));
    }
}
