//! `monte-carlo`: the analysis as `baseline compute` runs it.

use baseline_model::Finding;

use super::{Design, Events, FLOOR, Outcome, Problem, input, options, parameters, run};
use crate::Fault;
use crate::interval::Side;
use crate::method::{Answer, Cell, Column, Given, Method, Param};

/// Columns of single ranks are given up to so many units.
const FREQUENCIES: usize = 40;

pub const METHOD: Method = Method {
    id: "monte-carlo",
    about: "How far a composite's ranks depend on its choices: median and 5-95 % rank of each unit over many draws",
    formula: &[
        "each draw takes one option of each choice, all equally likely: normalisation, one indicator left out or none, weights, aggregation, treatment of cells below grade A, data error",
        "minmax = 100 (x − worst)/(best − worst); zscore = 50 + 10 z; rank = 100 min-rank/n; goalposts = 100 clip((x − worst)/(best − worst))",
        "expert weights = w U(1 − share, 1 + share), rescaled; dirichlet = shares of a symmetric Dirichlet draw",
        "geometric = Π max(s, 1)^w; copeland = wins − losses over all pairs, a win is e_jk = Σ w(better) + ½ Σ w(equal) > ½; borda = Σ_k e_jk",
        "data error: x + SE·N(0, 1), clipped to the indicator's range",
        "rank interval: from the 5 % to the 95 % rank over the draws; widened to the reference rank where that lies outside",
        "R_S of a draw = (1/M) Σ |reference rank − rank|",
    ],
    sources: &[
        "OECD/JRC, Handbook on Constructing Composite Indicators, 2008, step 7",
        "Saisana, Saltelli and Tarantola, Uncertainty and sensitivity analysis techniques as tools for the quality assessment of composite indicators, J. R. Stat. Soc. A 168(2), 2005",
        "random numbers: Salmon et al., Parallel random numbers: as easy as 1, 2, 3, SC11, 2011 (Philox4x32-10); Wichura, Algorithm AS 241, Applied Statistics 37(3), 1988",
        "example: invented numbers",
    ],
    assumptions: &[
        "the options listed are the choices that could be defended; the intervals speak of these and of no others",
        "errors of different cells are independent",
        "cells without a published error are not varied",
        "a unit whose draws leave too few values has no rank in them; ranks are among the units that have one",
    ],
    columns: &[
        Column { name: "unit", required: false, about: "name of the place: the first column, whatever it is called" },
        Column { name: "*", required: true, about: "one column an indicator" },
    ],
    params: parameters!(
        Param { name: "draws", default: "1000", file: false, about: "how many draws; the first is the reference" },
        Param { name: "level", default: "0.9", file: false, about: "share of the draws in the rank interval" },
        Param {
            name: "table",
            default: "units",
            file: false,
            about: "units (one row each), frequencies (unit, rank, share), pairs (which may be ordered) or draws (R_S of each)",
        },
    ),
    example: (
        include_str!("../../examples/monte-carlo.csv"),
        &[("errors", "monte-carlo.errors.csv"), ("lower_is_better", "unemployment;over_qualification"), ("draws", "1000")],
    ),
    compute,
};

fn compute(given: &Given<'_>) -> Result<Answer, Fault> {
    let table = given.choice("table", &["units", "frequencies", "pairs", "draws"])?;
    let (problem, notes) = input::given(given)?;
    let design = options::varied(given, &problem)?;
    let draws = usize::try_from(given.whole("draws")?).unwrap_or(usize::MAX);
    if draws > LIMIT {
        return Err(Fault::shape("--param draws", format!("at most {LIMIT}"), draws.to_string(), "fewer tell as much"));
    }
    let outcome = run(&problem, &design, draws, given.number("level")?.unwrap_or_default())?;
    let mut answer = match table {
        "frequencies" => frequencies(&problem, &outcome),
        "pairs" => pairs(&problem, &outcome),
        "draws" => shifts(&outcome),
        _ => units(&problem, &outcome),
    };
    answer.notes = notes;
    facts(&problem, &design, &outcome, &mut answer);
    Ok(answer)
}

/// Draws at most: beyond, intervals of ranks no longer change, and memory does.
const LIMIT: usize = 1_000_000;

fn units(problem: &Problem, outcome: &Outcome) -> Answer {
    let mut answer = Answer::new(&[
        "unit",
        "index_reference",
        "rank_reference",
        "rank_mean",
        "rank_median",
        "rank_lower",
        "rank_upper",
        "widened",
        "mean_shift",
        "draws",
        "better_than",
        "worse_than",
    ]);
    let count = problem.units.len();
    let shown = if count <= FREQUENCIES { count } else { 0 };
    answer.columns.extend((1..=shown).map(|rank| format!("share_rank_{rank}")));
    let (mut better, mut worse) = (vec![0_usize; count], vec![0_usize; count]);
    for (first, second, separated) in outcome.separated() {
        let (behind, ahead) = separated.high_low(first, second);
        better[ahead] += 1;
        worse[behind] += 1;
    }
    for (place, (name, unit)) in problem.units.iter().zip(&outcome.units).enumerate() {
        let ranked = |number: usize| Cell::whole(unit.reference.map(|_| number));
        let mut row = vec![
            Cell::from(name.as_str()),
            Cell::number(unit.index),
            Cell::whole(unit.reference),
            Cell::number(unit.mean),
            Cell::number(unit.median),
            Cell::number(unit.interval.map(crate::interval::Interval::lower)),
            Cell::number(unit.interval.map(crate::interval::Interval::upper)),
            unit.reference.map_or(Cell::Missing, |_| Cell::from(if unit.widened { "yes" } else { "no" })),
            Cell::number(unit.shift),
            Cell::whole(Some(unit.draws)),
            ranked(better[place]),
            ranked(worse[place]),
        ];
        row.extend(unit.frequencies.iter().take(shown).map(|times| share(*times, unit.draws)));
        answer.rows.push(row);
    }
    answer
}

fn frequencies(problem: &Problem, outcome: &Outcome) -> Answer {
    let mut answer = Answer::new(&["unit", "rank", "draws", "share"]);
    for (name, unit) in problem.units.iter().zip(&outcome.units) {
        for (place, times) in unit.frequencies.iter().enumerate().filter(|(_, times)| **times > 0) {
            let cells = [Cell::whole(Some(place + 1)), Cell::whole(Some(*times)), share(*times, unit.draws)];
            answer.rows.push(std::iter::once(Cell::from(name.as_str())).chain(cells).collect());
        }
    }
    answer
}

fn pairs(problem: &Problem, outcome: &Outcome) -> Answer {
    let mut answer = Answer::new(&["better", "worse", "rank_better", "rank_worse"]);
    for (first, second, separated) in outcome.separated() {
        // The larger number is the worse rank.
        let (ahead, behind) = match separated.higher() {
            Side::First => (second, first),
            Side::Second => (first, second),
        };
        let rank = |unit: usize| Cell::whole(outcome.units[unit].reference);
        let names = [ahead, behind].map(|unit| Cell::from(problem.units[unit].as_str()));
        answer.rows.push(names.into_iter().chain([rank(ahead), rank(behind)]).collect());
    }
    answer
}

fn shifts(outcome: &Outcome) -> Answer {
    let mut answer = Answer::new(&["draw", "mean_rank_shift"]);
    let row = |(draw, shift): (usize, &f64)| vec![Cell::whole(Some(draw)), Cell::from(*shift)];
    answer.rows = outcome.shifts.iter().enumerate().map(row).collect();
    answer
}

fn share(times: usize, draws: usize) -> Cell {
    Cell::number((draws > 0).then(|| times as f64 / draws as f64))
}

fn facts(problem: &Problem, design: &Design, outcome: &Outcome, answer: &mut Answer) {
    let ranked = outcome.units.iter().filter(|unit| unit.reference.is_some()).count();
    let possible = ranked * ranked.saturating_sub(1) / 2;
    let separated = outcome.separated().len();
    let mut shifts = outcome.shifts.clone();
    shifts.sort_unstable_by(f64::total_cmp);
    let last = shifts.len() - 1;
    let seed = i64::try_from(design.seed).map_or_else(|_| Cell::from(design.seed.to_string().as_str()), Cell::Whole);
    answer.facts.extend([
        ("draws", Cell::whole(Some(outcome.draws))),
        ("seed", seed),
        ("mean_rank_shift", Cell::from(outcome.shifts.iter().sum::<f64>() / outcome.shifts.len() as f64)),
        ("median_rank_shift", Cell::from(f64::midpoint(shifts[last / 2], shifts[last.div_ceil(2)]))),
        ("rank_shift_5", Cell::from(shifts[last * 5 / 100])),
        ("rank_shift_95", Cell::from(shifts[last - last * 5 / 100])),
        ("pairs", Cell::whole(Some(possible))),
        ("pairs_separated", Cell::whole(Some(separated))),
    ]);
    let at = "monte-carlo";
    if separated == 0 {
        let message = "all rank intervals overlap: no unit may be said to rank above another";
        answer.notes.push(Finding::warning("ranks-overlap", at, message));
    }
    for (name, unit) in problem.units.iter().zip(&outcome.units) {
        if unit.reference.is_none() {
            let message = format!("{name} has less than {} of the values of some group, and no rank", problem.availability);
            answer.notes.push(Finding::warning("availability", at, message));
        } else if unit.widened {
            let message = format!("{name}: the reference rank lies outside the interval of the draws, which was widened to it");
            answer.notes.push(Finding::info("interval-widened", at, message));
        }
    }
    answer.notes.extend(events(outcome.events, at));
}

/// What was done to scores, as notes.
pub fn events(events: Events, at: &str) -> Vec<Finding> {
    let said = [
        (events.floored, "score-floored", format!("scores below {FLOOR} were raised to it for geometric means")),
        (events.clipped, "score-clipped", "scores were clipped at a goalpost".to_owned()),
        (events.bounded, "draw-clipped", "drawn values were brought back into their indicator's range".to_owned()),
        (events.flat, "no-spread", "indicators that told no unit from another in a draw were left out of it".to_owned()),
    ];
    let note = |(count, code, message): (usize, &'static str, String)| {
        Finding::info(code, at, format!("{message}: {count} over all draws"))
    };
    said.into_iter().filter(|(count, ..)| *count > 0).map(note).collect()
}
