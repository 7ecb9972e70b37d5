//! From staging to the place: a study with all its publications whole, single publications each whole. What is not published
//! leaves nothing behind.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::build::{Outcome, Stale};
use super::{index, manifest};
use crate::store::{self, StoreError};

/// Where publications are built before they are put in their places.
pub enum Staging {
    /// A folder for the whole study.
    Study(PathBuf),
    /// A folder beside the place of each.
    Each,
}

impl Staging {
    /// For a study, an empty folder beside it.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn open(study_folder: &Path, whole_study: bool) -> Result<Self, StoreError> {
        Ok(if whole_study { Self::Study(store::staging(study_folder)?) } else { Self::Each })
    }

    /// The folder to build in, of a publication with this place, which is `relative` to the study's folder.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn place(&self, place: &Path, relative: &Path) -> Result<PathBuf, StoreError> {
        match self {
            Self::Study(root) => Ok(root.join(relative)),
            Self::Each => store::staging(place),
        }
    }

    /// Removes what will not be published.
    pub fn discard(&self, study_folder: &Path, stale: &[Stale]) {
        match self {
            Self::Study(root) => store::discard(root),
            Self::Each => {
                let places = stale.iter().map(|stale| study_folder.join(stale.job.folder()));
                places.flat_map(|place| store::staging_of(&place)).for_each(|staging| store::discard(&staging));
            }
        }
    }
}

/// Puts what was built in its place, and the pages over the study: with a whole study they are exchanged together. A file of
/// `index_files` that is no page now is not kept.
///
/// # Errors
/// When something cannot be written.
pub fn publish(
    staging: &Staging,
    study_folder: &Path,
    (stale, outcomes): (&[Stale], &[Outcome]),
    pages: &BTreeMap<String, Vec<u8>>,
    index_files: &[PathBuf],
) -> Result<(), StoreError> {
    let mut built = Vec::new();
    for (stale, outcome) in stale.iter().zip(outcomes) {
        match outcome {
            // Nothing that it shows has changed: only the note for the next run.
            Outcome::Same { stamp, .. } => {
                store::write_atomic(&study_folder.join(stale.job.folder()).join(manifest::STAMP), stamp)?;
            }
            Outcome::Built { .. } => built.push(stale.job.folder()),
        }
    }
    match staging {
        Staging::Study(root) if built.is_empty() => {
            store::discard(root);
            index::write(study_folder, pages)
        }
        Staging::Study(root) => {
            let replaced: Vec<PathBuf> = built.into_iter().chain(index_files.iter().cloned()).collect();
            store::carry_over(study_folder, root, &replaced)?;
            index::write(root, pages)?;
            store::publish(root, study_folder)
        }
        Staging::Each => {
            for folder in built {
                let place = study_folder.join(folder);
                store::publish(&store::staging_of(&place)?, &place)?;
            }
            index::write(study_folder, pages)
        }
    }
}
