//! `method`: what a method, a formula or an indicator is, where it is from, and what it was applied to in the last run.
//! The text is the JSON object in lines, so that neither says more than the other.

use std::collections::BTreeMap;
use std::path::Path;

use baseline_method::formula::documented;
use baseline_method::{METHODS, Method};
use baseline_model::Formula;
use baseline_model::definitions::{Definitions, Indicator, nearest, resolve};
use serde_json::{Map, Value as Json, json};

use super::args::Method as Args;
use super::compute::example_command;
use super::inspect::aligned;
use super::{CliError, Console, Exit};
use crate::compose::{self, calculation::Figure};
use crate::load;
use crate::run::{self, LastRun};

/// Inputs of a figure that are shown in text; JSON has all.
const INPUTS: usize = 6;

pub fn method(workspace: &Path, args: &Args) -> Result<Exit, CliError> {
    let Some(id) = &args.id else { return list(args.json) };
    let loaded = load::definitions(workspace)?;
    let definitions = &loaded.definitions;
    let last = run::last_run(&workspace.join(&args.out))?;
    let method = METHODS.iter().copied().find(|method| method.id == id);
    let mut found: Vec<Map<String, Json>> = method.map(|method| of_method(method, &last, args.figures)).into_iter().collect();
    found.extend(Formula::parse(id).map(|formula| of_formula(formula, &last, args.figures)));
    if found.is_empty() {
        let indicator = resolve::indicator(definitions, id).map_err(|error| unknown(id, definitions, &error))?;
        found.push(of_indicator(definitions, (&indicator, &definitions.indicators[&indicator]), &last, args.figures));
    }
    for finding in &last.findings {
        Console::error(&finding.to_string());
    }
    if args.json {
        match found.as_slice() {
            [one] => Console::json(one)?,
            all => Console::json(&all)?,
        }
    } else {
        let texts: Vec<String> = found.iter().map(text).collect();
        Console::bytes(texts.join("\n").as_bytes())?;
    }
    Ok(Exit::Done)
}

fn unknown(id: &str, definitions: &Definitions, error: &resolve::NotFound) -> CliError {
    let methods = METHODS.iter().map(|method| method.id);
    let close =
        nearest(id, methods.chain(Formula::ALL.map(Formula::id)).chain(definitions.indicators.keys().map(String::as_str)));
    let hint = close.map_or_else(String::new, |close| format!("did you mean `{close}`? "));
    let message =
        if error.ambiguous.is_empty() { format!("no method, formula or indicator is called `{id}`") } else { error.to_string() };
    CliError::Usage { message, hint: format!("{hint}baseline method --list; baseline list indicators") }
}

fn list(json: bool) -> Result<Exit, CliError> {
    let methods = METHODS.iter().map(|method| json!({ "id": method.id, "about": method.about }));
    let formulas = Formula::ALL.map(|formula| {
        let found = documented(formula);
        json!({ "id": formula.id(), "formula": found.formula, "about": found.about, "method": found.method,
                "source": found.source })
    });
    let whole = json!({ "methods": methods.collect::<Vec<_>>(), "formulas": formulas });
    if json {
        Console::json(&whole)?;
        return Ok(Exit::Done);
    }
    let rows = |key: &str, names: &[&str]| -> String {
        let cell = |entry: &Json, name: &&str| entry[*name].as_str().unwrap_or("-").to_owned();
        let rows = whole[key].as_array().into_iter().flatten();
        let rows: Vec<Vec<String>> = rows.map(|entry| names.iter().map(|name| cell(entry, name)).collect()).collect();
        aligned(&rows)
    };
    let methods = rows("methods", &["id", "about"]);
    let formulas = rows("formulas", &["id", "method", "formula", "source"]);
    Console::bytes(
        format!(
            "methods of `baseline compute`\n{methods}\nformulas of computed figures: id, method, formula, source\n{formulas}\n\
             an indicator's id says what it measures: baseline list indicators\n"
        )
        .as_bytes(),
    )?;
    Ok(Exit::Done)
}

fn of_method(method: &Method, last: &LastRun, shown: usize) -> Map<String, Json> {
    let params = method
        .params
        .iter()
        .map(|param| json!({ "name": param.name, "default": param.default, "file": param.file, "about": param.about }));
    let columns =
        method.columns.iter().map(|column| json!({ "name": column.name, "required": column.required, "about": column.about }));
    let formulas: Vec<&str> =
        Formula::ALL.into_iter().filter(|formula| documented(*formula).method == Some(method.id)).map(Formula::id).collect();
    object(&[
        ("kind", "method".into()),
        ("id", method.id.into()),
        ("about", method.about.into()),
        ("formula", method.formula.into()),
        ("sources", method.sources.into()),
        ("assumptions", method.assumptions.into()),
        ("columns", columns.collect()),
        ("params", params.collect()),
        ("example", example_command(method).into()),
        ("example_input", format!("baseline compute {} --example", method.id).into()),
        ("formulas_of_reports", formulas.clone().into()),
        ("last_run", applied(last, shown, |_, figure| formulas.contains(&figure.formula.as_str()))),
    ])
}

fn of_formula(formula: Formula, last: &LastRun, shown: usize) -> Map<String, Json> {
    let found = documented(formula);
    let params = found.parameters.iter().map(|(name, about)| json!({ "name": name, "about": about }));
    object(&[
        ("kind", "formula".into()),
        ("id", formula.id().into()),
        ("about", found.about.into()),
        ("formula", found.formula.into()),
        ("params", params.collect()),
        ("source", found.source.into()),
        ("method", found.method.into()),
        ("last_run", applied(last, shown, |_, figure| figure.formula == formula.id())),
    ])
}

fn of_indicator(
    definitions: &Definitions,
    (id, indicator): (&str, &Indicator),
    last: &LastRun,
    shown: usize,
) -> Map<String, Json> {
    let series = indicator.series.iter().map(|record| {
        let title = definitions.dataflows.get(&record.dataflow).map_or("", |dataflow| dataflow.title.as_str());
        let sum = record.sum.iter().map(|(name, codes)| format!("Σ {name}={}", codes.join("+")));
        let set = record.set.iter().map(|(name, code)| format!("as {name}={code}"));
        let factor = record.factor.map(|factor| format!("× {factor}"));
        let by = record.by.map(|concept| format!("by {concept}"));
        let filter = record.filter.iter().map(|(name, code)| format!("{name}={code}"));
        let rule: Vec<String> = filter.chain(sum).chain(set).chain(by).chain(factor).collect();
        json!({ "dataflow": record.dataflow, "title": title, "where": rule.join(", ") })
    });
    let computed = indicator.derived.as_ref().map(|derived| {
        let formula = documented(derived.formula);
        let carry = if derived.carry == 0 { String::new() } else { format!(", carry {} years", derived.carry) };
        format!("{} = {} of {}{carry}", derived.formula.id(), formula.formula, derived.inputs.join(", "))
    });
    let estimated = indicator.estimate.as_ref().map(|estimate| {
        let formula = documented(Formula::Synthetic);
        let shares = estimate.compositions.iter().map(|composition| {
            let shares: Vec<&str> = composition.shares.values().map(String::as_str).collect();
            format!("{} ({})", shares.join(" and "), composition.assumption)
        });
        let shares: Vec<String> = shares.collect();
        format!("synthetic = {}: rates of {}, shares of {}", formula.formula, estimate.rates, shares.join("; else "))
    });
    let computed = computed.or(estimated);
    let gap = indicator.gap.map(|gap| format!("{} against {}", gap.of.code(), gap.against.code()));
    let group = &indicator.headline;
    let tables = last.tables.get(id).into_iter().flatten().map(|(table, used)| {
        json!({ "table": table.dataflow, "vintage": table.vintage, "figures": used.figures.len(),
                "periods": format!("{} to {}", used.first, used.last) })
    });
    let mut run = applied(last, shown, |figure_id, figure| !figure.formula.is_empty() && figure_id.split('.').next() == Some(id));
    if let Json::Object(run) = &mut run {
        run.insert("tables".into(), tables.collect());
    }
    let unit = serde_json::to_value(indicator.unit).unwrap_or_default();
    object(&[
        ("kind", "indicator".into()),
        ("id", id.into()),
        ("name", indicator.name.as_str().into()),
        ("universe", indicator.universe.as_str().into()),
        ("numerator", indicator.numerator.as_str().into()),
        ("denominator", indicator.denominator.as_str().into()),
        ("unit", unit),
        ("direction", indicator.direction.code().into()),
        ("concept", indicator.concept.as_str().into()),
        ("headline", format!("{}, sex {}, age {}", group.origin.code(), group.sex, group.age).into()),
        ("gap", gap.into()),
        ("weight_of_means", indicator.weight.clone().into()),
        ("series", series.collect()),
        ("formula", computed.into()),
        ("notes", indicator.notes.clone().into()),
        ("last_run", run),
    ])
}

/// The figures of the last run that a condition holds for: how many by formula, and the first with their inputs.
fn applied(last: &LastRun, shown: usize, wanted: impl Fn(&str, &Figure) -> bool) -> Json {
    let figures: Vec<(&String, &Figure)> = last
        .figures
        .iter()
        .flat_map(|(id, stated)| stated.iter().map(move |figure| (id, figure)))
        .filter(|(id, figure)| wanted(id, figure))
        .collect();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, figure) in &figures {
        *counts.entry(&figure.formula).or_default() += 1;
    }
    let with_number = figures.iter().filter(|(_, figure)| figure.value.is_some());
    let first = with_number.take(shown).map(|(id, figure)| {
        let inputs = figure.inputs.iter().map(|input| {
            let found = last.figures.get(input).and_then(|stated| stated.first());
            let cell = found.and_then(|found| found.cell.as_ref());
            let place = cell.map(|cell| format!("{} {} of {}", cell.dataflow, cell.position, cell.vintage));
            json!({ "id": input, "value": found.and_then(|found| found.value), "cell": place,
                    "formula": found.map(|found| found.formula.as_str()).filter(|formula| !formula.is_empty()) })
        });
        json!({ "id": id, "value": figure.value, "formula": figure.formula, "parameters": figure.parameters,
                "inputs": inputs.collect::<Vec<_>>() })
    });
    let reports: Vec<String> = last.reports.iter().map(|folder| folder.display().to_string()).collect();
    json!({ "reports": reports, "computed": figures.len(), "by_formula": counts, "first": first.collect::<Vec<_>>() })
}

fn object(fields: &[(&str, Json)]) -> Map<String, Json> {
    fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
}

/// A name and a value a line; what there is none of is left out.
fn text(object: &Map<String, Json>) -> String {
    let mut lines = String::new();
    for (name, value) in object.iter().filter(|(name, _)| *name != "last_run") {
        let heading = name.replace('_', " ");
        for (row, line) in rows(value).into_iter().enumerate() {
            lines.push_str(&format!("{:<20}{line}\n", if row == 0 { heading.as_str() } else { "" }));
        }
    }
    if let Some(run) = object.get("last_run") {
        lines.push_str(&run_text(run));
    }
    lines
}

fn rows(value: &Json) -> Vec<String> {
    match value {
        Json::Null => Vec::new(),
        Json::String(text) if text.is_empty() => Vec::new(),
        Json::String(text) => vec![text.clone()],
        Json::Array(entries) if entries.iter().all(Json::is_object) => {
            let cell = |(name, value): (&String, &Json)| match value {
                Json::Bool(yes) => match (name.as_str(), yes) {
                    ("required", false) => "may be missing".into(),
                    (name, true) => name.to_owned(),
                    _ => String::new(),
                },
                Json::String(text) if name == "default" && !text.is_empty() => format!("default {text}"),
                Json::Null | Json::Number(_) | Json::String(_) | Json::Array(_) | Json::Object(_) => plain(value),
            };
            let rows: Vec<Vec<String>> =
                entries.iter().filter_map(Json::as_object).map(|entry| entry.iter().map(cell).collect()).collect();
            aligned(&rows).lines().map(|line| line.trim_end().to_owned()).collect()
        }
        Json::Array(entries) => entries.iter().map(plain).collect(),
        Json::Bool(_) | Json::Number(_) | Json::Object(_) => vec![plain(value)],
    }
}

/// In text a number has twelve digits: the noise of binary arithmetic says nothing.
fn plain(value: &Json) -> String {
    match value {
        Json::Null => String::new(),
        Json::String(text) => text.clone(),
        Json::Number(number) => number.as_f64().map_or_else(|| number.to_string(), compose::tidy_number),
        Json::Bool(_) | Json::Array(_) | Json::Object(_) => value.to_string(),
    }
}

fn run_text(run: &Json) -> String {
    let reports: Vec<String> = run["reports"].as_array().into_iter().flatten().map(plain).collect();
    let Some(report) = reports.first() else {
        return format!("{:<20}no report here yet: baseline run --region R\n", "last run");
    };
    let more = if reports.len() > 1 { format!(" and {} more", reports.len() - 1) } else { String::new() };
    let mut lines = format!("{:<20}{report}{more}\n", "last run");
    for table in run["tables"].as_array().into_iter().flatten() {
        lines.push_str(&format!(
            "  table             {} of {}: {} figures, {}\n",
            plain(&table["table"]),
            plain(&table["vintage"]),
            table["figures"],
            plain(&table["periods"])
        ));
    }
    let counts: Vec<String> =
        run["by_formula"].as_object().into_iter().flatten().map(|(formula, count)| format!("{formula} {count}")).collect();
    let counts = if counts.is_empty() { String::new() } else { format!(" ({})", counts.join(", ")) };
    lines.push_str(&format!("  computed figures  {}{counts}\n", run["computed"]));
    for figure in run["first"].as_array().into_iter().flatten() {
        let with: Vec<String> = figure["parameters"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, value)| format!("{name} = {}", plain(value)))
            .collect();
        let with = if with.is_empty() { String::new() } else { format!(" with {}", with.join(", ")) };
        lines.push_str(&format!(
            "  {} = {}  {}{with}\n",
            plain(&figure["id"]),
            plain(&figure["value"]),
            plain(&figure["formula"])
        ));
        let inputs: Vec<&Json> = figure["inputs"].as_array().into_iter().flatten().collect();
        for input in inputs.iter().take(INPUTS) {
            let from = if input["cell"].is_null() { plain(&input["formula"]) } else { plain(&input["cell"]) };
            lines.push_str(&format!("    {} = {}  {from}\n", plain(&input["id"]), plain(&input["value"])));
        }
        if inputs.len() > INPUTS {
            lines.push_str(&format!("    and {} more\n", inputs.len() - INPUTS));
        }
    }
    lines
}
