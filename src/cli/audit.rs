//! `check --data`: every table at hand, and where two sources state one fact differently.

use std::path::Path;

use baseline_model::definitions::{Definitions, ToleranceUnit, resolve};
use baseline_model::{Finding, Observation, Severity};
use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use serde_json::{Value as Json, json};

use super::{CliError, Console, Exit};
use crate::compare;
use crate::load;
use crate::reconcile::{self, Comparison, Kind, Pair, Reconciliation, Verdict};
use crate::run::{self, Computed, Stored};
use crate::store::Store;

pub fn check(workspace: &Path, study: &str, json: bool, console: &Console) -> Result<Exit, CliError> {
    let loaded = load::definitions(workspace)?;
    let definitions = &loaded.definitions;
    let study_id = resolve::study(definitions, study)?;
    let store = Store::open(workspace)?;
    let study = definitions.studies.get(&study_id).expect("resolve names studies that are defined");
    let inputs = run::find_all(definitions, study, &store)?;
    let computed = run::compute(definitions, &study_id, study, &inputs)?;
    let mut computed = computed;
    computed.findings.extend(compare::outside(definitions, study, &computed.figures));
    let mut found = reconcile::reconcile(definitions, study, &computed.figures);
    if let Some(earlier) = run::earlier(&inputs, &store)? {
        let before = run::compute(definitions, &study_id, study, &earlier)?;
        found.comparisons.extend(reconcile::revisions(definitions, study, &before.figures, &computed.figures));
    }
    let failed = found.is_open() || computed.findings.iter().any(|finding| finding.severity == Severity::Error);
    if json {
        Console::json(&in_json(&inputs.stored, &computed, &found))?;
    } else {
        console.text(&tables(&inputs.stored, &computed))?;
        console.text(&differences(definitions, &found))?;
        console.text(&pairs(&found.pairs))?;
    }
    console.findings(&computed.findings, Severity::Warning);
    Ok(if failed { Exit::Findings } else { Exit::Done })
}

/// How a table came here.
pub fn state(stored: &Stored) -> String {
    match stored {
        Stored::Pulled(vintage) if vintage.receipt.kind == "import" => format!("imported {}", vintage.name),
        Stored::Pulled(vintage) => format!("pulled {}", vintage.name),
        Stored::Seed(_) => "shipped".to_owned(),
    }
}

/// Cells, and those of them without a number.
fn cells(computed: &Computed<'_>, id: &str) -> (usize, usize) {
    let values = computed.tidy.get(id).map_or(&[][..], |tidy| &tidy.table.value);
    (values.len(), values.iter().filter(|value| value.is_none()).count())
}

fn about<'f>(computed: &'f Computed<'_>, id: &str) -> Vec<&'f Finding> {
    computed.findings.iter().filter(|finding| finding.at.starts_with(id)).collect()
}

fn empty_table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_HORIZONTAL_ONLY)
        .set_width(150)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(header);
    table
}

fn tables(stored: &std::collections::BTreeMap<String, Stored>, computed: &Computed<'_>) -> String {
    let mut table = empty_table(&["table", "at hand", "cells", "without a number", "findings"]);
    for (id, state_of) in stored {
        let (all, without) = cells(computed, id);
        let findings = about(computed, id).len();
        table.add_row([id.clone(), state(state_of), all.to_string(), without.to_string(), findings.to_string()]);
    }
    for column in table.column_iter_mut().skip(2) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    format!("tables at hand\n{table}\n")
}

/// What is beyond its tolerance, the unexplained first.
fn differences(definitions: &Definitions, found: &Reconciliation) -> String {
    let mut beyond: Vec<&Comparison> = found.comparisons.iter().filter(|one| one.verdict != Verdict::Agrees).collect();
    if beyond.is_empty() {
        return format!("\nno two sources disagree ({} facts held against one another)\n", found.comparisons.len());
    }
    beyond.sort_by(|a, b| (b.verdict, &a.difference.id).cmp(&(a.verdict, &b.difference.id)));
    let mut table = empty_table(&["", "fact", "used", "other", "difference", "reason"]);
    for one in &beyond {
        let decimals = definitions.indicators.get(&one.used.indicator).map_or(1, |indicator| usize::from(indicator.decimals));
        let who = format!(
            "{} · {} · {} {} {} · {}",
            one.used.indicator,
            one.territory.as_deref().unwrap_or(&one.used.geo.code),
            one.used.origin.code(),
            one.used.sex,
            one.used.age,
            one.used.period
        );
        table.add_row([
            one.verdict.code().to_owned(),
            who,
            stated(&one.used, decimals),
            stated(&one.other, decimals),
            format!("{} (tolerance {})", number(&one.difference, decimals), tolerance(one)),
            reason(one),
        ]);
    }
    let open = beyond.iter().filter(|one| one.verdict == Verdict::Open).count();
    format!("\nbeyond tolerance: {} of {} facts, {open} without a reason\n{table}\n", beyond.len(), found.comparisons.len())
}

fn number(observation: &Observation, decimals: usize) -> String {
    observation.value.number().map_or_else(|| "–".to_owned(), |number| format!("{number:.decimals$}"))
}

/// The number, its flags, and the cell.
fn stated(observation: &Observation, decimals: usize) -> String {
    let flags: String = observation.obs_status.letters().map(|letter| format!(" [{letter}]")).collect();
    let table = format!("{}/{}", observation.source, observation.dataflow);
    format!("{}{flags}\n{table}\n{} {}", number(observation, decimals), observation.vintage(), observation.position())
}

fn tolerance(one: &Comparison) -> String {
    match one.unit {
        ToleranceUnit::Pp => format!("{} pp", one.tolerance),
        ToleranceUnit::Percent => format!("{} %", one.tolerance),
        ToleranceUnit::Own => one.tolerance.to_string(),
    }
}

fn reason(one: &Comparison) -> String {
    match (one.kind, one.reason) {
        (Kind::Vintage, _) => "same table, another vintage".to_owned(),
        (_, Some(reason)) if one.verdict == Verdict::Open => {
            format!("larger than `{}` explains: {}", reason.code(), one.note)
        }
        (_, Some(reason)) => format!("{}: {}", reason.code(), one.note),
        (Kind::Series, None) => "another series of the same indicator; none declared".to_owned(),
        (Kind::Declared, None) => "none declared".to_owned(),
    }
}

fn pairs(pairs: &[Pair]) -> String {
    if pairs.is_empty() {
        return String::new();
    }
    let mut table = empty_table(&["indicator", "held against", "agree", "explained", "open"]);
    for pair in pairs {
        let mut row = vec![pair.indicator.clone(), pair.other.clone()];
        if pair.agree + pair.explained + pair.open == 0 {
            row.push("no fact in common".to_owned());
        } else {
            row.extend([pair.agree, pair.explained, pair.open].map(|count| count.to_string()));
        }
        table.add_row(row);
    }
    format!("\ndeclared pairs\n{table}\n")
}

fn in_json(stored: &std::collections::BTreeMap<String, Stored>, computed: &Computed<'_>, found: &Reconciliation) -> Json {
    let tables: Vec<Json> = stored
        .iter()
        .map(|(id, state_of)| {
            let (all, without) = cells(computed, id);
            json!({ "dataflow": id, "at_hand": state(state_of), "cells": all, "without_number": without,
                    "findings": about(computed, id) })
        })
        .collect();
    let side = |observation: &Observation| {
        json!({ "id": observation.id, "indicator": observation.indicator, "geo": observation.geo.code,
                "value": observation.value.number(), "obs_status": observation.obs_status.to_string(),
                "grade": observation.grade, "table": format!("{}/{}", observation.source, observation.dataflow),
                "vintage": observation.vintage(), "position": observation.position() })
    };
    let comparisons: Vec<Json> = found
        .comparisons
        .iter()
        .map(|one| {
            json!({ "verdict": one.verdict.code(), "kind": one.kind.code(), "territory": one.territory,
                    "origin": one.used.origin.code(), "sex": one.used.sex, "age": one.used.age,
                    "period": one.used.period.to_string(), "used": side(&one.used), "other": side(&one.other),
                    "difference": one.difference.value.number(), "tolerance": one.tolerance, "unit": one.unit,
                    "reason": one.reason, "note": one.note })
        })
        .collect();
    let pairs: Vec<Json> = found
        .pairs
        .iter()
        .map(|pair| {
            json!({ "indicator": pair.indicator, "other": pair.other, "agree": pair.agree, "explained": pair.explained,
                    "open": pair.open })
        })
        .collect();
    json!({ "tables": tables, "pairs": pairs, "comparisons": comparisons })
}
