//! Several readings of one thing beside one another: a row a place, in it a lane a series, each with its own dot. Or one lane
//! with a dot and its interval.
//!
//! Each lane has its own height, so that equal values never hide one another, and its text stands to the right of everything
//! in it; the axis leaves as much room there as the texts need. Lanes come in the legend's order, so that colour is not all
//! that tells them apart.

use baseline_model::language::Language;
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::Cartesian2d;

use super::axis::{self, Axis};
use super::canvas::{Anchor, DrawError, Drawn, MarkElement, Pen, Shape, Type, fine};
use super::palette::{BAND, CATEGORIES, GRID, Ink, MUTED};
use super::{Key, LABEL, LegendItem, NARROW, SMALL, VALUE, flag_text, gapped, is_hollow, legend, mark_title, nothing, text_box};
use crate::document::{Dots, DotsRow, Lane};
use crate::text::Cut;

/// Height of a lane, and of the only one of a row.
const LANE: f64 = 18.0;
const SINGLE: f64 = 26.0;
const DOT: f64 = 5.5;
const PADDING: f64 = 9.0;
/// Between a dot or a bar's end and the text.
const NEAR: f64 = 7.0;

struct Columns {
    label: f64,
    left: f64,
    right: f64,
    low: f64,
    high: f64,
}

impl Columns {
    fn x(&self, axis: &Axis, value: f64) -> f64 {
        self.low + axis.share(value) * (self.high - self.low)
    }
}

/// Colour and shape of a series.
fn look(series: usize) -> (Ink, Shape) {
    (CATEGORIES[series % CATEGORIES.len()], if series.is_multiple_of(2) { Shape::Dot } else { Shape::Diamond })
}

pub(super) fn draw(pen: &Pen, chart: &Dots, language: &Language, (margin, top): (f64, f64)) -> Result<f64, DrawError> {
    let lanes = || chart.rows.iter().flat_map(|row| &row.lanes);
    let key = |(index, text): (usize, &String)| {
        let (ink, shape) = look(index);
        LegendItem { key: Key::Mark { ink, hollow: false, shape }, text: text.clone() }
    };
    let mut items: Vec<LegendItem> = chart.series.iter().enumerate().map(key).collect();
    items.push(LegendItem { key: Key::Bar(CATEGORIES[0]), text: chart.legend_range.clone() });
    if lanes().filter_map(|lane| lane.mark.as_ref()).any(is_hollow) {
        let key = Key::Mark { ink: MUTED, hollow: true, shape: Shape::Dot };
        items.push(LegendItem { key, text: chart.legend_proxy.clone() });
    }
    if lanes().filter_map(|lane| lane.mark.as_ref()).any(|mark| !mark.flags.is_empty()) {
        items.push(LegendItem { key: Key::Letters, text: chart.legend_flag.clone() });
    }
    let y = legend(pen, margin, top, &items)?;
    let narrow = pen.width < NARROW;
    let values = values(chart).chain(chart.reach.iter().copied());
    let found = match chart.places {
        Some(count) if lanes().any(|lane| lane.mark.is_some()) => Some(axis::places(count, if narrow { 6 } else { 12 })),
        Some(_) => None,
        None => axis::axis(values, if narrow { 4 } else { 6 }),
    };
    let Some(axis) = found else { return nothing(pen, language, margin, y) };
    let columns = columns(pen, chart, &axis, margin);
    let mut y = axis_labels(pen, chart, &axis, &columns, (margin, y))?;
    for row in &chart.rows {
        y = draw_row(pen, chart, row, language, (&axis, &columns), (margin, y))?;
    }
    Ok(y)
}

/// All values drawn, in the order of the rows.
pub(super) fn values(chart: &Dots) -> impl Iterator<Item = f64> {
    chart.rows.iter().flat_map(|row| &row.lanes).flat_map(|lane| {
        let ends = lane.range.into_iter().flat_map(|(low, high)| [low, high]);
        ends.chain(lane.mark.iter().map(|mark| mark.value))
    })
}

fn columns(pen: &Pen, chart: &Dots, axis: &Axis, margin: f64) -> Columns {
    let narrow = pen.width < NARROW;
    let bold = LABEL.cut(Cut::SemiBold);
    let width = |row: &DotsRow| bold.width(&row.label).max(SMALL.width(&row.sublabel));
    let widest = chart.rows.iter().map(width).fold(0.0, f64::max);
    let end = pen.width - margin;
    let label = if narrow { end - margin } else { widest.clamp(60.0, 230.0) };
    let left = if narrow { margin } else { margin + label + 18.0 };
    let mut columns = Columns { label, left, right: end, low: left + DOT + 2.0, high: end - DOT - 2.0 };
    for _ in 0..6 {
        let lanes = chart.rows.iter().flat_map(|row| row.lanes.iter().map(move |lane| (row, lane)));
        let over = lanes.map(|(row, lane)| lane_end(lane, axis, &columns) + text_width(row, lane) - columns.right);
        let over = over.fold(0.0, f64::max);
        columns.high = (columns.high - over).max(columns.low + 40.0);
    }
    columns
}

/// Where the text of a lane begins.
fn lane_end(lane: &Lane, axis: &Axis, columns: &Columns) -> f64 {
    let mark = lane.mark.as_ref().map(|mark| columns.x(axis, mark.value) + DOT);
    let range = lane.range.map(|(_, high)| columns.x(axis, high));
    match mark.into_iter().chain(range).reduce(f64::max) {
        Some(end) => end + NEAR,
        // Not at the axis' end: there a grid line stands.
        None => columns.low + NEAR,
    }
}

fn lane_text(lane: &Lane) -> String {
    match &lane.mark {
        Some(mark) if lane.text.is_empty() => format!("{}{}", mark.text, flag_text(&mark.flags)),
        Some(mark) => format!("{}{}", lane.text, flag_text(&mark.flags)),
        None => lane.text.clone(),
    }
}

fn lane_style(row: &DotsRow, lane: &Lane) -> Type {
    match &lane.mark {
        None => VALUE.cut(Cut::Italic).ink(MUTED),
        Some(_) if row.highlight => VALUE.cut(Cut::SemiBold),
        Some(_) => VALUE,
    }
}

fn text_width(row: &DotsRow, lane: &Lane) -> f64 {
    lane_style(row, lane).width(&lane_text(lane))
}

fn axis_labels(pen: &Pen, chart: &Dots, axis: &Axis, columns: &Columns, (margin, top): (f64, f64)) -> Result<f64, DrawError> {
    let mut y = top;
    if !axis::is_short(&chart.unit) && !chart.unit.is_empty() {
        for line in SMALL.wrap(&chart.unit, pen.width - margin - columns.left) {
            pen.centred(columns.left, y + 8.0, &line, SMALL, Anchor::Start)?;
            y += SMALL.leading();
        }
        y += 4.0;
    }
    let mut free = f64::NEG_INFINITY;
    for (tick, text) in axis.labels(&chart.unit, &chart.axis) {
        let half = SMALL.width(&text) / 2.0;
        let x = columns.x(axis, tick).max(columns.left + half).min(columns.right - half);
        if x - half > free {
            pen.centred(x, y + 9.0, &text, SMALL, Anchor::Middle)?;
            free = x + half + 8.0;
        }
    }
    Ok(y + 20.0)
}

fn draw_row(
    pen: &Pen,
    chart: &Dots,
    row: &DotsRow,
    language: &Language,
    (axis, columns): (&Axis, &Columns),
    (margin, top): (f64, f64),
) -> Result<f64, DrawError> {
    let narrow = pen.width < NARROW;
    let style = if row.highlight { LABEL.cut(Cut::SemiBold) } else { LABEL };
    let lines = style.wrap(&row.label, columns.label);
    let sublines = SMALL.wrap(&row.sublabel, columns.label);
    let text_height = style.leading() * lines.len() as f64 + SMALL.leading() * sublines.len() as f64;
    let lane_height = if row.lanes.len() > 1 { LANE } else { SINGLE };
    let lanes_height = lane_height * row.lanes.len() as f64;
    let height = if narrow { text_height + lanes_height + 4.0 } else { text_height.max(lanes_height) } + 2.0 * PADDING;
    let bottom = top + height;
    if row.highlight {
        pen.rect((margin - 4.0, top + 1.0), (pen.width - margin + 4.0, bottom - 1.0), BAND)?;
    }
    let (text_top, lanes_top) = if narrow {
        (top + PADDING, top + PADDING + text_height + 4.0)
    } else {
        (top + (height - text_height) / 2.0, top + (height - lanes_height) / 2.0)
    };
    let mut y = text_top;
    for (lines, style) in [(&lines, style), (&sublines, SMALL)] {
        for line in lines {
            pen.centred(margin, y + style.leading() / 2.0, line, style, Anchor::Start)?;
            y += style.leading();
        }
    }
    let middle = |index: usize| lanes_top + lane_height * (index as f64 + 0.5);
    let texts: Vec<[f64; 4]> = row
        .lanes
        .iter()
        .enumerate()
        .map(|(index, lane)| {
            text_box(lane_end(lane, axis, columns), middle(index), &lane_text(lane), lane_style(row, lane), Anchor::Start)
        })
        .collect();
    for tick in &axis.ticks {
        let x = columns.x(axis, *tick);
        gapped(pen, ((x, lanes_top - 2.0), (x, lanes_top + lanes_height + 2.0)), (GRID, 1.0), &texts)?;
    }
    for (index, lane) in row.lanes.iter().enumerate() {
        let middle = middle(index);
        draw_lane(pen, chart, (row, lane, index), language, (axis, columns), (middle, bottom))?;
    }
    if !std::ptr::eq(row, chart.rows.last().unwrap_or(row)) {
        pen.line((margin, bottom), (pen.width - margin, bottom), GRID, 1.0)?;
    }
    Ok(bottom)
}

fn draw_lane(
    pen: &Pen,
    chart: &Dots,
    (row, lane, series): (&DotsRow, &Lane, usize),
    language: &Language,
    (axis, columns): (&Axis, &Columns),
    (middle, bottom): (f64, f64),
) -> Drawn {
    let (ink, shape) = look(series);
    let Some(mark) = &lane.mark else {
        return pen.centred(lane_end(lane, axis, columns), middle, &lane_text(lane), lane_style(row, lane), Anchor::Start);
    };
    // No line leads to a dot alone: it would look like a length, and the axis need not begin at zero.
    if let Some((low, high)) = lane.range {
        bar(pen, (columns.x(axis, low), columns.x(axis, high)), middle, ink)?;
    }
    let plot = pen.area.apply_coord_spec(Cartesian2d::<RangedCoordf64, RangedCoordf64>::new(
        axis.low..axis.high,
        0.0..bottom,
        (fine(columns.low)..fine(columns.high), 0..fine(bottom)),
    ));
    let name = match chart.series.get(series).filter(|name| !name.is_empty()) {
        Some(name) => format!("{}, {name}", row.label),
        None => row.label.clone(),
    };
    plot.draw(&MarkElement {
        at: (mark.value, middle),
        shift: 0.0,
        radius: if shape == Shape::Diamond { DOT - 1.0 } else { DOT },
        ink,
        hollow: is_hollow(mark),
        shape,
        id: mark.id.clone(),
        title: mark_title(language, &name, mark),
    })?;
    pen.centred(lane_end(lane, axis, columns), middle, &lane_text(lane), lane_style(row, lane), Anchor::Start)
}

/// A bar with ends.
pub(super) fn bar(pen: &Pen, (from, to): (f64, f64), middle: f64, ink: Ink) -> Drawn {
    pen.line((from, middle), (to, middle), ink, 2.0)?;
    for x in [from, to] {
        pen.line((x, middle - 5.0), (x, middle + 5.0), ink, 2.0)?;
    }
    Ok(())
}
