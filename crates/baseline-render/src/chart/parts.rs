//! A chart too high for a page, divided between its rows. Paper needs this: a drawing that is shrunk to a page has letters that
//! nobody can read.

use baseline_model::language::Language;

use super::{Drawing, Sheet, dots, draw};
use crate::RenderError;
use crate::document::{Chart, Dots, DotsRow, Figure, Matrix, MatrixRow};

/// A drawing may be shrunk by so much before it is divided: of the smallest letters, 7.9 points on paper, 7 are left.
const SHRUNK: f64 = 0.89;
/// Parts at most.
const MOST: usize = 6;

/// The figure in as many drawings as it needs, from the top. Each is at most `tallest` pixels of the sheet high when it is shrunk
/// by a ninth; but a chart whose rows cannot be parted is one drawing, however high.
///
/// # Errors
/// As [`draw`].
pub fn parts(figure: &Figure, language: &Language, sheet: Sheet, tallest: f64) -> Result<Vec<Drawing>, RenderError> {
    let whole = draw(figure, language, sheet)?;
    let fits = |drawing: &Drawing| drawing.height * SHRUNK <= tallest;
    if fits(&whole) {
        return Ok(vec![whole]);
    }
    for count in 2..=MOST {
        let charts = divided(&figure.chart, count);
        if charts.len() < 2 {
            break;
        }
        let drawn = charts.into_iter().map(|chart| draw(&Figure { chart, ..figure.clone() }, language, sheet));
        let drawn: Vec<Drawing> = drawn.collect::<Result<_, _>>()?;
        if count == MOST || drawn.iter().all(fits) {
            return Ok(drawn);
        }
    }
    Ok(vec![whole])
}

/// The chart in parts of about as many rows; empty for one whose rows belong together.
fn divided(chart: &Chart, count: usize) -> Vec<Chart> {
    match chart {
        Chart::Matrix(matrix) => {
            let mut heading = String::new();
            let part = |rows: &[MatrixRow]| {
                let mut rows = rows.to_vec();
                // A part begins with the heading that its first row stands under.
                if let Some(first) = rows.first_mut().filter(|first| first.heading.is_empty()) {
                    first.heading.clone_from(&heading);
                }
                if let Some(last) = rows.iter().rev().find(|row| !row.heading.is_empty()) {
                    heading.clone_from(&last.heading);
                }
                Chart::Matrix(Matrix { rows, ..matrix.clone() })
            };
            matrix.rows.chunks(matrix.rows.len().div_ceil(count).max(1)).map(part).collect()
        }
        Chart::Dots(all) => {
            let reach: Vec<f64> = dots::values(all).chain(all.reach.iter().copied()).collect();
            let part = |rows: &[DotsRow]| Chart::Dots(Dots { rows: rows.to_vec(), reach: reach.clone(), ..all.clone() });
            all.rows.chunks(all.rows.len().div_ceil(count).max(1)).map(part).collect()
        }
        Chart::Dumbbell(_)
        | Chart::Line(_)
        | Chart::Strip(_)
        | Chart::Slope(_)
        | Chart::Multiples(_)
        | Chart::Stacked(_)
        | Chart::Pyramid(_)
        | Chart::Scorecard(_)
        | Chart::Quadrant(_)
        | Chart::Map(_) => Vec::new(),
    }
}
