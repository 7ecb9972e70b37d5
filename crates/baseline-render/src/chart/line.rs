//! Lines over years: interrupted where a value is missing and at a break, labelled directly at their ends.
//!
//! A flagged point is a diamond, a value of another region hollow. End labels are moved apart vertically until none
//! touches another.

use baseline_model::language::Language;
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::Cartesian2d;

use super::axis;
use super::canvas::{Anchor, DrawError, Pen, fine};
use super::palette::{GRID, Ink};
use super::series::{self, Legends, Look};
use super::{NARROW, SMALL, VALUE, legend, nothing, spread, value_text};
use crate::document::{LineChart, LineSeries as Series};
use crate::text::{self, Cut};

/// Between the plot and the end labels.
const LEAD: f64 = 18.0;
const POINT: f64 = 3.4;
/// Up to so many points each is a mark with its figure id.
const MARKS: usize = 150;

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
    let texts = Legends {
        proxy: &chart.legend_proxy,
        flag: &chart.legend_flag,
        provisional: &chart.legend_provisional,
        broken: &chart.legend_break,
    };
    let mut y = legend(pen, margin, top, &series::legend_items(&chart.series.iter().collect::<Vec<_>>(), &texts))?;
    let years = || chart.series.iter().flat_map(|series| series.points.iter().map(|point| point.year));
    let (Some(axis), Some(first), Some(last)) = (axis::axis(marks().map(|mark| mark.value), 6), years().min(), years().max())
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
    let (low_year, high_year) =
        if last > first { (f64::from(first), f64::from(last)) } else { (f64::from(first) - 0.5, f64::from(last) + 0.5) };
    let x_of = |year: i32| left + 8.0 + (f64::from(year) - low_year) / span * (right - left - 16.0);
    let y_of = |value: f64| plot_bottom - axis.share(value) * height;

    for (tick, text) in &ticks {
        pen.line((left, y_of(*tick)), (right, y_of(*tick)), GRID, 1.0)?;
        pen.centred(left - 8.0, y_of(*tick), text, SMALL, Anchor::End)?;
    }
    series::year_labels(pen, (first, last), x_of, (margin, right + LEAD), plot_bottom + 16.0)?;

    let plot = pen.area.apply_coord_spec(Cartesian2d::<RangedCoordf64, RangedCoordf64>::new(
        low_year..high_year,
        axis.low..axis.high,
        (fine(left + 8.0)..fine(right - 8.0), fine(plot_bottom)..fine(plot_top)),
    ));
    // Many points would make a large file of marks that lie on one another.
    let look =
        Look { point: POINT, all_points: marks().count() <= MARKS, break_marks: !chart.legend_break.is_empty(), place: "" };
    for series in chart.series.iter().rev() {
        series::draw(pen, &plot, series, &look, language, (&x_of, &y_of))?;
    }
    for (label, series) in labels.iter_mut().zip(chart.series.iter().filter(|series| series::last_mark(series).is_some())) {
        if let Some((year, mark)) = series::last_mark(series) {
            label.from = (x_of(year), y_of(mark.value));
        }
    }
    let mut places: Vec<(f64, f64)> = labels.iter().map(|label| (label.from.1, label.height)).collect();
    spread(&mut places, (plot_top - 6.0, plot_bottom + 6.0), 2.0);
    for (label, (y, _)) in labels.iter_mut().zip(places) {
        label.y = y;
    }
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

/// Name and last value of a series, wrapped into at most three lines; the value is never shortened.
fn end_label(series: &Series, room: f64) -> Option<EndLabel> {
    let style = VALUE.cut(Cut::SemiBold);
    let (_, mark) = series::last_mark(series)?;
    let value = value_text(mark);
    let full = format!("{} {value}", series.label);
    let mut lines = style.wrap(&full, room);
    if lines.len() > 3 {
        let (short, _) = text::wrap_short(&series.label, style.size, style.cut, room, 2);
        lines = short;
        lines.extend(style.wrap(&value, room));
    }
    let height = style.leading() * lines.len() as f64;
    Some(EndLabel { full: series.label.clone(), lines, ink: series::ink(series), from: (0.0, 0.0), y: 0.0, height })
}
