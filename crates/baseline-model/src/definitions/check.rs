pub fn check(_: &super::Definitions, _: &[super::DefinitionFile], _: &[&str]) -> Vec<super::DefinitionError> { Vec::new() }
