//! Every figure as an SVG file: text stays text, the font is named and not embedded.

use crate::chart::{self, Sheet};
use crate::document::{Figure, Report};
use crate::{Format, RenderError, RenderedFile, Setting, check_anchors};

pub(crate) struct Svg;

impl Format for Svg {
    fn id(&self) -> &'static str {
        "svg"
    }

    fn extension(&self) -> &'static str {
        "svg"
    }

    fn render(&self, report: &Report, setting: &Setting<'_>) -> Result<Vec<RenderedFile>, RenderError> {
        let language = setting.language;
        check_anchors(report)?;
        let mut files = Vec::new();
        for figure in Figure::all(report) {
            let drawing = chart::draw(figure, language, Sheet::FILE)?;
            files.push(RenderedFile { path: format!("figures/{}.svg", figure.id), bytes: drawing.svg.into_bytes() });
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(files)
    }
}
