//! `show` and `why`: figures in the terminal, and the walk from a figure to its cell.

use std::path::Path;

use baseline_model::Observation;
use baseline_model::definitions::{Indicator, resolve};
use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

use super::{CliError, Console, Exit};
use crate::compare;
use crate::compose::{self, Context};
use crate::load;
use crate::reconcile;
use crate::run;
use crate::store::Store;

/// Computes a study and hands the context to `then`.
pub fn with_context<T>(
    workspace: &Path,
    (study, lang): (&str, &str),
    then: impl FnOnce(&Context<'_>) -> Result<T, CliError>,
) -> Result<T, CliError> {
    let loaded = load::definitions(workspace)?;
    let definitions = &loaded.definitions;
    let study_id = resolve::study(definitions, study)?;
    let store = Store::open(workspace)?;
    let study = definitions.studies.get(&study_id).expect("resolve names studies that are defined");
    let inputs = run::find(definitions, study, &store)?;
    let computed = run::compute(definitions, &study_id, study, &inputs)?;
    let context = computed.context(lang).ok_or_else(|| CliError::Usage {
        message: format!("no language `{lang}`"),
        hint: format!("there is {}", definitions.languages.keys().cloned().collect::<Vec<_>>().join(", ")),
    })?;
    then(&context)
}

pub fn show(workspace: &Path, indicator: &str, place: (&str, &str), json: bool, console: &Console) -> Result<Exit, CliError> {
    with_context(workspace, place, |context| {
        let id = resolve::indicator(context.definitions, indicator)?;
        let Some(indicator) = context.indicator(&id) else { return Ok(Exit::Usage) };
        let units: Vec<&String> = context.study.territories.iter().chain(context.study.benchmarks.keys()).collect();
        if json {
            let scope = context.study.territories.clone();
            let rows = compose::observations(context, &scope).into_iter().filter(|observation| observation.indicator == id);
            Console::bytes(&compose::observations_json(&rows.collect::<Vec<_>>()))?;
            return Ok(Exit::Done);
        }
        let mut table = Table::new();
        table.load_style(presets::UTF8_HORIZONTAL_ONLY).set_content_arrangement(ContentArrangement::Dynamic);
        let groups = Context::groups(indicator.1);
        let mut header = vec!["territory".to_owned(), "region".into(), "grade".into(), "period".into()];
        header.extend(groups.iter().map(|origin| context.origin(*origin)));
        if indicator.1.gap.is_some() {
            header.extend(["gap, pp".to_owned(), "odds ratio".into()]);
        }
        table.set_header(header);
        for unit in units {
            table.add_row(row(context, indicator, unit));
        }
        for column in table.column_iter_mut().skip(4) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        let name = context.indicator_name(indicator);
        let unit = context.unit(indicator.1.unit);
        let legend = "grade: A own, B NUTS 3, C NUTS 2, D country; [ ] status of the source; (-n y) carried forward";
        console.text(&format!("{name}, {unit}\n{}.\n{table}\n{legend}\n", context.language.phrase(&indicator.1.universe)))?;
        Ok(Exit::Done)
    })
}

fn row(context: &Context<'_>, indicator: (&str, &Indicator), unit: &str) -> Vec<String> {
    let values: Vec<Observation> =
        Context::groups(indicator.1).into_iter().filter_map(|origin| context.value(indicator, unit, origin)).collect();
    let printed = |value: &Observation, decimals: u8| {
        let number = context.bare(value, decimals);
        let flags: String = number.flags.letters().map(|letter| format!("[{letter}]")).collect();
        let carried = if number.carried_years > 0 { format!(" (-{} y)", number.carried_years) } else { String::new() };
        format!("{} {flags}{carried}", number.text).trim().to_owned()
    };
    let Some(first) = values.first() else { return vec![context.unit_name(unit)] };
    let benchmark = context.territory(unit).is_none();
    let mut cells = vec![context.unit_name(unit), first.geo.code.clone()];
    cells.push(if benchmark { String::new() } else { first.grade.to_string() });
    cells.push(first.period.to_string());
    cells.extend(values.iter().map(|value| printed(value, indicator.1.decimals)));
    if let Some(gap) = context.gap(indicator, unit) {
        cells.push(if gap.points.value.number().is_some() { context.bare_signed(&gap.points, 1).text } else { "–".into() });
        cells.push(if gap.odds_ratio.value.number().is_some() { context.bare(&gap.odds_ratio, 2).text } else { "–".into() });
    }
    cells
}

pub fn why(workspace: &Path, figure: &str, region: Option<&str>, place: (&str, &str)) -> Result<Exit, CliError> {
    with_context(workspace, place, |context| {
        let found: Vec<Observation> = match region {
            Some(region) => {
                let territory = resolve::territory(context.definitions, region)?;
                let id = resolve::indicator(context.definitions, figure)?;
                let Some(indicator) = context.indicator(&id) else { return Ok(Exit::Usage) };
                match context.gap(indicator, &territory) {
                    Some(gap) => vec![gap.points],
                    None => own_or_headline(context, indicator, &territory),
                }
            }
            None => figures(context, figure),
        };
        let found = if found.is_empty() && region.is_none() { printed(context, figure) } else { found };
        if found.is_empty() {
            let hint = "ids stand in the HTML report (click a number) and in the id column of observations.csv; or: baseline why INDICATOR --region R";
            return Err(CliError::Usage { message: format!("no figure `{figure}` in this study"), hint: hint.into() });
        }
        for observation in &found {
            let mut text = compose::walk(context, observation).join("\n");
            text.push('\n');
            Console::bytes(text.as_bytes())?;
        }
        Ok(Exit::Done)
    })
}

/// A figure that only comes to be while a report is composed, such as the bars of an age pyramid.
fn printed(context: &Context<'_>, id: &str) -> Vec<Observation> {
    let composed = context.study.territories.iter().map(String::as_str).find_map(|territory| {
        drop(compose::territory_report(context, territory, &[]));
        context.shown.borrow().get(id).cloned()
    });
    let compared = || {
        drop(compose::comparative_report(context, &[]));
        context.shown.borrow().get(id).cloned()
    };
    composed.or_else(compared).into_iter().collect()
}

/// The headline in the common period, or the territory's own latest where the periods have nothing in common.
fn own_or_headline(context: &Context<'_>, indicator: (&str, &Indicator), territory: &str) -> Vec<Observation> {
    let headline =
        context.value(indicator, territory, indicator.1.headline.origin).filter(|value| value.value.number().is_some());
    let latest = || context.series(indicator.0, territory)?.values().rev().find(|value| value.value.number().is_some()).cloned();
    headline.or_else(latest).or_else(|| context.value(indicator, territory, indicator.1.headline.origin)).into_iter().collect()
}

/// The figure under an id: a value, a computed measure, a region's value, a mean, or a statement of another source.
fn figures(context: &Context<'_>, id: &str) -> Vec<Observation> {
    if let Some(observation) = context.figures.find(id) {
        return vec![observation.clone()];
    }
    let computed =
        compose::observations(context, &context.study.territories).into_iter().find(|observation| observation.id.0 == id);
    let mean = || {
        let indicator = context.indicator(id.split('.').next()?)?;
        compare::mean(context.definitions, context.study, context.study_id, context.figures, indicator)
            .filter(|mean| mean.id.0 == id)
    };
    let gap = || {
        let mut parts = id.split('.');
        let indicator = context.indicator(parts.next()?)?;
        let gap = context.gap(indicator, parts.next()?)?;
        gap.measures().into_iter().find(|measure| measure.id.0 == id).cloned()
    };
    let compared = || {
        let found = reconcile::reconcile(context.definitions, context.study, context.figures).comparisons;
        found.into_iter().flat_map(|one| [one.difference, one.other]).find(|observation| observation.id.0 == id)
    };
    computed.or_else(mean).or_else(gap).or_else(compared).into_iter().collect()
}
