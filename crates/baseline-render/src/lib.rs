//! Floor 2: the document model, charts and output formats. Returns bytes, opens no file, knows no clock.

pub mod document;
