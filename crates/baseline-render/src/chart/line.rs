//! Lines over years: interrupted where a value is missing and at a break, labelled directly at their ends.
//!
//! A missing year is a hole, never joined; a break is a hole with two slanted strokes. A flagged point is a
//! diamond, a value of another region hollow. End labels are moved apart vertically until none touches another.

use baseline_model::language::Language;
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::{Cartesian2d, LineSeries};

use super::axis;
use super::canvas::{Anchor, DrawError, MarkElement, Pen, Shape, fine, stroke};
use super::palette::{CATEGORIES, GRID, Ink, MUTED};
use super::{Key, LegendItem, NARROW, SMALL, VALUE, break_mark, is_hollow, legend, mark_title, nothing, value_text};
use crate::document::{LineChart, LineSeries as Series, Mark};
use crate::text::{self, Cut};

/// Between the plot and the end labels.
const LEAD: f64 = 18.0;
const POINT: f64 = 3.4;

type Plot<'a> = plotters::drawing::DrawingArea<super::canvas::Backend<'a>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

/// An end label: where its line ends, and where the label came to stand.
struct EndLabel {
    full: String,
    lines: Vec<String>,
    ink: Ink,
    from: (f64, f64),
    y: f64,
    height: f64,
}

pub(super) fn draw(pen: &Pen, chart: &LineChart, language: &Language, (margin, top): (f64, f64)) -> Result<f64, DrawError> {
    let marks = || chart.series.iter().flat_map(|series| &series.points).filter_map(|point| point.mark.as_ref());
    let mark_key = |hollow, shape| Key::Mark { ink: MUTED, hollow, shape };
    let mut items = Vec::new();
    if marks().any(is_hollow) {
        items.push(LegendItem { key: mark_key(true, Shape::Dot), text: chart.legend_proxy.clone() });
    }
    if marks().any(|mark| !mark.flags.is_empty()) {
        items.push(LegendItem { key: mark_key(false, Shape::Diamond), text: chart.legend_flag.clone() });
    }
    if !chart.legend_break.is_empty() && chart.series.iter().any(|series| series.points.iter().any(|point| point.break_before)) {
        items.push(LegendItem { key: Key::Break, text: chart.legend_break.clone() });
    }
    let mut y = legend(pen, margin, top, &items)?;
    let years = || chart.series.iter().flat_map(|series| series.points.iter().map(|point| point.year));
    let (Some(axis), Some(first), Some(last)) =
        (axis::axis(marks().map(|mark| mark.value), 6), years().min(), years().max())
    else {
        return nothing(pen, language, margin, y);
    };
    let ticks = axis.labels("", &chart.axis);
    if !chart.unit.is_empty() {
        for line in SMALL.wrap(&chart.unit, pen.width - 2.0 * margin) {
            pen.centred(margin, y + 8.0, &line, SMALL, Anchor::Start)?;
            y += SMALL.leading();
        }
        y += 4.0;
    }
    let tick_width = ticks.iter().map(|(_, text)| SMALL.width(text)).fold(0.0, f64::max);
    let room = if pen.width < NARROW { 112.0 } else { 210.0 };
    let left = margin + tick_width + 14.0;
    let mut labels: Vec<EndLabel> = chart.series.iter().filter_map(|series| end_label(series, room)).collect();
    let widest = labels.iter().flat_map(|label| &label.lines).map(|line| bold(line)).fold(0.0, f64::max);
    let right = pen.width - margin - widest - LEAD - 6.0;
    let needed: f64 = labels.iter().map(|label| label.height + 3.0).sum();
    let height = (if pen.width < NARROW { 240.0_f64 } else { 300.0 }).max(needed);
    let (plot_top, plot_bottom) = (y + 8.0, y + 8.0 + height);
    let span = (f64::from(last) - f64::from(first)).max(1.0);
    let (low_year, high_year) = if last > first { (f64::from(first), f64::from(last)) } else { (f64::from(first) - 0.5, f64::from(last) + 0.5) };
    let x_of = |year: i32| left + 8.0 + (f64::from(year) - low_year) / span * (right - left - 16.0);
    let y_of = |value: f64| plot_bottom - axis.share(value) * height;

    for (tick, text) in &ticks {
        pen.line((left, y_of(*tick)), (right, y_of(*tick)), GRID, 1.0)?;
        pen.centred(left - 8.0, y_of(*tick), text, SMALL, Anchor::End)?;
    }
    year_labels(pen, (first, last), x_of, (margin, right + LEAD), plot_bottom + 16.0)?;

    let plot = pen.area.apply_coord_spec(Cartesian2d::<RangedCoordf64, RangedCoordf64>::new(
        low_year..high_year,
        axis.low..axis.high,
        (fine(left + 8.0)..fine(right - 8.0), fine(plot_bottom)..fine(plot_top)),
    ));
    for series in chart.series.iter().rev() {
        draw_series(pen, &plot, series, chart, language, (&x_of, &y_of))?;
    }
    for (label, series) in labels.iter_mut().zip(chart.series.iter().filter(|series| last_mark(series).is_some())) {
        if let Some((year, mark)) = last_mark(series) {
            label.from = (x_of(year), y_of(mark.value));
            label.y = label.from.1;
        }
    }
    move_apart(&mut labels, plot_top - 6.0, plot_bottom + 6.0);
    for label in &labels {
        let x = right + LEAD;
        if (label.y - label.from.1).abs() > 4.0 || label.from.0 < right - 12.0 {
            pen.line((label.from.0 + 6.0, label.from.1), (right, label.from.1), GRID, 1.0)?;
            pen.line((right, label.from.1), (x - 4.0, label.y), GRID, 1.0)?;
        }
        let style = VALUE.cut(Cut::SemiBold).ink(label.ink);
        super::label(pen, x, label.y, &label.full, &label.lines, style)?;
    }
    Ok(plot_bottom + 28.0)
}

fn bold(line: &str) -> f64 {
    VALUE.cut(Cut::SemiBold).width(line)
}

fn ink(series: &Series) -> Ink {
    CATEGORIES[series.colour % CATEGORIES.len()]
}

fn last_mark(series: &Series) -> Option<(i32, &Mark)> {
    series.points.iter().rev().find_map(|point| point.mark.as_ref().map(|mark| (point.year, mark)))
}

/// Name and last value of a series, wrapped into at most three lines; the value is never shortened.
fn end_label(series: &Series, room: f64) -> Option<EndLabel> {
    let style = VALUE.cut(Cut::SemiBold);
    let (_, mark) = last_mark(series)?;
    let value = value_text(mark);
    let full = format!("{} {value}", series.label);
    let mut lines = style.wrap(&full, room);
    if lines.len() > 3 {
        let (short, _) = text::wrap_short(&series.label, style.size, style.cut, room, 2);
        lines = short;
        lines.extend(style.wrap(&value, room));
    }
    let height = style.leading() * lines.len() as f64;
    Some(EndLabel { full: series.label.clone(), lines, ink: ink(series), from: (0.0, 0.0), y: 0.0, height })
}

/// Spreads labels vertically, in the order of their values, between two limits that have room for all.
fn move_apart(labels: &mut [EndLabel], top: f64, bottom: f64) {
    let mut order: Vec<usize> = (0..labels.len()).collect();
    order.sort_by(|a, b| labels[*a].y.total_cmp(&labels[*b].y).then(a.cmp(b)));
    let mut free = top;
    for index in &order {
        let label = &mut labels[*index];
        label.y = label.y.max(free + label.height / 2.0);
        free = label.y + label.height / 2.0 + 2.0;
    }
    let mut limit = bottom;
    for index in order.iter().rev() {
        let label = &mut labels[*index];
        label.y = label.y.min(limit - label.height / 2.0);
        limit = label.y - label.height / 2.0 - 2.0;
    }
}

/// Year labels with room between them; the last year is always among them.
fn year_labels(pen: &Pen, (first, last): (i32, i32), x_of: impl Fn(i32) -> f64, (left, right): (f64, f64), y: f64) -> Result<(), DrawError> {
    let needed = SMALL.width(&last.to_string()) + 14.0;
    let per_year = if last > first { (x_of(last) - x_of(first)) / (f64::from(last) - f64::from(first)) } else { needed };
    let step = [1, 2, 5, 10, 20, 50, 100].into_iter().find(|step| f64::from(*step) * per_year >= needed).unwrap_or(200);
    let mut year = last;
    while year >= first {
        let text = year.to_string();
        let half = SMALL.width(&text) / 2.0;
        let x = x_of(year).max(left + half).min(right - half);
        pen.centred(x, y, &text, SMALL, Anchor::Middle)?;
        let Some(next) = year.checked_sub(step) else { break };
        year = next;
    }
    Ok(())
}

type Scales<'a> = (&'a dyn Fn(i32) -> f64, &'a dyn Fn(f64) -> f64);

fn draw_series(
    pen: &Pen,
    plot: &Plot,
    series: &Series,
    chart: &LineChart,
    language: &Language,
    (x_of, y_of): Scales,
) -> Result<(), DrawError> {
    let ink = ink(series);
    let mut points: Vec<_> = series.points.iter().collect();
    points.sort_by_key(|point| point.year);
    let mut runs: Vec<Vec<(f64, f64)>> = vec![Vec::new()];
    let mut before: Option<(i32, f64)> = None;
    for point in &points {
        let at = point.mark.as_ref().map(|mark| (point.year, mark.value));
        let joined = matches!((before, at), (Some((year, _)), Some((next, _))) if year + 1 == next) && !point.break_before;
        if !joined {
            runs.push(Vec::new());
        }
        if let (true, Some((from, value)), Some((to, next))) = (point.break_before && !chart.legend_break.is_empty(), before, at) {
            let middle = (f64::midpoint(x_of(from), x_of(to)), f64::midpoint(y_of(value), y_of(next)));
            break_mark(pen, middle, MUTED)?;
        }
        if let (Some((year, value)), Some(run)) = (at, runs.last_mut()) {
            run.push((f64::from(year), value));
        }
        before = at;
    }
    let width = if series.colour == 0 { 2.6 } else { 1.8 };
    for run in runs.into_iter().filter(|run| run.len() > 1) {
        for element in LineSeries::new(run, stroke(ink, width)) {
            plot.draw(&element)?;
        }
    }
    for point in points {
        let Some(mark) = &point.mark else { continue };
        plot.draw(&MarkElement {
            at: (f64::from(point.year), mark.value),
            shift: 0.0,
            radius: POINT,
            ink,
            hollow: is_hollow(mark),
            shape: if mark.flags.is_empty() { Shape::Dot } else { Shape::Diamond },
            id: mark.id.clone(),
            title: mark_title(language, &format!("{}, {}", series.label, point.year), mark),
        })?;
    }
    Ok(())
}
