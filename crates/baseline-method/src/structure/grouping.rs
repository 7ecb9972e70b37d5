//! The tables around clusters: cases and indicators in, clusters, merges and means out.

use super::cluster::{Merge, means as means_of};
use super::columns::{find, name_column, names, split};
use crate::Fault;
use crate::method::{Answer, Cell, Given};

/// Cases with their numbers.
pub struct Cases<'s> {
    pub ids: Vec<String>,
    pub indicators: Vec<String>,
    /// One row a case.
    pub points: Vec<Vec<f64>>,
    pub labels: Option<Vec<String>>,
    /// Columns that were not used.
    pub unused: Vec<&'s str>,
}

/// # Errors
/// When a number is missing and not to be left out, no column holds numbers, or fewer than two cases remain.
pub fn read<'s>(given: &Given<'s>) -> Result<Cases<'s>, Fault> {
    let sheet = given.sheet;
    let leave_out = given.choice("missing", &["refuse", "leave_out"])? == "leave_out";
    let label = find(sheet, &["label", "type", "kind", "typology", "class"]);
    let name = name_column(sheet).filter(|column| Some(*column) != label);
    let ids = names(sheet, name)?;
    let taken: Vec<&str> = name.into_iter().chain(label).collect();
    let (columns, unused) = split(sheet, &taken);
    if columns.is_empty() {
        return Err(Fault::Few { at: format!("{}, columns of numbers", sheet.name), found: 0, least: 1 });
    }
    let numbers: Vec<Vec<Option<f64>>> = columns.iter().map(|column| sheet.numbers(column)).collect::<Result<_, _>>()?;
    for (column, numbers) in columns.iter().zip(&numbers) {
        if numbers.iter().all(Option::is_none) {
            return Err(Fault::Few { at: format!("{}, numbers in column {column}", sheet.name), found: 0, least: 2 });
        }
        if let Some(row) = numbers.iter().position(Option::is_none).filter(|_| !leave_out) {
            let hint = "--param missing=leave_out leaves out every case with a missing number";
            return Err(Fault::shape(sheet.at(sheet.lines[row], column), "a number", "an empty cell", hint));
        }
    }
    let kept: Vec<usize> = (0..ids.len()).filter(|row| numbers.iter().all(|column| column[*row].is_some())).collect();
    if kept.len() < 2 {
        return Err(Fault::Few { at: format!("{}, cases without a missing number", sheet.name), found: kept.len(), least: 2 });
    }
    let index = label.and_then(|label| sheet.columns.iter().position(|column| column == label));
    Ok(Cases {
        ids: kept.iter().map(|row| ids[*row].clone()).collect(),
        indicators: columns.iter().map(|column| (*column).to_owned()).collect(),
        points: kept.iter().map(|row| numbers.iter().filter_map(|column| column[*row]).collect()).collect(),
        labels: index.map(|index| kept.iter().map(|row| sheet.rows[*row][index].clone()).collect()),
        unused,
    })
}

/// A row for each case; with `scores` also the numbers that distances were taken of.
pub fn clusters(answer: &mut Answer, cases: &Cases<'_>, clusters: &[usize], silhouettes: &[f64], scores: Option<&[Vec<f64>]>) {
    if cases.labels.is_some() {
        answer.columns.push("label".into());
    }
    if scores.is_some() {
        answer.columns.extend(cases.indicators.iter().map(|name| format!("z_{name}")));
    }
    for (case, id) in cases.ids.iter().enumerate() {
        let mut cells = vec![Cell::from(id.as_str()), Cell::whole(Some(clusters[case] + 1)), Cell::from(silhouettes[case])];
        cells.extend(cases.labels.iter().map(|labels| Cell::from(labels[case].as_str())));
        cells.extend(scores.into_iter().flat_map(|scores| scores[case].iter().copied().map(Cell::from)));
        answer.rows.push(cells);
    }
}

/// A row for each merge, in order of height.
pub fn merges(answer: &mut Answer, cases: &Cases<'_>, merges: &[Merge]) {
    let n = cases.ids.len();
    let mut members: Vec<Vec<usize>> = (0..n).map(|case| vec![case]).collect();
    for (step, merge) in merges.iter().enumerate() {
        let mut joined: Vec<usize> = merge.pair.iter().flat_map(|part| members[*part].clone()).collect();
        joined.sort_unstable();
        let name = |part: usize| if part < n { cases.ids[part].clone() } else { format!("merge {}", part - n + 1) };
        answer.rows.push(vec![
            Cell::whole(Some(step + 1)),
            Cell::Text(name(merge.pair[0])),
            Cell::Text(name(merge.pair[1])),
            Cell::Text(listed(cases, &joined)),
            Cell::whole(Some(merge.size)),
            Cell::from(merge.increase),
            Cell::from(merge.height()),
            Cell::from(2.0 * merge.increase),
        ]);
        members.push(joined);
    }
}

/// A row for each cluster: the means of the indicators in their own units, and of what distances were taken of.
pub fn means(answer: &mut Answer, cases: &Cases<'_>, clusters: &[usize], points: &[Vec<f64>]) {
    answer.columns.extend(cases.indicators.iter().cloned());
    answer.columns.extend(cases.indicators.iter().map(|name| format!("z_{name}")));
    let (raw, scores) = (means_of(&cases.points, clusters), means_of(points, clusters));
    for (cluster, (raw, scores)) in raw.iter().zip(&scores).enumerate() {
        let members: Vec<usize> = (0..clusters.len()).filter(|case| clusters[*case] == cluster).collect();
        let mut cells =
            vec![Cell::whole(Some(cluster + 1)), Cell::whole(Some(members.len())), Cell::Text(listed(cases, &members))];
        cells.extend(raw.iter().chain(scores).copied().map(Cell::from));
        answer.rows.push(cells);
    }
}

fn listed(cases: &Cases<'_>, members: &[usize]) -> String {
    members.iter().map(|case| cases.ids[*case].as_str()).collect::<Vec<_>>().join("; ")
}
