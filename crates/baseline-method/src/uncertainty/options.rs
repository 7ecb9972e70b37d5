//! What is varied, from parameters that are lists of words, to a [`Design`].

use baseline_model::definitions::nearest;

use super::problem::{Aggregation, Design, Imputation, Normalisation, Problem, Weighting};
use crate::method::Given;
use crate::{Fault, inputs};

/// A word and what it stands for.
type Words<T> = &'static [(&'static str, T)];

const NORMALISATIONS: Words<Normalisation> = &[
    ("goalposts", Normalisation::Goalposts),
    ("minmax", Normalisation::MinMax),
    ("zscore", Normalisation::ZScore),
    ("rank", Normalisation::Rank),
];

const AGGREGATIONS: Words<Aggregation> = &[
    ("given", Aggregation::AsGiven),
    ("arithmetic", Aggregation::Arithmetic),
    ("geometric", Aggregation::Geometric),
    ("copeland", Aggregation::Copeland),
    ("borda", Aggregation::Borda),
];

/// What is varied, by the lists of options.
///
/// # Errors
/// When a word is not known, or a number is outside its bounds.
pub fn varied(given: &Given<'_>, problem: &Problem) -> Result<Design, Fault> {
    let structured = problem.structure.levels.len() > 1;
    let normalisation = match given.param("normalisation") {
        "" => {
            let with = |option: &Normalisation| *option != Normalisation::Goalposts || problem.goalposts.is_some();
            NORMALISATIONS.iter().map(|(_, option)| *option).filter(with).collect()
        }
        _ => options(given, "normalisation", NORMALISATIONS)?,
    };
    let aggregation = match given.param("aggregation") {
        "" => {
            let with = |option: &Aggregation| match option {
                Aggregation::AsGiven => structured,
                Aggregation::Arithmetic | Aggregation::Geometric | Aggregation::Copeland => true,
                Aggregation::Borda => false,
            };
            AGGREGATIONS.iter().map(|(_, option)| *option).filter(with).collect()
        }
        _ => options(given, "aggregation", AGGREGATIONS)?,
    };
    let seed = given.whole("seed")?;
    let exclusion = inputs::yes(given, "exclusion")?;
    let data_error = problem.errors.is_some();
    let (weighting, imputation) = (weighting(given, problem)?, imputation(given, problem)?);
    Ok(Design { normalisation, weighting, aggregation, imputation, exclusion, data_error, seed })
}

/// The words of a list, each once.
fn words<'g>(given: &'g Given<'_>, name: &str) -> Result<Vec<&'g str>, Fault> {
    let mut words: Vec<&str> = Vec::new();
    for word in given.param(name).split([',', ';']).map(str::trim).filter(|word| !word.is_empty()) {
        if words.contains(&word) {
            return Err(Fault::Duplicate { at: format!("--param {name}"), key: word.to_owned(), first: 1 });
        }
        words.push(word);
    }
    if words.is_empty() {
        return Err(Fault::Few { at: format!("--param {name}"), found: 0, least: 1 });
    }
    Ok(words)
}

fn unknown(name: &str, word: &str, known: &[&str]) -> Fault {
    let hint = nearest(word, known.iter().copied())
        .map_or_else(|| "several words are parted by commas".to_owned(), |close| format!("did you mean `{close}`?"));
    Fault::shape(format!("--param {name}"), format!("a list out of {}", known.join(", ")), format!("`{word}`"), hint)
}

fn options<T: Copy>(given: &Given<'_>, name: &str, known: Words<T>) -> Result<Vec<T>, Fault> {
    let find = |word: &str| {
        // As other methods write them.
        let plain = word.replace(['-', '_'], "");
        let found = known.iter().find(|(own, _)| *own == plain).map(|(_, option)| *option);
        found.ok_or_else(|| unknown(name, word, &known.iter().map(|(own, _)| *own).collect::<Vec<_>>()))
    };
    words(given, name)?.into_iter().map(find).collect()
}

fn weighting(given: &Given<'_>, problem: &Problem) -> Result<Vec<Weighting>, Fault> {
    let share = given.number("expert")?.unwrap_or_default();
    let concentration = given.number("concentration")?.unwrap_or_default();
    let schemes: Vec<&str> = match given.files.get("weights") {
        Some(file) if problem.structure.levels.len() == 1 => file.rows.iter().map(|row| row[0].as_str()).collect(),
        Some(_) | None => Vec::new(),
    };
    let names: Vec<&str> = problem.indicators.iter().map(String::as_str).collect();
    let mut found = Vec::new();
    for word in words(given, "weighting")? {
        match word {
            "given" => found.push(Weighting::Given),
            "equal" => found.push(Weighting::Equal),
            "expert" => found.push(Weighting::Expert { share }),
            "dirichlet" => found.push(Weighting::Dirichlet { concentration }),
            scheme if schemes.contains(&scheme) => {
                let mut params = given.params.clone();
                params.insert("scheme".to_owned(), scheme.to_owned());
                let weight = inputs::weights(&Given { params: &params, ..*given }, &names)?;
                found.push(Weighting::Scheme { name: scheme.to_owned(), weight });
            }
            other => {
                let known = ["given", "equal", "expert", "dirichlet"].into_iter().chain(schemes.iter().copied());
                return Err(unknown("weighting", other, &known.collect::<Vec<_>>()));
            }
        }
    }
    Ok(found)
}

fn imputation(given: &Given<'_>, problem: &Problem) -> Result<Vec<Imputation>, Fault> {
    let text = given.param("spread");
    let spread = if text.is_empty() { None } else { Some(spread(text)?) };
    if given.param("imputation").is_empty() {
        if problem.grades.is_none() {
            return Ok(vec![Imputation::Keep]);
        }
        let declared = spread.map(Imputation::Spread);
        return Ok([Some(Imputation::Keep), declared, Some(Imputation::Exclude)].into_iter().flatten().collect());
    }
    let option = |word: &str| match word {
        "keep" => Ok(Imputation::Keep),
        "exclude" => Ok(Imputation::Exclude),
        "spread" => spread.map(Imputation::Spread).ok_or_else(|| {
            let hint = "how far off a parent's value may be is for you to say: --param spread=B:0.25;C:0.5;D:1;M:1";
            Fault::shape("--param spread", "a spread for each grade", "none", hint)
        }),
        other => Err(unknown("imputation", other, &["keep", "spread", "exclude"])),
    };
    words(given, "imputation")?.into_iter().map(option).collect()
}

/// `B:0.25;C:0.5`: a grade that is not named has no spread.
fn spread(text: &str) -> Result<[f64; 4], Fault> {
    let mut spread = [0.0; 4];
    for part in text.split([';', ',']).map(str::trim).filter(|part| !part.is_empty()) {
        let parsed = part.split_once([':', '=']).and_then(|(grade, number)| {
            let place = ["B", "C", "D", "M"].iter().position(|known| known.eq_ignore_ascii_case(grade.trim()))?;
            let number = number.trim().parse::<f64>().ok().filter(|number| number.is_finite() && *number >= 0.0)?;
            Some((place, number))
        });
        let Some((place, number)) = parsed else {
            let expected = "grades B, C, D, M with numbers from 0 up";
            return Err(Fault::shape("--param spread", expected, format!("`{part}`"), "write B:0.25;C:0.5;D:1;M:1"));
        };
        spread[place] = number;
    }
    Ok(spread)
}
