//! The gap between two groups: two dots and a bar a row, the gap at the right.
//!
//! Value labels stand outside of the dots, so that they never meet each other or a dot however close the
//! values are; the axis leaves as much room at both ends as the outermost labels need.

use baseline_model::language::Language;
use plotters::coord::types::RangedCoordf64;
use plotters::element::PathElement;
use plotters::prelude::Cartesian2d;

use super::axis::{self, Axis};
use super::canvas::{Anchor, DrawError, MarkElement, Pen, Shape, Type, fine, stroke};
use super::palette::{BAND, BAR, FIRST, GRID, MUTED, SECOND, SECOND_TEXT, TEXT};
use super::{
    Key, LABEL, LegendItem, NARROW, RADIUS, SMALL, VALUE, gapped, is_hollow, label, legend, mark_title, nothing, text_box,
    value_text,
};
use crate::document::{Dumbbell, DumbbellRow};
use crate::text::{self, Cut};

/// Between a dot's edge and its label.
const NEAR: f64 = 6.0;
const MISSING: Type = Type { size: VALUE.size, cut: Cut::Italic, ink: MUTED };
const GAP: Type = Type { size: 14.0, cut: Cut::SemiBold, ink: TEXT };

struct Columns {
    label: f64,
    sublabel: f64,
    /// Ends of the room for dots and their labels.
    left: f64,
    right: f64,
    gap: f64,
    /// Positions of the axis ends.
    low: f64,
    high: f64,
}

pub(super) fn draw(pen: &Pen, chart: &Dumbbell, language: &Language, (margin, top): (f64, f64)) -> Result<f64, DrawError> {
    let all = chart.rows.iter().flat_map(|row| row.marks.iter().flatten());
    let proxy = all.clone().any(is_hollow);
    let flagged = all.clone().any(|mark| !mark.flags.is_empty());
    let mark_key = |ink, hollow| Key::Mark { ink, hollow, shape: Shape::Dot };
    let mut items = vec![
        LegendItem { key: mark_key(FIRST, false), text: chart.groups[0].clone() },
        LegendItem { key: mark_key(SECOND, false), text: chart.groups[1].clone() },
    ];
    if proxy {
        items.push(LegendItem { key: mark_key(MUTED, true), text: chart.legend_proxy.clone() });
    }
    if flagged {
        items.push(LegendItem { key: Key::Letters, text: chart.legend_flag.clone() });
    }
    let y = legend(pen, margin, top, &items)?;
    let steps = if pen.width < NARROW { 4 } else { 6 };
    let Some(axis) = axis::axis(all.map(|mark| mark.value), steps) else {
        return nothing(pen, language, margin, y);
    };
    let columns = columns(pen, chart, &axis, margin);
    let y = axis_labels(pen, chart, &axis, &columns, y)?;
    rows(pen, chart, language, &axis, &columns, (margin, y))
}

/// Measures the columns; the axis ends move inwards until the labels of the outermost dots fit.
fn columns(pen: &Pen, chart: &Dumbbell, axis: &Axis, margin: f64) -> Columns {
    let narrow = pen.width < NARROW;
    let widest = |style: Type, texts: &mut dyn Iterator<Item = &str>| texts.map(|text| style.width(text)).fold(0.0, f64::max);
    let bold = LABEL.cut(Cut::SemiBold);
    let labels = widest(bold, &mut chart.rows.iter().map(|row| row.label.as_str())).clamp(60.0, 215.0);
    let sublabels = widest(SMALL, &mut chart.rows.iter().map(|row| row.sublabel.as_str())).min(110.0);
    let gap = widest(GAP, &mut chart.rows.iter().map(|row| row.gap.as_str()).chain([chart.gap_header.as_str()]));
    let end = pen.width - margin;
    let gap_room = if gap > 0.0 && !narrow { gap + 20.0 } else { 0.0 };
    let left = if narrow { margin } else { margin + labels + if sublabels > 0.0 { sublabels + 14.0 } else { 0.0 } + 16.0 };
    let right = end - gap_room;
    let mut columns =
        Columns { label: labels, sublabel: sublabels, left, right, gap: end, low: left + RADIUS, high: right - RADIUS };
    for _ in 0..6 {
        let (mut before, mut after) = (0.0_f64, 0.0_f64);
        for row in &chart.rows {
            for (at, text, side) in value_labels(row, axis, &columns) {
                let needed = RADIUS + NEAR + VALUE.cut(Cut::SemiBold).width(&text);
                match side {
                    Anchor::End => before = before.max(columns.left - (at - needed)),
                    Anchor::Start | Anchor::Middle => after = after.max(at + needed - columns.right),
                }
            }
        }
        columns.low += before.max(0.0);
        columns.high -= after.max(0.0);
    }
    columns
}

impl Columns {
    fn x(&self, axis: &Axis, value: f64) -> f64 {
        self.low + axis.share(value) * (self.high - self.low)
    }
}

/// Dot position, text and side of the label of each mark of a row.
fn value_labels(row: &DumbbellRow, axis: &Axis, columns: &Columns) -> Vec<(f64, String, Anchor)> {
    let first_is_left = match &row.marks {
        [Some(first), Some(second)] => first.value <= second.value,
        // Alone, the label stands to the right of its dot.
        [Some(_), None] => false,
        [None, Some(_) | None] => true,
    };
    let mut labels = Vec::new();
    for (index, mark) in row.marks.iter().enumerate() {
        if let Some(mark) = mark {
            let side = if (index == 0) == first_is_left { Anchor::End } else { Anchor::Start };
            labels.push((columns.x(axis, mark.value), value_text(mark), side));
        }
    }
    labels
}

fn axis_labels(pen: &Pen, chart: &Dumbbell, axis: &Axis, columns: &Columns, top: f64) -> Result<f64, DrawError> {
    let mut y = top;
    let header = GAP.ink(MUTED);
    let narrow = pen.width < NARROW;
    if (!axis::is_short(&chart.unit) && !chart.unit.is_empty()) || narrow {
        let unit = if axis::is_short(&chart.unit) { "" } else { chart.unit.as_str() };
        let room = columns.gap - columns.left - if narrow { header.width(&chart.gap_header) + 16.0 } else { 0.0 };
        pen.centred(columns.left, y + 9.0, &text::shorten(unit, SMALL.size, SMALL.cut, room), SMALL, Anchor::Start)?;
        if narrow {
            pen.centred(columns.gap, y + 9.0, &chart.gap_header, header, Anchor::End)?;
        }
        y += 20.0;
    }
    let middle = y + 9.0;
    let mut free = f64::NEG_INFINITY;
    for (tick, text) in axis.labels(&chart.unit, &chart.axis) {
        let (x, half) = (columns.x(axis, tick), SMALL.width(&text) / 2.0);
        let x_text = x.max(columns.left + half).min(columns.gap - half);
        if x_text - half > free {
            pen.centred(x_text, middle, &text, SMALL, Anchor::Middle)?;
            free = x_text + half + 8.0;
        }
    }
    if !narrow && !chart.gap_header.is_empty() {
        pen.centred(columns.gap, middle, &chart.gap_header, header, Anchor::End)?;
    }
    Ok(y + 22.0)
}

struct Placed {
    middle: f64,
    label_middle: f64,
    top: f64,
    bottom: f64,
    lines: Vec<String>,
}

fn rows(
    pen: &Pen,
    chart: &Dumbbell,
    language: &Language,
    axis: &Axis,
    columns: &Columns,
    (margin, top): (f64, f64),
) -> Result<f64, DrawError> {
    let narrow = pen.width < NARROW;
    let mut y = top;
    let mut placed = Vec::new();
    let mut rule = None;
    for (index, row) in chart.rows.iter().enumerate() {
        if row.benchmark && index > 0 && !chart.rows[index - 1].benchmark {
            rule = Some(y + 5.0);
            y += 10.0;
        }
        let room = if narrow {
            columns.gap - margin - GAP.width(&row.gap) - SMALL.width(&row.sublabel).min(columns.sublabel) - 28.0
        } else {
            columns.label
        };
        let style = label_style(row);
        let (lines, _) = text::wrap_short(&row.label, style.size, style.cut, room, 2);
        let label_height = style.leading() * lines.len() as f64;
        let (height, middle, label_middle) = if narrow {
            (label_height + 36.0, y + label_height + 18.0, y + 6.0 + label_height / 2.0)
        } else {
            let height = (label_height + 6.0).max(38.0);
            (height, y + height / 2.0, y + height / 2.0)
        };
        placed.push(Placed { middle, label_middle, top: y, bottom: y + height, lines });
        y += height;
    }
    for (row, at) in chart.rows.iter().zip(&placed) {
        if row.highlight {
            pen.rect((margin - 4.0, at.top + 1.0), (columns.gap + 4.0, at.bottom - 1.0), BAND)?;
        }
    }
    let texts: Vec<[f64; 4]> =
        chart.rows.iter().zip(&placed).flat_map(|(row, at)| row_texts(row, axis, columns, at.middle)).collect();
    for tick in &axis.ticks {
        let x = columns.x(axis, *tick);
        gapped(pen, ((x, top - 4.0), (x, y)), (GRID, 1.0), &texts)?;
    }
    if let Some(at) = rule {
        pen.line((margin, at), (columns.gap, at), BAR, 1.0)?;
    }
    let plot = pen.area.apply_coord_spec(Cartesian2d::<RangedCoordf64, RangedCoordf64>::new(
        axis.low..axis.high,
        0.0..y,
        (fine(columns.low)..fine(columns.high), 0..fine(y)),
    ));
    for (row, at) in chart.rows.iter().zip(&placed) {
        label(pen, margin, at.label_middle, &row.label, &at.lines, label_style(row))?;
        let sublabel = text::shorten(&row.sublabel, SMALL.size, SMALL.cut, columns.sublabel + 1.0);
        let sublabel_x = if narrow {
            margin + at.lines.iter().map(|line| label_style(row).width(line)).fold(0.0, f64::max) + 10.0
        } else {
            margin + columns.label + 14.0
        };
        label(pen, sublabel_x, at.label_middle, &row.sublabel, &[sublabel], SMALL)?;
        if let [Some(first), Some(second)] = &row.marks {
            let ends = vec![(first.value, at.middle), (second.value, at.middle)];
            plot.draw(&PathElement::new(ends, stroke(BAR, if row.benchmark { 2.0 } else { 3.0 })))?;
        }
        marks(&plot, chart, language, axis, columns, row, at.middle)?;
        for (x, text, side) in value_labels(row, axis, columns) {
            pen.centred(label_x(x, side), at.middle, &text, value_style(row), side)?;
        }
        if let Some((x, side, word)) = missing_word(row, axis, columns) {
            pen.centred(x, at.middle, &word, MISSING, side)?;
        }
        let ink = match row.disadvantage {
            Some(true) => SECOND_TEXT,
            Some(false) => FIRST,
            None => MUTED,
        };
        if !row.gap.is_empty() {
            pen.centred(columns.gap, if narrow { at.label_middle } else { at.middle }, &row.gap, GAP.ink(ink), Anchor::End)?;
        }
    }
    Ok(y)
}

fn label_x(mark: f64, side: Anchor) -> f64 {
    if side == Anchor::End { mark - RADIUS - NEAR } else { mark + RADIUS + NEAR }
}

fn value_style(row: &DumbbellRow) -> Type {
    if row.highlight { VALUE.cut(Cut::SemiBold) } else { VALUE }
}

/// Boxes of the texts among the dots of a row.
fn row_texts(row: &DumbbellRow, axis: &Axis, columns: &Columns, middle: f64) -> Vec<[f64; 4]> {
    let values = value_labels(row, axis, columns).into_iter();
    let values = values.map(|(x, text, side)| text_box(label_x(x, side), middle, &text, value_style(row), side));
    let missing = missing_word(row, axis, columns);
    values.chain(missing.map(|(x, side, word)| text_box(x, middle, &word, MISSING, side))).collect()
}

fn label_style(row: &DumbbellRow) -> Type {
    let style = if row.benchmark { LABEL.ink(MUTED) } else { LABEL };
    if row.highlight { style.cut(Cut::SemiBold) } else { style }
}

type Plot<'a> = plotters::drawing::DrawingArea<super::canvas::Backend<'a>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

fn marks(
    plot: &Plot,
    chart: &Dumbbell,
    language: &Language,
    axis: &Axis,
    columns: &Columns,
    row: &DumbbellRow,
    middle: f64,
) -> Result<(), DrawError> {
    // Dots that would hide each other move apart vertically: only the horizontal position means something.
    let shift = match &row.marks {
        [Some(first), Some(second)] => {
            let apart = (columns.x(axis, first.value) - columns.x(axis, second.value)).abs();
            if apart < 1.6 * RADIUS { RADIUS * 0.72 } else { 0.0 }
        }
        _ => 0.0,
    };
    for (index, mark) in row.marks.iter().enumerate() {
        let Some(mark) = mark else { continue };
        plot.draw(&MarkElement {
            at: (mark.value, middle),
            shift: if index == 0 { -shift } else { shift },
            radius: if row.benchmark { RADIUS - 1.5 } else { RADIUS },
            ink: if index == 0 { FIRST } else { SECOND },
            hollow: is_hollow(mark),
            shape: Shape::Dot,
            id: mark.id.clone(),
            title: mark_title(language, &format!("{}, {}", row.label, chart.groups[index]), mark),
        })?;
    }
    Ok(())
}

/// The word for a missing side where it fits beside the other side's dot: its place, side and text.
fn missing_word(row: &DumbbellRow, axis: &Axis, columns: &Columns) -> Option<(f64, Anchor, String)> {
    if row.missing.is_empty() || row.marks.iter().all(Option::is_some) {
        return None;
    }
    let (x, anchor, room) = match value_labels(row, axis, columns).first() {
        Some((at, text, Anchor::Start)) => {
            let after = at + RADIUS + NEAR + VALUE.cut(Cut::SemiBold).width(text) + 14.0;
            let before = at - RADIUS - 10.0;
            if columns.right - after >= MISSING.width(&row.missing) || columns.right - after >= before - columns.left {
                (after, Anchor::Start, columns.right - after)
            } else {
                (before, Anchor::End, before - columns.left)
            }
        }
        Some((at, ..)) => (at + RADIUS + 10.0, Anchor::Start, columns.right - at - RADIUS - 10.0),
        None => (columns.left, Anchor::Start, columns.right - columns.left),
    };
    Some((x, anchor, text::shorten(&row.missing, MISSING.size, MISSING.cut, room)))
}
