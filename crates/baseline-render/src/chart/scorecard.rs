//! Figures as a table that is read at a glance: in each cell a mark with its number, and under it in words what it says.
//!
//! The shade of a cell, its edge, its arrow and its words say the same: none of them is needed to read another. Nothing is
//! shortened but what would need more than six lines; texts wrap in their columns and rows grow. On a narrow sheet the label stands
//! above its cells; where even these find no room beside one another, they go on in a further line, each with its header.

use baseline_model::language::Language;

use super::canvas::{Anchor, DrawError, Drawn, MarkElement, Pen, Shape, Type, fine};
use super::palette::{BAND, BAR, BETTER, FIRST, GRID, Ink, MUTED, SECOND_TEXT, TEXT, WORSE};
use super::{Key, LABEL, LegendItem, NARROW, SMALL, flag_text, is_hollow, label, legend, mark_title, nothing, value_text};
use crate::document::{Arrow, Mark, ScoreCell, ScoreRow, Scorecard, Tone};
use crate::text::{self, Cut};

/// Width of a shade's edge.
const EDGE: f64 = 3.0;
const NUMBER: Type = Type { size: 14.0, cut: Cut::SemiBold, ink: TEXT };
const HEADER: Type = Type { size: 12.5, cut: Cut::SemiBold, ink: MUTED };
const HEADING: Type = Type { size: 14.0, cut: Cut::SemiBold, ink: TEXT };
const RADIUS: f64 = 5.0;
/// From the left of a cell to its mark's centre and to its text.
const MARK: f64 = 14.0;
const INDENT: f64 = 24.0;
const PADDING: f64 = 7.0;
/// Below this width of a cell its row goes on in a further line.
const LEAST: f64 = 80.0;
/// Lines of a label, of a header and of the words in a cell at most.
const LINES: usize = 6;

/// Where the cells lie.
struct Grid {
    /// Room of the label.
    label: f64,
    left: f64,
    right: f64,
    /// Cells beside one another, and their width.
    across: usize,
    cell: f64,
    /// Label above the cells.
    stacked: bool,
    /// Each cell has its header in it.
    headed: bool,
}

impl Grid {
    fn cell_left(&self, index: usize) -> f64 {
        self.left + self.cell * (index % self.across) as f64
    }
}

/// What stands in a cell, in lines.
struct Content {
    header: Vec<String>,
    number: Vec<String>,
    words: Vec<String>,
}

impl Content {
    fn height(&self) -> f64 {
        HEADER.leading() * self.header.len() as f64
            + NUMBER.leading() * self.number.len() as f64
            + SMALL.leading() * self.words.len() as f64
            + 2.0 * PADDING
    }
}

pub(super) fn draw(pen: &Pen, chart: &Scorecard, language: &Language, (margin, top): (f64, f64)) -> Result<f64, DrawError> {
    let y = legend(pen, margin, top, &legend_items(chart))?;
    if chart.rows.is_empty() || chart.columns.is_empty() {
        return nothing(pen, language, margin, y);
    }
    let grid = grid(pen, chart, margin);
    let mut y = if grid.headed { y } else { headers(pen, chart, &grid, (margin, y))? };
    for (index, row) in chart.rows.iter().enumerate() {
        if !row.heading.is_empty() {
            y += if index > 0 { 12.0 } else { 4.0 };
            for line in HEADING.wrap(&row.heading, grid.right - margin) {
                pen.centred(margin, y + HEADING.leading() / 2.0, &line, HEADING, Anchor::Start)?;
                y += HEADING.leading();
            }
            y += 4.0;
            pen.line((margin, y), (grid.right, y), BAR, 1.0)?;
        } else if row.benchmark && index > 0 && !chart.rows[index - 1].benchmark {
            pen.line((margin, y), (grid.right, y), BAR, 1.0)?;
        } else if index > 0 {
            pen.line((margin, y), (grid.right, y), GRID, 1.0)?;
        }
        y = draw_row(pen, chart, row, language, &grid, (margin, y))?;
    }
    Ok(y)
}

fn legend_items(chart: &Scorecard) -> Vec<LegendItem> {
    let cells = || chart.rows.iter().flat_map(|row| &row.cells);
    let mut items = Vec::new();
    for (arrow, text) in [Arrow::Up, Arrow::Down, Arrow::Level].into_iter().zip(&chart.legend_arrows) {
        if cells().any(|cell| cell.arrow == Some(arrow)) {
            let key = Key::Mark { ink: TEXT, hollow: false, shape: shape(Some(arrow)) };
            items.push(LegendItem { key, text: text.clone() });
        }
    }
    for (tone, text) in [Tone::Better, Tone::Worse].into_iter().zip(&chart.legend_tones) {
        if cells().any(|cell| cell.tone == tone) {
            items.push(LegendItem { key: Key::Tone(tone), text: text.clone() });
        }
    }
    let marks = || cells().filter_map(|cell| cell.mark.as_ref());
    if marks().any(is_hollow) {
        let key = Key::Mark { ink: TEXT, hollow: true, shape: Shape::Dot };
        items.push(LegendItem { key, text: chart.legend_proxy.clone() });
    }
    if marks().any(|mark| !mark.flags.is_empty()) {
        items.push(LegendItem { key: Key::Letters, text: chart.legend_flag.clone() });
    }
    items
}

fn shape(arrow: Option<Arrow>) -> Shape {
    match arrow {
        None => Shape::Dot,
        Some(Arrow::Up) => Shape::Up,
        Some(Arrow::Down) => Shape::Down,
        Some(Arrow::Level) => Shape::Flat,
    }
}

/// Shade and edge of a cell.
fn shade(tone: Tone) -> Option<(Ink, Ink)> {
    match tone {
        Tone::None => None,
        Tone::Better => Some((BETTER, FIRST)),
        Tone::Worse => Some((WORSE, SECOND_TEXT)),
    }
}

fn label_style(row: &ScoreRow) -> Type {
    let style = if row.benchmark { LABEL.ink(MUTED) } else { LABEL };
    if row.highlight { style.cut(Cut::SemiBold) } else { style }
}

fn grid(pen: &Pen, chart: &Scorecard, margin: f64) -> Grid {
    let right = pen.width - margin;
    let columns = chart.columns.len().max(1);
    let widest = |row: &ScoreRow| label_style(row).width(&row.label).max(SMALL.width(&row.sublabel));
    let widest = chart.rows.iter().map(widest).fold(HEADER.width(&chart.corner), f64::max);
    let label = widest.clamp(60.0, (0.35 * (right - margin)).max(60.0));
    let left = margin + label + 16.0;
    let beside = (right - left) / columns as f64;
    if pen.width >= NARROW && beside >= LEAST {
        let cell = beside.min(230.0);
        return Grid {
            label: label + (beside - cell) * columns as f64,
            left: right - cell * columns as f64,
            right,
            across: columns,
            cell,
            stacked: false,
            headed: false,
        };
    }
    let (left, label) = (margin, right - margin);
    let cell = (right - left) / columns as f64;
    let numbers = chart.rows.iter().flat_map(|row| &row.cells).filter_map(|cell| cell.mark.as_ref());
    let widest = numbers.map(|mark| INDENT + NUMBER.width(&mark.text) + 6.0).fold(LEAST, f64::max);
    if cell >= widest {
        return Grid { label, left, right, across: columns, cell, stacked: true, headed: false };
    }
    // As many as find room, in lines of about equal length.
    let least = if pen.width < NARROW { 105.0 } else { 120.0 };
    let most = fine_count((right - left) / widest.max(least));
    let across = columns.div_ceil(columns.div_ceil(most));
    Grid { label, left, right, across, cell: (right - left) / across as f64, stacked: true, headed: true }
}

/// A small whole number, at least one.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "sheets are a few hundred pixels wide")]
fn fine_count(share: f64) -> usize {
    share.floor().max(1.0) as usize
}

fn headers(pen: &Pen, chart: &Scorecard, grid: &Grid, (margin, top): (f64, f64)) -> Result<f64, DrawError> {
    let corner = HEADER.wrap(&chart.corner, grid.label);
    let lines: Vec<Vec<String>> = chart.columns.iter().map(|text| few(text, HEADER, grid.cell - MARK)).collect();
    let most = lines.iter().map(Vec::len).max().unwrap_or(0);
    let mut bottom = top + 4.0;
    if grid.stacked {
        // The corner names what stands above the cells, so it stands above their headers.
        bottom += HEADER.leading() * corner.len() as f64;
    }
    let corner_top =
        if grid.stacked { top + 4.0 } else { top + 4.0 + HEADER.leading() * most.saturating_sub(corner.len()) as f64 };
    block(pen, (margin, corner_top), &corner, HEADER)?;
    let rows = if grid.stacked { most } else { most.max(corner.len()) };
    for (index, lines) in lines.iter().enumerate() {
        let above = HEADER.leading() * (rows - lines.len()) as f64;
        block(pen, (grid.cell_left(index) + MARK - RADIUS, bottom + above), lines, HEADER)?;
    }
    let y = bottom + HEADER.leading() * rows as f64 + 5.0;
    pen.line((margin, y), (grid.right, y), BAR, 1.0)?;
    Ok(y)
}

/// Lines of text from a corner on; gives the bottom.
fn block(pen: &Pen, (x, top): (f64, f64), lines: &[String], style: Type) -> Result<f64, DrawError> {
    let mut y = top;
    for line in lines {
        pen.centred(x, y + style.leading() / 2.0, line, style, Anchor::Start)?;
        y += style.leading();
    }
    Ok(y)
}

fn content(chart: &Scorecard, index: usize, cell: Option<&ScoreCell>, grid: &Grid) -> Content {
    let room = grid.cell - INDENT - 6.0;
    let header = chart.columns.get(index).filter(|_| grid.headed);
    let header = header.map_or_else(Vec::new, |text| few(text, HEADER, grid.cell - MARK));
    let number = cell.and_then(|cell| cell.mark.as_ref()).map_or_else(Vec::new, |mark| number_lines(mark, room));
    let words = cell.map_or_else(Vec::new, |cell| few(&cell.text, words_style(cell), room));
    Content { header, number, words }
}

/// The number and its flags, below one another where the cell is too narrow for both.
fn number_lines(mark: &Mark, room: f64) -> Vec<String> {
    let whole = value_text(mark);
    if NUMBER.width(&whole) <= room {
        return vec![whole];
    }
    let flags = flag_text(&mark.flags).trim_start().to_owned();
    let mut lines = NUMBER.wrap(&mark.text, room);
    lines.extend((!flags.is_empty()).then_some(flags));
    lines
}

/// At most as many lines as a cell has room for.
fn few(full: &str, style: Type, room: f64) -> Vec<String> {
    text::wrap_short(full, style.size, style.cut, room, LINES).0
}

/// What is said of a number is grey; why there is none is set as everywhere.
fn words_style(cell: &ScoreCell) -> Type {
    match (&cell.mark, cell.tone) {
        (None, _) => SMALL.cut(Cut::Italic),
        (Some(_), Tone::None) => SMALL,
        (Some(_), Tone::Better | Tone::Worse) => SMALL.ink(TEXT),
    }
}

fn draw_row(
    pen: &Pen,
    chart: &Scorecard,
    row: &ScoreRow,
    language: &Language,
    grid: &Grid,
    (margin, top): (f64, f64),
) -> Result<f64, DrawError> {
    let style = label_style(row);
    let (lines, _) = text::wrap_short(&row.label, style.size, style.cut, grid.label, LINES);
    let (small, _) = text::wrap_short(&row.sublabel, SMALL.size, SMALL.cut, grid.label, LINES);
    let label_height = style.leading() * lines.len() as f64 + SMALL.leading() * small.len() as f64;
    let contents: Vec<Content> =
        (0..chart.columns.len()).map(|index| content(chart, index, row.cells.get(index), grid)).collect();
    let heights: Vec<f64> =
        contents.chunks(grid.across).map(|line| line.iter().map(Content::height).fold(0.0, f64::max)).collect();
    let cells_height: f64 = heights.iter().sum();
    let (cells_top, bottom) = if grid.stacked {
        let cells_top = top + PADDING + label_height;
        (cells_top, cells_top + cells_height + 2.0)
    } else {
        (top + 1.0, top + cells_height.max(label_height + 2.0 * PADDING) + 2.0)
    };
    if row.highlight {
        pen.rect((margin - 4.0, top + 1.0), (grid.right + 4.0, bottom - 1.0), BAND)?;
    }
    let label_top = if grid.stacked { top + PADDING } else { f64::midpoint(top, bottom) - label_height / 2.0 };
    let mut y = label_top;
    for (full, lines, style) in [(&row.label, &lines, style), (&row.sublabel, &small, SMALL)] {
        let height = style.leading() * lines.len() as f64;
        label(pen, margin, y + height / 2.0, full, lines, style)?;
        y += height;
    }
    let mut y = cells_top;
    for ((line, height), first) in contents.chunks(grid.across).zip(&heights).zip((0..).step_by(grid.across)) {
        let height = if grid.stacked { *height } else { bottom - 1.0 - cells_top };
        for (offset, content) in line.iter().enumerate() {
            let Some(cell) = row.cells.get(first + offset) else { continue };
            let name = chart.columns.get(first + offset).map_or("", String::as_str);
            let at = (grid.cell_left(first + offset), y);
            draw_cell(pen, (row, cell, name), language, content, at, (grid.cell, height))?;
        }
        y += height;
    }
    Ok(bottom)
}

/// The edge of a shade: whole for the better, broken for the worse, so that a copy in black and white has both.
pub(super) fn edge(pen: &Pen, (left, top): (f64, f64), bottom: f64, ink: Ink, tone: Tone) -> Drawn {
    const PIECE: f64 = 4.0;
    if tone != Tone::Worse {
        return pen.rect((left, top), (left + EDGE, bottom), ink);
    }
    let mut y = top;
    while y < bottom {
        pen.rect((left, y), (left + EDGE, (y + PIECE).min(bottom)), ink)?;
        y += 1.75 * PIECE;
    }
    Ok(())
}

/// Shade and edge in the legend.
pub(super) fn key(pen: &Pen, (x, middle): (f64, f64), tone: Tone) -> Drawn {
    let Some((shade, ink)) = shade(tone) else { return Ok(()) };
    pen.rect((x, middle - 7.0), (x + 17.0, middle + 7.0), shade)?;
    edge(pen, (x, middle - 7.0), middle + 7.0, ink, tone)
}

fn draw_cell(
    pen: &Pen,
    (row, cell, name): (&ScoreRow, &ScoreCell, &str),
    language: &Language,
    content: &Content,
    (left, top): (f64, f64),
    (width, height): (f64, f64),
) -> Drawn {
    if let Some((shade, edge)) = shade(cell.tone) {
        let (from, to) = ((left + 2.0, top + 1.5), (left + width - 2.0, top + height - 1.5));
        pen.rect(from, to, shade)?;
        self::edge(pen, from, to.1, edge, cell.tone)?;
    }
    let free = height - content.height();
    let y = block(pen, (left + MARK - RADIUS, top + PADDING + free / 2.0), &content.header, HEADER)?;
    if let Some(mark) = &cell.mark {
        pen.mark(&MarkElement {
            at: (fine(left + MARK), fine(y + NUMBER.leading() / 2.0)),
            shift: 0.0,
            radius: RADIUS,
            ink: shade(cell.tone).map_or(TEXT, |(_, edge)| edge),
            hollow: is_hollow(mark),
            shape: shape(cell.arrow),
            id: mark.id.clone(),
            title: mark_title(language, &format!("{}, {name}", row.label), mark),
        })?;
    }
    let style = if row.benchmark { NUMBER.ink(MUTED) } else { NUMBER };
    let y = block(pen, (left + INDENT, y), &content.number, style)?;
    let x = if cell.mark.is_some() { left + INDENT } else { left + MARK - RADIUS };
    block(pen, (x, y), &content.words, words_style(cell)).map(drop)
}
