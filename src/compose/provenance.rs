//! From a printed figure back to the cell: what `why` prints in full and a report carries in short.

use baseline_model::definitions::Unit;
use baseline_model::{Cell, Evidence, Formula, Observation, Parameters, Value};

use super::context::Context;
use crate::derive::Outcome;

/// A few lines for the report: what, whose, from where.
pub fn summary(context: &Context<'_>, observation: &Observation) -> Vec<String> {
    let mut lines = vec![describe(context, observation)];
    lines.extend(whose(context, observation));
    match &observation.evidence {
        Evidence::Cell(cell) => lines.push(cell_line(context, observation, cell)),
        Evidence::Computed { formula, parameters, inputs } => {
            lines.push(context.text("why.formula", &[("formula", &formula_text(context, *formula))]));
            if !parameters.is_empty() {
                lines.push(context.text("why.parameters", &[("parameters", &listed(parameters))]));
            }
            for input in inputs.iter().take(4) {
                lines.push(format!("· {}", describe(context, input)));
                if let Some(cell) = input.cells().first() {
                    lines.push(cell_line(context, input, cell));
                }
            }
            if inputs.len() > 4 {
                lines.push(context.text("why.more_inputs", &[("n", &(inputs.len() - 4).to_string())]));
            }
        }
        Evidence::Nowhere => lines.push(context.word("why.nowhere")),
    }
    lines
}

/// The whole walk, indented by depth: formula, inputs, vintage, request, hash, cell.
pub fn walk(context: &Context<'_>, observation: &Observation) -> Vec<String> {
    let mut lines = Vec::new();
    descend(context, observation, 0, &mut lines);
    lines
}

fn descend(context: &Context<'_>, observation: &Observation, depth: usize, lines: &mut Vec<String>) {
    let indent = "  ".repeat(depth);
    let mut push = |line: String| lines.push(format!("{indent}{line}"));
    push(format!("{}  ({})", describe(context, observation), observation.id));
    for line in whose(context, observation) {
        push(format!("  {line}"));
    }
    match &observation.evidence {
        Evidence::Cell(cell) => {
            let original = cell.original();
            let key = cell.key.iter().map(|(name, code)| format!("{name}={code}")).collect::<Vec<_>>().join(" ");
            push(format!("  table     {}/{}", cell.receipt.source, cell.receipt.dataflow.rsplit('/').next().unwrap_or_default()));
            push(format!("  key       {key} period={}", observation.period));
            if let Some(factor) = factor(context, observation) {
                push(format!("  factor    × {factor}"));
            }
            push(format!("  cell      {} of original {} in receipt", cell.position, cell.original));
            if let Some(original) = original {
                push(format!("  file      {}", original.file));
                let about = [
                    ("request", &original.url),
                    ("sent", &original.sent),
                    ("copy from", &original.found),
                    ("updated", &original.updated),
                ];
                for (name, text) in about {
                    if !text.is_empty() {
                        push(format!("  {name:<9} {text}"));
                    }
                }
                push(format!("  vintage   {}", original.vintage()));
                push(format!("  retrieved {} ({})", original.retrieved, cell.receipt.kind));
                push(format!("  sha256    {} ({} bytes)", original.sha256, original.length));
            }
            push(format!("  licence   {}", cell.receipt.licence));
        }
        Evidence::Computed { formula, parameters, inputs } => {
            push(format!("  formula   {} ({})", formula_text(context, *formula), formula.id()));
            if !parameters.is_empty() {
                push(format!("  with      {}", listed(parameters)));
            }
            for input in inputs {
                descend(context, input, depth + 2, lines);
            }
        }
        Evidence::Nowhere => push(format!("  {}", context.word("why.nowhere"))),
    }
}

/// `Over-qualification rate by citizenship, ages 20–64 · Poland · non-EU citizens · 2024: 46.3 %`. Sex and age stand
/// in it where they are others than the indicator's own, which its name says.
fn describe(context: &Context<'_>, observation: &Observation) -> String {
    let name = context.indicator(&observation.indicator).map_or_else(
        // The composite and the typology are no indicators, but have a name.
        || context.word(&format!("name.{}", observation.indicator)),
        |indicator| context.indicator_name(indicator),
    );
    let decimals = context.indicator(&observation.indicator).map_or(1, |(_, indicator)| usize::from(indicator.decimals));
    let decimals = if observation.unit == Unit::Ratio { 2 } else { decimals };
    let value = match observation.value {
        Value::Number(number) => context.with_unit(&context.language.number(number, decimals), observation.unit),
        Value::Missing(reason) => context.missing(reason),
    };
    let flags = if observation.obs_status.is_empty() { String::new() } else { format!(" [{}]", observation.obs_status) };
    let usual = context
        .indicator(&observation.indicator)
        .is_none_or(|(_, indicator)| indicator.headline.sex == observation.sex && indicator.headline.age == observation.age);
    let all = observation.geo.code == context.study_id;
    let place = if all { context.word("why.all") } else { context.region_name(&observation.geo.code) };
    let who = if usual { String::new() } else { format!(" · {} {}", observation.sex, observation.age) };
    format!("{name} · {} · {}{who} · {}: {value}{flags}", place, context.origin(observation.origin), observation.period)
}

/// The grade in words, with the reasons of the steps that were not taken.
fn whose(context: &Context<'_>, observation: &Observation) -> Vec<String> {
    let mut lines = Vec::new();
    let key = if context.territory(&observation.territory).is_some() {
        format!("grade.{}", observation.grade)
    } else {
        "why.grade_benchmark".to_owned()
    };
    let grade = context.word(&key);
    lines.push(context.text("why.grade", &[("letter", &observation.grade.to_string()), ("grade", &grade)]));
    if observation.carried_years > 0 {
        lines.push(context.text("why.carried", &[("n", &observation.carried_years.to_string())]));
    }
    if let Some(ladder) = context.ladder(&observation.indicator, &observation.territory) {
        for step in ladder.steps.iter().filter(|step| step.outcome != Outcome::Taken) {
            let level = context.word(&format!("level.{:?}", step.level).to_lowercase());
            lines.push(
                context.text("why.step", &[("level", &level), ("code", &step.code), ("reason", &outcome(context, step.outcome))]),
            );
        }
    }
    lines
}

/// Why a step of the ladder was not taken.
pub fn outcome(context: &Context<'_>, outcome: Outcome) -> String {
    match outcome {
        Outcome::Taken => context.word("outcome.taken"),
        Outcome::NotPublished => context.word("outcome.not_published"),
        Outcome::NoRow => context.word("outcome.no_row"),
        Outcome::NoNumber(reason) => context.missing(reason),
        Outcome::NoComposition => context.word("outcome.no_composition"),
        Outcome::NoRates => context.word("outcome.no_rates"),
    }
}

fn cell_line(context: &Context<'_>, observation: &Observation, cell: &Cell) -> String {
    let provider = &cell.receipt.provider;
    let vintage = cell.vintage();
    let file = cell.original().map_or("", |original| original.file.as_str());
    context.text(
        "why.cell",
        &[
            ("provider", provider),
            ("dataflow", &observation.dataflow),
            ("vintage", &vintage),
            ("file", file),
            ("position", &cell.position),
        ],
    )
}

/// What the source's number was multiplied with, when it was.
pub fn factor(context: &Context<'_>, observation: &Observation) -> Option<f64> {
    let dataflow = format!("{}/{}", observation.source, observation.dataflow);
    let (_, indicator) = context.indicator(&observation.indicator)?;
    indicator.series.iter().filter(|series| series.dataflow == dataflow).find_map(|series| series.factor)
}

/// `direction = lower_is_better, sign = 1`.
fn listed(parameters: &Parameters) -> String {
    parameters.iter().map(|(name, value)| format!("{name} = {value}")).collect::<Vec<_>>().join(", ")
}

/// A formula in words.
pub fn formula_text(context: &Context<'_>, formula: Formula) -> String {
    context.word(match formula {
        Formula::Ratio => "formula.ratio",
        Formula::Share => "formula.share",
        Formula::PerThousand => "formula.per_thousand",
        Formula::Sum => "formula.sum",
        Formula::GapPp => "formula.gap_pp",
        Formula::OddsRatio => "formula.odds_ratio",
        Formula::Difference => "formula.difference",
        Formula::Change => "formula.change",
        Formula::Position => "formula.position",
        Formula::WeightedMean => "formula.weighted_mean",
        Formula::Interpolation => "formula.interpolation",
        Formula::Synthetic => "formula.synthetic",
        Formula::Conversion => "formula.conversion",
        Formula::GapRatio => "formula.gap_ratio",
        Formula::LogOdds => "formula.log_odds",
        Formula::RelativeGap => "formula.relative_gap",
        Formula::Score => "formula.score",
        Formula::Composite => "formula.composite",
        Formula::MonteCarlo => "formula.monte_carlo",
        Formula::Sobol => "formula.sobol",
        Formula::Arrived => "formula.arrived",
        Formula::AdjustedRand => "formula.adjusted_rand",
    })
}
