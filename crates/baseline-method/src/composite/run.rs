//! `baseline compute composite`: raw numbers to an index, with every step in between.

use std::collections::BTreeMap;

use baseline_model::Finding;
use baseline_model::definitions::{Direction, nearest};

use super::structure::{Indicator, Plan, flat, read};
use super::table::{long_table, wide_table};
use super::{Composed, Rules, Track, compose};
use crate::Fault;
use crate::impute::{Filling, How, Known, fill, years_of};
use crate::inputs::{self, Wide};
use crate::method::{Answer, Cell, Column, Given, Method, Param};
use crate::normalise::scaling::{Knobs, Scaling};
use crate::normalise::{clip_note, direction_of, treated};

pub const METHOD: Method = Method {
    id: "composite",
    about: "A composite index from raw numbers: gaps filled as declared, one scale, weights level by level, ranks",
    formula: &[
        "fill: none; carry = last known year before, else the first after; interpolate = linearly between known years, else carry",
        "score = scale × the normalisation (see the method normalise); goalposts: clip((x − worst)/(best − worst), 0, 1)",
        "arithmetic = Σ w x / Σ w; geometric = exp(Σ w ln x / Σ w), over the scores that are there",
        "available = scores that are there / indicators, for each dimension; below `availability` it has no score",
        "a unit without a score in one of its dimensions has no index",
        "rank = 1 for the highest index, within each year",
    ],
    sources: &[
        "OECD/JRC, Handbook on Constructing Composite Indicators (2008), steps 3, 5 and 6",
        "Cedefop, European Skills Index 2024: goalposts, levels, rule for missing data",
        "Becker et al., COINr (2022): availability before aggregation",
        "the example is made up",
    ],
    assumptions: &[
        "weights in an arithmetic mean are rates of exchange between indicators, not their importance",
        "a missing score's weight goes to the others of its group in proportion",
        "an index is no headline: it is shown with the interval that the method monte-carlo gives",
    ],
    columns: &[Column {
        name: "*",
        required: false,
        about: "the first column (columns of texts, and the year) name the row, the others are indicators",
    }],
    params: &[
        Param {
            name: "structure",
            default: "",
            file: true,
            about: "a row an indicator: indicator, worst and best (or lower, upper) and direction, perhaps fill; a column a level of \
                    groups (as sub_pillar, pillar) with weights in weight_in_<group>, <group>_weight_in_<next>; at the end of the name \
                    _geometric or _arithmetic says the rule",
        },
        inputs::WEIGHTS,
        inputs::SCHEME,
        Param {
            name: "goalposts",
            default: "",
            file: true,
            about: "columns indicator and worst,best, or lower,upper and perhaps direction; also log10(901) or ln(901)",
        },
        Param {
            name: "normalisation",
            default: "",
            file: false,
            about: "goalposts, minmax, zscore, rank, percentile_handbook, percentile_coinr, ratio_to_mean, ratio_to_best, \
                    ratio_to_worst, reldiff_to_mean, reldiff_to_best, reldiff_to_worst, above_below, categorical, or raw (none); without it \
                    goalposts where given, else minmax",
        },
        Param {
            name: "aggregation",
            default: "",
            file: false,
            about: "arithmetic or geometric, for all levels or one for each from the indicators up (a,a,g in full words); without it as \
                    the structure says, else arithmetic, and geometric across dimensions",
        },
        Param { name: "levels", default: "", file: false, about: "the group columns of the structure, finest first, as a;b" },
        Param {
            name: "fill",
            default: "none",
            file: false,
            about: "none, carry or interpolate: gaps in a unit's years, where nothing else is said",
        },
        Param {
            name: "interpolate",
            default: "",
            file: false,
            about: "indicators (surveys held in waves) to interpolate, as a;b, or all",
        },
        Param {
            name: "availability",
            default: "0.65",
            file: false,
            about: "least share of a dimension's indicators that must be there, 0 to 1",
        },
        Param {
            name: "floor",
            default: "",
            file: false,
            about: "scores below are raised to it before a geometric mean; without it they are refused",
        },
        Param { name: "treat", default: "none", file: false, about: "none, or coinr: outliers are drawn in before scaling" },
        Param { name: "scale", default: "100", file: false, about: "the top of goalposts, minmax and percentile_coinr" },
        inputs::RESCALE,
        inputs::LOWER,
        inputs::INDICATORS,
        Param {
            name: "layout",
            default: "wide",
            file: false,
            about: "wide: a row a unit, a column a score; long: a row a score, with raw number, filling, weight",
        },
        inputs::ID,
        inputs::TIME,
    ],
    example: (
        include_str!("../../examples/composite.csv"),
        &[("structure", "composite.structure.csv"), ("interpolate", "attainment"), ("layout", "long")],
    ),
    compute,
};

const WORDS: [&str; 15] = [
    "goalposts",
    "minmax",
    "zscore",
    "rank",
    "percentile_handbook",
    "percentile_coinr",
    "ratio_to_mean",
    "ratio_to_best",
    "ratio_to_worst",
    "reldiff_to_mean",
    "reldiff_to_best",
    "reldiff_to_worst",
    "above_below",
    "categorical",
    "raw",
];

fn compute(given: &Given<'_>) -> Result<Answer, Fault> {
    let (plan, wide) = planned(given)?;
    let mut notes = plan.notes.clone();
    let names: Vec<&str> = plan.indicators.iter().map(|indicator| indicator.name.as_str()).collect();
    let lower = inputs::names(given.param("lower_is_better"), &names, "--param lower_is_better")?;
    let interpolate = inputs::names(given.param("interpolate"), &names, "--param interpolate")?;
    let otherwise = Filling::parse(given.choice("fill", &Filling::WORDS)?).unwrap_or(Filling::None);
    let word = normalisation(given, &plan)?;
    let scale = positive(given, "scale")?.unwrap_or(100.0);
    let treats = given.choice("treat", &["none", "coinr"])? == "coinr";
    let rules = Rules { availability: availability(given)?, floor: positive(given, "floor")? };
    let long = given.choice("layout", &["wide", "long"])? == "long";

    let mut tracks = Vec::new();
    for indicator in &plan.indicators {
        let name = indicator.name.as_str();
        let direction = direction_of(name, lower.contains(&name), indicator.direction)?;
        let rule = if interpolate.contains(&name) { Filling::Interpolate } else { indicator.filling.unwrap_or(otherwise) };
        tracks.push(track(given, &wide, indicator, direction, rule, (word, scale, treats), &mut notes)?);
    }

    let mut composed = Vec::new();
    let mut floored = 0;
    for row in 0..wide.keys.len() {
        let scores: Vec<Option<f64>> = tracks.iter().map(|track| track.scores[row].map(|score| score.score)).collect();
        let unit = compose(&scores, &plan.structure, rules).map_err(|fault| fault.within(&wide.row(row)))?;
        floored += unit.floored;
        composed.push(unit);
    }
    notes.extend(refusals(&plan, &wide, &composed, rules.availability));
    if floored > 0 {
        let message =
            format!("{floored} scores below {} were raised to it before a geometric mean", rules.floor.unwrap_or_default());
        notes.push(
            Finding::warning("scores-floored", "composite", message)
                .hint("a floor lifts the lowest: try another, or another rule"),
        );
    }
    let mut answer =
        if long { long_table(&plan, &wide, &tracks, &composed) } else { wide_table(&plan, &wide, &tracks, &composed) };
    let rules_used: Vec<&str> = plan.structure.levels.iter().map(|level| level.aggregation.word()).collect();
    answer.facts.extend([
        ("indicators", Cell::whole(Some(names.len()))),
        ("units", Cell::whole(Some(wide.keys.len()))),
        ("with_index", Cell::whole(Some(composed.iter().filter(|unit| unit.index().is_some()).count()))),
        ("normalisation", Cell::from(word)),
        ("aggregation", Cell::Text(rules_used.join(","))),
        ("availability", Cell::Number(rules.availability)),
    ]);
    answer.notes = notes;
    Ok(answer)
}

/// The plan by the files that are given, and the table's columns for it.
pub(crate) fn planned<'a>(given: &Given<'a>) -> Result<(Plan, Wide<'a>), Fault> {
    let columns: Vec<&str> = given.sheet.columns.iter().map(String::as_str).collect();
    let chosen = inputs::names(given.param("indicators"), &columns, "--param indicators")?;
    let (mut plan, wide) = match (given.files.get("structure"), given.files.get("weights")) {
        (Some(_), Some(_)) => {
            let hint = "the structure has the weights: leave one of the two out";
            return Err(Fault::shape("--param weights", "either a structure or weights", "both", hint));
        }
        (Some(file), None) => {
            if !chosen.is_empty() {
                let hint = "the structure names the indicators: take a row out of it, with weights that sum";
                return Err(Fault::shape("--param indicators", "none beside a structure", given.param("indicators"), hint));
            }
            let mut plan = read(given, file)?;
            if let Some(posts) = given.files.get("goalposts").map(inputs::posts).transpose()? {
                for indicator in plan.indicators.iter_mut().filter(|indicator| indicator.goalposts.is_none()) {
                    let post = posts.get(&indicator.name);
                    indicator.goalposts = post.and_then(|post| post.goalposts);
                    indicator.direction = indicator.direction.or(post.and_then(|post| post.direction));
                }
            }
            let wanted: Vec<&str> = plan.indicators.iter().map(|indicator| indicator.name.as_str()).collect();
            for name in &wanted {
                if !columns.contains(name) {
                    let hint = nearest(name, columns.iter().copied()).map_or_else(
                        || "add the column, or take the row out of the structure".to_owned(),
                        |close| format!("did you mean `{close}`?"),
                    );
                    return Err(Fault::shape(&given.sheet.name, format!("a column `{name}`"), columns.join("; "), hint));
                }
            }
            let wide = inputs::wide_of(given, &wanted)?;
            (plan, wide)
        }
        (None, weights) => {
            let named = match weights {
                Some(file) if chosen.is_empty() => inputs::weighted(file, given.param("scheme"))?,
                Some(_) | None => chosen,
            };
            let wide = inputs::wide_of(given, &named)?;
            let names: Vec<&str> = wide.indicators.iter().map(|(name, _)| *name).collect();
            (flat(given, &names)?, wide)
        }
    };
    let used = |column: &&str| wide.ids.contains(column) || plan.indicators.iter().any(|indicator| indicator.name == *column);
    let idle: Vec<&str> = columns.iter().copied().filter(|column| !used(column)).collect();
    if !idle.is_empty() {
        plan.notes.push(Finding::info("columns-not-used", &given.sheet.name, format!("not used: {}", idle.join("; "))));
    }
    Ok((plan, wide))
}

/// One indicator: filled, treated, scaled.
fn track(
    given: &Given<'_>,
    wide: &Wide<'_>,
    indicator: &Indicator,
    direction: Direction,
    rule: Filling,
    (word, scale, treats): (&str, f64, bool),
    notes: &mut Vec<Finding>,
) -> Result<Track, Fault> {
    let name = indicator.name.as_str();
    let column = wide.indicators.iter().find(|(column, _)| *column == name);
    let raw = column.map(|(_, values)| values.clone()).unwrap_or_default();
    let known = filled(given, wide, name, &raw, rule)?;
    let gaps = known.iter().filter(|known| known.is_none()).count();
    if gaps > 0 {
        let hint = if rule == Filling::None {
            "--param fill=carry, --param interpolate=NAMES, or a column `fill` of the structure fills gaps"
        } else {
            ""
        };
        let message = format!("missing: {gaps} of {}; their weight goes to the others of the group", known.len());
        notes.push(Finding::info("values-missing", format!("column {name}"), message).hint(hint));
    }
    let made = known.iter().flatten().filter(|known| known.how != How::Given).count();
    if made > 0 {
        let message = format!("numbers of other years, by the declared rule: {made} of {}", known.len());
        notes.push(Finding::info("values-filled", format!("column {name}"), message).hint("--param layout=long names the years"));
    }
    let values: Vec<Option<f64>> = known.iter().map(|known| known.map(|known| known.value)).collect();
    let (values, treatment) = treated(name, &values, treats)?;
    notes.extend(treatment);
    let knobs = Knobs { goalposts: indicator.goalposts, ..Knobs::default() };
    let scaling = Scaling::of(word, &knobs).ok_or_else(|| {
        let hint = "give its goalposts, or --param normalisation=minmax";
        Fault::shape(format!("column {name}"), "goalposts", "none", hint)
    })?;
    let mut scores = scaling.apply(&values, direction).map_err(|fault| fault.within(&format!("column {name}, {word}")))?;
    if scaling.is_unit_scale() {
        scores.iter_mut().flatten().for_each(|score| score.score *= scale);
    }
    notes.extend(clip_note(name, &scores, &|row| wide.row(row)));
    Ok(Track { raw, known, scores })
}

/// The numbers of one indicator with gaps filled within each unit, over its years.
pub(crate) fn filled(
    given: &Given<'_>,
    wide: &Wide<'_>,
    name: &str,
    raw: &[Option<f64>],
    rule: Filling,
) -> Result<Vec<Option<Known>>, Fault> {
    let as_given = |value: &Option<f64>| value.map(|value| Known { value, how: How::Given });
    if rule == Filling::None {
        return Ok(raw.iter().map(as_given).collect());
    }
    let time = wide.time.ok_or_else(|| {
        let hint = "--param time=COLUMN names it; --param fill=none leaves gaps";
        Fault::shape(&given.sheet.name, "a column of years, to fill gaps", given.sheet.columns.join(", "), hint)
    })?;
    let years = years_of(given.sheet, wide.ids[time])?;
    let mut units: BTreeMap<Vec<&str>, Vec<usize>> = BTreeMap::new();
    for (row, key) in wide.keys.iter().enumerate() {
        let unit = key.iter().enumerate().filter(|(place, _)| *place != time).map(|(_, text)| *text).collect();
        units.entry(unit).or_default().push(row);
    }
    let mut known = vec![None; raw.len()];
    for rows in units.values() {
        let (of_unit, values): (Vec<i32>, Vec<Option<f64>>) = rows.iter().map(|row| (years[*row], raw[*row])).unzip();
        let series =
            fill(&of_unit, &values, rule).map_err(|fault| fault.within(&format!("column {name}, {}", wide.row(rows[0]))))?;
        for (row, value) in rows.iter().zip(series) {
            known[*row] = value;
        }
    }
    Ok(known)
}

fn normalisation(given: &Given<'_>, plan: &Plan) -> Result<&'static str, Fault> {
    match given.param("normalisation") {
        "" => {}
        "none" => return Ok("raw"),
        _ => return given.choice("normalisation", &WORDS),
    }
    Ok(if plan.indicators.iter().any(|indicator| indicator.goalposts.is_some()) { "goalposts" } else { "minmax" })
}

fn positive(given: &Given<'_>, name: &str) -> Result<Option<f64>, Fault> {
    match given.number(name)? {
        Some(number) if number <= 0.0 => Err(Fault::number(format!("--param {name}"), "a number above 0", &number)),
        number => Ok(number),
    }
}

fn availability(given: &Given<'_>) -> Result<f64, Fault> {
    let share = given.number("availability")?.unwrap_or(0.65);
    if (0.0..=1.0).contains(&share) {
        Ok(share)
    } else {
        Err(Fault::number("--param availability", "a share from 0 to 1", &share))
    }
}

/// A note for each dimension that some units do not have.
fn refusals(plan: &Plan, wide: &Wide<'_>, composed: &[Composed], least: f64) -> Vec<Finding> {
    let levels = &plan.structure.levels;
    let dimensions = levels.get(levels.len().wrapping_sub(2)).or(levels.last());
    let mut notes = Vec::new();
    for (dimension, name) in dimensions.iter().flat_map(|level| level.groups.iter().enumerate()) {
        let refused = |(row, unit): (usize, &Composed)| {
            let found = unit.refused.iter().find(|(of, ..)| *of == dimension)?;
            Some(format!("{} ({} of {})", wide.row(row), found.1, found.2))
        };
        let units: Vec<String> = composed.iter().enumerate().filter_map(refused).collect();
        if !units.is_empty() {
            let message =
                format!("too few of its indicators are there (bound: {least}), so no score and no index: {}", units.join(", "));
            let mut note = Finding::warning("too-little-available", name, message).hint("--param availability sets the bound");
            note.count = units.len() as u64;
            notes.push(note);
        }
    }
    notes
}
