//! Bars of 100 %: in every row the same parts in the same order, each with its value inside, or below where it has no room.
//!
//! Parts are told apart by colour, by their order, which is the legend's, and by white gaps. A part of another region's values
//! is hatched. A missing part leaves its place empty: the others are drawn at their own percentages and never stretched.

use baseline_model::language::Language;

use super::axis::{self, Axis};
use super::canvas::{Anchor, DrawError, Drawn, Pen, Type};
use super::elements::Bar;
use super::palette::{CATEGORIES, GRID, Ink, MUTED, PAPER};
use super::{Key, LABEL, LegendItem, NARROW, SMALL, VALUE, is_hollow, legend, mark_title, nothing, spread, value_text};
use crate::document::{Stacked, StackedRow};
use crate::text::{self, Cut};

const BAR: f64 = 28.0;
const PADDING: f64 = 7.0;
/// White between two parts.
const BETWEEN: f64 = 2.0;
/// A line of values below a bar.
const LANE: f64 = 19.0;
/// Between two values below a bar, and around one inside.
const NEAR: f64 = 8.0;

struct Columns {
    label: f64,
    left: f64,
    right: f64,
}

/// A part of a bar and its text.
struct Piece {
    from: f64,
    to: f64,
    text: String,
    style: Type,
    inside: bool,
    /// The word for what is missing: no stroke leads to it.
    word: bool,
}

pub(super) fn draw(pen: &Pen, chart: &Stacked, language: &Language, (margin, top): (f64, f64)) -> Result<f64, DrawError> {
    let marks = || chart.rows.iter().flat_map(|row| row.marks.iter().flatten());
    let part =
        |(index, text): (usize, &String)| LegendItem { key: Key::Swatch { ink: ink(index), hatched: false }, text: text.clone() };
    let mut items: Vec<LegendItem> = chart.parts.iter().enumerate().map(part).collect();
    if marks().any(is_hollow) {
        items.push(LegendItem { key: Key::Swatch { ink: MUTED, hatched: true }, text: chart.legend_proxy.clone() });
    }
    if marks().any(|mark| !mark.flags.is_empty()) {
        items.push(LegendItem { key: Key::Letters, text: chart.legend_flag.clone() });
    }
    let y = legend(pen, margin, top, &items)?;
    let narrow = pen.width < NARROW;
    let sums = chart.rows.iter().map(|row| row.marks.iter().flatten().map(|mark| mark.value.max(0.0)).sum::<f64>());
    let highest = sums.fold(100.0, f64::max);
    let axis = marks().next().and_then(|_| axis::axis([0.0, highest.min(f64::MAX / 4.0)], if narrow { 4 } else { 6 }));
    let Some(mut axis) = axis else { return nothing(pen, language, margin, y) };
    // Published parts add up to 100 but for their rounding; the bar then ends with the axis.
    axis.high = if highest < 100.5 { highest } else { axis.high };
    axis.ticks.retain(|tick| *tick <= axis.high);
    let widest =
        chart.rows.iter().map(|row| label_style(row).width(&row.label).max(SMALL.width(&row.sublabel))).fold(0.0, f64::max);
    let end = pen.width - margin;
    let label = if narrow { end - margin } else { widest.clamp(60.0, 215.0) };
    let columns = Columns { label, left: if narrow { margin } else { margin + label + 18.0 }, right: end };
    let mut y = y;
    let mut free = f64::NEG_INFINITY;
    for (tick, text) in axis.labels("%", &chart.axis) {
        let half = SMALL.width(&text) / 2.0;
        let x = columns.x(&axis, tick).max(columns.left + half).min(columns.right - half);
        if x - half > free {
            pen.centred(x, y + 9.0, &text, SMALL, Anchor::Middle)?;
            free = x + half + 8.0;
        }
    }
    y += 18.0;
    for row in &chart.rows {
        y = draw_row(pen, chart, row, language, (&axis, &columns), (margin, y))?;
    }
    Ok(y)
}

impl Columns {
    fn x(&self, axis: &Axis, value: f64) -> f64 {
        self.left + axis.share(value) * (self.right - self.left)
    }
}

fn ink(part: usize) -> Ink {
    CATEGORIES[part % CATEGORIES.len()]
}

fn label_style(row: &StackedRow) -> Type {
    if row.highlight { LABEL.cut(Cut::SemiBold) } else { LABEL }
}

fn draw_row(
    pen: &Pen,
    chart: &Stacked,
    row: &StackedRow,
    language: &Language,
    (axis, columns): (&Axis, &Columns),
    (margin, top): (f64, f64),
) -> Result<f64, DrawError> {
    let narrow = pen.width < NARROW;
    let style = label_style(row);
    let (lines, _) = text::wrap_short(&row.label, style.size, style.cut, columns.label, 3);
    let (below, _) = text::wrap_short(&row.sublabel, SMALL.size, SMALL.cut, columns.label, 2);
    let head = style.leading() * lines.len() as f64 + SMALL.leading() * below.len() as f64;
    let pieces = pieces(row, axis, columns);
    let lanes = lanes(&pieces, columns);
    let bars = BAR + LANE * lanes.len() as f64;
    let (label_top, bar_top, height) = if narrow {
        (top + PADDING, top + PADDING + head + 4.0, head + 4.0 + bars + 2.0 * PADDING)
    } else {
        // The name stands beside the bar, not beside bar and values below.
        let over = (head - BAR).max(0.0) / 2.0;
        let bar_top = top + PADDING + over;
        (bar_top + BAR / 2.0 - head / 2.0, bar_top, 2.0 * PADDING + (over + bars).max(head))
    };
    let first = style.leading() * lines.len() as f64;
    super::label(pen, margin, label_top + first / 2.0, &row.label, &lines, style)?;
    let middle = label_top + first + SMALL.leading() * below.len() as f64 / 2.0;
    super::label(pen, margin, middle, &row.sublabel, &below, SMALL)?;
    for tick in &axis.ticks {
        let x = columns.x(axis, *tick);
        pen.line((x, bar_top - 4.0), (x, bar_top + BAR + 4.0), GRID, 1.0)?;
    }
    let middle = bar_top + BAR / 2.0;
    let mut known = row.marks.iter().enumerate().filter_map(|(index, mark)| Some((index, mark.as_ref()?)));
    for piece in &pieces {
        if let Some((index, mark)) = known.next() {
            let part = chart.parts.get(index).map_or("", String::as_str);
            let name = if part.is_empty() { row.label.clone() } else { format!("{}, {part}", row.label) };
            let right = (piece.to - BETWEEN).max(piece.from + 1.0).min(columns.right);
            pen.area.draw(&Bar {
                from: (piece.from, bar_top),
                to: (right, bar_top + BAR),
                ink: ink(index),
                hatched: is_hollow(mark),
                id: mark.id.clone(),
                title: mark_title(language, &name, mark),
            })?;
            if piece.inside && is_hollow(mark) {
                let half = piece.style.width(&piece.text) / 2.0 + 4.0;
                let centre = f64::midpoint(piece.from, piece.to - BETWEEN);
                pen.rect((centre - half, middle - 9.0), (centre + half, middle + 9.0), PAPER)?;
            }
        }
        if piece.inside {
            let centre = f64::midpoint(piece.from, piece.to - BETWEEN);
            pen.centred(centre, middle, &piece.text, piece.style, Anchor::Middle)?;
        }
    }
    draw_lanes(pen, &pieces, &lanes, bar_top + BAR)?;
    Ok(top + height)
}

/// The parts at hand from the left on, and after them the word for what is missing.
fn pieces(row: &StackedRow, axis: &Axis, columns: &Columns) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut sum = 0.0;
    for (index, mark) in row.marks.iter().enumerate() {
        let Some(mark) = mark else { continue };
        let from = columns.x(axis, sum).min(columns.right - 1.0);
        sum += mark.value.max(0.0);
        let to = columns.x(axis, sum).min(columns.right + BETWEEN);
        let text = value_text(mark);
        let style = if row.highlight { VALUE.cut(Cut::SemiBold) } else { VALUE };
        let inside = to - from - BETWEEN >= style.width(&text) + 2.0 * NEAR;
        let ink = if inside && !is_hollow(mark) { PAPER } else { ink(index) };
        pieces.push(Piece { from, to, text, style: style.ink(ink), inside, word: false });
    }
    if !row.missing.is_empty() && (row.marks.iter().any(Option::is_none) || row.marks.is_empty()) {
        let style = VALUE.cut(Cut::Italic).ink(MUTED);
        let text = text::shorten(&row.missing, style.size, style.cut, columns.right - columns.left - NEAR);
        let from = columns.x(axis, sum).min(columns.right - 1.0);
        let inside = columns.right - from >= style.width(&text) + NEAR;
        let to = if inside { from + style.width(&text) + NEAR + BETWEEN } else { columns.right };
        pieces.push(Piece { from, to, text, style, inside, word: true });
    }
    pieces
}

/// The pieces whose text stands below the bar, by line, each with the middle of its text.
fn lanes(pieces: &[Piece], columns: &Columns) -> Vec<Vec<(usize, f64)>> {
    let outside: Vec<usize> = (0..pieces.len()).filter(|index| !pieces[*index].inside).collect();
    let width = |index: usize| pieces[index].style.width(&pieces[index].text) + NEAR;
    for count in 1..=outside.len() {
        let lanes: Vec<Vec<usize>> = (0..count).map(|lane| outside.iter().copied().skip(lane).step_by(count).collect()).collect();
        let fits = |lane: &Vec<usize>| lane.iter().map(|index| width(*index)).sum::<f64>() <= columns.right - columns.left + NEAR;
        if count < outside.len() && !lanes.iter().all(fits) {
            continue;
        }
        let placed = lanes.into_iter().map(|lane| {
            let mut places: Vec<(f64, f64)> = lane
                .iter()
                .map(|index| (f64::midpoint(pieces[*index].from, pieces[*index].to - BETWEEN), width(*index)))
                .collect();
            spread(&mut places, (columns.left - NEAR / 2.0, columns.right + NEAR / 2.0), 0.0);
            lane.into_iter().zip(places).map(|(index, (centre, _))| (index, centre)).collect()
        });
        return placed.collect();
    }
    Vec::new()
}

fn draw_lanes(pen: &Pen, pieces: &[Piece], lanes: &[Vec<(usize, f64)>], bottom: f64) -> Drawn {
    for (number, lane) in lanes.iter().enumerate() {
        let y = bottom + LANE * number as f64 + 12.0;
        for (index, centre) in lane {
            let piece = &pieces[*index];
            if number == 0 && !piece.word {
                let from = f64::midpoint(piece.from, (piece.to - BETWEEN).max(piece.from + 1.0));
                pen.line((from, bottom), (*centre, bottom + 5.0), piece.style.ink, 1.0)?;
            }
            pen.centred(*centre, y, &piece.text, piece.style, Anchor::Middle)?;
        }
    }
    Ok(())
}
