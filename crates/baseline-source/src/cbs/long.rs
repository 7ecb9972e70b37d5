//! OData 4 `Observations`: one record a figure. `ValueAttribute` says why there is none, `StringValue` holds texts.

use baseline_model::{Finding, Positions, RawTable, Role};

use super::{Origin, note_padding, period, period_field};
use crate::findings::{Context, quote};
use crate::members::{Cell, Field, Records};
use crate::review::duplicates;
use crate::table::Rows;

pub(super) fn read(records: &Records, origin: &Origin, context: &mut Context<'_>) -> Option<RawTable> {
    context.own_marks = true;
    let fixed = ["Id", "Measure", "ValueAttribute", "Value", "StringValue"];
    let (measure, value) = (records.field("Measure")?, records.field("Value"));
    let (attribute, text) = (records.field("ValueAttribute"), records.field("StringValue"));
    let own = |field: &&Field| !fixed.contains(&field.name.as_str()) && !field.name.contains("odata.");
    let mut dimensions: Vec<&Field> = records.fields.iter().filter(own).collect();
    let time = period_field(&dimensions).map(|place| dimensions.remove(place));
    for field in dimensions.iter().copied().chain(time).chain([measure]) {
        note_padding(field, context);
    }
    let ids = ["measure".to_owned()].into_iter().chain(dimensions.iter().map(|field| field.name.to_lowercase()));
    let mut rows = Rows::new(ids);
    let mut cells = Vec::new();
    for record in 0..records.len {
        let trimmed = |field: &Field| field.shown(record);
        let number = match value.map(|value| value.cells[record]) {
            Some(Cell::Number(number)) => Some(number),
            Some(Cell::Text(_)) => {
                not_a_number(&value.map(|value| value.shown(record)).unwrap_or_default(), record, context);
                None
            }
            Some(Cell::Null | Cell::Absent) | None => None,
        };
        if number.is_none() && text.is_some_and(|text| text.text(record).is_some()) {
            let name = trimmed(measure);
            context.group("texts-left-out", &name, |context| {
                let message = format!("the measure {} holds texts, which are no figures and no rows of the table", quote(&name));
                Finding::info("texts-left-out", context.at(format_args!("[{record}].StringValue")), message)
            });
            continue;
        }
        let status = attribute.map(trimmed).filter(|status| status != "None").unwrap_or_default();
        let stated = time.map(trimmed).unwrap_or_default();
        let written = period(&stated).unwrap_or(stated);
        let key: Vec<String> = [measure].into_iter().chain(dimensions.iter().copied()).map(trimmed).collect();
        rows.push(key.iter().map(String::as_str), &written, number, &status, "");
        cells.push((u32::try_from(record).unwrap_or(u32::MAX), 0));
    }
    let mut table = rows.finish(Positions::Record { names: vec!["Value".into()], cells });
    table.dataflow = (!origin.table.is_empty()).then(|| origin.table.to_lowercase());
    table.dimensions[0].role = Some(Role::Metric);
    duplicates(&table, context);
    Some(table)
}

fn not_a_number(text: &str, record: usize, context: &mut Context<'_>) {
    context.group("not-a-number", text, |context| {
        Finding::error(
            "not-a-number",
            context.at(format_args!("[{record}].Value")),
            format!("expected a number or null, found {}; the cell is kept without a value", quote(text)),
        )
        .hint("the file was edited: take it from the provider itself")
    });
}
