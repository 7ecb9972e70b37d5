//! `list`, `check`, `plan` and `doctor`: what is there, without changing it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use baseline_model::Severity;
use baseline_model::definitions::Definitions;
use baseline_source::protocol::{Ask, Request, Sizes, protocol};
use serde_json::{Value as Json, json};

use super::args::{Target, What};
use super::{CliError, Console, Exit, languages, plan_of};
use crate::load::{self, EMBEDDED};
use crate::run::{self, Staleness, Stored};
use crate::store::Store;

pub fn check(workspace: &Path, json: bool, console: &Console) -> Result<Exit, CliError> {
    let loaded = load::definitions(workspace)?;
    load::templates(workspace)?;
    let definitions = &loaded.definitions;
    let local: Vec<&str> = loaded.files.iter().filter(|file| file.from != EMBEDDED).map(|file| file.path.as_str()).collect();
    if json {
        Console::json(&json!({ "files": loaded.files.len(), "local": local, "hash": loaded.hash }))?;
        return Ok(Exit::Done);
    }
    let mut text = format!(
        "definitions are sound: {} sources, {} dataflows, {} indicators, {} territories, {} studies, {} languages\n",
        definitions.sources.len(),
        definitions.dataflows.len(),
        definitions.indicators.len(),
        definitions.territories.len(),
        definitions.studies.len(),
        definitions.languages.len(),
    );
    let shipped = loaded.files.len() - local.len();
    text.push_str(&format!("{shipped} files as shipped, {} local", local.len()));
    text.push_str(&if local.is_empty() {
        ".\n".to_owned()
    } else {
        format!(" from {}:\n", workspace.join("pipelines").display())
    });
    for path in local {
        text.push_str(&format!("  {path}\n"));
    }
    console.text(&text)?;
    Ok(Exit::Done)
}

pub fn list(workspace: &Path, what: What, unverified: bool, json: bool) -> Result<Exit, CliError> {
    if unverified && what != What::Languages {
        let message = "--unverified belongs to the languages".into();
        return Err(CliError::Usage { message, hint: "baseline list languages --unverified".into() });
    }
    let loaded = load::definitions(workspace)?;
    let at_hand = if what == What::Indicators { at_hand(&loaded.definitions, workspace)? } else { BTreeMap::new() };
    let rows = if unverified { languages::unverified(&loaded.definitions) } else { rows(&loaded, what, &at_hand) };
    if json {
        let (header, rows) = rows.split_first().map_or((Vec::new(), &[][..]), |(header, rows)| (header.clone(), rows));
        let object = |row: &Vec<String>| -> Json {
            header.iter().cloned().zip(row.iter().map(|cell| Json::from(cell.as_str()))).collect::<serde_json::Map<_, _>>().into()
        };
        Console::json(&rows.iter().map(object).collect::<Vec<_>>())?;
        return Ok(Exit::Done);
    }
    Console::bytes(aligned(&rows).as_bytes())?;
    Ok(Exit::Done)
}

/// Rows as lines whose columns begin below one another.
pub fn aligned(rows: &[Vec<String>]) -> String {
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0);
    let mut text = String::new();
    for row in rows {
        for (column, cell) in row.iter().enumerate() {
            let pad = if column + 1 == row.len() { 0 } else { width(column) + 2 - cell.chars().count() };
            text.push_str(cell);
            text.push_str(&" ".repeat(pad));
        }
        text.push('\n');
    }
    text
}

/// A header and a row an entry.
fn rows(loaded: &load::Loaded, what: What, at_hand: &BTreeMap<String, String>) -> Vec<Vec<String>> {
    let Definitions { sources, dataflows, indicators, territories, studies, .. } = &loaded.definitions;
    let header = |names: &[&str]| vec![names.iter().map(ToString::to_string).collect::<Vec<_>>()];
    let lower = |value: String| value.to_lowercase();
    match what {
        What::Territories => {
            let mut rows = header(&["id", "level", "codes", "kind", "names"]);
            rows.extend(territories.iter().map(|(id, territory)| {
                let rungs = crate::derive::rungs(territory);
                let codes = rungs.iter().filter_map(|rung| rung.codes.first().cloned()).collect::<Vec<_>>().join(" < ");
                let mut names: Vec<_> = territory.names.values().cloned().collect();
                names.dedup();
                let kind = match territory.kind {
                    baseline_model::definitions::TerritoryKind::EstablishedDestination => "established destination",
                    baseline_model::definitions::TerritoryKind::NewArrivalRegion => "new arrival region",
                };
                vec![id.clone(), lower(format!("{:?}", territory.level)), codes, kind.into(), names.join(", ")]
            }));
            rows
        }
        What::Indicators => {
            let mut rows = header(&["id", "unit", "levels", "from", "figures", "name"]);
            rows.extend(indicators.iter().map(|(id, indicator)| {
                let from = if indicator.series.is_empty() {
                    indicator.inputs().map(String::as_str).collect::<Vec<_>>().join(", ")
                } else {
                    let tables: BTreeSet<&str> = indicator.series.iter().map(|series| series.dataflow.as_str()).collect();
                    tables.into_iter().collect::<Vec<_>>().join(", ")
                };
                let unit = serde_json::to_value(indicator.unit)
                    .ok()
                    .and_then(|unit| unit.as_str().map(str::to_owned))
                    .unwrap_or_default();
                let levels: Vec<_> =
                    loaded.definitions.levels(indicator).into_iter().map(|level| lower(format!("{level:?}"))).collect();
                let figures = figures(&loaded.definitions, id, at_hand);
                vec![id.clone(), unit, levels.join(" "), from, figures, indicator.name.clone()]
            }));
            rows
        }
        What::Dataflows => {
            let mut rows = header(&["id", "levels", "title"]);
            rows.extend(dataflows.iter().map(|(id, dataflow)| {
                let levels: Vec<_> = dataflow.levels.iter().map(|level| lower(format!("{level:?}"))).collect();
                vec![id.clone(), levels.join(" "), dataflow.title.clone()]
            }));
            rows
        }
        What::Studies => {
            let mut rows = header(&["id", "territories", "title"]);
            rows.extend(
                studies.iter().map(|(id, study)| vec![id.clone(), study.territories.len().to_string(), study.title.clone()]),
            );
            rows
        }
        What::Sources => {
            let mut rows = header(&["id", "protocol", "licence", "name"]);
            rows.extend(
                sources
                    .iter()
                    .map(|(id, source)| vec![id.clone(), source.protocol.clone(), source.licence.clone(), source.name.clone()]),
            );
            rows
        }
        What::Languages => languages::rows(&loaded.definitions),
        What::Files => {
            let mut rows = header(&["file", "from"]);
            rows.extend(loaded.files.iter().map(|file| vec![file.path.clone(), file.from.clone()]));
            rows
        }
    }
}

/// Indicators that draw on a table themselves and have a number -> how the table came here.
fn at_hand(definitions: &Definitions, workspace: &Path) -> Result<BTreeMap<String, String>, CliError> {
    // Any study will do: it only says which regions are read.
    let Some((_, study)) = definitions.studies.first_key_value() else { return Ok(BTreeMap::new()) };
    let inputs = run::find_all(definitions, study, &Store::open(workspace)?)?;
    let (tidy, _) = run::read(definitions, study, &inputs)?;
    let mut found = BTreeMap::new();
    for (id, indicator) in &definitions.indicators {
        let table = crate::derive::has_number(indicator, &tidy).map_err(run::RunError::from)?;
        if let Some((table, stored)) = table.and_then(|table| inputs.stored.get_key_value(&table)) {
            found.insert(id.clone(), format!("{}: {table}", super::audit::state(stored)));
        }
    }
    Ok(found)
}

/// Whether an indicator has figures, and what would give them when it has none.
fn figures(definitions: &Definitions, id: &str, at_hand: &BTreeMap<String, String>) -> String {
    let Some(indicator) = definitions.indicators.get(id) else { return String::new() };
    if let Some(state) = at_hand.get(id) {
        return state.clone();
    }
    let missing: Vec<&String> =
        indicator.inputs().filter(|input| figures(definitions, input, at_hand).starts_with(NONE_YET)).collect();
    if indicator.derived.is_some() && missing.is_empty() {
        return "computed".to_owned();
    }
    // One of its compositions is enough.
    if let Some(estimate) = &indicator.estimate
        && !missing.contains(&&estimate.rates)
        && estimate.compositions.iter().any(|composition| composition.shares.values().all(|share| !missing.contains(&share)))
    {
        return "estimated".to_owned();
    }
    let mut tables: Vec<&str> = match &indicator.derived {
        Some(_) => missing.iter().flat_map(|input| definitions.tables(input)).collect(),
        None => definitions.tables(id),
    };
    tables.extend(
        definitions.dataflows.iter().filter(|(_, flow)| flow.fills.iter().any(|of| of == id)).map(|(flow, _)| flow.as_str()),
    );
    tables.sort_unstable();
    tables.dedup();
    let why = indicator.awaits.as_ref().map(|awaits| awaits.what.as_str());
    let reasons: Vec<&str> = why.into_iter().chain(tables).collect();
    format!("{NONE_YET}: {}", reasons.join(", "))
}

pub fn plan(workspace: &Path, target: &Target) -> Result<Exit, CliError> {
    let loaded = load::definitions(workspace)?;
    let definitions = &loaded.definitions;
    let plan = plan_of(&loaded, workspace, target)?;
    let study = &definitions.studies[&plan.study];
    let store = Store::open(workspace)?;
    let inputs = run::find(definitions, study, &store)?;
    let reports: Vec<Json> = run::states(&loaded, &plan, &inputs)
        .into_iter()
        .map(|(folder, state)| {
            let state = match state {
                Staleness::UpToDate => "up to date",
                Staleness::ToCheck => "to check",
                Staleness::ToBuild => "to build",
            };
            json!({ "folder": folder, "state": state })
        })
        .collect();
    let mut flows = Vec::new();
    for id in run::dataflows(definitions, study) {
        let source_id = id.split('/').next().unwrap_or_default();
        let at_hand = match inputs.stored.get(&id) {
            Some(Stored::Pulled(vintage)) => format!("pulled {}", vintage.name),
            Some(Stored::Seed(_)) => "shipped".to_owned(),
            None => "nothing".to_owned(),
        };
        let source = definitions.sources.get(source_id);
        let protocol = source.and_then(|source| protocol(&source.protocol));
        let requests: Vec<String> = match (source, protocol, definitions.dataflows.get(&id)) {
            (Some(source), Some(protocol), Some(dataflow)) => {
                let (table, sizes) = (dataflow.table(&id), Sizes::new());
                match protocol.plan(&Ask { source, table, dataflow, sizes: &sizes }) {
                    Ok(requests) => requests.into_iter().map(described).collect(),
                    Err(error) => {
                        return Err(CliError::Usage {
                            message: format!("{id}: {error}"),
                            hint: format!("edit pipelines/dataflows/{id}.toml"),
                        });
                    }
                }
            }
            _ => Vec::new(),
        };
        flows.push(json!({ "dataflow": id, "at_hand": at_hand, "pull": requests }));
    }
    if target.json {
        Console::json(&json!({ "study": plan.study, "reports": reports, "dataflows": flows }))?;
        return Ok(Exit::Done);
    }
    let mut text = format!("study {}\n\nreports\n", plan.study);
    for report in &reports {
        text.push_str(&format!(
            "  {:<11} {}\n",
            report["state"].as_str().unwrap_or_default(),
            report["folder"].as_str().unwrap_or_default()
        ));
    }
    text.push_str("\nfigures at hand, and what `baseline pull` would ask\n");
    for flow in &flows {
        text.push_str(&format!(
            "  {:<34} {}\n",
            flow["dataflow"].as_str().unwrap_or_default(),
            flow["at_hand"].as_str().unwrap_or_default()
        ));
        for request in flow["pull"].as_array().into_iter().flatten() {
            let request = request.as_str().unwrap_or_default();
            text.push_str(&format!("      {}{request}\n", if request.starts_with("POST ") { "" } else { "GET " }));
        }
    }
    Console::bytes(text.as_bytes())?;
    Ok(Exit::Done)
}

/// The address; of a POST also what is sent.
fn described(request: Request) -> String {
    match request.payload {
        None => request.url,
        Some(payload) => format!("POST {} {}", request.url, payload.text),
    }
}

/// Of an indicator without figures, in its list.
const NONE_YET: &str = "none yet";

/// One check of the installation.
struct Check {
    what: &'static str,
    ok: bool,
    said: String,
}

pub fn doctor(workspace: &Path) -> Result<Exit, CliError> {
    let mut checks = Vec::new();
    let mut note = |what, ok, said: String| checks.push(Check { what, ok, said });
    note("program", true, format!("baseline {}, {} threads", env!("CARGO_PKG_VERSION"), rayon::current_num_threads()));
    let loaded = load::definitions(workspace);
    match &loaded {
        Ok(loaded) => {
            let local = loaded.files.iter().filter(|file| file.from != EMBEDDED).count();
            note("definitions", true, format!("{} files, {local} of them local", loaded.files.len()));
        }
        Err(error) => note("definitions", false, format!("{error} (baseline check shows them)")),
    }
    let shipped = load::seed_receipts();
    let unreadable: Vec<_> = shipped.keys().filter(|id| load::seed_bytes(id).is_none()).cloned().collect();
    note("shipped figures", unreadable.is_empty(), format!("{} tables{}", shipped.len(), list_of(" unreadable:", &unreadable)));
    match Store::open(workspace) {
        Ok(store) => {
            if let Ok(loaded) = &loaded {
                for (id, study) in &loaded.definitions.studies {
                    match run::find(&loaded.definitions, study, &store) {
                        Ok(inputs) => {
                            let pulled = inputs.stored.values().filter(|stored| matches!(stored, Stored::Pulled(_))).count();
                            let said = format!(
                                "{id}: {} tables, {pulled} of them pulled{}",
                                inputs.stored.len(),
                                if inputs.nowhere.is_empty() {
                                    String::new()
                                } else {
                                    format!("; {} declared and not yet pulled (baseline list indicators)", inputs.nowhere.len())
                                }
                            );
                            note(
                                "figures of the study",
                                inputs.findings.iter().all(|finding| finding.severity == Severity::Info),
                                said,
                            );
                        }
                        Err(error) => note("figures of the study", false, error.to_string()),
                    }
                }
            }
            let (mut whole, mut damaged) = (0, Vec::new());
            for id in loaded.iter().flat_map(|loaded| loaded.definitions.dataflows.keys()) {
                match store.vintages(id) {
                    Ok((vintages, findings)) => {
                        whole += vintages.len();
                        damaged.extend(findings.into_iter().map(|finding| finding.at));
                    }
                    Err(error) => damaged.push(error.to_string()),
                }
            }
            note("stored vintages", damaged.is_empty(), format!("{whole} whole{}", list_of("; left aside:", &damaged)));
            match crate::store::probe(workspace) {
                Ok(()) => note("workspace", true, format!("{} can be written", workspace.display())),
                Err(error) => note("workspace", false, error.to_string()),
            }
        }
        Err(error) => note("workspace", false, error.to_string()),
    }
    let text: String = checks
        .iter()
        .map(|check| format!("{} {:<22} {}\n", if check.ok { "ok  " } else { "FAIL" }, check.what, check.said))
        .collect();
    Console::bytes(text.as_bytes())?;
    Ok(if checks.iter().all(|check| check.ok) { Exit::Done } else { Exit::Findings })
}

fn list_of(before: &str, items: &[String]) -> String {
    if items.is_empty() { String::new() } else { format!("{before} {}", items.join(", ")) }
}
