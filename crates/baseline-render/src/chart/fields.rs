//! What charts draw in great number, as one element each: small dots, areas of a grid, letters in it.
//!
//! A thousand circles of their own would make a picture of 60 KB; as one path they are a fifth of that. None of them carries
//! a figure id: they are the field around the marks.

use plotters::element::{Drawable, PointCollection};
use plotters_backend::{BackendCoord, DrawingErrorKind};

use super::canvas::{Backend, Placed, Type, fine, trimmed};
use super::palette::{self, Ink};
use crate::text::{self, Cut, escape};

type Written = Result<(), DrawingErrorKind<std::convert::Infallible>>;

/// Small dots, in tenths of a pixel.
pub struct Specks {
    pub at: Vec<BackendCoord>,
    /// Pixels.
    pub radius: f64,
    pub ink: Ink,
}

/// Rectangles of one look: corners in tenths of a pixel.
pub struct Areas {
    pub boxes: Vec<[BackendCoord; 2]>,
    pub fill: Ink,
    /// An edge of 1.2 pixels inside.
    pub edge: Option<Ink>,
}

/// Short texts of one look, each centred on its place, in tenths of a pixel.
pub struct Letters {
    pub texts: Vec<(BackendCoord, String)>,
    pub style: Type,
}

/// Gives points to plotters; all are in tenths of a pixel already.
macro_rules! points {
    ($name:ident, $points:expr) => {
        impl<'b> PointCollection<'b, BackendCoord> for &'b $name {
            type Point = BackendCoord;
            type IntoIter = std::vec::IntoIter<BackendCoord>;
            fn point_iter(self) -> Self::IntoIter {
                let points: fn(&$name) -> Vec<BackendCoord> = $points;
                points(self).into_iter()
            }
        }
    };
}

points!(Specks, |specks| specks.at.clone());
points!(Letters, |letters| letters.texts.iter().map(|(at, _)| *at).collect());
points!(Areas, |areas| areas.boxes.iter().flatten().copied().collect());

impl<'a> Drawable<Backend<'a>> for Specks {
    fn draw<I: Iterator<Item = BackendCoord>>(&self, points: I, backend: &mut Backend<'a>, _: (u32, u32)) -> Written {
        // A stroke of almost no length with round ends is a dot, in a quarter of the bytes of a circle.
        let data: String = points.map(|(x, y)| format!("M{} {}h.1", trimmed(x), trimmed(y))).collect();
        let (ink, width) = (palette::hex(self.ink.light), trimmed(fine(2.0 * self.radius)));
        if !data.is_empty() {
            backend.write(format_args!(
                "<path d=\"{data}\" fill=\"none\" stroke=\"{ink}\" stroke-width=\"{width}\" stroke-linecap=\"round\"/>\n"
            ));
        }
        Ok(())
    }
}

impl<'a> Drawable<Backend<'a>> for Areas {
    fn draw<I: Iterator<Item = BackendCoord>>(&self, points: I, backend: &mut Backend<'a>, _: (u32, u32)) -> Written {
        let points: Vec<BackendCoord> = points.collect();
        let inset = if self.edge.is_some() { 6 } else { 0 };
        let path = |corners: &[BackendCoord]| match corners {
            [from, to] => {
                let (width, height) = (to.0 - from.0 - 2 * inset, to.1 - from.1 - 2 * inset);
                let (left, top) = (trimmed(from.0 + inset), trimmed(from.1 + inset));
                format!("M{left} {top}h{}v{}h{}z", trimmed(width), trimmed(height), trimmed(-width))
            }
            _ => String::new(),
        };
        let data: String = points.chunks(2).map(path).collect();
        let edge =
            self.edge.map_or_else(String::new, |ink| format!(" stroke=\"{}\" stroke-width=\"1.2\"", palette::hex(ink.light)));
        if !data.is_empty() {
            backend.write(format_args!("<path d=\"{data}\" fill=\"{}\"{edge}/>\n", palette::hex(self.fill.light)));
        }
        Ok(())
    }
}

impl<'a> Drawable<Backend<'a>> for Letters {
    fn draw<I: Iterator<Item = BackendCoord>>(&self, points: I, backend: &mut Backend<'a>, _: (u32, u32)) -> Written {
        let Type { size, cut, ink } = self.style;
        let weight = if cut == Cut::SemiBold { " font-weight=\"600\"" } else { "" };
        let (ink, printed) = (palette::hex(ink.light), trimmed(fine(size)));
        backend.write(format_args!("<g font-size=\"{printed}\"{weight} text-anchor=\"middle\" fill=\"{ink}\">\n"));
        for ((x, y), (_, letter)) in points.zip(&self.texts) {
            let baseline = y + fine(text::CAP * size / 2.0);
            backend.write(format_args!("<text x=\"{}\" y=\"{}\">{}</text>", trimmed(x), trimmed(baseline), escape(letter)));
            let (x, baseline) = (f64::from(x) / super::canvas::FINE, f64::from(baseline) / super::canvas::FINE);
            let half = text::width(letter, size, cut) / 2.0;
            backend.places(Placed {
                text: letter.clone(),
                left: x - half,
                top: baseline - text::ASCENT * size,
                right: x + half,
                bottom: baseline + text::DESCENT * size,
            });
        }
        backend.write(format_args!("\n</g>\n"));
        Ok(())
    }
}
