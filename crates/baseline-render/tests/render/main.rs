//! Everything that is rendered, from the outside: golden figures, no collision, no cut text, determinism,
//! hostile labels, document structure. Set `BASELINE_LOOK=<folder>` to have the sample written there for looking at.

mod charts;
mod docx;
mod formats;
mod maps;
mod overview;
mod pages;
mod pdf;
mod profiles;
mod sample;
mod xlsx;
