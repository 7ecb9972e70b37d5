//! The section on the typology: the project's labels beside what the quadrant rule and a cluster analysis make of the same
//! territories. Shows agreement and disagreement; corrects no label.

use baseline_method::structure::typology::Kind;
use baseline_model::definitions::TerritoryKind;
use baseline_render::document::{Block, Span, Table, TableCell, TableRow, Text};

use super::context::Context;
use super::figures::{cell, flags_note};
use super::{messages, method};
use crate::compare::typology::{Groups, Quadrants, Typology, label};

/// The blocks of the comparative report's section; none when the study declares no typology.
pub fn blocks(context: &Context<'_>) -> Vec<Block> {
    let (Some(typology), Some(record)) = (context.typology, context.study.typology.as_ref()) else { return Vec::new() };
    let share = context.indicator(&record.share).map_or_else(|| record.share.clone(), |found| context.indicator_name(found));
    let paragraph = |text: String| Block::Paragraph(Text::plain(text));
    let mut blocks = vec![paragraph(context.word("typology.lead"))];
    match &typology.quadrants {
        Some(quadrants) => {
            blocks.extend(super::stock::figure(context, quadrants, &share).map(|figure| Block::Figure(Box::new(figure))));
            blocks.push(Block::Table(quadrant_table(context, quadrants, &share)));
        }
        None => blocks.push(paragraph(no_quadrants(context, typology, &share))),
    }
    match &typology.groups {
        Some(groups) => {
            blocks.push(paragraph(context.text("typology.groups", &[("k", &groups.k.to_string())])));
            blocks.push(Block::Table(group_table(context, groups)));
            let fill = [
                ("ward", Span::Number(context.bare(&groups.ward_agreement, 2))),
                ("means", Span::Number(context.bare(&groups.means_agreement, 2))),
            ];
            blocks.push(Block::Paragraph(messages::filled(context, "typology.agreement", &fill)));
        }
        None => blocks.push(paragraph(context.word("typology.no_groups"))),
    }
    if !typology.without.is_empty() {
        let named = |id: &String| context.indicator(id).map_or_else(|| id.clone(), |found| context.indicator_name(found));
        let listed: Vec<String> = typology
            .without
            .iter()
            .map(|(territory, missing)| {
                format!("{} ({})", context.unit_name(territory), missing.iter().map(named).collect::<Vec<_>>().join("; "))
            })
            .collect();
        blocks.push(paragraph(context.text("typology.without", &[("places", &listed.join("; "))])));
    }
    blocks.push(paragraph(context.word("structure.missing")));
    blocks
}

fn no_quadrants(context: &Context<'_>, typology: &Typology, share: &str) -> String {
    let years = context.study.typology.as_ref().map_or(0, |record| record.years).to_string();
    let dates: Vec<String> = typology.dates.iter().map(ToString::to_string).collect();
    if dates.is_empty() {
        context.text("typology.no_share", &[("share", share), ("years", &years)])
    } else {
        context.text("typology.one_date", &[("share", share), ("dates", &dates.join(", ")), ("years", &years)])
    }
}

/// A kind in words.
pub fn kind(context: &Context<'_>, kind: Kind) -> String {
    context.word(match kind {
        Kind::Established => "kind.established_destination",
        Kind::NewArrival => "kind.new_arrival_region",
        Kind::Neither => "kind.neither",
    })
}

/// The project's label of a territory.
fn labelled(context: &Context<'_>, territory: &str) -> Option<TerritoryKind> {
    context.territory(territory).map(|record| record.kind)
}

fn quadrant_table(context: &Context<'_>, quadrants: &Quadrants, share: &str) -> Table {
    let text = |text: String| TableCell::Text(Text::plain(text));
    let mut used = Vec::new();
    let rows = quadrants.places.iter().map(|place| {
        used.extend([place.earlier.clone(), place.later.clone()]);
        let project = labelled(context, &place.territory);
        let agrees = project.is_some_and(|project| label(project) == place.kind);
        TableRow {
            header: Text::plain(context.unit_name(&place.territory)),
            cells: vec![
                text(context.region_name(&place.later.geo.code)),
                cell(context, &place.earlier, 1),
                cell(context, &place.later, 1),
                cell(context, &place.arrived, 0),
                text(kind(context, place.kind)),
                text(project.map_or_else(String::new, |project| kind(context, label(project)))),
                text(context.word(if agrees { "typology.yes" } else { "typology.no" })),
            ],
            highlight: false,
        }
    });
    let rows: Vec<TableRow> = rows.collect();
    let columns = vec![
        context.word("column.territory"),
        context.word("column.region"),
        format!("{share}, {}", quadrants.from),
        format!("{share}, {}", quadrants.to),
        context.word("column.arrived"),
        context.word("column.rule"),
        context.word("column.label"),
        context.word("column.agrees"),
    ];
    let mut notes = vec![Text::plain(context.word("note.quadrant"))];
    let flags = flags_note(context, used.iter());
    if !flags.is_empty() {
        notes.push(Text::plain(flags.trim().to_owned()));
    }
    Table {
        reference: false,
        id: "typology-quadrants".into(),
        label: String::new(),
        caption: context.word("caption.quadrant"),
        columns,
        rows,
        notes,
        source: method::source_line(context, used.iter()),
    }
}

fn group_table(context: &Context<'_>, groups: &Groups) -> Table {
    let text = |text: String| TableCell::Text(Text::plain(text));
    let group = |number: usize| context.text("typology.group", &[("n", &(number + 1).to_string())]);
    let rows = groups.territories.iter().enumerate().map(|(index, territory)| {
        let mut cells = vec![
            text(labelled(context, territory).map_or_else(String::new, |project| kind(context, label(project)))),
            text(group(groups.ward[index])),
            text(group(groups.means[index])),
        ];
        cells.extend(groups.values[index].iter().map(|value| {
            let decimals = context.indicator(&value.indicator).map_or(1, |(_, indicator)| indicator.decimals);
            cell(context, value, decimals)
        }));
        TableRow { header: Text::plain(context.unit_name(territory)), cells, highlight: false }
    });
    let rows = rows.collect();
    let mut columns: Vec<String> =
        ["column.territory", "column.label", "column.ward", "column.k_means"].map(|key| context.word(key)).into();
    columns.extend(groups.indicators.iter().enumerate().map(|(index, id)| {
        let Some(indicator) = context.indicator(id) else { return id.clone() };
        let period = groups.values.first().and_then(|row| row.get(index)).map(|value| value.period.to_string());
        format!("{}, {}", context.headed(&context.indicator_name(indicator), indicator.1.unit), period.unwrap_or_default())
    }));
    let values = || groups.values.iter().flatten();
    let mut notes = vec![Text::plain(context.word("note.groups"))];
    let flags = flags_note(context, values());
    if !flags.is_empty() {
        notes.push(Text::plain(flags.trim().to_owned()));
    }
    Table {
        reference: false,
        id: "typology-groups".into(),
        label: String::new(),
        caption: context.word("caption.groups"),
        columns,
        rows,
        notes,
        source: method::source_line(context, values()),
    }
}
