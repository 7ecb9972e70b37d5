//! Tidy CSV: one row an observation, a column `period`, a column `value`, every other column a dimension.
//!
//! The form of the figures that ship with the program, of `baseline read`, and of anybody's own tables.
//!
//! ```text
//! freq,geo,period,value,obs_status,conf_status,position,original
//! A,PL42,2024,76.7,u,,R12C4,1
//! A,PL43,2024,,u,,R13C4,1
//! ```

use baseline_model::{Finding, Positions, RawTable};

use crate::csv_file::{self, header_cells, stated};
use crate::findings::{Context, quote};
use crate::review::duplicates;
use crate::table::Rows;

pub(crate) const FORMAT: &str = "tidy CSV";

pub(crate) fn is_one(header: &str) -> bool {
    let cells = header_cells(header);
    ["period", "value"].iter().all(|wanted| cells.iter().any(|cell| cell.eq_ignore_ascii_case(wanted)))
}

pub(crate) fn read(text: &str, context: &mut Context<'_>) -> Option<RawTable> {
    let mut file = csv_file::open(text, b',', 0, context)?;
    for cell in &mut file.header {
        *cell = cell.to_lowercase();
    }
    for (place, cell) in file.header.iter().enumerate() {
        if cell.is_empty() || file.header[..place].contains(cell) {
            let fault = if cell.is_empty() { "has no name" } else { "stands twice" };
            context.add(
                Finding::error(
                    "header-not-understood",
                    context.at("line 1"),
                    format!("the column {} (number {}) {fault}; the file is refused", quote(cell), place + 1),
                )
                .hint("give every column a name of its own"),
            );
            return None;
        }
    }
    let (period, value) = (file.position("period")?, file.position("value")?);
    let obs_status = file.position("obs_status");
    let conf_status = file.position("conf_status");
    let position = file.position("position");
    let fixed = [Some(period), Some(value), obs_status, conf_status, position];
    let dimensions: Vec<usize> = (0..file.header.len()).filter(|column| !fixed.contains(&Some(*column))).collect();

    let mut rows = Rows::new(dimensions.iter().map(|column| file.header[*column].clone()));
    let (mut places, mut texts) = (Vec::new(), Vec::new());
    let value_column = u32::try_from(value + 1).unwrap_or(u32::MAX);
    while let Some((line, record)) = file.next(context) {
        let optional = |column: Option<usize>| column.map_or("", |column| record[column].trim());
        let (number, mark) = stated(&record[value], context.options.numbers, &|| format!("line {line}, column `value`"), context);
        let key = dimensions.iter().map(|column| record[*column].trim());
        let status = Some(optional(obs_status)).filter(|status| !status.is_empty()).unwrap_or(mark);
        rows.push(key, record[period].trim(), number, status, optional(conf_status));
        if position.is_some() {
            texts.push(optional(position).to_owned());
        } else {
            places.push((line, value_column));
        }
    }
    let table = rows.finish(if position.is_some() { Positions::Text(texts) } else { Positions::Grid(places) });
    duplicates(&table, context);
    Some(table)
}
