//! Lines over years as every chart draws them: a missing year is a hole, never joined; a break is a hole with two slanted
//! strokes; a segment that leads to or from a provisional value is dotted.

use baseline_model::language::Language;
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::{Cartesian2d, DrawingArea};

use super::canvas::{Anchor, Backend, DrawError, Drawn, MarkElement, Pen, Shape};
use super::elements::{Course, Diamonds, Trace};
use super::palette::{CATEGORIES, Ink, MUTED};
use super::{Key, LegendItem, SMALL, break_mark, is_hollow, mark_title};
use crate::document::{LinePoint, LineSeries, Mark};

pub(super) type Plot<'a> = DrawingArea<Backend<'a>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;
/// Year and value to pixels.
pub(super) type Scales<'a> = (&'a dyn Fn(i32) -> f64, &'a dyn Fn(f64) -> f64);

/// How the lines of a chart are drawn.
pub(super) struct Look<'a> {
    /// Radius of a mark, pixels.
    pub point: f64,
    /// Every point is a mark with its figure id; else only the last one of a line and those that stand alone, and the others
    /// with a flag are diamonds without a name (a provisional one is told by the dotted line).
    pub all_points: bool,
    pub break_marks: bool,
    /// Before the name of the series in the accessible name of a mark; empty: nothing.
    pub place: &'a str,
}

/// Legend texts of lines; an empty one is not drawn.
pub(super) struct Legends<'a> {
    pub proxy: &'a str,
    pub flag: &'a str,
    pub provisional: &'a str,
    pub broken: &'a str,
}

/// The keys that some of the lines need.
pub(super) fn legend_items(series: &[&LineSeries], texts: &Legends<'_>) -> Vec<LegendItem> {
    let points = || series.iter().flat_map(|series| &series.points);
    let marks = || points().filter_map(|point| point.mark.as_ref());
    let mark_key = |hollow, shape| Key::Mark { ink: MUTED, hollow, shape };
    let mut items = Vec::new();
    let mut add = |wanted: bool, key, text: &str| {
        if wanted && !text.is_empty() {
            items.push(LegendItem { key, text: text.to_owned() });
        }
    };
    add(marks().any(is_hollow), mark_key(true, Shape::Dot), texts.proxy);
    add(marks().any(|mark| !mark.flags.is_empty()), mark_key(false, Shape::Diamond), texts.flag);
    add(marks().any(is_provisional), Key::Course(MUTED, Trace::Dotted), texts.provisional);
    add(points().any(|point| point.break_before), Key::Break, texts.broken);
    items
}

pub(super) fn ink(series: &LineSeries) -> Ink {
    CATEGORIES[series.colour % CATEGORIES.len()]
}

pub(super) fn is_provisional(mark: &Mark) -> bool {
    mark.flags.contains('p')
}

pub(super) fn last_mark(series: &LineSeries) -> Option<(i32, &Mark)> {
    let marks = series.points.iter().filter_map(|point| point.mark.as_ref().map(|mark| (point.year, mark)));
    marks.max_by_key(|(year, _)| *year)
}

/// Year labels with room between them; the last year is always among them.
pub(super) fn year_labels(
    pen: &Pen,
    (first, last): (i32, i32),
    x_of: impl Fn(i32) -> f64,
    (left, right): (f64, f64),
    y: f64,
) -> Result<(), DrawError> {
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

/// A part of a line without a hole; of one point, it has no trace.
struct Run {
    trace: Option<Trace>,
    points: Vec<(f64, f64)>,
}

pub(super) fn draw(
    pen: &Pen,
    plot: &Plot,
    series: &LineSeries,
    look: &Look<'_>,
    language: &Language,
    (x_of, y_of): Scales,
) -> Drawn {
    let ink = ink(series);
    let mut points: Vec<_> = series.points.iter().collect();
    points.sort_by_key(|point| point.year);
    let mut runs: Vec<Run> = Vec::new();
    let mut before: Option<(i32, &Mark)> = None;
    for point in &points {
        let at = point.mark.as_ref().map(|mark| (point.year, mark));
        if let (true, Some((from, value)), Some((to, next))) = (point.break_before && look.break_marks, before, at) {
            let middle = (f64::midpoint(x_of(from), x_of(to)), f64::midpoint(y_of(value.value), y_of(next.value)));
            break_mark(pen, middle, MUTED)?;
        }
        if let Some((year, mark)) = at {
            let joined = before.filter(|(earlier, _)| earlier.checked_add(1) == Some(year) && !point.break_before);
            extend(&mut runs, joined, (year, mark));
        }
        before = at;
    }
    let width = if series.colour == 0 { 2.6 } else { 1.8 };
    let alone: Vec<f64> = runs.iter().filter(|run| run.trace.is_none()).filter_map(|run| Some(run.points.first()?.0)).collect();
    for run in runs {
        if let Some(trace) = run.trace {
            plot.draw(&Course { points: run.points, ink, width, trace })?;
        }
    }
    draw_points(plot, series, &points, &alone, look, language)
}

/// Adds a point to the last run, or begins a run with it.
fn extend(runs: &mut Vec<Run>, joined: Option<(i32, &Mark)>, (year, mark): (i32, &Mark)) {
    let at = (f64::from(year), mark.value);
    let Some((from, earlier)) = joined else {
        return runs.push(Run { trace: None, points: vec![at] });
    };
    let trace = if is_provisional(mark) || is_provisional(earlier) { Trace::Dotted } else { Trace::Solid };
    match runs.last_mut() {
        Some(run) if run.trace.is_none_or(|other| other == trace) => {
            run.trace = Some(trace);
            run.points.push(at);
        }
        _ => runs.push(Run { trace: Some(trace), points: vec![(f64::from(from), earlier.value), at] }),
    }
}

fn draw_points(
    plot: &Plot,
    series: &LineSeries,
    points: &[&LinePoint],
    alone: &[f64],
    look: &Look<'_>,
    language: &Language,
) -> Drawn {
    let ink = ink(series);
    let last = last_mark(series).map(|(year, _)| year);
    let (mut diamonds, mut hollow) = (Vec::new(), false);
    for point in points {
        let Some(mark) = &point.mark else { continue };
        let at = (f64::from(point.year), mark.value);
        let told = mark.flags.letters().any(|letter| letter != 'p');
        if look.all_points || Some(point.year) == last || (alone.contains(&at.0) && !told) {
            let name = format!("{}, {}", series.label, point.year);
            plot.draw(&MarkElement {
                at,
                shift: 0.0,
                radius: look.point,
                ink,
                hollow: is_hollow(mark),
                shape: if mark.flags.is_empty() { Shape::Dot } else { Shape::Diamond },
                id: mark.id.clone(),
                title: mark_title(language, &if look.place.is_empty() { name } else { format!("{}, {name}", look.place) }, mark),
            })?;
        } else if told {
            hollow = is_hollow(mark);
            diamonds.push(at);
        }
    }
    if !diamonds.is_empty() {
        plot.draw(&Diamonds { at: diamonds, reach: look.point, ink, hollow })?;
    }
    Ok(())
}
