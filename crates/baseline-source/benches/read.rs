//! Time and peak memory of reading one file: `cargo bench -p baseline-source -- FILE`. Not a test.
//! `px:5000000` instead of a file is a made one of about so many cells (within 1 s).

#![expect(clippy::print_stdout, reason = "a benchmark reports")]

#[path = "made/px.rs"]
mod px;

use std::time::Instant;

use baseline_source::{ReadOptions, read};

fn main() -> std::io::Result<()> {
    for name in std::env::args().skip(1).filter(|argument| !argument.starts_with("--")) {
        let made = name.strip_prefix("px:").and_then(|cells| cells.parse().ok()).map(px::file);
        let bytes = made.map_or_else(|| std::fs::read(&name), Ok)?;
        for _ in 0..5 {
            let start = Instant::now();
            let reading = read(&bytes, &name, &ReadOptions::default());
            let seconds = start.elapsed().as_secs_f64();
            let rows: usize = reading.tables.iter().map(baseline_model::RawTable::len).sum();
            println!("{name}: {} of {rows} rows in {seconds:.3} s, {} findings", reading.format, reading.findings.len());
        }
    }
    // Linux only, and only what the system says: no allocator of our own.
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    if let Some(line) = status.lines().find(|line| line.starts_with("VmHWM")) {
        println!("{line}");
    }
    Ok(())
}
