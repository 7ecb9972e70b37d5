//! Time and peak memory of reading files: `cargo bench -p baseline-source -- FILE...`. Not a test.
//!
//! Without a file: the largest table of GENESIS that lies beside the project, else a generated one of its size, which
//! is to be read in 0.4 s with 150 MB (the way to Parquet included).

#![expect(clippy::print_stdout, reason = "a benchmark reports")]

use std::io::Write as _;
use std::time::Instant;

use baseline_source::{ReadOptions, read};

const LARGEST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/national/destatis/12531-0043_flat.zip");

fn main() -> std::io::Result<()> {
    let mut names: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    if names.is_empty() && std::path::Path::new(LARGEST).is_file() {
        names.push(LARGEST.to_owned());
    }
    if names.is_empty() {
        measure("generated GENESIS table", &generated()?);
    }
    for name in names {
        measure(&name, &std::fs::read(&name)?);
    }
    // Linux only, and only what the system says: no allocator of our own.
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    if let Some(line) = status.lines().find(|line| line.starts_with("VmHWM")) {
        println!("{line}");
    }
    Ok(())
}

fn measure(name: &str, bytes: &[u8]) {
    for _ in 0..5 {
        let start = Instant::now();
        let reading = read(bytes, name, &ReadOptions::default());
        let seconds = start.elapsed().as_secs_f64();
        let rows: usize = reading.tables.iter().map(baseline_model::RawTable::len).sum();
        println!("{name}: {} of {rows} rows in {seconds:.3} s, {} findings", reading.format, reading.findings.len());
    }
}

/// A table of 400 districts by 10 groups, 2 sexes and 15 citizenships, with labels as long as real ones, in its archive.
fn generated() -> std::io::Result<Vec<u8>> {
    let mut text = String::from("\u{feff}statistics_code;statistics_label;time_code;time_label;time;");
    for group in 1..=4 {
        let names = ["code", "label", "attribute_code", "attribute_label"].map(|part| format!("{group}_variable_{part};"));
        text.push_str(&names.concat());
    }
    text.push_str("value;value_unit;value_variable_code;value_variable_label\n");
    for row in 0..120_000_u32 {
        // In no order, as the provider writes: the factor shares no divisor with the number of rows.
        let cell = u64::from(row) * 7_919 % 120_000;
        text.push_str(&format!(
            "12531;Statistik über Schutzsuchende;STAG;Stichtag;2024-12-31;KREISE;Kreise;{:05};Landkreis mit einem Namen;SCHST2;\
             Schutzstatuskategorie;SCHUTZST-AK-{};Unbefristet anerkannter Schutzstatus;GES;Geschlecht;GES{};männlich;STAAG5;\
             Staatsangehörigkeit;ST{};Nordmazedonien;{};Anzahl;BEV030;Schutzsuchende\n",
            1_000 + cell / 300,
            cell / 30 % 10,
            cell / 15 % 2,
            100 + cell % 15,
            5 * (cell % 97),
        ));
    }
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    archive.start_file("12531-0043_1_de_flat.csv", zip::write::SimpleFileOptions::default())?;
    archive.write_all(text.as_bytes())?;
    Ok(archive.finish()?.into_inner())
}
