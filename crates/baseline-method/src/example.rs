//! The files of `examples/`, which parameters of the methods' examples name, in the program: an example can be shown and
//! run without the project's folders. Put there by `build.rs`; must not hold the answers.

include!(concat!(env!("OUT_DIR"), "/examples.rs"));

/// The text of an example file, by its name in `examples/`.
pub fn example_file(name: &str) -> Option<&'static str> {
    FILES.iter().find(|(file, _)| *file == name).map(|(_, text)| *text)
}

#[cfg(test)]
mod tests {
    use crate::METHODS;

    #[test]
    fn every_file_of_an_example_is_there() {
        for method in METHODS {
            let input = super::example_file(&format!("{}.csv", method.id));
            assert_eq!(input, Some(method.example.0), "{}", method.id);
            for (name, value) in method.example.1 {
                if method.params.iter().any(|param| param.name == *name && param.file) {
                    assert!(super::example_file(value).is_some(), "{}: no examples/{value}", method.id);
                }
            }
        }
    }
}
