//! Embeds the files of `examples/`, so that the installed program can show and run them. The answers stay outside.

use std::error::Error;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("examples");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut names = Vec::new();
    for entry in fs::read_dir(&folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.strip_suffix(".csv").is_some_and(|stem| !stem.ends_with(".answer")) {
            names.push(name);
        }
    }
    names.sort();
    let mut code = String::from("const FILES: &[(&str, &str)] = &[\n");
    for name in names {
        let path = folder.join(&name);
        writeln!(code, "    ({name:?}, include_str!({:?})),", path.to_str().ok_or("the path of the project is no UTF-8")?)?;
    }
    code.push_str("];\n");
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("examples.rs"), code)?;
    Ok(())
}
