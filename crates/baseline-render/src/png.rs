//! Every figure as a PNG picture for slides: the same SVG, drawn by resvg, 1440 pixels wide. Print has the vectors.
//!
//! The pictures are opaque and mostly flat, so they are stored with a palette and without filters: a third of the bytes to
//! compress. The colours of edges that are softened between two others are the rare ones; of more than a palette holds, these
//! become the nearest that it has.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use rayon::prelude::*;
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{self, fontdb};

use crate::chart::{self, Drawing, Sheet};
use crate::document::{Figure, Report};
use crate::text::{Cut, font};
use crate::{Format, RenderError, RenderedFile, Setting, check_anchors};

pub(crate) struct Png;

/// Picture pixels in a pixel of the figure.
const SCALE: f32 = 1.6;

impl Format for Png {
    fn id(&self) -> &'static str {
        "png"
    }

    fn extension(&self) -> &'static str {
        "png"
    }

    fn render(&self, report: &Report, setting: &Setting<'_>) -> Result<Vec<RenderedFile>, RenderError> {
        let language = setting.language;
        check_anchors(report)?;
        let render = |figure: &&Figure| {
            let drawing = chart::draw(figure, language, Sheet::FILE)?;
            let bytes =
                picture(&drawing, SCALE).map_err(|message| RenderError::Picture { figure: figure.id.clone(), message })?;
            Ok(RenderedFile { path: format!("figures/{}.png", figure.id), bytes })
        };
        // Pictures are by far the slowest part of a report, and each is on its own.
        let files: Result<Vec<_>, RenderError> = Figure::all(report).par_iter().map(render).collect();
        let mut files = files?;
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(files)
    }
}

/// The figure as pixels, `scale` of them in one of the drawing.
fn picture(drawing: &Drawing, scale: f32) -> Result<Vec<u8>, String> {
    pixels(&tree(drawing)?, scale)
}

fn pixels(tree: &usvg::Tree, scale: f32) -> Result<Vec<u8>, String> {
    let size = tree.size().to_int_size().scale_by(scale).ok_or("the figure has no size")?;
    let mut pixels = Pixmap::new(size.width(), size.height()).ok_or("the figure is too large for a picture")?;
    pixels.fill(resvg::tiny_skia::Color::WHITE);
    resvg::render(tree, Transform::from_scale(scale, scale), &mut pixels.as_mut());
    let (palette, indices) = indexed(pixels.data().as_chunks::<4>().0);
    drop(pixels);
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, size.width(), size.height());
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_palette(palette);
    encoder.set_depth(png::BitDepth::Eight);
    // Half the time of the usual level for a fifth more bytes.
    encoder.set_deflate_compression(png::DeflateCompression::Level(3));
    encoder.set_filter(png::Filter::NoFilter);
    // At 96 dots of the figure per inch: programs place the picture at its figure's size.
    encoder.set_pixel_dims(Some(png::PixelDimensions { xppu: 6047, yppu: 6047, unit: png::Unit::Meter }));
    let mut writer = encoder.write_header().map_err(|error| error.to_string())?;
    writer.write_image_data(&indices).map_err(|error| error.to_string())?;
    writer.finish().map_err(|error| error.to_string())?;
    Ok(bytes)
}

/// Red, green and blue of each entry, the most frequent first, and an entry for each pixel.
fn indexed(pixels: &[[u8; 4]]) -> (Vec<u8>, Vec<u8>) {
    const MOST: usize = 256;
    let colour = |[red, green, blue, _]: &[u8; 4]| u32::from_be_bytes([0, *red, *green, *blue]);
    let mut counts: HashMap<u32, usize> = HashMap::new();
    for run in pixels.chunk_by(|one, next| one == next) {
        *counts.entry(colour(&run[0])).or_default() += run.len();
    }
    let mut colours: Vec<(usize, u32)> = counts.iter().map(|(colour, count)| (*count, *colour)).collect();
    colours.sort_unstable_by(|a, b| b.cmp(a));
    let kept = &colours[..colours.len().min(MOST)];
    let far = |one: u32, other: u32| -> u32 {
        one.to_be_bytes().iter().zip(other.to_be_bytes()).map(|(one, other)| u32::from(one.abs_diff(other)).pow(2)).sum()
    };
    let mut entries: HashMap<u32, u8> = HashMap::with_capacity(colours.len());
    for (_, colour) in &colours {
        let nearest = (0_u8..=255).zip(kept).min_by_key(|(_, (_, known))| far(*colour, *known));
        entries.insert(*colour, nearest.map_or(0, |(index, _)| index));
    }
    let palette = kept.iter().flat_map(|(_, colour)| colour.to_be_bytes().into_iter().skip(1)).collect();
    let mut indices = Vec::with_capacity(pixels.len());
    for run in pixels.chunk_by(|one, next| one == next) {
        indices.resize(indices.len() + run.len(), entries.get(&colour(&run[0])).copied().unwrap_or_default());
    }
    (palette, indices)
}

/// The figure as vectors with its letters as outlines, for programs that would set them in another font; and as pixels, for
/// those that draw no vectors.
pub(crate) fn outlined(drawing: &Drawing, scale: f32) -> Result<(String, Vec<u8>), String> {
    let options = usvg::WriteOptions {
        // Hundredths of a pixel.
        coordinates_precision: 2,
        transforms_precision: 4,
        indent: usvg::Indent::None,
        ..usvg::WriteOptions::default()
    };
    let tree = tree(drawing)?;
    Ok((tree.to_string(&options), pixels(&tree, scale)?))
}

fn tree(drawing: &Drawing) -> Result<usvg::Tree, String> {
    let options = usvg::Options { fontdb: fonts(), ..usvg::Options::default() };
    usvg::Tree::from_str(&drawing.svg, &options).map_err(|error| error.to_string())
}

/// Our fonts and no others, read once: a picture is the same on every machine.
fn fonts() -> Arc<fontdb::Database> {
    static FONTS: OnceLock<Arc<fontdb::Database>> = OnceLock::new();
    Arc::clone(FONTS.get_or_init(|| {
        let mut fonts = fontdb::Database::new();
        for cut in [Cut::Regular, Cut::SemiBold, Cut::Italic] {
            fonts.load_font_source(fontdb::Source::Binary(Arc::new(font(cut))));
        }
        fonts.set_sans_serif_family("Source Sans 3");
        Arc::new(fonts)
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_palette_keeps_frequent_colours_and_comes_near_to_rare_ones() {
        let grey = |value: u8| [value, value, value, 255];
        let mut pixels: Vec<[u8; 4]> = (0..=255).flat_map(|value| [grey(value); 2]).collect();
        pixels.push([254, 255, 255, 255]);
        let (palette, indices) = indexed(&pixels);
        assert_eq!((palette.len(), indices.len()), (256 * 3, 513));
        let shown = |pixel: usize| &palette[usize::from(indices[pixel]) * 3..][..3];
        for (pixel, wanted) in pixels.iter().enumerate().take(512) {
            assert_eq!(shown(pixel), &wanted[..3]);
        }
        assert_eq!(shown(512), [255, 255, 255]);
        assert_eq!(indexed(&[]), (Vec::new(), Vec::new()));
    }
}
