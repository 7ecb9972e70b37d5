//! The answer of a composite as a table: a row a unit with all its scores, or a row a score with all that made it.

use std::collections::BTreeMap;

use super::structure::Plan;
use super::{Composed, Track};
use crate::impute::How;
use crate::inputs::Wide;
use crate::method::{Answer, Cell};
use crate::normalise::clip_cell;
use crate::rank::{Best, ranks};

/// One row a unit: index, rank, how many indicators are there, dimensions down to indicators.
pub(super) fn wide_table(plan: &Plan, wide: &Wide<'_>, tracks: &[Track], composed: &[Composed]) -> Answer {
    let levels = &plan.structure.levels;
    let mut columns: Vec<String> = wide.ids.iter().map(|id| (*id).to_owned()).collect();
    columns.extend(["index", "rank", "indicators_present"].map(str::to_owned));
    let add = |columns: &mut Vec<String>, level: &str, name: &str| {
        // A group may be called as an indicator, or as another group.
        let clear = if columns.iter().any(|column| column == name) { format!("{level}: {name}") } else { name.to_owned() };
        columns.push(clear);
    };
    for level in levels.iter().rev().skip(1) {
        level.groups.iter().for_each(|group| add(&mut columns, &level.name, group));
    }
    plan.indicators.iter().for_each(|indicator| add(&mut columns, "indicator", &indicator.name));
    let mut answer = Answer { columns, ..Answer::default() };
    let positions = positions(wide, composed);
    for (row, unit) in composed.iter().enumerate() {
        let mut cells: Vec<Cell> = wide.keys[row].iter().map(|key| Cell::from(*key)).collect();
        let present = tracks.iter().filter(|track| track.scores[row].is_some()).count();
        cells.extend([Cell::number(unit.index()), Cell::whole(positions[row]), Cell::whole(Some(present))]);
        cells.extend(unit.levels.iter().rev().skip(1).flatten().map(|score| Cell::number(*score)));
        cells.extend(tracks.iter().map(|track| Cell::number(track.scores[row].map(|score| score.score))));
        answer.rows.push(cells);
    }
    answer
}

/// One row a score, from the indicators up, with raw number, filling, clipping, weights as given and as used.
pub(super) fn long_table(plan: &Plan, wide: &Wide<'_>, tracks: &[Track], composed: &[Composed]) -> Answer {
    let mut columns = wide.ids.clone();
    columns.extend(["level", "name", "within", "raw", "value", "filled", "score", "clipped", "weight", "weight_used", "rank"]);
    let mut answer = Answer::new(&columns);
    let positions = positions(wide, composed);
    let levels = &plan.structure.levels;
    for (row, unit) in composed.iter().enumerate() {
        let key = || wide.keys[row].iter().map(|key| Cell::from(*key)).collect::<Vec<Cell>>();
        for (item, (indicator, track)) in plan.indicators.iter().zip(tracks).enumerate() {
            let (level, known) = (&levels[0], track.known[row]);
            let mut cells = key();
            cells.extend([
                Cell::from("indicator"),
                Cell::from(indicator.name.as_str()),
                Cell::from(level.groups[level.parent[item]].as_str()),
                Cell::number(track.raw[row]),
                Cell::number(known.map(|known| known.value)),
                known.map_or(Cell::Missing, |known| how(known.how)),
                Cell::number(track.scores[row].map(|score| score.score)),
                clip_cell(track.scores[row]),
                Cell::Number(level.weight[item]),
                Cell::Number(unit.shares[0][item]),
                Cell::Missing,
            ]);
            answer.rows.push(cells);
        }
        for (height, level) in levels.iter().enumerate() {
            for (item, group) in level.groups.iter().enumerate() {
                let above = levels.get(height + 1);
                let mut cells = key();
                cells.extend([
                    Cell::from(level.name.as_str()),
                    Cell::from(group.as_str()),
                    above.map_or(Cell::Missing, |above| Cell::from(above.groups[above.parent[item]].as_str())),
                ]);
                cells.extend([Cell::Missing, Cell::Missing, Cell::Missing]);
                cells.extend([
                    Cell::number(unit.levels[height][item]),
                    Cell::Missing,
                    Cell::number(above.map(|above| above.weight[item])),
                    Cell::number(above.map(|_| unit.shares[height + 1][item])),
                    if above.is_none() { Cell::whole(positions[row]) } else { Cell::Missing },
                ]);
                answer.rows.push(cells);
            }
        }
    }
    answer
}

/// Ranks of the index, within each year.
fn positions(wide: &Wide<'_>, composed: &[Composed]) -> Vec<Option<usize>> {
    let mut periods: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (row, key) in wide.keys.iter().enumerate() {
        periods.entry(wide.time.map_or("", |time| key[time])).or_default().push(row);
    }
    let mut positions = vec![None; composed.len()];
    for rows in periods.values() {
        let values: Vec<Option<f64>> = rows.iter().map(|row| composed[*row].index()).collect();
        for (row, rank) in rows.iter().zip(ranks(&values, Best::Highest)) {
            positions[*row] = rank;
        }
    }
    positions
}

fn how(how: How) -> Cell {
    match how {
        How::Given => Cell::Missing,
        How::Forward { from } => Cell::Text(format!("carried from {from}")),
        How::Back { from } => Cell::Text(format!("carried back from {from}")),
        How::Interpolated { from, to } => Cell::Text(format!("interpolated {from}-{to}")),
    }
}
