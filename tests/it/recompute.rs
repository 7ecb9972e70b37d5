//! Every computed figure of every report, computed again from its `provenance.json` alone, by an evaluator of its own that
//! knows the formulas as they are documented and nothing of the program. Random draws and clusters are computed again with the
//! published methods (`baseline_method`), from the run, the choices and the seed that stand in the file.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value as Json;

use super::kit::{NINE, study};

mod methods;

/// What the formula gives, by the file's own documentation; `None` where it has no answer.
fn evaluate(file: &Json, figure: &Json) -> Option<f64> {
    let parameter = |name: &str| figure["parameters"][name].as_str().unwrap_or_else(|| panic!("no {name}: {figure}"));
    let input = |index: usize| value_of(file, &figure["inputs"][index]);
    let count = figure["inputs"].as_array().unwrap().len();
    let inputs = || (0..count).map(input).collect::<Option<Vec<f64>>>();
    let sign = || parameter("sign").parse::<f64>().unwrap();
    let odds = |rate: f64| rate / (100.0 - rate);
    match figure["formula"].as_str().unwrap() {
        "ratio" => Some(input(0)? / input(1)?),
        "share" => Some(100.0 * input(0)? / input(1)?),
        "per_thousand" => Some(1000.0 * input(0)? / input(1)?),
        "sum" => {
            if let Some(parts) = figure["parameters"]["parts"].as_str() {
                assert_eq!(parts, count.to_string(), "{figure}");
            }
            Some(inputs()?.into_iter().sum())
        }
        "gap_pp" => Some(sign() * (input(0)? - input(1)?)),
        "odds_ratio" => Some((odds(input(0)?) / odds(input(1)?)).powf(sign())),
        "gap_ratio" => Some((input(0)? / input(1)?).powf(sign())),
        "log_odds" => Some(sign() * (odds(input(0)?) / odds(input(1)?)).ln()),
        "relative_gap" => Some(sign() * 100.0 * (input(0)? - input(1)?) / input(1)?),
        "arrived" => Some(100.0 * (input(0)? - input(1)?) / input(0)?),
        "score" => {
            let [worst, best] = ["worst", "best"].map(|name| parameter(name).parse::<f64>().unwrap());
            let share = (input(0)? - worst) / (best - worst);
            assert_eq!(parameter("clipped"), if (0.0..=1.0).contains(&share) { "no" } else { "yes" }, "{figure}");
            Some(100.0 * share.clamp(0.0, 1.0))
        }
        "composite" => Some(methods::composite(&parameter, &ids(figure), &inputs()?)),
        "monte_carlo" => methods::monte_carlo(file, &parameter, figure["parameters"]["unit"].as_str()),
        "sobol" => methods::sobol(file, &parameter),
        "adjusted_rand" => Some(methods::adjusted_rand(&parameter, &ids(figure), &inputs()?)),
        "difference" | "change" => Some(input(0)? - input(1)?),
        "position" => {
            let regions = &file["regions"][parameter("among")];
            let eu: BTreeSet<&str> = regions["eu"].as_array()?.iter().filter_map(Json::as_str).collect();
            let counted = |code: &str| parameter("regions") == "all" || eu.contains(code);
            let values: BTreeMap<&str, f64> =
                regions["values"].as_object()?.iter().map(|(code, value)| (code.as_str(), value.as_f64().unwrap())).collect();
            let own = values[parameter("region")];
            let better = |value: f64| if parameter("best") == "lowest" { value < own } else { value > own };
            let ahead = values.iter().filter(|(code, value)| counted(code) && better(**value)).count();
            let equal = values.iter().filter(|(code, value)| counted(code) && **value == own).count();
            let all = values.keys().filter(|code| counted(code)).count();
            assert_eq!((parameter("last"), parameter("of")), ((ahead + equal).to_string().as_str(), all.to_string().as_str()));
            Some(f64::from(u32::try_from(ahead).unwrap()) + 1.0)
        }
        "weighted_mean" => {
            let inputs = inputs()?;
            let weights: f64 = inputs.iter().skip(1).step_by(2).sum();
            Some(inputs.chunks_exact(2).map(|pair| pair[0] * pair[1]).sum::<f64>() / weights)
        }
        "interpolation" => {
            let year = |name: &str| parameter(name).parse::<f64>().unwrap();
            let share = (year("year") - year("from")) / (year("to") - year("from"));
            Some(input(0)? * (1.0 - share) + input(1)? * share)
        }
        "synthetic" => {
            let inputs = inputs()?;
            let shares: f64 = inputs[1..].iter().step_by(2).sum();
            let groups: f64 = inputs[1..].chunks_exact(2).map(|pair| pair[0] * pair[1]).sum();
            Some(((100.0 - shares) * inputs[0] + groups) / 100.0)
        }
        "conversion" => Some(parameter("share").parse::<f64>().unwrap() * input(0)?),
        other => panic!("an unknown formula: {other}"),
    }
}

/// Indicator and territory of each input.
fn ids(figure: &Json) -> Vec<(&str, &str)> {
    let inputs = figure["inputs"].as_array().unwrap().iter().map(|input| input.as_str().unwrap());
    inputs
        .map(|id| {
            let mut parts = id.split('.');
            (parts.next().unwrap(), parts.next().unwrap())
        })
        .collect()
}

fn value_of(file: &Json, id: &Json) -> Option<f64> {
    let figure = &file["figures"][id.as_str().unwrap()];
    assert!(figure.is_object(), "{id} is not in the file");
    figure["value"].as_f64()
}

/// What is wrong with a file, and how many figures with a number were computed again.
fn check(file: &Json) -> (Vec<String>, usize) {
    let (mut faults, mut counted) = (Vec::new(), 0);
    for (id, figure) in file["figures"].as_object().unwrap() {
        if figure["formula"].is_null() {
            if figure["value"].is_number() && !figure["cell"]["sha256"].is_string() {
                faults.push(format!("{id}: read from nowhere"));
            }
            continue;
        }
        if file["formulas"][figure["formula"].as_str().unwrap()]["formula"].as_str().is_none_or(str::is_empty) {
            faults.push(format!("{id}: its formula is not in the file"));
        }
        let inputs = || figure["inputs"].as_array().unwrap().iter().map(|input| &file["figures"][input.as_str().unwrap()]);
        let (grade, own) = (inputs().filter_map(|input| input["grade"].as_str()).max(), figure["grade"].as_str());
        // What is estimated by us says so.
        let estimated = ["interpolation", "synthetic", "conversion"].contains(&figure["formula"].as_str().unwrap());
        // The value of a region that a territory took has the grade of the step; a measure has that of its inputs.
        let measure = id.split('.').count() > 6;
        if if measure && !estimated { own != grade } else { own < grade } {
            faults.push(format!("{id}: grade {}, of its inputs {grade:?}", figure["grade"]));
        }
        let letters = |figure: &Json| figure["obs_status"].as_str().unwrap_or("").chars().collect::<BTreeSet<char>>();
        let e = (estimated && figure["value"].is_number()).then_some('e');
        if inputs().flat_map(letters).chain(e).collect::<BTreeSet<char>>() != letters(figure) {
            faults.push(format!("{id}: other flags than its inputs"));
        }
        let Some(printed) = figure["value"].as_f64() else {
            if figure["missing"].as_str().is_none_or(str::is_empty) {
                faults.push(format!("{id}: missing without a reason"));
            }
            continue;
        };
        counted += 1;
        match evaluate(file, figure) {
            Some(again) if (again - printed).abs() <= 1e-9 * printed.abs().max(1e-3) => {}
            again => faults.push(format!("{id}: {printed}, computed again {again:?}")),
        }
    }
    (faults, counted)
}

fn parse(bytes: &[u8]) -> Json {
    serde_json::from_slice(bytes).unwrap()
}

#[test]
fn every_computed_number_of_every_report_can_be_computed_again() {
    for (territory, files) in &study().reports {
        let (faults, counted) = check(&parse(&files["provenance.json"]));
        assert!(faults.is_empty(), "{territory}: {} faults\n{}", faults.len(), faults.join("\n"));
        assert!(counted > 100, "{territory}: only {counted}");
    }
}

#[test]
fn every_computed_number_of_the_example_report_can_be_computed_again() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("reports/example/milestone/zachodniopomorskie/en");
    let (faults, counted) = check(&parse(&std::fs::read(folder.join("provenance.json")).unwrap()));
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(counted > 500, "only {counted}");
}

#[test]
fn no_computed_number_is_left_out() {
    for (territory, rows) in &study().observations {
        let file = parse(&study().reports[territory]["provenance.json"]);
        for row in rows {
            let figure = &file["figures"][row["id"].as_str()];
            // A measure stands after the period; other computed figures rest on more than one cell.
            let computed = row["id"].split('.').count() > 6 || row["position"].contains('+');
            assert!(!computed || figure["formula"].is_string(), "{territory}: {}", row["id"]);
            if let (Some(value), Ok(printed)) = (figure["value"].as_f64(), row["value"].parse::<f64>()) {
                assert!((value - printed).abs() <= 1e-9 * value.abs(), "{territory}: {}: {value} and {printed}", row["id"]);
            }
        }
    }
}

#[test]
fn the_evaluator_catches_what_it_must() {
    let text = study().text(NINE[8], "provenance.json");
    let id = "over_qualification.zachodniopomorskie.non_eu.T.Y20-64.2024.gap_pp";
    let mutant = |change: &dyn Fn(&mut Json)| {
        let mut file: Json = serde_json::from_str(text).unwrap();
        change(&mut file["figures"][id]);
        let (faults, _) = check(&file);
        assert!(faults.iter().any(|fault| fault.starts_with(id)), "{faults:?}");
    };
    mutant(&|figure| figure["value"] = 27.0.into());
    mutant(&|figure| figure["parameters"]["sign"] = "-1".into());
    mutant(&|figure| figure["grade"] = "A".into());
    mutant(&|figure| figure["inputs"] = figure["inputs"].as_array().unwrap().iter().rev().cloned().collect());
    let run = "composite.milestone.2024";
    let mutant = |change: &dyn Fn(&mut Json), wanted: &str| {
        let mut file: Json = serde_json::from_str(study().text("comparison", "provenance.json")).unwrap();
        assert!(file["runs"][run].is_object(), "no run {run}");
        change(&mut file);
        let (faults, _) = check(&file);
        assert!(faults.iter().any(|fault| fault.contains(wanted)), "{wanted}: {faults:?}");
    };
    mutant(&|file| file["runs"][run]["seed"] = 1.into(), "mean_rank_shift");
    mutant(&|file| file["runs"][run]["draws"] = 999.into(), "mean_rank_shift");
    mutant(&|file| file["runs"][run]["weighting"] = serde_json::json!(["given"]), "sobol_");
    let score = "composite.linkoping.foreign.T.TOTAL.2024";
    mutant(&|file| file["figures"][score]["parameters"]["across"] = "arithmetic".into(), score);
    mutant(&|file| file["figures"][score]["value"] = 99.0.into(), score);
    let groups = "typology.milestone.total.T.Y15-64.2025.adjusted_rand_ward";
    mutant(&|file| file["figures"][groups]["parameters"]["k"] = "2".into(), groups);
}
