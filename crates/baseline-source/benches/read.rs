//! Time and peak memory of reading files: `cargo bench -p baseline-source -- FILE...`. Not a test.
//!
//! Instead of a file a made one, by its kind and size: `px:5000000` (cells), `genesis:120000` (rows), `sdmx_csv:100`,
//! `sdmx_ml:50`, `sdmx_generic:50` (megabytes). With `--write FOLDER` the made
//! files are written there instead of being read, for the programs that they are compared with. With `--as RECORD.toml`
//! the files are read by the layouts of that dataflow's record.

#![expect(clippy::print_stdout, reason = "a benchmark reports")]

#[path = "made/genesis.rs"]
mod genesis;
#[path = "made/px.rs"]
mod px;
#[path = "made/sdmx.rs"]
mod sdmx;

use std::path::Path;
use std::time::Instant;

use baseline_model::definitions::{Dataflow, Shape};
use baseline_source::{ReadOptions, read};

fn main() -> std::io::Result<()> {
    // Cargo adds `--bench`.
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench").peekable();
    let folder = arguments.next_if_eq("--write").and_then(|_| arguments.next());
    let record = arguments.next_if_eq("--as").and_then(|_| arguments.next());
    let record: Option<Dataflow> = match record {
        Some(path) => Some(toml::from_str(&std::fs::read_to_string(path)?).map_err(std::io::Error::other)?),
        None => None,
    };
    let shapes = record.as_ref().map_or(&[][..], |record| &record.shapes);
    for name in arguments {
        let bytes = made(&name).unwrap_or_else(|| std::fs::read(&name))?;
        match &folder {
            Some(folder) => std::fs::write(Path::new(folder).join(name.replace(':', ".")), bytes)?,
            None => measure(&name, &bytes, shapes),
        }
    }
    // Linux only, and only what the system says: no allocator of our own.
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    if let Some(line) = status.lines().find(|line| line.starts_with("VmHWM")) {
        println!("{line}");
    }
    Ok(())
}

fn made(name: &str) -> Option<std::io::Result<Vec<u8>>> {
    let (kind, size) = name.split_once(':')?;
    let size: u64 = size.parse().ok()?;
    match kind {
        "px" => Some(Ok(px::file(usize::try_from(size).ok()?))),
        "genesis" => Some(genesis::file(size)),
        "sdmx_csv" => Some(Ok(sdmx::csv(usize::try_from(size).ok()?))),
        "sdmx_ml" => Some(Ok(sdmx::specific(usize::try_from(size).ok()?))),
        "sdmx_generic" => Some(Ok(sdmx::generic(usize::try_from(size).ok()?))),
        _ => None,
    }
}

fn measure(name: &str, bytes: &[u8], shapes: &[Shape]) {
    for _ in 0..5 {
        let start = Instant::now();
        let reading = read(bytes, name, &ReadOptions { shapes, ..ReadOptions::default() });
        let seconds = start.elapsed().as_secs_f64();
        let rows: usize = reading.tables.iter().map(baseline_model::RawTable::len).sum();
        println!("{name}: {} of {rows} rows in {seconds:.3} s, {} findings", reading.format, reading.findings.len());
    }
}
