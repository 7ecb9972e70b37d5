//! The formulas of composites, ranks and groups, over what stands in a `provenance.json`.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock};

use baseline_method::aggregate::Aggregation as Mean;
use baseline_method::composite::{Level, Structure};
use baseline_method::interval::Interval;
use baseline_method::normalise::Goalposts;
use baseline_method::sobol;
use baseline_method::structure::{agreement::agreement, cluster};
use baseline_method::uncertainty::{self, Aggregation, Design, Imputation, Normalisation, Outcome, Problem, Weighting};
use baseline_model::Grade;
use baseline_model::definitions::Direction;
use serde_json::Value as Json;

use super::value_of;

/// `work 0.5 (employment_rate 0.5, ...); skills 0.5 (...)`: mean of means over what is there.
pub fn composite<'a>(parameter: &impl Fn(&str) -> &'a str, ids: &[(&str, &str)], scores: &[f64]) -> f64 {
    let floor: f64 = parameter("floor").parse().unwrap();
    let mean = |how: &str, parts: &[(f64, f64)]| {
        let total: f64 = parts.iter().map(|(weight, _)| weight).sum();
        match how {
            "arithmetic" => parts.iter().map(|(weight, score)| weight * score).sum::<f64>() / total,
            "geometric" => (parts.iter().map(|(weight, score)| weight * score.max(floor).ln()).sum::<f64>() / total).exp(),
            other => panic!("an unknown mean: {other}"),
        }
    };
    let weighted = |text: &str| {
        let (name, weight) = text.trim().rsplit_once(' ').unwrap();
        (name.to_owned(), weight.parse::<f64>().unwrap())
    };
    let mut used = 0;
    let dimensions: Vec<(f64, f64)> = parameter("dimensions")
        .split("; ")
        .filter_map(|text| {
            let (head, inside) = text.strip_suffix(')').unwrap().split_once(" (").unwrap();
            let parts: Vec<(f64, f64)> = inside
                .split(", ")
                .map(weighted)
                .filter_map(|(id, weight)| {
                    let place = ids.iter().position(|(indicator, _)| *indicator == id)?;
                    used += 1;
                    Some((weight, scores[place]))
                })
                .collect();
            (!parts.is_empty()).then(|| (weighted(head).1, mean(parameter("within"), &parts)))
        })
        .collect();
    assert_eq!(used, scores.len(), "an input has no weight");
    mean(parameter("across"), &dimensions)
}

/// A statistic over the draws of a run; of all units together without a unit.
pub fn monte_carlo<'a>(file: &Json, parameter: &impl Fn(&str) -> &'a str, unit: Option<&str>) -> Option<f64> {
    let run = &file["runs"][parameter("run")];
    let again = again(file, run);
    let outcome = &again.0;
    let Some(unit) = unit else {
        assert_eq!(parameter("statistic"), "shift");
        return Some(outcome.shifts.iter().sum::<f64>() / outcome.shifts.len() as f64);
    };
    let place = run["units"].as_array().unwrap().iter().position(|name| name == unit)?;
    let found = &outcome.units[place];
    match parameter("statistic") {
        "rank" => found.reference.map(|rank| rank as f64),
        "median" => found.median,
        "lower" => found.interval.map(Interval::lower),
        "upper" => found.interval.map(Interval::upper),
        "shift" => found.shift,
        other => panic!("an unknown statistic: {other}"),
    }
}

pub fn sobol<'a>(file: &Json, parameter: &impl Fn(&str) -> &'a str) -> Option<f64> {
    let again = again(file, &file["runs"][parameter("run")]);
    let place = again.1.factors.iter().position(|factor| *factor == parameter("factor"))?;
    let index = again.1.shift.factors.as_ref()?[place];
    Some(if parameter("order") == "first" { index.first } else { index.total })
}

/// Clusters of the z-scores of the inputs, and how far they agree with the labels.
pub fn adjusted_rand<'a>(parameter: &impl Fn(&str) -> &'a str, ids: &[(&str, &str)], values: &[f64]) -> f64 {
    let labels: Vec<(&str, &str)> = parameter("labels").split(", ").map(|pair| pair.split_once('=').unwrap()).collect();
    let points: Vec<Vec<f64>> = labels
        .iter()
        .map(|(territory, _)| {
            ids.iter().zip(values).filter(|((_, other), _)| other == territory).map(|(_, value)| *value).collect()
        })
        .collect();
    assert_eq!(points.iter().map(Vec::len).sum::<usize>(), values.len());
    let scores = cluster::standardise(&points, &[]).unwrap();
    let k = parameter("k").parse().unwrap();
    let groups = match parameter("method") {
        "ward" => cluster::cut(&cluster::ward(&scores).unwrap(), k),
        "k_means" => {
            let (starts, seed) = (parameter("starts").parse().unwrap(), parameter("seed").parse().unwrap());
            cluster::k_means(&scores, k, starts, seed, 1000).unwrap().clusters
        }
        other => panic!("an unknown method: {other}"),
    };
    let groups: Vec<String> = groups.iter().map(ToString::to_string).collect();
    let groups: Vec<&str> = groups.iter().map(String::as_str).collect();
    let labels: Vec<&str> = labels.iter().map(|(_, label)| *label).collect();
    agreement(&groups, &labels).unwrap().adjusted
}

type Again = Arc<(Outcome, sobol::Composite)>;

/// A run of the file, computed once however many figures are of it.
fn again(file: &Json, run: &Json) -> Again {
    static DONE: OnceLock<Mutex<BTreeMap<String, Again>>> = OnceLock::new();
    let cells = run["cells"].as_array().unwrap().iter().map(|column| column.as_array().unwrap());
    let figures: Vec<Vec<Option<&Json>>> =
        cells.map(|column| column.iter().map(|id| id.as_str().map(|id| &file["figures"][id])).collect()).collect();
    let key = format!("{run}{figures:?}");
    let done = DONE.get_or_init(Mutex::default);
    if let Some(found) = done.lock().unwrap().get(&key) {
        return Arc::clone(found);
    }
    let texts =
        |list: &Json| -> Vec<String> { list.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect() };
    let number = |value: &Json| value.as_f64().unwrap();
    let mean = |word: &Json| Mean::parse(word.as_str().unwrap()).unwrap();
    let (indicators, dimensions) = (run["indicators"].as_array().unwrap(), run["dimensions"].as_array().unwrap());
    let posts: Vec<Goalposts> =
        indicators.iter().map(|one| Goalposts { worst: number(&one["worst"]), best: number(&one["best"]) }).collect();
    let lower = |posts: &Goalposts| {
        if posts.worst > posts.best { Direction::LowerIsBetter } else { Direction::HigherIsBetter }
    };
    let below = Level {
        name: "dimension".into(),
        groups: dimensions.iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect(),
        aggregation: mean(&dimensions[0]["within"]),
        parent: indicators.iter().map(|one| usize::try_from(one["dimension"].as_u64().unwrap()).unwrap()).collect(),
        weight: indicators.iter().map(|one| number(&one["weight"])).collect(),
    };
    let index = Level {
        name: "index".into(),
        groups: vec!["index".into()],
        aggregation: mean(&run["across"]),
        parent: vec![0; dimensions.len()],
        weight: dimensions.iter().map(|one| number(&one["weight"])).collect(),
    };
    let ids = run["cells"].as_array().unwrap();
    let grade = |figure: &Json| Grade::ALL.into_iter().find(|grade| grade.to_string() == figure["grade"].as_str().unwrap());
    let problem = Problem {
        units: texts(&run["units"]),
        indicators: indicators.iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect(),
        values: ids
            .iter()
            .map(|column| column.as_array().unwrap().iter().map(|id| id.as_str().and_then(|_| value_of(file, id))).collect())
            .collect(),
        directions: posts.iter().map(lower).collect(),
        goalposts: Some(posts),
        structure: Structure { levels: vec![below, index] },
        errors: None,
        ranges: indicators.iter().map(|one| Some((one["range"][0].as_f64()?, one["range"][1].as_f64()?))).collect(),
        grades: Some(figures.iter().map(|column| column.iter().map(|cell| cell.and_then(grade)).collect()).collect()),
        availability: number(&run["availability"]),
    };
    let design = design(run, &texts);
    let size = |name: &str| usize::try_from(run[name].as_u64().unwrap()).unwrap();
    let outcome = uncertainty::run(&problem, &design, size("draws"), number(&run["level"])).unwrap();
    let found: Again = Arc::new((outcome, sobol::composite(&problem, &design, size("samples")).unwrap()));
    done.lock().unwrap().insert(key, Arc::clone(&found));
    found
}

fn design(run: &Json, texts: &impl Fn(&Json) -> Vec<String>) -> Design {
    let normalisation = |word: &String| match word.as_str() {
        "goalposts" => Normalisation::Goalposts,
        "minmax" => Normalisation::MinMax,
        "zscore" => Normalisation::ZScore,
        "rank" => Normalisation::Rank,
        other => panic!("an unknown scale: {other}"),
    };
    let weighting = |text: &String| match text.split_once(' ').unwrap_or((text, "")) {
        ("given", _) => Weighting::Given,
        ("expert", share) => Weighting::Expert { share: share.parse().unwrap() },
        ("dirichlet", concentration) => Weighting::Dirichlet { concentration: concentration.parse().unwrap() },
        other => panic!("unknown weights: {other:?}"),
    };
    let aggregation = |word: &String| match word.as_str() {
        "given" => Aggregation::AsGiven,
        "arithmetic" => Aggregation::Arithmetic,
        "geometric" => Aggregation::Geometric,
        "copeland" => Aggregation::Copeland,
        other => panic!("an unknown mean: {other}"),
    };
    let imputation = |text: &String| match text.split_once(' ').unwrap_or((text, "")) {
        ("keep", _) => Imputation::Keep,
        ("spread", grades) => {
            let mut spread = [0.0; 4];
            for (place, text) in spread.iter_mut().zip(grades.split(';')) {
                *place = text.split_once(':').unwrap().1.parse().unwrap();
            }
            Imputation::Spread(spread)
        }
        other => panic!("an unknown imputation: {other:?}"),
    };
    Design {
        normalisation: texts(&run["normalisation"]).iter().map(normalisation).collect(),
        weighting: texts(&run["weighting"]).iter().map(weighting).collect(),
        aggregation: texts(&run["aggregation"]).iter().map(aggregation).collect(),
        imputation: texts(&run["imputation"]).iter().map(imputation).collect(),
        exclusion: run["exclusion"].as_bool().unwrap(),
        data_error: false,
        seed: run["seed"].as_u64().unwrap(),
    }
}
