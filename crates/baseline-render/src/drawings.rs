//! What has been drawn of one report, so that its formats share it: HTML, PDF and the SVG files need the same drawings, DOCX
//! and the PNG files the same pictures. Of one report in one language: a figure is known by its id. Draws nothing by itself.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::chart::{self, Drawing, Sheet};
use crate::document::Figure;
use crate::png;
use crate::{RenderError, Setting};

/// Empty in the beginning; filled by [`Setting::draw`] and [`Setting::picture`].
#[derive(Debug, Default)]
pub struct Drawings {
    drawings: Shared<(String, &'static str, u64), Drawing>,
    pictures: Shared<String, Vec<u8>>,
}

/// A place a key, made by the first who asks; others wait for it.
type Shared<K, V> = Mutex<BTreeMap<K, Arc<OnceLock<Option<Arc<V>>>>>>;

impl Setting<'_> {
    /// A figure of the report, drawn once for all formats.
    ///
    /// # Errors
    /// As [`chart::draw`].
    pub fn draw(&self, figure: &Figure, sheet: Sheet) -> Result<Arc<Drawing>, RenderError> {
        let draw = || chart::draw(figure, self.language, sheet);
        let Some(drawings) = self.drawings else { return draw().map(Arc::new) };
        // With texts or without: both of the same width have the same suffix only when both have texts.
        let key = (figure.id.clone(), if sheet.texts { "texts" } else { sheet.suffix }, sheet.width.to_bits());
        shared(&drawings.drawings, key, draw)
    }

    /// A figure of the report as a PNG picture of twice the size of [`Sheet::FILE`].
    ///
    /// # Errors
    /// As [`chart::draw`], and [`RenderError::Picture`].
    pub fn picture(&self, figure: &Figure) -> Result<Arc<Vec<u8>>, RenderError> {
        let drawing = self.draw(figure, Sheet::FILE)?;
        let paint = || png::picture(&drawing).map_err(|message| RenderError::Picture { figure: figure.id.clone(), message });
        let Some(drawings) = self.drawings else { return paint().map(Arc::new) };
        shared(&drawings.pictures, figure.id.clone(), paint)
    }
}

/// What stands under the key; made now when nobody has. A fault is not kept: whoever asks next meets it too.
fn shared<K: Ord, V>(all: &Shared<K, V>, key: K, make: impl Fn() -> Result<V, RenderError>) -> Result<Arc<V>, RenderError> {
    let place = Arc::clone(all.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_default());
    // Nothing in `make` runs in parallel: a thread that waits here never holds what is waited for.
    match place.get_or_init(|| make().ok().map(Arc::new)) {
        Some(made) => Ok(Arc::clone(made)),
        None => make().map(Arc::new),
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn the_first_who_asks_makes_it_and_a_fault_is_said_again() {
        let (all, made) = (Shared::default(), Cell::new(0));
        let make = |number: u32| {
            let made = &made;
            move || {
                made.set(made.get() + 1);
                if number == 0 { Err(RenderError::Anchor { anchor: String::new() }) } else { Ok(number) }
            }
        };
        assert_eq!(shared(&all, "one", make(1)).ok().as_deref(), Some(&1));
        assert_eq!(shared(&all, "one", make(2)).ok().as_deref(), Some(&1));
        assert_eq!(shared(&all, "two", make(2)).ok().as_deref(), Some(&2));
        assert_eq!(made.get(), 2);
        assert!(shared(&all, "bad", make(0)).is_err() && shared(&all, "bad", make(0)).is_err());
    }
}
