//! Letters in a grid: whose value is shown, or why none. The letter says it; the area repeats it.
//!
//! Column headers stand like flags on poles, text to the left of the pole, each on the lowest level where it meets no other:
//! all text stays horizontal, however long a name is. Where the sheet is too narrow for that, columns are numbered and listed.

use baseline_model::Grade;
use baseline_model::language::Language;

use super::canvas::{Anchor, DrawError, Drawn, Pen, Type, fine};
use super::elements::Strokes;
use super::fields::{Areas, Letters};
use super::palette::{BAND, BAR, BETTER, FIRST, GRID, Ink, MIDDLE, MUTED, PAPER, TEXT};
use super::{Key, LegendItem, NARROW, label, legend, nothing};
use crate::document::{Area, Matrix, MatrixCell, MatrixRow};
use crate::text::{self, Cut};

/// Width and height of a cell in the legend.
pub(super) const KEY: f64 = 24.0;
const HEIGHT: f64 = 18.0;
/// Height of a row of one line.
const ROW: f64 = 21.0;
const LETTER: Type = Type { size: 13.0, cut: Cut::SemiBold, ink: TEXT };
const HEADER: Type = Type { size: 12.5, cut: Cut::Regular, ink: TEXT };
const HEADING: Type = Type { size: 14.0, cut: Cut::SemiBold, ink: TEXT };
const NAME: Type = Type { size: 13.5, cut: Cut::Regular, ink: TEXT };
const LEVEL: f64 = 16.0;

struct Grid {
    label: f64,
    left: f64,
    right: f64,
    cell: f64,
    /// Label above the cells.
    stacked: bool,
}

impl Grid {
    fn centre(&self, index: usize) -> f64 {
        self.left + self.cell * (index as f64 + 0.5)
    }
}

/// A cell with its box.
struct Placed<'a> {
    cell: &'a MatrixCell,
    from: (f64, f64),
    to: (f64, f64),
}

pub(super) fn draw(pen: &Pen, chart: &Matrix, language: &Language, (margin, top): (f64, f64)) -> Result<f64, DrawError> {
    let items: Vec<LegendItem> =
        chart.legend.iter().map(|(cell, text)| LegendItem { key: Key::Cell(cell.clone()), text: text.clone() }).collect();
    let y = legend(pen, margin, top, &items)?;
    if chart.rows.is_empty() || chart.columns.is_empty() {
        return nothing(pen, language, margin, y);
    }
    let grid = grid(pen, chart, margin);
    let mut y = headers(pen, chart, &grid, (margin, y))?;
    let (mut cells, mut rules) = (Vec::new(), Vec::new());
    for (index, row) in chart.rows.iter().enumerate() {
        if !row.heading.is_empty() {
            y += if index > 0 { 10.0 } else { 2.0 };
            for line in HEADING.wrap(&row.heading, grid.right - margin) {
                pen.centred(margin, y + HEADING.leading() / 2.0, &line, HEADING, Anchor::Start)?;
                y += HEADING.leading();
            }
            y += 3.0;
            pen.line((margin, y), (grid.right, y), BAR, 1.0)?;
            y += 2.0;
        }
        y = draw_row(pen, row, chart, &grid, (margin, y), &mut cells)?;
        if !grid.stacked {
            rules.extend([margin, grid.right].map(|x| (fine(x), fine(y))));
        }
    }
    pen.area.draw(&Strokes { at: rules, ink: GRID, width: 0.8 })?;
    draw_cells(pen, &cells)?;
    Ok(y)
}

fn name_style(row: &MatrixRow) -> Type {
    if row.highlight { NAME.cut(Cut::SemiBold) } else { NAME }
}

fn grid(pen: &Pen, chart: &Matrix, margin: f64) -> Grid {
    let (right, columns) = (pen.width - margin, chart.columns.len() as f64);
    if pen.width < NARROW {
        return Grid { label: right - margin, left: margin, right, cell: ((right - margin) / columns).min(60.0), stacked: true };
    }
    let widest = chart.rows.iter().map(|row| name_style(row).width(&row.label)).fold(HEADER.width(&chart.corner), f64::max);
    let label = widest.clamp(120.0, 400.0).min((right - margin - 24.0 * columns).max(120.0));
    let left = margin + label + 16.0;
    Grid { label, left, right, cell: ((right - left) / columns).min(150.0), stacked: false }
}

fn headers(pen: &Pen, chart: &Matrix, grid: &Grid, (margin, top): (f64, f64)) -> Result<f64, DrawError> {
    let word = |text: &String| text.split([' ', '-']).map(|word| HEADER.width(word)).fold(0.0, f64::max);
    let wrapped: Vec<Vec<String>> = chart.columns.iter().map(|text| HEADER.wrap(text, grid.cell - 8.0)).collect();
    let deepest = wrapped.iter().map(Vec::len).max().unwrap_or(0);
    if chart.columns.iter().all(|text| word(text) <= grid.cell - 10.0) && deepest <= 4 {
        let bottom = top + HEADER.leading() * deepest as f64;
        for (index, lines) in wrapped.iter().enumerate() {
            let mut y = bottom - HEADER.leading() * (lines.len() as f64 - 0.5);
            for line in lines {
                pen.centred(grid.centre(index), y, line, HEADER, Anchor::Middle)?;
                y += HEADER.leading();
            }
        }
        if !grid.stacked {
            let corner = text::shorten(&chart.corner, HEADER.size, HEADER.cut, grid.label);
            pen.centred(margin, bottom - HEADER.leading() / 2.0, &corner, HEADER.ink(MUTED), Anchor::Start)?;
        }
        return Ok(bottom + 6.0);
    }
    if grid.stacked { numbered(pen, chart, grid, (margin, top)) } else { flags(pen, chart, grid, (margin, top)) }
}

/// Names to the left of poles.
fn flags(pen: &Pen, chart: &Matrix, grid: &Grid, (margin, top): (f64, f64)) -> Result<f64, DrawError> {
    let mut placed: Vec<(f64, usize, String)> = Vec::new();
    for (index, name) in chart.columns.iter().enumerate() {
        let x = grid.centre(index);
        let name = text::shorten(name, HEADER.size, HEADER.cut, (x - margin - 5.0).min(420.0));
        let from = x - 5.0 - HEADER.width(&name) - 8.0;
        // Above every name whose pole stands under this one: then no pole crosses a name.
        let level = placed.iter().filter(|(other, ..)| *other > from).map(|(_, level, _)| level + 1).max().unwrap_or(0);
        placed.push((x, level, name));
    }
    let levels = placed.iter().map(|(_, level, _)| level + 1).max().unwrap_or(0);
    let bottom = top + LEVEL * levels as f64 + 8.0;
    for ((x, level, name), full) in placed.iter().zip(&chart.columns) {
        let y = bottom - 8.0 - LEVEL * (*level as f64 + 0.5);
        pen.line((*x, y - 5.0), (*x, bottom - 1.0), BAR, 1.0)?;
        let left = x - 5.0 - HEADER.width(name);
        label(pen, left, y, full, std::slice::from_ref(name), HEADER)?;
    }
    Ok(bottom + 2.0)
}

/// Numbers above the columns, and the list of their names before.
fn numbered(pen: &Pen, chart: &Matrix, grid: &Grid, (margin, top): (f64, f64)) -> Result<f64, DrawError> {
    let (mut x, mut y) = (margin, top);
    for (index, name) in chart.columns.iter().enumerate() {
        let item = format!("{}\u{a0}{name}", index + 1);
        let width = HEADER.width(&item);
        if x > margin && x + width > grid.right {
            (x, y) = (margin, y + HEADER.leading() + 2.0);
        }
        let lines = HEADER.wrap(&item, grid.right - x);
        for (line_index, line) in lines.iter().enumerate() {
            if line_index > 0 {
                y += HEADER.leading();
            }
            pen.centred(x, y + HEADER.leading() / 2.0, line, HEADER, Anchor::Start)?;
        }
        x += width + 14.0;
    }
    y += HEADER.leading() + 8.0;
    for index in 0..chart.columns.len() {
        pen.centred(grid.centre(index), y + 8.0, &(index + 1).to_string(), HEADER.cut(Cut::SemiBold), Anchor::Middle)?;
    }
    Ok(y + 20.0)
}

fn draw_row<'a>(
    pen: &Pen,
    row: &'a MatrixRow,
    chart: &Matrix,
    grid: &Grid,
    (margin, top): (f64, f64),
    cells: &mut Vec<Placed<'a>>,
) -> Result<f64, DrawError> {
    let style = name_style(row);
    let (lines, _) = text::wrap_short(&row.label, style.size, style.cut, grid.label, 3);
    let label_height = style.leading() * lines.len() as f64;
    let height = if grid.stacked { label_height + HEIGHT + 12.0 } else { (label_height + 4.0).max(ROW) };
    let bottom = top + height;
    if row.highlight {
        pen.rect((margin - 4.0, top), (grid.right + 4.0, bottom), BAND)?;
    }
    let (label_middle, middle) = if grid.stacked {
        (top + 4.0 + label_height / 2.0, top + 6.0 + label_height + HEIGHT / 2.0)
    } else {
        (f64::midpoint(top, bottom), f64::midpoint(top, bottom))
    };
    label(pen, margin, label_middle, &row.label, &lines, style)?;
    for (index, cell) in row.cells.iter().take(chart.columns.len()).enumerate() {
        let half = (grid.cell / 2.0 - 1.5).max(6.0);
        let x = grid.centre(index);
        // Whole pixels: sharp edges, and a picture of hundreds of cells stays small.
        let (top, bottom) = ((middle - HEIGHT / 2.0).round(), (middle + HEIGHT / 2.0).round());
        cells.push(Placed { cell, from: ((x - half).round(), top), to: ((x + half).round(), bottom) });
    }
    Ok(bottom)
}

/// Fill, edge and ink of the letter.
fn look(area: Area) -> (Option<Ink>, Option<Ink>, Ink) {
    match area {
        Area::Grade(Grade::A) => (Some(FIRST), None, PAPER),
        Area::Grade(Grade::B) => (Some(MIDDLE), None, PAPER),
        Area::Grade(Grade::C) => (Some(BETTER), Some(FIRST), TEXT),
        Area::Grade(Grade::D | Grade::M) => (Some(PAPER), Some(FIRST), TEXT),
        Area::Withheld => (Some(GRID), Some(MUTED), TEXT),
        Area::Nothing => (None, None, MUTED),
    }
}

/// All areas of one look as one path, then the letters.
fn draw_cells(pen: &Pen, cells: &[Placed]) -> Drawn {
    let mut areas: Vec<Area> = cells.iter().map(|placed| placed.cell.area).collect();
    areas.sort_unstable();
    areas.dedup();
    for area in areas {
        let wanted = || cells.iter().filter(|placed| placed.cell.area == area);
        let (fill, edge, ink) = look(area);
        if let Some(fill) = fill {
            let boxes = wanted().map(|placed| [placed.from, placed.to].map(|(x, y)| (fine(x), fine(y)))).collect();
            pen.area.draw(&Areas { boxes, fill, edge })?;
        }
        if area == Area::Grade(Grade::M) {
            let at = wanted().flat_map(|placed| hatch(placed.from, placed.to)).map(|(x, y)| (fine(x), fine(y))).collect();
            pen.area.draw(&Strokes { at, ink: FIRST, width: 1.2 })?;
        }
        let letter = |placed: &Placed| {
            let (x, y) = (f64::midpoint(placed.from.0, placed.to.0), f64::midpoint(placed.from.1, placed.to.1));
            let letter = text::shorten(&placed.cell.letter, LETTER.size, LETTER.cut, placed.to.0 - placed.from.0);
            ((fine(x), fine(y)), letter)
        };
        pen.area.draw(&Letters { texts: wanted().map(letter).collect(), style: LETTER.ink(ink) })?;
    }
    Ok(())
}

/// Slanted strokes at both ends of a cell; the middle stays free for the letter.
fn hatch(from: (f64, f64), to: (f64, f64)) -> Vec<(f64, f64)> {
    /// How far a stroke leans.
    const RUN: f64 = 5.0;
    let middle = f64::midpoint(from.0, to.0);
    let mut ends = Vec::new();
    let mut x = from.0 + 1.0;
    while x < to.0 {
        // As much of the stroke as lies inside the cell.
        let (bottom, top) = ((x, to.1), (x + RUN, from.1));
        let inside = top.0 < to.0 - 0.5 && (bottom.0 + RUN / 2.0 - middle).abs() > 7.0 + RUN / 2.0;
        if inside {
            ends.extend([bottom, top]);
        }
        x += 5.0;
    }
    ends
}

/// A cell of the legend: its left end and its middle.
pub(super) fn key(pen: &Pen, (x, middle): (f64, f64), cell: &MatrixCell) -> Drawn {
    draw_cells(pen, &[Placed { cell, from: (x, middle - HEIGHT / 2.0), to: (x + KEY, middle + HEIGHT / 2.0) }])
}
