//! What the charts draw beside dots and texts: bars that may be hatched, and lines that may be dotted or dashed.
//!
//! Hatching is drawn as strokes and not as an SVG pattern: word processors and some renderers drop patterns.

use plotters::element::{Drawable, PointCollection};
use plotters_backend::{BackendCoord, DrawingErrorKind};

use super::canvas::{Backend, fine, trimmed};
use super::palette::{self, Ink};
use crate::text::escape;

type Written = Result<(), DrawingErrorKind<std::convert::Infallible>>;

/// A bar from corner to corner, in pixels, with its figure id. Hatched, it is white with a border and slanted strokes.
#[derive(Debug, Clone)]
pub struct Bar {
    pub from: (f64, f64),
    pub to: (f64, f64),
    pub ink: Ink,
    pub hatched: bool,
    /// Figure id; empty in legends.
    pub id: String,
    /// Accessible name and tooltip; empty: none.
    pub title: String,
}

/// How a line is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trace {
    Solid,
    Dotted,
    Dashed,
}

/// A line through points. `C` is the coordinate type of the area it is drawn on.
pub struct Course<C> {
    pub points: Vec<C>,
    pub ink: Ink,
    /// Pixels.
    pub width: f64,
    pub trace: Trace,
}

/// Straight strokes as one path, each from a point to the next.
pub struct Strokes {
    pub at: Vec<BackendCoord>,
    pub ink: Ink,
    /// Pixels.
    pub width: f64,
}

/// Small diamonds at many points, as one path: flagged values in panels that have no room for marks with a name each.
pub struct Diamonds<C> {
    pub at: Vec<C>,
    /// Half of the height, pixels.
    pub reach: f64,
    pub ink: Ink,
    pub hollow: bool,
}

/// Distance of the slanted strokes, in tenths of a pixel along the bar.
const HATCH: i32 = 60;

impl Bar {
    fn corners(&self) -> [BackendCoord; 2] {
        [(fine(self.from.0), fine(self.from.1)), (fine(self.to.0), fine(self.to.1))]
    }
}

/// The slanted strokes inside a box, as path data.
fn hatching(left: i32, top: i32, right: i32, bottom: i32) -> String {
    let (width, height) = (right - left, bottom - top);
    let mut data = String::new();
    let mut start = HATCH - height;
    while start < width {
        let (from, to) = (start.max(0), width.min(start + height));
        if to > from {
            let length = to - from;
            data.push_str(&format!(
                "M{} {}l{} {}",
                trimmed(left + from),
                trimmed(bottom - (from - start)),
                trimmed(length),
                trimmed(-length)
            ));
        }
        start += HATCH;
    }
    data
}

impl Backend<'_> {
    fn bar(&mut self, corners: [BackendCoord; 2], bar: &Bar) {
        let [from, to] = corners;
        let (left, right, top, bottom) = (from.0.min(to.0), from.0.max(to.0), from.1.min(to.1), from.1.max(to.1));
        let ink = palette::hex(bar.ink.light);
        if !bar.id.is_empty() {
            self.covers(corners, true);
            self.write(format_args!("<g class=\"mark\" data-id=\"{}\">", escape(&bar.id)));
            if !bar.title.is_empty() {
                self.write(format_args!("<title>{}</title>", escape(&bar.title)));
            }
        }
        let rect = |left: i32, top: i32, right: i32, bottom: i32| {
            let (width, height) = ((right - left).max(0), (bottom - top).max(0));
            format!(
                "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"",
                trimmed(left),
                trimmed(top),
                trimmed(width),
                trimmed(height)
            )
        };
        if bar.hatched {
            // The border lies inside, so that a hatched bar is as long as a full one.
            let paper = palette::hex(palette::PAPER.light);
            // One that is as narrow as its border is the border alone: a mark of width 0 would not be drawn.
            let within = |low: i32, high: i32| {
                let low = (low + 7).min(i32::midpoint(low, high));
                (low, (high - 7).max(low + 1))
            };
            let ((left, right), (top, bottom)) = (within(left, right), within(top, bottom));
            let inner = rect(left, top, right, bottom);
            self.write(format_args!("{inner} fill=\"{paper}\" stroke=\"{ink}\" stroke-width=\"1.4\"/>"));
            let strokes = hatching(left + 3, top + 3, right - 3, bottom - 3);
            if !strokes.is_empty() {
                self.write(format_args!("<path d=\"{strokes}\" fill=\"none\" stroke=\"{ink}\" stroke-width=\"1.2\"/>"));
            }
        } else {
            self.write(format_args!("{} fill=\"{ink}\"/>", rect(left, top, right, bottom)));
        }
        self.write(format_args!("{}", if bar.id.is_empty() { "\n" } else { "</g>\n" }));
    }
}

impl<'b> PointCollection<'b, BackendCoord> for &'b Bar {
    type Point = BackendCoord;
    type IntoIter = std::array::IntoIter<BackendCoord, 2>;
    fn point_iter(self) -> Self::IntoIter {
        self.corners().into_iter()
    }
}

impl<'a> Drawable<Backend<'a>> for Bar {
    fn draw<I: Iterator<Item = BackendCoord>>(&self, mut points: I, backend: &mut Backend<'a>, _: (u32, u32)) -> Written {
        if let (Some(from), Some(to)) = (points.next(), points.next()) {
            backend.bar([from, to], self);
        }
        Ok(())
    }
}

impl<'b, C: 'b> PointCollection<'b, C> for &'b Course<C> {
    type Point = &'b C;
    type IntoIter = std::slice::Iter<'b, C>;
    fn point_iter(self) -> Self::IntoIter {
        self.points.iter()
    }
}

impl<'a, C> Drawable<Backend<'a>> for Course<C> {
    fn draw<I: Iterator<Item = BackendCoord>>(&self, points: I, backend: &mut Backend<'a>, _: (u32, u32)) -> Written {
        let (data, ink, width) =
            (super::canvas::path_data(points, false), palette::hex(self.ink.light), trimmed(fine(self.width)));
        let trace = match self.trace {
            Trace::Solid => "",
            Trace::Dotted => " stroke-dasharray=\"0.1 4.2\" stroke-linecap=\"round\"",
            Trace::Dashed => " stroke-dasharray=\"6 4\"",
        };
        backend.write(format_args!("<path d=\"{data}\" fill=\"none\" stroke=\"{ink}\" stroke-width=\"{width}\"{trace}/>\n"));
        Ok(())
    }
}

impl<'b> PointCollection<'b, BackendCoord> for &'b Strokes {
    type Point = &'b BackendCoord;
    type IntoIter = std::slice::Iter<'b, BackendCoord>;
    fn point_iter(self) -> Self::IntoIter {
        self.at.iter()
    }
}

impl<'a> Drawable<Backend<'a>> for Strokes {
    fn draw<I: Iterator<Item = BackendCoord>>(&self, points: I, backend: &mut Backend<'a>, _: (u32, u32)) -> Written {
        let points: Vec<BackendCoord> = points.collect();
        let data: String = points.chunks(2).map(|stroke| super::canvas::path_data(stroke.iter().copied(), false)).collect();
        let (ink, width) = (palette::hex(self.ink.light), trimmed(fine(self.width)));
        backend.write(format_args!("<path d=\"{data}\" fill=\"none\" stroke=\"{ink}\" stroke-width=\"{width}\"/>\n"));
        Ok(())
    }
}

impl<'b, C: 'b> PointCollection<'b, C> for &'b Diamonds<C> {
    type Point = &'b C;
    type IntoIter = std::slice::Iter<'b, C>;
    fn point_iter(self) -> Self::IntoIter {
        self.at.iter()
    }
}

impl<'a, C> Drawable<Backend<'a>> for Diamonds<C> {
    fn draw<I: Iterator<Item = BackendCoord>>(&self, points: I, backend: &mut Backend<'a>, _: (u32, u32)) -> Written {
        let reach = fine(self.reach);
        let r = trimmed(reach);
        let mut data = String::new();
        for (x, y) in points {
            data.push_str(&format!("M{} {}l{r} {r}-{r} {r}-{r}-{r}z", trimmed(x), trimmed(y - reach)));
        }
        let ink = palette::hex(self.ink.light);
        let fill = palette::hex(if self.hollow { palette::PAPER } else { self.ink }.light);
        backend.write(format_args!("<path d=\"{data}\" fill=\"{fill}\" stroke=\"{ink}\" stroke-width=\"1.3\"/>\n"));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(right: i32, bottom: i32, expected: &str) {
        assert_eq!(hatching(0, 0, right, bottom), expected, "{right} x {bottom}");
    }

    #[test]
    fn strokes_stay_inside() {
        check(0, 100, "");
        check(100, 0, "");
        check(30, 120, "M0 6l3 -3M0 12l3 -3");
        check(120, 60, "M0 6l6 -6M6 6l6 -6");
        check(100, 100, "M0 6l6 -6M2 10l8 -8M8 10l2 -2");
    }
}
