//! `baseline compute outranking` and `baseline compute kemeny`.

use std::collections::{BTreeMap, BTreeSet};

use baseline_model::Finding;
use baseline_model::definitions::Direction;

use super::{kemeny, outranking};
use crate::inputs::{self, Wide};
use crate::method::{Answer, Cell, Column, Given, Method, Param};
use crate::normalise::direction_of;
use crate::structure::columns::is_text;
use crate::{Fault, Sheet};

const GOALPOSTS: Param = Param {
    name: "directions",
    default: "",
    file: true,
    about: "columns indicator and direction; where none is said higher is better",
};

pub const OUTRANKING: Method = Method {
    id: "outranking",
    about: "How much weight speaks for each unit before each other one, without compensation",
    formula: &["e_jk = Σ w (j better than k) + ½ Σ w (j equal to k); e_jk + e_kj = 1"],
    sources: &[
        "OECD/JRC, Handbook on Constructing Composite Indicators (2008), step 6, multi-criteria approach",
        "Munda & Nardo (2005), Constructing consistent composite indicators: the issue of weights",
        "the example's figures: Technology Achievement Index, Handbook Table A.2 (four countries, three indicators)",
    ],
    assumptions: &[
        "only which is better counts, not by how much",
        "an indicator that is missing for one of two units is left out of their comparison, its weight goes to the others",
    ],
    columns: &[Column {
        name: "*",
        required: false,
        about: "the first column (and columns of texts) name the unit, the others are indicators",
    }],
    params: &[
        inputs::WEIGHTS,
        inputs::SCHEME,
        inputs::RESCALE,
        inputs::LOWER,
        GOALPOSTS,
        inputs::INDICATORS,
        Param { name: "layout", default: "matrix", file: false, about: "matrix: a row and a column a unit; long: a row a pair" },
        inputs::ID,
        inputs::TIME,
    ],
    example: (include_str!("../../examples/outranking.csv"), &[]),
    compute: compute_outranking,
};

pub const KEMENY: Method = Method {
    id: "kemeny",
    about: "The ranking that agrees with most of the weight, pair by pair; all rankings that are as good",
    formula: &["maximise Σ e_jk over all pairs with j ranked before k; exact, all optima"],
    sources: &[
        "OECD/JRC, Handbook on Constructing Composite Indicators (2008), step 6 (Condorcet-Kemeny-Young-Levenglick)",
        "Young & Levenglick (1978), A consistent extension of Condorcet's election principle",
        "groups that are ordered beforehand: Truchon (1998), An extension of the Condorcet criterion and Kemeny orders",
        "the example is made up: three units beat one another in a circle",
    ],
    assumptions: &[
        "only which is better counts, not by how much",
        "several rankings may be best: then none of them is the ranking",
        "at most 20 units that beat one another in circles",
    ],
    columns: &[Column {
        name: "*",
        required: false,
        about: "an outranking matrix (first column the units, then a column for each), its pairs (unit, against, e), or data as \
                for outranking",
    }],
    params: &[
        Param {
            name: "input",
            default: "auto",
            file: false,
            about: "matrix, pairs, data, or auto: a matrix when the columns are called as the rows, pairs when two columns name \
                    the same units and one has numbers",
        },
        Param { name: "most", default: "100", file: false, about: "how many of the best rankings are written out" },
        inputs::WEIGHTS,
        inputs::SCHEME,
        inputs::RESCALE,
        inputs::LOWER,
        GOALPOSTS,
        inputs::INDICATORS,
        inputs::ID,
        inputs::TIME,
    ],
    example: (include_str!("../../examples/kemeny.csv"), &[]),
    compute: compute_kemeny,
};

/// A square of support, named.
type Matrix = (Vec<String>, Vec<Vec<Option<f64>>>);

fn compute_outranking(given: &Given<'_>) -> Result<Answer, Fault> {
    let mut notes = Vec::new();
    let (units, matrix) = from_data(given, &mut notes)?;
    let long = given.choice("layout", &["matrix", "long"])? == "long";
    let mut answer = if long {
        let mut answer = Answer::new(&["unit", "against", "e"]);
        for (j, row) in matrix.iter().enumerate() {
            for (k, cell) in row.iter().enumerate().filter(|(k, _)| *k != j) {
                answer.rows.push(vec![Cell::Text(units[j].clone()), Cell::Text(units[k].clone()), Cell::number(*cell)]);
            }
        }
        answer
    } else {
        let columns: Vec<&str> = std::iter::once("unit").chain(units.iter().map(String::as_str)).collect();
        let mut answer = Answer::new(&columns);
        for (unit, row) in units.iter().zip(&matrix) {
            let cells = row.iter().map(|cell| Cell::number(*cell));
            answer.rows.push(std::iter::once(Cell::Text(unit.clone())).chain(cells).collect());
        }
        answer
    };
    answer.facts.push(("units", Cell::whole(Some(units.len()))));
    answer.notes = notes;
    Ok(answer)
}

fn compute_kemeny(given: &Given<'_>) -> Result<Answer, Fault> {
    let mut notes = Vec::new();
    let kind = given.choice("input", &["auto", "matrix", "pairs", "data"])?;
    let is_matrix = kind == "matrix" || kind == "auto" && looks_square(given.sheet);
    let pairs = if ["auto", "pairs"].contains(&kind) { pair_columns(given.sheet) } else { None };
    let (units, matrix) = match pairs {
        _ if is_matrix => from_matrix(given.sheet, &mut notes)?,
        Some(columns) => from_matrix(&unfold(given.sheet, columns)?, &mut notes)?,
        None if kind == "pairs" => {
            let hint = "a row a pair: two columns with the names of the same units, and one of numbers";
            return Err(Fault::shape(&given.sheet.name, "pairs of units", given.sheet.columns.join(", "), hint));
        }
        None => from_data(given, &mut notes)?,
    };
    let most = usize::try_from(given.whole("most")?).unwrap_or(usize::MAX);
    if most == 0 || most > 100_000 {
        return Err(Fault::number("--param most", "a number from 1 to 100000", &most));
    }
    let consensus = kemeny(&matrix, most)?;
    let mut answer = Answer::new(&["optimum", "rank", "unit", "group"]);
    for (optimum, ranking) in consensus.rankings.iter().enumerate() {
        for (place, unit) in ranking.iter().enumerate() {
            let group = consensus.groups.iter().position(|group| group.contains(unit)).map(|group| group + 1);
            let unit = Cell::Text(units[*unit].clone());
            answer.rows.push(vec![Cell::whole(Some(optimum + 1)), Cell::whole(Some(place + 1)), unit, Cell::whole(group)]);
        }
    }
    answer.facts.push(("score", Cell::Number(consensus.score)));
    answer.facts.push(("optima", Cell::whole(usize::try_from(consensus.optima).ok())));
    answer.facts.push(("units", Cell::whole(Some(units.len()))));
    answer.facts.push(("pairs", Cell::whole(Some(units.len() * (units.len() - 1) / 2))));
    if consensus.optima > 1 {
        let message = format!("{} rankings are equally good; {} are written out", consensus.optima, consensus.rankings.len());
        let hint = "units of one group change places between them: give no order within it; --param most=N writes out more";
        notes.push(Finding::warning("several-optima", "kemeny", message).hint(hint));
    }
    answer.notes = notes;
    Ok(answer)
}

/// More units than this would be more than four million comparisons an indicator.
const UNITS: usize = 2_000;

fn from_data(given: &Given<'_>, notes: &mut Vec<Finding>) -> Result<Matrix, Fault> {
    let columns: Vec<&str> = given.sheet.columns.iter().map(String::as_str).collect();
    let chosen = inputs::names(given.param("indicators"), &columns, "--param indicators")?;
    let named = match given.files.get("weights") {
        Some(file) if chosen.is_empty() => inputs::weighted(file, given.param("scheme"))?,
        Some(_) | None => chosen,
    };
    let wide: Wide<'_> = inputs::wide_of(given, &named)?;
    if wide.keys.len() > UNITS {
        let hint = "every pair of units is a comparison: take the regions of one country, or the territories of a study";
        return Err(Fault::shape(&given.sheet.name, format!("at most {UNITS} units"), wide.keys.len().to_string(), hint));
    }
    let names: Vec<&str> = wide.indicators.iter().map(|(name, _)| *name).collect();
    let lower = inputs::names(given.param("lower_is_better"), &names, "--param lower_is_better")?;
    let weights = inputs::weights(given, &names)?;
    let posts = given.files.get("directions").map(inputs::posts).transpose()?.unwrap_or_default();
    let direction = |name: &&str| {
        let stated = posts.get(*name).and_then(|post| post.direction);
        direction_of(name, lower.contains(name), stated)
    };
    let directions: Vec<Direction> = names.iter().map(direction).collect::<Result<_, _>>()?;
    let used = |column: &&str| wide.ids.contains(column) || names.contains(column);
    let idle: Vec<&str> = columns.iter().copied().filter(|column| !used(column)).collect();
    if !idle.is_empty() {
        notes.push(Finding::info("columns-not-used", &given.sheet.name, format!("not used: {}", idle.join("; "))));
    }
    let gaps = wide.indicators.iter().flat_map(|(_, values)| values).filter(|value| value.is_none()).count();
    if gaps > 0 {
        let message = format!("missing values: {gaps}; each is left out of its unit's comparisons, and the other weights rise");
        notes.push(Finding::warning("values-missing", &given.sheet.name, message));
    }
    let matrix = outranking(&wide.indicators, &directions, &weights)?;
    Ok(((0..wide.keys.len()).map(|row| wide.row(row)).collect(), matrix))
}

/// Whether the columns after the first are called as the rows.
fn looks_square(sheet: &Sheet) -> bool {
    let mut rows: Vec<&str> = sheet.rows.iter().map(|row| row[0].as_str()).collect();
    let mut columns: Vec<&str> = sheet.columns[1..].iter().map(String::as_str).collect();
    rows.sort_unstable();
    columns.sort_unstable();
    rows == columns
}

/// Of a table with a row a pair: the columns of the unit, of the one it is held against, and of the support.
fn pair_columns(sheet: &Sheet) -> Option<[usize; 3]> {
    let (texts, numbers): (Vec<usize>, Vec<usize>) =
        (0..sheet.columns.len()).partition(|column| is_text(sheet, &sheet.columns[*column]));
    let ([unit, against], [support]) = (texts.as_slice(), numbers.as_slice()) else { return None };
    let named = |column: usize| sheet.rows.iter().map(|row| row[column].as_str()).collect::<BTreeSet<_>>();
    (named(*unit) == named(*against)).then_some([*unit, *against, *support])
}

/// The matrix of a table with a row a pair.
///
/// # Errors
/// When a pair stands twice.
fn unfold(sheet: &Sheet, [unit, against, support]: [usize; 3]) -> Result<Sheet, Fault> {
    sheet.keys(&[&sheet.columns[unit], &sheet.columns[against]])?;
    let mut units: Vec<&String> = Vec::new();
    for row in &sheet.rows {
        if !units.contains(&&row[unit]) {
            units.push(&row[unit]);
        }
    }
    let mut cells = BTreeMap::new();
    for row in &sheet.rows {
        cells.insert((&row[unit], &row[against]), &row[support]);
    }
    let row = |unit: &String| {
        let cell = |other: &&String| cells.get(&(unit, *other)).map_or_else(String::new, |cell| (*cell).clone());
        std::iter::once(unit.clone()).chain(units.iter().map(cell)).collect()
    };
    Ok(Sheet {
        name: sheet.name.clone(),
        columns: std::iter::once("unit, against".to_owned()).chain(units.iter().map(|unit| (*unit).clone())).collect(),
        rows: units.iter().map(|unit| row(unit)).collect(),
        lines: units.iter().filter_map(|unit| Some(sheet.lines[sheet.rows.iter().position(|row| row.contains(unit))?])).collect(),
    })
}

fn from_matrix(sheet: &Sheet, notes: &mut Vec<Finding>) -> Result<Matrix, Fault> {
    let first = sheet.columns[0].as_str();
    let units: Vec<String> = sheet.keys(&[first])?.into_iter().map(|key| key[0].to_owned()).collect();
    if !looks_square(sheet) {
        let hint = "the first column names the units, and each has a column of its name; --param input=data for indicators";
        return Err(Fault::shape(&sheet.name, format!("columns {}", units.join(", ")), sheet.columns[1..].join(", "), hint));
    }
    let mut cleared = sheet.clone();
    for (row, cells) in cleared.rows.iter_mut().enumerate() {
        if let Some(own) = sheet.columns.iter().skip(1).position(|column| *column == units[row]) {
            cells[own + 1].clear();
        }
    }
    let columns: Vec<Vec<Option<f64>>> = units.iter().map(|unit| cleared.numbers(unit)).collect::<Result<_, _>>()?;
    let matrix: Vec<Vec<Option<f64>>> = (0..units.len()).map(|j| columns.iter().map(|column| column[j]).collect()).collect();
    let sums = (0..units.len()).flat_map(|j| (0..j).map(move |k| (j, k)));
    let mut sums = sums.filter_map(|(j, k)| Some((j, k, matrix[j][k]? + matrix[k][j]?)));
    if let Some((_, _, usual)) = sums.next()
        && let Some((j, k, other)) = sums.find(|(_, _, sum)| (sum - usual).abs() > 0.011)
    {
        let message =
            format!("the two cells of {} and {} sum to {other}, those of the first two units to {usual}", units[j], units[k]);
        notes.push(Finding::warning("pairs-differ", &sheet.name, message).hint("both cells of a pair sum to 1 where weights do"));
    }
    Ok((units, matrix))
}
