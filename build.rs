//! Embeds the shipped definitions (as text) and the seed (compressed), so that the installed program
//! works in an empty folder.
//!
//! Writes into the build folder: `embedded.rs` (two sorted indexes) and `seed.bin` (one zlib stream a
//! table, one after the other). The same files give the same bytes. Must not interpret anything: a
//! faulty definition is reported by the program, with file and line.

use std::error::Error;
use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use flate2::Compression;
use flate2::write::ZlibEncoder;

const RECEIPT: &str = ".receipt.json";

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(env::var("OUT_DIR")?);
    println!("cargo::rerun-if-changed=build.rs");
    let mut code = String::new();

    let pipelines = root.join("pipelines");
    writeln!(code, "static DEFINITIONS: &[(&str, &str)] = &[")?;
    for path in files(&pipelines)? {
        writeln!(code, "    ({path:?}, include_str!({})),", literal(&pipelines.join(&path))?)?;
    }
    writeln!(code, "];")?;

    let seed = root.join("data").join("seed");
    let paths = files(&seed)?;
    let mut packed = Vec::new();
    writeln!(code, "static SEED: &[Shipped] = &[")?;
    for path in &paths {
        let (Some(dataflow), true) = (path.strip_suffix(".csv"), path.matches('/').count() == 1) else {
            if !path.strip_suffix(RECEIPT).is_some_and(|stem| paths.contains(&format!("{stem}.csv"))) {
                println!("cargo::error=data/seed/{path}: expected <source>/<dataflow>.csv and its {RECEIPT}");
            }
            continue;
        };
        let receipt = format!("{dataflow}{RECEIPT}");
        if !paths.contains(&receipt) {
            println!("cargo::error=data/seed/{path} has no receipt {receipt}: without one a figure has no source");
            continue;
        }
        let raw = fs::read(seed.join(path))?;
        let start = packed.len();
        let mut encoder = ZlibEncoder::new(&mut packed, Compression::new(6));
        encoder.write_all(&raw)?;
        encoder.finish()?;
        writeln!(
            code,
            "    Shipped {{ dataflow: {dataflow:?}, receipt: include_str!({}), packed: {}..{}, length: {} }},",
            literal(&seed.join(receipt))?,
            grouped(start),
            grouped(packed.len()),
            grouped(raw.len())
        )?;
    }
    writeln!(code, "];")?;
    writeln!(code, "static PACKED: &[u8] = include_bytes!({});", literal(&out.join("seed.bin"))?)?;

    // A report is rebuilt when the program changes: the program's state is a hash over its sources.
    let mut hasher = DefaultHasher::new();
    for folder in ["src", "crates", "assets", "data/geo"] {
        for path in files(&root.join(folder))? {
            path.hash(&mut hasher);
            fs::read(root.join(folder).join(&path))?.hash(&mut hasher);
        }
    }
    fs::read(root.join("Cargo.lock"))?.hash(&mut hasher);
    println!("cargo::rerun-if-changed=Cargo.lock");
    println!("cargo::rustc-env=BASELINE_BUILD={:016x}", hasher.finish());

    fs::write(out.join("seed.bin"), packed)?;
    fs::write(out.join("embedded.rs"), code)?;
    Ok(())
}

/// A path as a text of Rust.
fn literal(path: &Path) -> Result<String, Box<dyn Error>> {
    let text = path.to_str().ok_or_else(|| format!("{}: not a text name", path.display()))?;
    Ok(format!("{text:?}"))
}

/// A number as source code: digits in groups of three.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> = digits.as_bytes().rchunks(3).rev().filter_map(|group| std::str::from_utf8(group).ok()).collect();
    groups.join("_")
}

/// All files under `folder`, relative to it with `/`, sorted; none when there is no such folder.
/// Hidden files and editors' backups are no definitions.
fn files(folder: &Path) -> Result<Vec<String>, Box<dyn Error>> {
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut found = Vec::new();
    let mut open = vec![(folder.to_path_buf(), String::new())];
    while let Some((folder, prefix)) = open.pop() {
        let entries = match fs::read_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound && prefix.is_empty() => return Ok(found),
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name().into_string().map_err(|name| format!("{}: not a text name", name.display()))?;
            if name.starts_with('.') || name.ends_with('~') {
                continue;
            }
            if entry.path().is_dir() {
                open.push((entry.path(), format!("{prefix}{name}/")));
            } else {
                found.push(format!("{prefix}{name}"));
            }
        }
    }
    found.sort();
    Ok(found)
}
