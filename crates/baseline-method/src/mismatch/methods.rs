//! The methods `mismatch`, `mismatch-index` and `horizontal-mismatch`: tables of cells in, rates beside one another out.

use std::collections::BTreeMap;

use baseline_model::Finding;

use super::{
    Assessed, Broad, Definition, Level, Mass, Matches, Norms, Outcome, Rules, Workers, assess, index, norms, occupation,
};
use crate::method::{Answer, Cell, Column, Given, Method, Param};
use crate::{Fault, Sheet};

const GROUP: Column = Column { name: "group", required: true, about: "group that is compared: origin, citizenship" };
const STRATUM: Column =
    Column { name: "stratum", required: false, about: "place or year: occupations' norms and rates are of each by itself" };
const ISCO: Column = Column {
    name: "isco",
    required: true,
    about: "ISCO-08 code, one to four digits; 0 armed forces; empty or 99 when not stated",
};
const WEIGHT: Column = Column { name: "weight", required: true, about: "employed persons in the cell (sum of weights)" };
const COUNT: Column = Column { name: "n", required: false, about: "persons asked behind the cell; without it no standard error" };
const SQUARES: Column = Column {
    name: "weight_squares",
    required: false,
    about: "sum of the squared weights; without it weights are taken as equal within a cell",
};
const FIELD: Column = Column { name: "field", required: false, about: "field of education, as in the match table" };

const KISH: &str = "L. Kish, Survey Sampling, 1965, section 11.7: effective size (Σw)²/Σw²";

pub const MISMATCH: Method = Method {
    id: "mismatch",
    about: "Vertical mismatch by every definition that the table allows, side by side; none stands in for another",
    formula: &[
        "rate = 100 Σw(outcome) / Σw(all outcomes of the definition's universe)",
        "eurostat_vertical: ISCED 5-8 in ISCO-08 4-9, over ISCED 5-8 (armed forces, ISCO 0, in the denominator)",
        "eurostat_without_armed_forces: the same without ISCO 0; istat_vertical: ISCO 4-8 over ISCO 1-8",
        "oecd_over_qualification: as Eurostat's, without those in education (column in_education)",
        "ilo_normative: ISCO 1-3 asks for tertiary, 4-8 for secondary, 9 for primary; ISCO 0 is outside",
        "ilo_statistical_modal: matched at the occupation's most frequent level; tied levels and those between them match",
        "mean_years_1_sd: over when x > m + s, under when x < m − s; m = Σwx/Σw, s = √(Σw(x−m)²/Σw) of the occupation",
        "an occupation with fewer than `least` persons asked takes the norm of the code with a digit less",
        "se = √(p(100−p)/n), n = (Σw)²/Σw² of the denominator; percentage points",
    ],
    sources: &[
        "Eurostat, Migrant integration statistics - over-qualification (definition of lfsa_eoqgan)",
        "ISTAT's variant as described in baseline's method chapter; OECD, Settling In: Indicators of Immigrant Integration",
        "ILO, Guidelines concerning measurement of qualifications and skills mismatches of persons in employment, 20th ICLS, 2018",
        KISH,
    ],
    assumptions: &[
        "all rows are employed persons of the same ages: 20-64 for Eurostat's rate, 15-64 for OECD's",
        "OECD compares by country of birth, Eurostat's rate is published by citizenship and by birth: the group says which",
        "SCB's matching measure is not among these: it multiplies an employment rate with a share of matched jobs",
        "primary is ISCED 0-2 unless --param primary=0-1: thresholds are for national practice to set",
    ],
    columns: &[
        GROUP,
        Column { name: "isced", required: true, about: "ISCED 2011 level 0-8, or L, M, H; empty or 9 when not stated" },
        ISCO,
        WEIGHT,
        COUNT,
        SQUARES,
        STRATUM,
        Column { name: "years", required: false, about: "years of schooling, for mean_years_1_sd" },
        FIELD,
        Column { name: "in_education", required: false, about: "yes or no, for oecd_over_qualification" },
    ],
    params: &[
        Param { name: "primary", default: "0-2", file: false, about: "ISCED levels that count as primary: 0-2 or 0-1" },
        Param {
            name: "digits",
            default: "all",
            file: false,
            about: "digits of ISCO-08 that make an occupation for modes and means: all, 1, 2, 3 or 4",
        },
        Param {
            name: "least",
            default: "30",
            file: false,
            about: "persons asked below which an occupation has no norm of its own (needs column n)",
        },
        Param { name: "modal_levels", default: "broad", file: false, about: "broad (low, medium, high) or isced (0-8)" },
        Param {
            name: "total",
            default: "",
            file: false,
            about: "the group that is the sum of the others: norms are computed from it alone (`total` is recognised)",
        },
        Param {
            name: "match",
            default: "",
            file: true,
            about: "columns field, isco: which occupations fit a field of education",
        },
    ],
    example: (include_str!("../../examples/mismatch.csv"), &[("least", "10")]),
    compute: mismatch,
};

pub const HORIZONTAL: Method = Method {
    id: "horizontal-mismatch",
    about: "The share of the employed who work in another field than they studied, by a table of matches",
    formula: &[
        "rate = 100 Σw(occupation not among those that fit the field) / Σw(field in the table and occupation stated)",
        "the longest entry of the table that a field begins with decides; `25` fits all occupations 25x",
    ],
    sources: &[
        "Eurostat, Skills mismatch experimental indicators: horizontal mismatch (field of education by ISCO-08 3-digit)",
        KISH,
    ],
    assumptions: &[
        "fields and match table are of one classification (ISCED-F 2013 or the fields of 1999)",
        "a field outside the table (general programmes) is neither matched nor mismatched, and leaves the denominator",
    ],
    columns: &[GROUP, Column { required: true, ..FIELD }, ISCO, WEIGHT, COUNT, SQUARES, STRATUM],
    params: &[Param {
        name: "match",
        default: "",
        file: true,
        about: "columns field, isco: which occupations fit a field; several codes between spaces",
    }],
    example: (include_str!("../../examples/horizontal-mismatch.csv"), &[("match", "horizontal-mismatch.match.csv")]),
    compute: horizontal,
};

pub const INDEX: Method = Method {
    id: "mismatch-index",
    about: "ILO mismatch index: how far the education of the unemployed is from that of the employed; needs no occupation",
    formula: &[
        "index = ½ Σ_i |E_i/E − U_i/U| over levels of education i; 0 same composition, 1 none in common",
        "se = ½ √([Σs²e − (Σse)²]/n + [Σs²u − (Σsu)²]/m), s the signs of e − u, n and m the persons asked",
    ],
    sources: &["ILO, Key Indicators of the Labour Market, 9th ed., table 15a", KISH],
    assumptions: &[
        "small samples push the index up: two samples of one population have an index above 0",
        "the same levels stand for both; a level that is not stated is left out by the caller or is a level of its own",
    ],
    columns: &[
        Column { name: "level", required: true, about: "level of education" },
        Column { name: "employed", required: true, about: "employed persons at the level, or their share" },
        Column { name: "unemployed", required: true, about: "unemployed persons at the level, or their share" },
        Column { name: "group", required: false, about: "place or group; without it the table is of one" },
        Column { name: "n_employed", required: false, about: "employed persons asked at the level" },
        Column { name: "n_unemployed", required: false, about: "unemployed persons asked at the level" },
    ],
    params: &[],
    example: (include_str!("../../examples/mismatch-index.csv"), &[]),
    compute: mismatch_index,
};

/// A table of cells, read: the groups' and strata's names, and the cells of each stratum.
struct Table<'a> {
    groups: Vec<&'a str>,
    strata: Vec<(&'a str, Vec<Workers<'a>>)>,
}

fn table(sheet: &Sheet) -> Result<Table<'_>, Fault> {
    let names = sheet.texts("group")?;
    let strata = if sheet.has("stratum") { sheet.texts("stratum")? } else { vec![""; names.len()] };
    let counts = non_negative(sheet, "n")?;
    let (squares, years) = (non_negative(sheet, "weight_squares")?, non_negative(sheet, "years")?);
    let raw = |column: &str| sheet.columns.iter().position(|name| name == column);
    let (isced, isco) = (raw("isced"), raw("isco"));
    let (field, learning) = (raw("field"), raw("in_education"));
    let keys: Vec<usize> =
        ["group", "stratum", "isced", "isco", "years", "field", "in_education"].into_iter().filter_map(raw).collect();
    let mut seen: BTreeMap<Vec<&str>, usize> = BTreeMap::new();
    let mut table = Table { groups: Vec::new(), strata: Vec::new() };
    for (index, (row, line)) in sheet.rows.iter().zip(&sheet.lines).enumerate() {
        let key: Vec<&str> = keys.iter().map(|column| row[*column].as_str()).collect();
        if let Some(first) = seen.insert(key.clone(), *line) {
            return Err(Fault::Duplicate { at: format!("{}, line {line}", sheet.name), key: key.join(" "), first });
        }
        let weight = non_negative_cell(sheet, "weight", index)?;
        let level = match isced.map(|column| Level::read(&row[column])) {
            None => None,
            Some(Some(level)) => level,
            Some(None) => {
                let hint = "0 to 8, or L, M, H; empty when not stated";
                let found = format!("`{}`", row[isced.unwrap_or_default()]);
                return Err(Fault::shape(sheet.at(*line, "isced"), "a level of education", found, hint));
            }
        };
        let code = isco.map_or("", |column| row[column].as_str());
        let Some(occupation) = occupation(code) else {
            let hint = "one to four digits, the first of which is the major group";
            return Err(Fault::shape(sheet.at(*line, "isco"), "an ISCO-08 code", format!("`{code}`"), hint));
        };
        let learning = match learning.map(|column| row[column].to_ascii_lowercase()).as_deref() {
            None | Some("") => None,
            Some("yes" | "true" | "1") => Some(true),
            Some("no" | "false" | "0") => Some(false),
            Some(other) => {
                let at = sheet.at(*line, "in_education");
                return Err(Fault::shape(at, "yes or no", format!("`{other}`"), "leave it empty when not stated"));
            }
        };
        let field = field.map(|column| row[column].as_str()).filter(|field| !field.is_empty());
        let group = place(&mut table.groups, names[index]);
        let mass = Mass::new(weight, counts[index], squares[index]);
        let worker = Workers { group, level, occupation, years: years[index], field, learning, mass };
        match table.strata.iter_mut().find(|(name, _)| *name == strata[index]) {
            Some((_, cells)) => cells.push(worker),
            None => table.strata.push((strata[index], vec![worker])),
        }
    }
    Ok(table)
}

fn place<'a>(names: &mut Vec<&'a str>, name: &'a str) -> usize {
    names.iter().position(|known| *known == name).unwrap_or_else(|| {
        names.push(name);
        names.len() - 1
    })
}

/// The column's numbers from 0 up, all `None` when it is not there.
fn non_negative(sheet: &Sheet, column: &str) -> Result<Vec<Option<f64>>, Fault> {
    if !sheet.has(column) {
        return Ok(vec![None; sheet.rows.len()]);
    }
    let numbers = sheet.numbers(column)?;
    if let Some((number, line)) = numbers.iter().zip(&sheet.lines).find(|(number, _)| number.is_some_and(|number| number < 0.0)) {
        return Err(Fault::number(sheet.at(*line, column), "a number from 0 up", &number.unwrap_or_default()));
    }
    Ok(numbers)
}

fn non_negative_cell(sheet: &Sheet, column: &str, row: usize) -> Result<f64, Fault> {
    let index = sheet.columns.iter().position(|name| name == column).unwrap_or_default();
    let text = &sheet.rows[row][index];
    text.parse::<f64>().ok().filter(|number| number.is_finite() && *number >= 0.0).ok_or_else(|| {
        let found = if text.is_empty() { "an empty cell".to_owned() } else { format!("`{text}`") };
        Fault::number(sheet.at(sheet.lines[row], column), "a finite number from 0 up, with a decimal point", &found)
    })
}

fn mismatch(given: &Given<'_>) -> Result<Answer, Fault> {
    let digits = match given.choice("digits", &["all", "1", "2", "3", "4"])? {
        "all" => None,
        digits => digits.parse().ok(),
    };
    let least = given.number("least")?.unwrap_or_default();
    if least < 0.0 {
        return Err(Fault::number("--param least", "a number of persons from 0 up", &least));
    }
    let rules = Rules {
        primary_to: if given.choice("primary", &["0-2", "0-1"])? == "0-1" { 1 } else { 2 },
        digits,
        least,
        single_levels: given.choice("modal_levels", &["broad", "isced"])? == "isced",
    };
    let matches = given.files.get("match").map(Matches::read).transpose()?;
    let has = |column: &str| given.sheet.has(column);
    let wanted = |definition: &Definition| match definition {
        Definition::Oecd => has("in_education"),
        Definition::MeanYears => has("years"),
        Definition::Horizontal => matches.is_some() && has("field"),
        Definition::Eurostat
        | Definition::WithoutArmedForces
        | Definition::Istat
        | Definition::IloNormative
        | Definition::IloModal => true,
    };
    let definitions: Vec<Definition> = Definition::ALL.into_iter().filter(wanted).collect();
    let mut answer = rates(given, &definitions, rules, matches.as_ref())?;
    let missing = Definition::ALL.into_iter().filter(|definition| !definitions.contains(definition));
    for definition in missing {
        let needs = match definition {
            Definition::Oecd => "a column in_education",
            Definition::MeanYears => "a column years",
            Definition::Eurostat
            | Definition::WithoutArmedForces
            | Definition::Istat
            | Definition::IloNormative
            | Definition::IloModal
            | Definition::Horizontal => "a column field and --param match=FILE.csv",
        };
        answer.notes.push(Finding::info("mismatch-definition", "mismatch", format!("no {}: it needs {needs}", definition.id())));
    }
    Ok(answer)
}

fn horizontal(given: &Given<'_>) -> Result<Answer, Fault> {
    let matches = Matches::read(given.file("match")?)?;
    rates(given, &[Definition::Horizontal], Rules::default(), Some(&matches))
}

fn rates(given: &Given<'_>, definitions: &[Definition], rules: Rules, matches: Option<&Matches>) -> Result<Answer, Fault> {
    let (sheet, method) = (given.sheet, given.method.id);
    let table = table(sheet)?;
    let total = match given.param("total") {
        "" => table.groups.iter().position(|group| group.eq_ignore_ascii_case("total")),
        name => Some(table.groups.iter().position(|group| *group == name).ok_or_else(|| {
            Fault::shape("--param total", "a group of the table", format!("`{name}`"), table.groups.join(", "))
        })?),
    };
    let mut columns = vec!["group", "definition", "concept", "outcome", "rate", "se", "n", "n_effective", "weight", "base"];
    columns.extend(["undetermined", "outside"]);
    let stratified = sheet.has("stratum");
    if stratified {
        columns.insert(0, "stratum");
    }
    let mut answer = Answer::new(&columns);
    for (stratum, cells) in &table.strata {
        let pooled = cells.iter().filter(|cell| total.is_none_or(|total| cell.group == total));
        let norms = Norms { matches: matches.cloned(), ..norms(pooled, rules)? };
        let at = if stratum.is_empty() { method.to_owned() } else { format!("{method} {stratum}") };
        if definitions.contains(&Definition::IloModal) {
            noted(&mut answer, &at, &norms, rules);
        }
        let by_definition: Vec<Vec<Assessed>> = definitions
            .iter()
            .map(|definition| assess(cells, table.groups.len(), *definition, &norms, rules))
            .collect::<Result<_, _>>()?;
        for (index, group) in table.groups.iter().enumerate() {
            if !cells.iter().any(|cell| cell.group == index) {
                continue;
            }
            for assessed in by_definition.iter().map(|groups| &groups[index]) {
                let base = assessed.base();
                if base.weight <= 0.0 {
                    let message = format!("{group}: nobody in the universe of {}", assessed.definition.id());
                    answer.notes.push(Finding::warning("mismatch-empty", &at, message));
                }
                for outcome in assessed.definition.outcomes() {
                    let mut cells = vec![
                        Cell::from(*group),
                        Cell::from(assessed.definition.id()),
                        Cell::from(assessed.definition.concept()),
                        Cell::from(outcome.id()),
                        Cell::number(assessed.rate(*outcome)),
                        Cell::number(assessed.standard_error(*outcome)),
                        Cell::number(base.count),
                        Cell::number(base.effective()),
                        Cell::from(assessed.mass(*outcome).weight),
                        Cell::from(base.weight),
                        Cell::from(assessed.mass(Outcome::Undetermined).weight),
                        Cell::from(assessed.mass(Outcome::Outside).weight),
                    ];
                    if stratified {
                        cells.insert(0, Cell::from(*stratum));
                    }
                    answer.rows.push(cells);
                }
            }
        }
    }
    if let Some(total) = total {
        answer.facts.push(("norms_from", Cell::from(table.groups[total])));
    }
    answer.facts.push(("groups", Cell::whole(Some(table.groups.len()))));
    Ok(answer)
}

/// What was decided about occupations, because the guidelines leave it open.
fn noted(answer: &mut Answer, at: &str, norms: &Norms, rules: Rules) {
    let small = norms.too_small();
    if !small.is_empty() {
        let message = format!("fewer than {} persons asked in ISCO-08 {}", rules.least, small.join(", "));
        let hint = "these occupations take the norm of the code with a digit less; a major group then has none";
        answer.notes.push(Finding::warning("mismatch-small-occupation", at, message).hint(hint));
    }
    let tied = norms.tied();
    if !tied.is_empty() {
        let message =
            format!("more than one most frequent level in ISCO-08 {}: these and those between them match", tied.join(", "));
        answer.notes.push(Finding::info("mismatch-tie", at, message));
    }
}

fn mismatch_index(given: &Given<'_>) -> Result<Answer, Fault> {
    let sheet = given.sheet;
    let grouped = sheet.has("group");
    let keys = sheet.keys(if grouped { &["group", "level"] } else { &["level"] })?;
    let mut groups: Vec<&str> = Vec::new();
    let of: Vec<usize> = keys.iter().map(|key| place(&mut groups, if grouped { key[0] } else { "all" })).collect();
    let (asked, sought) = (non_negative(sheet, "n_employed")?, non_negative(sheet, "n_unemployed")?);
    let mut answer = Answer::new(&["group", "level", "share_employed", "share_unemployed", "contribution", "index", "se"]);
    for (group, name) in groups.iter().enumerate() {
        let rows: Vec<usize> = (0..keys.len()).filter(|row| of[*row] == group).collect();
        let masses = |column: &str, counts: &[Option<f64>]| -> Result<Vec<Mass>, Fault> {
            rows.iter().map(|row| Ok(Mass::new(non_negative_cell(sheet, column, *row)?, counts[*row], None))).collect()
        };
        let found = index::index(&masses("employed", &asked)?, &masses("unemployed", &sought)?).map_err(|fault| {
            let Fault::Few { at, found, least } = fault else { return fault };
            Fault::Few { at: format!("{}, group {name}, {at}", sheet.name), found, least }
        })?;
        for (row, (employed, unemployed)) in rows.iter().zip(&found.shares) {
            answer.rows.push(vec![
                Cell::from(*name),
                Cell::from(*keys[*row].last().unwrap_or(&"")),
                Cell::from(*employed),
                Cell::from(*unemployed),
                Cell::from((employed - unemployed).abs() / 2.0),
                Cell::from(found.index),
                Cell::number(found.standard_error),
            ]);
        }
        if groups.len() == 1 {
            answer.facts.push(("index", Cell::from(found.index)));
        }
    }
    Ok(answer)
}

/// The levels in print order, for tables made from persons.
pub const LEVELS: [(Broad, &str); 3] = [(Broad::Low, "low"), (Broad::Medium, "medium"), (Broad::High, "high")];
