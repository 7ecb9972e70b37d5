//! What a map draws beside the marks of all charts: path data, and text with a light rim that stays readable on colour.

use plotters::element::{Drawable, PointCollection};
use plotters_backend::{BackendCoord, DrawingErrorKind};
use std::convert::Infallible;

use crate::chart::canvas::{Anchor, Backend, Drawn, Pen, Type, fine, trimmed};
use crate::chart::palette::{self, Ink};
use crate::text::{self, Cut, escape};

/// A path with its paint.
#[derive(Debug, Clone, Default)]
pub struct Paint {
    /// Path data in pixels.
    pub data: String,
    pub fill: Option<Ink>,
    /// With its width in pixels.
    pub stroke: Option<(Ink, f64)>,
    /// Figure id; empty: it stands for no figure.
    pub id: String,
    /// Accessible name and tooltip; empty: none.
    pub title: String,
}

/// The rim of a text: drawn before the text itself, and no text for a reader.
struct Rim<'a> {
    at: (i32, i32),
    line: &'a str,
    style: Type,
}

impl<'b> PointCollection<'b, BackendCoord> for &'b Paint {
    type Point = BackendCoord;
    type IntoIter = std::iter::Once<BackendCoord>;
    fn point_iter(self) -> Self::IntoIter {
        std::iter::once((0, 0))
    }
}

impl<'a> Drawable<Backend<'a>> for Paint {
    fn draw<I: Iterator<Item = BackendCoord>>(
        &self,
        _: I,
        backend: &mut Backend<'a>,
        _: (u32, u32),
    ) -> Result<(), DrawingErrorKind<Infallible>> {
        let fill = self.fill.map_or_else(|| "none".to_owned(), |ink| palette::hex(ink.light));
        let rule = if self.fill.is_some() { " fill-rule=\"evenodd\"" } else { "" };
        let stroke = self.stroke.map_or_else(String::new, |(ink, width)| {
            let (ink, width) = (palette::hex(ink.light), trimmed(fine(width)));
            format!(" stroke=\"{ink}\" stroke-width=\"{width}\" stroke-linejoin=\"round\"")
        });
        let path = format!("<path d=\"{}\" fill=\"{fill}\"{rule}{stroke}/>", self.data);
        let title = if self.title.is_empty() { String::new() } else { format!("<title>{}</title>", escape(&self.title)) };
        match (self.id.is_empty(), title.is_empty()) {
            (false, _) => {
                backend.write(format_args!("<g class=\"mark\" data-id=\"{}\">{title}{path}</g>\n", escape(&self.id)));
            }
            (true, false) => backend.write(format_args!("<g>{title}{path}</g>\n")),
            (true, true) => backend.write(format_args!("{path}\n")),
        }
        Ok(())
    }
}

impl<'b> PointCollection<'b, BackendCoord> for &'b Rim<'_> {
    type Point = BackendCoord;
    type IntoIter = std::iter::Once<BackendCoord>;
    fn point_iter(self) -> Self::IntoIter {
        std::iter::once(self.at)
    }
}

impl<'a> Drawable<Backend<'a>> for Rim<'_> {
    fn draw<I: Iterator<Item = BackendCoord>>(
        &self,
        points: I,
        backend: &mut Backend<'a>,
        _: (u32, u32),
    ) -> Result<(), DrawingErrorKind<Infallible>> {
        let weight = if self.style.cut == Cut::SemiBold { " font-weight=\"600\"" } else { "" };
        let paper = palette::hex(palette::PAPER.light);
        for (x, y) in points {
            let (x, y, size) = (trimmed(x), trimmed(y), trimmed(fine(self.style.size)));
            backend.write(format_args!(
                "<text aria-hidden=\"true\" x=\"{x}\" y=\"{y}\" font-size=\"{size}\"{weight} fill=\"{paper}\" stroke=\"{paper}\" \
                 stroke-width=\"3\" stroke-linejoin=\"round\">{}</text>\n",
                escape(self.line)
            ));
        }
        Ok(())
    }
}

/// A line of text with a rim, its capitals centred on `y`, from `x` to the right.
pub fn rimmed(pen: &Pen, x: f64, y: f64, line: &str, style: Type) -> Drawn {
    let baseline = y + text::CAP * style.size / 2.0;
    pen.area.draw(&Rim { at: (fine(x), fine(baseline)), line, style })?;
    pen.text(x, baseline, line, style, Anchor::Start)
}
