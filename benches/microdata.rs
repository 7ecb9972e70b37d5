//! Writes a made labour-force file, for trying out and measuring `baseline microdata`:
//!
//! `cargo bench -p baseline --bench microdata -- --write FILE.parquet --rows 20000000 --layout lfs_2021`
//!
//! The form follows the name: .csv, .csv.gz or .parquet. The same arguments give the same persons.

#![expect(clippy::print_stderr, reason = "a tool of the command line")]

#[path = "made/lfs.rs"]
#[expect(dead_code, clippy::cast_possible_truncation, reason = "the tests use the rest; numbers are small")]
mod lfs;

use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write};

use polars::prelude::*;

/// Rows that are made and written at a time.
const BLOCK: u64 = 250_000;

fn main() -> Result<(), Box<dyn Error>> {
    // Cargo adds `--bench`.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let value = |name: &str| arguments.iter().position(|argument| argument == name).and_then(|at| arguments.get(at + 1));
    let Some(path) = value("--write") else {
        eprintln!("nothing to do: --write FILE --rows N --layout lfs_2021|lfs_until_2020");
        return Ok(());
    };
    let rows: u64 = value("--rows").map_or(Ok(100_000), |rows| rows.parse())?;
    let new = match value("--layout").map_or("lfs_2021", String::as_str) {
        "lfs_2021" => true,
        "lfs_until_2020" => false,
        other => return Err(format!("no layout `{other}`: lfs_2021 or lfs_until_2020").into()),
    };
    let blocks = (0..rows).step_by(usize::try_from(BLOCK)?).map(|from| (from, rows.min(from + BLOCK)));
    let sink = BufWriter::new(File::create(path)?);
    let ending = std::path::Path::new(path).extension().and_then(std::ffi::OsStr::to_str).unwrap_or_default();
    if ending == "parquet" {
        let empty = frame(0, 0, new)?;
        let mut writer = ParquetWriter::new(sink).with_compression(ParquetCompression::Zstd(None)).batched(empty.schema())?;
        for (from, to) in blocks {
            writer.write_batch(&frame(from, to, new)?)?;
        }
        writer.finish()?;
    } else if ending == "gz" {
        let mut sink = flate2::write::GzEncoder::new(sink, flate2::Compression::fast());
        text(&mut sink, blocks, new)?;
        sink.finish()?.flush()?;
    } else {
        let mut sink = sink;
        text(&mut sink, blocks, new)?;
        sink.flush()?;
    }
    Ok(())
}

fn text(sink: &mut impl Write, blocks: impl Iterator<Item = (u64, u64)>, new: bool) -> std::io::Result<()> {
    writeln!(sink, "{}", lfs::header(new).join(","))?;
    for (from, to) in blocks {
        sink.write_all(lfs::csv(from, to, new).as_bytes())?;
    }
    Ok(())
}

fn frame(from: u64, to: u64, new: bool) -> PolarsResult<DataFrame> {
    let height = usize::try_from(to - from).unwrap_or(0);
    let mut numbers: [Vec<i64>; 5] = Default::default();
    let mut texts: [Vec<Option<String>>; 6] = Default::default();
    let mut weights: Vec<f64> = Vec::with_capacity(height);
    for row in from..to {
        let person = lfs::person(row, lfs::first_year(new));
        let (origin, occupation, education) = lfs::codes(&person, new);
        let signs = [
            person.year,
            if person.man { 1 } else { 2 },
            lfs::age(&person, new),
            person.status,
            if person.learning { 1 } else { 2 },
        ];
        for (column, number) in numbers.iter_mut().zip(signs) {
            column.push(i64::try_from(number).unwrap_or(0));
        }
        let words = [
            Some(person.country.to_owned()),
            Some(format!("{:02}", person.region)),
            Some(origin.to_owned()),
            Some(origin.to_owned()),
            Some(occupation).filter(|code| !code.is_empty()),
            Some(education.to_owned()),
        ];
        for (column, text) in texts.iter_mut().zip(words) {
            column.push(text);
        }
        weights.push(person.weight / 1000.0);
    }
    let names = lfs::header(new);
    let mut columns: Vec<Column> = Vec::new();
    for (values, at) in numbers.iter().zip([0, 3, 4, 7, 8]) {
        columns.push(Column::new(names[at].into(), values));
    }
    for (values, at) in texts.iter().zip([1, 2, 5, 6, 9, 10]) {
        columns.push(Column::new(names[at].into(), values));
    }
    columns.push(Column::new(names[11].into(), weights));
    DataFrame::new(height, columns)
}
