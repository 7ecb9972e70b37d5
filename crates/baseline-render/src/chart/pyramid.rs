//! A population by age and sex: the first sex to the left, the second to the right, the age groups between them, and a
//! benchmark as an outline. Every bar has its value at its end, beyond the outline.

use baseline_model::language::Language;

use super::axis::{self, Axis};
use super::canvas::{Anchor, DrawError, Drawn, Pen, fine};
use super::elements::{Bar, Course, Trace};
use super::palette::{FIRST, GRID, MUTED, SECOND, TEXT};
use super::{Key, LABEL, LegendItem, NARROW, SMALL, VALUE, is_hollow, legend, mark_title, nothing, value_text};
use crate::document::{Mark, Pyramid, PyramidRow};
use crate::text::{self, Cut};

const ROW: f64 = 20.0;
const BAR: f64 = 15.0;
/// Between a bar's end and its value.
const NEAR: f64 = 5.0;

/// Where the two sides begin, in the middle, and how long one is.
struct Sides {
    begin: [f64; 2],
    length: f64,
    /// From the beginning of a side to the margin.
    room: f64,
    /// Width of the column of age groups.
    label: f64,
}

impl Sides {
    fn x(&self, axis: &Axis, side: usize, value: f64) -> f64 {
        let reach = axis.share(value.max(0.0)) * self.length;
        if side == 0 { self.begin[0] - reach } else { self.begin[1] + reach }
    }
}

pub(super) fn draw(pen: &Pen, chart: &Pyramid, language: &Language, (margin, top): (f64, f64)) -> Result<f64, DrawError> {
    let marks = || chart.rows.iter().flat_map(|row| row.marks.iter().flatten());
    let outline = || chart.rows.iter().flat_map(|row| row.outline.iter().flatten());
    let proxy = marks().any(is_hollow);
    let mut items = vec![LegendItem { key: Key::Swatch { ink: FIRST, hatched: proxy }, text: chart.legend_bars.clone() }];
    if outline().next().is_some() {
        items.push(LegendItem { key: Key::Course(SECOND, Trace::Solid), text: chart.legend_outline.clone() });
    }
    if proxy {
        items.push(LegendItem { key: Key::Swatch { ink: MUTED, hatched: true }, text: chart.legend_proxy.clone() });
    }
    if marks().any(|mark| !mark.flags.is_empty()) {
        items.push(LegendItem { key: Key::Letters, text: chart.legend_flag.clone() });
    }
    let mut y = legend(pen, margin, top, &items)?;
    let steps = if pen.width < NARROW { 3 } else { 5 };
    let values = marks().chain(outline()).map(|mark| mark.value.max(0.0));
    let axis = marks().next().and_then(|_| axis::axis(values.chain([0.0]), steps));
    let Some(mut axis) = axis else { return nothing(pen, language, margin, y) };
    // Lengths begin at zero and end with the longest; no room is left for a tick beyond it.
    let longest = marks().chain(outline()).map(|mark| mark.value).fold(0.0, f64::max);
    (axis.low, axis.high) = (0.0, if longest > 0.0 { longest } else { axis.high });
    axis.ticks.retain(|tick| (0.0..=axis.high * 1.001).contains(tick));
    let widest = chart.rows.iter().map(|row| SMALL.width(&row.label)).fold(20.0, f64::max).min(pen.width * 0.3);
    let value = marks().map(|mark| VALUE.width(&value_text(mark))).fold(0.0, f64::max);
    let (centre, half) = (pen.width / 2.0, widest / 2.0 + 9.0);
    let length = (centre - half - margin - value - NEAR - 2.0).max(20.0);
    let room = centre - half - margin;
    let sides = Sides { begin: [centre - half, centre + half], length, room, label: widest };
    let style = LABEL.cut(Cut::SemiBold);
    for (side, name) in chart.sides.iter().enumerate() {
        let name = text::shorten(name, style.size, style.cut, room);
        let anchor = if side == 0 { Anchor::End } else { Anchor::Start };
        pen.centred(sides.begin[side], y + 10.0, &name, style, anchor)?;
    }
    y += 24.0;
    let bottom = y + ROW * chart.rows.len() as f64;
    for tick in &axis.ticks {
        for side in [0, 1] {
            let x = sides.x(&axis, side, *tick);
            pen.line((x, y - 2.0), (x, bottom + 3.0), GRID, 1.0)?;
        }
    }
    for (index, row) in chart.rows.iter().rev().enumerate() {
        draw_row(pen, chart, row, language, (&axis, &sides), y + ROW * (index as f64 + 0.5))?;
    }
    for side in [0, 1] {
        draw_outline(pen, chart, side, (&axis, &sides), y)?;
    }
    for side in [0, 1] {
        let mut free = f64::INFINITY;
        // From the outer end inwards; the labels of the zeros lie beside the middle.
        for (tick, text) in axis.labels("", &chart.axis).into_iter().rev() {
            let (x, half) = (sides.x(&axis, side, tick), SMALL.width(&text) / 2.0);
            let distance = (x - centre).abs();
            if distance + half < free {
                pen.centred(x, bottom + 13.0, &text, SMALL, Anchor::Middle)?;
                free = distance - half - 8.0;
            }
        }
    }
    let mut y = bottom + 24.0;
    for line in SMALL.wrap(&chart.unit, pen.width - 2.0 * margin) {
        let half = SMALL.width(&line) / 2.0;
        pen.centred(centre.max(margin + half), y + 8.0, &line, SMALL, Anchor::Middle)?;
        y += SMALL.leading();
    }
    Ok(y)
}

fn draw_row(
    pen: &Pen,
    chart: &Pyramid,
    row: &PyramidRow,
    language: &Language,
    (axis, sides): (&Axis, &Sides),
    middle: f64,
) -> Drawn {
    let label = text::shorten(&row.label, SMALL.size, SMALL.cut, sides.label);
    let shortened = label != row.label;
    if shortened {
        pen.group(&row.label)?;
    }
    pen.centred(f64::midpoint(sides.begin[0], sides.begin[1]), middle, &label, SMALL.ink(TEXT), Anchor::Middle)?;
    if shortened {
        pen.end_group()?;
    }
    for (side, mark) in row.marks.iter().enumerate() {
        let (begin, towards) = (sides.begin[side], if side == 0 { -1.0 } else { 1.0 });
        let anchor = if side == 0 { Anchor::End } else { Anchor::Start };
        let beyond = |mark: &Mark| (sides.x(axis, side, mark.value) - begin).abs();
        let outline = row.outline[side].as_ref().map_or(0.0, beyond);
        let Some(mark) = mark else {
            let style = VALUE.cut(Cut::Italic).ink(MUTED);
            let word = text::shorten(&row.missing, style.size, style.cut, sides.room - outline - NEAR);
            pen.centred(begin + towards * (outline + NEAR), middle, &word, style, anchor)?;
            continue;
        };
        let x = sides.x(axis, side, mark.value);
        pen.area.draw(&Bar {
            from: (begin, middle - BAR / 2.0),
            to: (x, middle + BAR / 2.0),
            ink: FIRST,
            hatched: is_hollow(mark),
            id: mark.id.clone(),
            title: mark_title(language, &format!("{}, {}", chart.sides[side], row.label), mark),
        })?;
        let at = begin + towards * (beyond(mark).max(outline) + NEAR);
        pen.centred(at, middle, &value_text(mark), VALUE, anchor)?;
    }
    Ok(())
}

/// A line along the benchmark's ends, from row to row; interrupted where it has no value.
fn draw_outline(pen: &Pen, chart: &Pyramid, side: usize, (axis, sides): (&Axis, &Sides), top: f64) -> Drawn {
    let mut points: Vec<(i32, i32)> = Vec::new();
    let flush = |points: &mut Vec<(i32, i32)>| -> Drawn {
        if points.len() > 1 {
            pen.area.draw(&Course { points: std::mem::take(points), ink: SECOND, width: 2.2, trace: Trace::Solid })?;
        }
        points.clear();
        Ok(())
    };
    for (index, row) in chart.rows.iter().rev().enumerate() {
        let Some(mark) = &row.outline[side] else {
            flush(&mut points)?;
            continue;
        };
        let (x, y) = (sides.x(axis, side, mark.value), top + ROW * index as f64);
        points.extend([(fine(x), fine(y)), (fine(x), fine(y + ROW))]);
    }
    flush(&mut points)
}
