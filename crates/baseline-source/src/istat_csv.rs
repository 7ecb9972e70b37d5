//! The export of the old I.Stat portal (and of other offices on the same software): code and label columns in pairs.
//!
//! `TIME` ends the dimensions. Annual and quarterly rows may stand side by side; the period tells them apart. What the
//! user of the portal did not choose to see is not in the file: then keys repeat with other values, which is an error.
//!
//! ```text
//! "ITTER107","Territory","SEXISTAT1","Gender",…,"TIME","Select time","Value","Flag Codes","Flags"
//! "IT","Italy","9","total",…,"2019","2019",2379.704,,
//! "IT","Italy","9","total",…,"2019-Q1","Q1-2019",2326.565,,
//! ```

use baseline_model::{Finding, Positions, RawTable};

use crate::csv_file::header_cells;
use crate::findings::{Context, quote};
use crate::records::{self, shown};
use crate::review::duplicates;
use crate::sdmx::{self, Unread};
use crate::table::Rows;

pub(crate) const FORMAT: &str = "I.Stat CSV";

/// Places of the columns that every such file has.
struct Layout {
    time: usize,
    value: usize,
    flag: usize,
}

pub(crate) fn is_one(header: &str) -> bool {
    layout(&header_cells(header)).is_some()
}

fn layout(header: &[String]) -> Option<Layout> {
    let position = |name: &str| header.iter().position(|cell| cell == name);
    let (time, value) = (position("TIME")?, position("Value")?);
    let flag = position("Flag Codes")?;
    // Pairs before the period, pairs (unit, power, reference period) between it and the value.
    let pairs = time.is_multiple_of(2) && time > 0 && value >= time + 2 && (value - time).is_multiple_of(2);
    (pairs && flag == value + 1).then_some(Layout { time, value, flag })
}

/// `None`, with a finding, when the columns cannot be told apart.
pub(crate) fn read(text: &str, context: &mut Context<'_>) -> Option<RawTable> {
    let mut file = records::open(text, b',', context)?;
    let layout = layout(&file.header)?;
    let ids: Vec<String> = (0..layout.time).step_by(2).map(|column| file.header[column].to_lowercase()).collect();
    if let Some(twice) = (1..ids.len()).find(|place| ids[*place].is_empty() || ids[..*place].contains(&ids[*place])) {
        let message = format!("the column {} stands twice or has no name; the file is refused", quote(&ids[twice]));
        context.add(
            Finding::error("header-not-understood", context.at("line 1"), message).hint("export the table again from the portal"),
        );
        return None;
    }
    let attributes: Vec<usize> = (layout.time + 2..layout.value).step_by(2).collect();
    if !attributes.is_empty() {
        let message = format!("columns of attributes that are not read: {}", shown(&file.header, attributes.iter().copied()));
        context.add(Finding::info("columns-not-used", context.at("line 1"), message));
    }
    // `PowerCode Code` beside `PowerCode`.
    let power = file.header.iter().position(|cell| cell == "PowerCode Code");
    context.own_marks = true;
    let labels: Vec<String> = (0..layout.time).step_by(2).map(|column| file.header[column + 1].clone()).collect();
    let mut rows = Rows::new(ids);
    rows.reserve(file.estimate());
    let mut places = Vec::new();
    let mut unread = Unread::default();
    let value_place = u32::try_from(layout.value + 1).unwrap_or(u32::MAX);
    while let Some(record) = file.next(context) {
        let line = record.line;
        let (number, mark) = sdmx::figure(record.get(layout.value), context, || format!("line {line}, column Value"));
        let flag = Some(record.get(layout.flag)).filter(|flag| !flag.is_empty()).unwrap_or(mark);
        rows.push((0..layout.time).step_by(2).map(|column| record.get(column)), record.get(layout.time), number, flag, "");
        places.push((line, value_place));
        if let Some(power) = power {
            unread.note("POWERCODE", record.get(power));
        }
    }
    let at = context.name;
    unread.report_multiplier(at, context);
    let mut table = rows.finish(Positions::Grid(places));
    for (column, label) in table.dimensions.iter_mut().zip(labels) {
        column.label = label;
    }
    duplicates(&table, context);
    Some(table)
}
