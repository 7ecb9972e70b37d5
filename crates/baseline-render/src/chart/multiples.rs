//! Small multiples: the same lines for several places, a panel a place, on one axis of values and one of years.
//!
//! Values are printed for the last point of every line, beside its panel's plot; every other value stands in the figure's
//! data table. Panels are as many beside one another as the sheet has room for.

use baseline_model::language::Language;
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::Cartesian2d;

use super::axis::{self, Axis};
use super::canvas::{Anchor, DrawError, Drawn, Pen, Type, fine};
use super::elements::Trace;
use super::palette::{BAND, CATEGORIES, GRID, MUTED};
use super::series::{self, Legends, Look};
use super::{Key, LABEL, LegendItem, NARROW, SMALL, VALUE, legend, nothing, spread, value_text};
use crate::document::{LineSeries, Multiples, Panel};
use crate::text::{self, Cut};

/// Between two panels, and inside of one around its contents.
const BETWEEN: f64 = 14.0;
const INSET: f64 = 8.0;
/// Of a plot, at least.
const HEIGHT: f64 = 96.0;
const POINT: f64 = 3.0;
/// Between the plot and the values beside it.
const LEAD: f64 = 10.0;

/// What all panels share.
struct Grid {
    axis: Axis,
    years: (i32, i32),
    /// Width of a panel, of its tick labels, and of the values beside its plot.
    panel: f64,
    ticks: f64,
    values: f64,
    plot: f64,
}

pub(super) fn draw(pen: &Pen, chart: &Multiples, language: &Language, (margin, top): (f64, f64)) -> Result<f64, DrawError> {
    let lines = || chart.panels.iter().flat_map(|panel| &panel.lines);
    let mut items: Vec<LegendItem> = Vec::new();
    for (index, text) in chart.series.iter().enumerate() {
        items.push(LegendItem { key: Key::Course(CATEGORIES[index % CATEGORIES.len()], Trace::Solid), text: text.clone() });
    }
    let texts = Legends {
        proxy: &chart.legend_proxy,
        flag: &chart.legend_flag,
        provisional: &chart.legend_provisional,
        broken: &chart.legend_break,
    };
    items.extend(series::legend_items(&lines().collect::<Vec<_>>(), &texts));
    let mut y = legend(pen, margin, top, &items)?;
    let points = || lines().flat_map(|line| &line.points);
    let values = points().filter_map(|point| point.mark.as_ref()).map(|mark| mark.value);
    let years = || points().map(|point| point.year);
    let (Some(axis), Some(first), Some(last)) = (axis::axis(values, 4), years().min(), years().max()) else {
        return nothing(pen, language, margin, y);
    };
    if !axis::is_short(&chart.unit) {
        for line in SMALL.wrap(&chart.unit, pen.width - 2.0 * margin) {
            pen.centred(margin, y + 8.0, &line, SMALL, Anchor::Start)?;
            y += SMALL.leading();
        }
    }
    y += 4.0;
    let columns = if pen.width < NARROW { 2_usize } else { 3 }.min(chart.panels.len().max(1));
    let count = columns as f64;
    let panel = (pen.width - 2.0 * margin - BETWEEN * (count - 1.0)) / count;
    let ticks = axis.labels(&chart.unit, &chart.axis).iter().map(|(_, text)| SMALL.width(text)).fold(0.0, f64::max) + 6.0;
    let room = panel * 0.42;
    let labels = lines().filter_map(|line| value_lines(line, last, room));
    let beside = labels.flatten().map(|line| value_style(0).width(&line)).fold(0.0, f64::max);
    let highest = chart.panels.iter().map(|panel| values_height(panel, last, room)).fold(0.0, f64::max);
    let grid = Grid { axis, years: (first, last), panel, ticks, values: beside + LEAD, plot: HEIGHT.max(highest) };
    for row in chart.panels.chunks(columns) {
        y = draw_row(pen, chart, row, language, &grid, (margin, y))?;
    }
    Ok(y - 6.0)
}

fn value_style(colour: usize) -> Type {
    VALUE.cut(Cut::SemiBold).ink(CATEGORIES[colour % CATEGORIES.len()])
}

/// The last value of a line, with its year where that is not the last of all.
fn value_lines(line: &LineSeries, last: i32, room: f64) -> Option<Vec<String>> {
    let (year, mark) = series::last_mark(line)?;
    let value = value_text(mark);
    let text = if year == last { value } else { format!("{value} ({year})") };
    Some(value_style(0).wrap(&text, room))
}

fn values_height(panel: &Panel, last: i32, room: f64) -> f64 {
    let lines = panel.lines.iter().filter_map(|line| value_lines(line, last, room));
    lines.map(|lines| lines.len() as f64 * VALUE.leading() + 2.0).sum()
}

fn draw_row(
    pen: &Pen,
    chart: &Multiples,
    row: &[Panel],
    language: &Language,
    grid: &Grid,
    (margin, top): (f64, f64),
) -> Result<f64, DrawError> {
    let inner = grid.panel - 2.0 * INSET;
    let style = |panel: &Panel| if panel.highlight { LABEL.cut(Cut::SemiBold) } else { LABEL };
    let head = |panel: &Panel| {
        let style = style(panel);
        let (lines, _) = text::wrap_short(&panel.label, style.size, style.cut, inner, 2);
        let (below, _) = text::wrap_short(&panel.sublabel, SMALL.size, SMALL.cut, inner, 2);
        (lines, below)
    };
    let heads: Vec<_> = row.iter().map(head).collect();
    let height =
        |(lines, below): &(Vec<String>, Vec<String>)| LABEL.leading() * lines.len() as f64 + SMALL.leading() * below.len() as f64;
    let tallest = heads.iter().map(height).fold(0.0, f64::max);
    let plot_top = top + INSET + tallest + 12.0;
    let bottom = plot_top + grid.plot + 32.0;
    for (index, (panel, (lines, below))) in row.iter().zip(&heads).enumerate() {
        let left = margin + (grid.panel + BETWEEN) * index as f64;
        if panel.highlight {
            pen.rect((left, top), (left + grid.panel, bottom - 4.0), BAND)?;
        }
        let x = left + INSET;
        let middle = top + INSET + LABEL.leading() * lines.len() as f64 / 2.0;
        super::label(pen, x, middle, &panel.label, lines, style(panel))?;
        let middle = top + INSET + LABEL.leading() * lines.len() as f64 + SMALL.leading() * below.len() as f64 / 2.0;
        super::label(pen, x, middle, &panel.sublabel, below, SMALL)?;
        draw_panel(pen, chart, panel, language, grid, (x, plot_top))?;
    }
    Ok(bottom + 6.0)
}

fn draw_panel(pen: &Pen, chart: &Multiples, panel: &Panel, language: &Language, grid: &Grid, (x, top): (f64, f64)) -> Drawn {
    let end = x + grid.panel - 2.0 * INSET;
    let (left, right) = (x + grid.ticks, end - grid.values);
    let bottom = top + grid.plot;
    let (first, last) = grid.years;
    let (low, high) =
        if last > first { (f64::from(first), f64::from(last)) } else { (f64::from(first) - 0.5, f64::from(last) + 0.5) };
    let x_of = |year: i32| left + 4.0 + (f64::from(year) - low) / (high - low) * (right - left - 8.0);
    let y_of = |value: f64| bottom - grid.axis.share(value) * grid.plot;
    for (tick, text) in grid.axis.labels(&chart.unit, &chart.axis) {
        pen.line((left, y_of(tick)), (right, y_of(tick)), GRID, 1.0)?;
        pen.centred(left - 6.0, y_of(tick), &text, SMALL, Anchor::End)?;
    }
    let drawn = panel.lines.iter().any(|line| series::last_mark(line).is_some());
    if !drawn {
        let style = VALUE.cut(Cut::Italic).ink(MUTED);
        let (lines, _) = text::wrap_short(&panel.missing, style.size, style.cut, end - left - 6.0, 3);
        return super::label(pen, left + 6.0, f64::midpoint(top, bottom), &panel.missing, &lines, style);
    }
    // The first and the last year; those between are read off the figure's data table.
    let (from, to) = (first.to_string(), last.to_string());
    pen.centred(left + 4.0 - SMALL.width(&from).min(8.0) / 2.0, bottom + 16.0, &from, SMALL, Anchor::Start)?;
    if right - left > SMALL.width(&from) + SMALL.width(&to) + 8.0 && last > first {
        pen.centred(right + 4.0, bottom + 16.0, &to, SMALL, Anchor::End)?;
    } else if last > first {
        pen.centred(end, bottom + 16.0, &to, SMALL, Anchor::End)?;
    }
    let plot = pen.area.apply_coord_spec(Cartesian2d::<RangedCoordf64, RangedCoordf64>::new(
        low..high,
        grid.axis.low..grid.axis.high,
        (fine(left + 4.0)..fine(right - 4.0), fine(bottom)..fine(top)),
    ));
    let look = Look { point: POINT, all_points: false, break_marks: !chart.legend_break.is_empty(), place: &panel.label };
    for line in panel.lines.iter().rev() {
        series::draw(pen, &plot, line, &look, language, (&x_of, &y_of))?;
    }
    let room = grid.panel * 0.42;
    let mut labels = Vec::new();
    for line in &panel.lines {
        let (Some((_, mark)), Some(lines)) = (series::last_mark(line), value_lines(line, last, room)) else { continue };
        labels.push((y_of(mark.value), lines, line.colour));
    }
    let mut places: Vec<(f64, f64)> = labels.iter().map(|(y, lines, _)| (*y, lines.len() as f64 * VALUE.leading())).collect();
    spread(&mut places, (top - 6.0, bottom + 6.0), 0.0);
    for ((_, lines, colour), (y, _)) in labels.iter().zip(places) {
        super::label(pen, right + LEAD, y, &lines.join(" "), lines, value_style(*colour))?;
    }
    Ok(())
}
