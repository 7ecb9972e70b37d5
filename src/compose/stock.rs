//! Stock against growth: where the places of the quadrant rule lie. Drawn only when the rule had a share at two dates.

use baseline_method::structure::typology::{Kind, median};
use baseline_model::Grade;
use baseline_render::document::{Chart, Figure, Quadrant, QuadrantPoint, Table, TableCell, TableRow, Text};

use super::context::Context;
use super::figures::{cell, flags_note};
use super::method;
use crate::compare::typology::{LIMIT, Quadrants};

/// The chart of the quadrant rule; `None` without a point.
pub fn figure(context: &Context<'_>, quadrants: &Quadrants, share: &str) -> Option<Figure> {
    let kinds = [Kind::Established, Kind::NewArrival, Kind::Neither];
    let (mut points, mut table, mut used) = (Vec::new(), Vec::new(), Vec::new());
    for place in &quadrants.places {
        let (Some(across), Some(upwards)) = (context.mark(&place.earlier, 1), context.mark(&place.arrived, 0)) else { continue };
        let kind = kinds.iter().position(|kind| *kind == place.kind).unwrap_or(0);
        let (name, grade) = (context.unit_name(&place.territory), place.later.grade.max(place.earlier.grade));
        let label = if grade == Grade::A { name.clone() } else { format!("{name}\u{a0}({grade})") };
        points.push(QuadrantPoint { label, marks: [across, upwards], kind, highlight: false });
        table.push(TableRow {
            header: Text::plain(name),
            cells: vec![
                TableCell::Text(Text::plain(context.region_name(&place.later.geo.code))),
                cell(context, &place.earlier, 1),
                cell(context, &place.later, 1),
                cell(context, &place.arrived, 0),
                TableCell::Text(Text::plain(super::typology::kind(context, place.kind))),
            ],
            highlight: false,
        });
        used.extend([place.earlier.clone(), place.later.clone()]);
    }
    if points.is_empty() {
        return None;
    }
    let all = points.len();
    let new = points.iter().filter(|point| point.kind == 1).count().to_string();
    let (from, to) = (context.period(quadrants.from), context.period(quadrants.to));
    let count = all.to_string();
    let fill = [("k", new.as_str()), ("share", share), ("from", &from), ("to", &to), ("n", &count)];
    let title = context.count("title.stock", all, &fill[..4]);
    let subtitle = context.text("subtitle.stock", &fill);
    let mut note = context.word("note.stock");
    if used.iter().any(|value| value.grade != Grade::A) {
        note.push_str(&format!(" {}", context.word("note.scorecard.borrowed")));
    }
    note.push_str(&flags_note(context, used.iter()));
    let source = method::source_line(context, used.iter());
    let titles = [format!("{share}, {from}"), context.word("column.arrived")];
    let growth: Vec<f64> = quadrants.places.iter().filter_map(|place| place.arrived.value.number()).collect();
    let growth = (!growth.is_empty()).then(|| median(&growth));
    let line = |value: f64| (value, context.word("legend.median"));
    let columns = [
        context.word("column.territory"),
        context.word("column.region"),
        titles[0].clone(),
        format!("{share}, {to}"),
        titles[1].clone(),
        context.word("column.rule"),
    ];
    Some(Figure {
        id: "typology-stock".into(),
        label: String::new(),
        alt: context.text("alt.stock", &fill),
        long_description: context.text("long.stock", &fill),
        note,
        data: Table {
            id: "typology-stock-data".into(),
            caption: format!("{title}: {subtitle}"),
            columns: columns.into(),
            rows: table,
            source: source.clone(),
            ..Table::default()
        },
        chart: Chart::Quadrant(Quadrant {
            titles,
            units: [String::new(), String::new()],
            kinds: kinds.map(|kind| super::typology::kind(context, kind)).into(),
            count: context.count("legend.territories", all, &[]),
            points,
            lines: [
                vec![line(quadrants.median)],
                growth.map(line).into_iter().chain([(100.0 * LIMIT, context.word("legend.limit_arrived"))]).collect(),
            ],
            legend_proxy: context.word("legend.proxy"),
            legend_flag: context.word("legend.flag"),
            axis: context.axis(),
        }),
        title,
        subtitle,
        source,
    })
}

#[cfg(test)]
mod tests;
