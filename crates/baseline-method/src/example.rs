//! The files that parameters of the examples name, in the program, so that an example can be run without the project's
//! folders. The inputs themselves stand with their methods.

/// Name in `examples/` and text.
const FILES: &[(&str, &str)] = &[];

/// The example file of a name.
pub fn example_file(name: &str) -> Option<&'static str> {
    FILES.iter().find(|(file, _)| *file == name).map(|(_, text)| *text)
}
