//! Reads mutated files, many times: `cargo bench -p baseline-source --bench mutants --profile mutants -- RUNS FOLDER...`. Not a test.
//!
//! Every folder is a reader's: the files in it are its seeds, the folder's name is what is printed. A file `layout.toml` is
//! the declared layout the others are read by. Of a ZIP archive (a workbook) every other mutant has one member changed and
//! is packed again, or nothing would get past the unpacking. The folder `answers` goes through the protocols, as answers to
//! their own requests. A panic ends it, with the input in the file `mutant.bin`. The same as tools/fuzz for those who have
//! no nightly compiler, without its sense of coverage.

#![expect(clippy::print_stdout, reason = "a benchmark reports")]

use std::io::{self, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

use baseline_model::definitions::{Dataflow, Shape, Source};
use baseline_source::protocol::{Answer, Ask, PROTOCOLS, Sizes};
use baseline_source::{Limits, ReadOptions, read};

/// Longer texts are cut: what breaks a reader is seldom far from its beginning. Archives and workbooks stay whole.
const LONGEST: usize = 4096;

fn main() -> io::Result<()> {
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    let runs: u64 = arguments.next().and_then(|runs| runs.parse().ok()).unwrap_or(1_000_000);
    println!("{:<14} {:>9} {:>7} {:>12} {:>8}", "reader", "runs", "seeds", "slowest ms", "seconds");
    for folder in arguments {
        let mut seeds: Vec<Vec<u8>> = Vec::new();
        let mut files: Vec<_> = std::fs::read_dir(&folder)?.filter_map(Result::ok).map(|entry| entry.path()).collect();
        files.sort();
        let mut shapes: Vec<Shape> = Vec::new();
        for file in files.iter().filter(|file| file.is_file()) {
            let mut bytes = std::fs::read(file)?;
            if file.ends_with("layout.toml") {
                shapes.push(toml::from_str(&String::from_utf8_lossy(&bytes)).map_err(io::Error::other)?);
                continue;
            }
            if !bytes.starts_with(b"PK") && !bytes.starts_with(b"\xd0\xcf") {
                bytes.truncate(LONGEST);
            }
            seeds.push(bytes);
        }
        let name = Path::new(&folder).file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let begun = Instant::now();
        let slowest = run(&seeds, runs, |bytes| if name == "answers" { answer(bytes) } else { reading(bytes, &shapes) })?;
        let seconds = begun.elapsed().as_secs();
        println!("{name:<14} {runs:>9} {:>7} {:>12} {seconds:>8}", seeds.len(), slowest.as_millis());
    }
    // Linux only, and only what the system says: no allocator of our own.
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    if let Some(line) = status.lines().find(|line| line.starts_with("VmHWM")) {
        println!("{line}");
    }
    Ok(())
}

/// Reads the bytes as a file; false when a table's parts do not fit together.
fn reading(bytes: &[u8], shapes: &[Shape]) -> bool {
    let limits = Limits { unpacked: 1 << 20, cells: 10_000 };
    let reading = read(bytes, "mutant", &ReadOptions { limits, shapes, ..ReadOptions::default() });
    reading.tables.iter().all(|table| table.positions.len() == table.value.len())
}

/// Takes the bytes as what every protocol is answered. The first byte of a seed chooses nothing here: all are asked.
fn answer(bytes: &[u8]) -> bool {
    let source = Source { base_url: "https://office.example/api".into(), ..Source::default() };
    let dataflow = Dataflow::default();
    let ask = Ask { source: &source, table: "T1", dataflow: &dataflow, sizes: &Sizes::new() };
    for protocol in PROTOCOLS {
        let body = protocol.classify(bytes);
        let _ = (protocol.read_changes(bytes), protocol.read_structure(bytes));
        for request in protocol.plan(&ask).into_iter().flatten().chain(protocol.structure(&ask)).take(2) {
            for status in [200, 404] {
                let _ = protocol.next(&ask, &request, &Answer { status, bytes, body: &body });
            }
        }
    }
    true
}

/// The longest that one use took.
fn run(seeds: &[Vec<u8>], runs: u64, sound: impl Fn(&[u8]) -> bool) -> io::Result<Duration> {
    let mut chance = Chance(7);
    let mut slowest = Duration::ZERO;
    for number in 0..runs {
        let Some(seed) = seeds.get(chance.below(seeds.len())) else { break };
        let other = seeds.get(chance.below(seeds.len())).map_or(&[][..], Vec::as_slice);
        let inside = if number % 2 == 0 { repacked(seed, &mut chance) } else { None };
        let bytes = inside.unwrap_or_else(|| mutant(seed, other, &mut chance));
        let begun = Instant::now();
        let passed = catch_unwind(AssertUnwindSafe(|| sound(&bytes)));
        slowest = slowest.max(begun.elapsed());
        if !passed.unwrap_or(false) {
            std::fs::write("mutant.bin", &bytes)?;
            return Err(io::Error::other(format!("run {number} panicked or was not sound; the input is in mutant.bin")));
        }
    }
    Ok(slowest)
}

/// An archive with one member changed, stored without packing; `None` when the seed is no archive.
fn repacked(seed: &[u8], chance: &mut Chance) -> Option<Vec<u8>> {
    let mut archive = zip::ZipArchive::new(io::Cursor::new(seed)).ok()?;
    let mut packed = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
    let changed = chance.below(archive.len());
    for index in 0..archive.len() {
        let mut member = archive.by_index(index).ok()?;
        let mut bytes = Vec::new();
        member.read_to_end(&mut bytes).ok()?;
        if index == changed {
            bytes = mutant(&bytes, &[], chance);
        }
        let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
        packed.start_file(member.name().ok()?, stored).ok()?;
        packed.write_all(&bytes).ok()?;
    }
    Some(packed.finish().ok()?.into_inner())
}

/// One to eight edits: bytes replaced, inserted, removed, doubled, swapped for signs that mean something, or a piece of
/// another seed; at times the end is cut.
fn mutant(seed: &[u8], other: &[u8], chance: &mut Chance) -> Vec<u8> {
    const SIGNS: &[u8] = b"\t\n\r,;\\\"'{}[]():|*#%+-.<>/&=!?0123456789 \xc3\xa9\xff\x00PK";
    const WORDS: &[&str] =
        &["18446744073709551615", "-1", "1e308", "\"\"", "null", "{}", "[]", "\u{feff}", "..", "2024-02-30", "NaN"];
    let mut bytes = seed.to_vec();
    for _ in 0..=chance.below(8) {
        let at = chance.below(bytes.len() + 1);
        let end = (at + 1 + chance.below(16)).min(bytes.len());
        match chance.below(7) {
            0 if at < bytes.len() => bytes[at] = u8::try_from(chance.below(256)).unwrap_or_default(),
            1 => bytes.insert(at, SIGNS[chance.below(SIGNS.len())]),
            2 => drop(bytes.drain(at..end)),
            3 => {
                let piece = bytes[at..end].to_vec();
                drop(bytes.splice(at..at, piece));
            }
            4 => drop(bytes.splice(at..end, WORDS[chance.below(WORDS.len())].bytes())),
            5 if !other.is_empty() => {
                let from = chance.below(other.len());
                let to = (from + 1 + chance.below(64)).min(other.len());
                drop(bytes.splice(at..at, other[from..to].iter().copied()));
            }
            6 if at < bytes.len() => bytes[at] = SIGNS[chance.below(SIGNS.len())],
            _ => {}
        }
    }
    if chance.below(8) == 0 {
        bytes.truncate(chance.below(bytes.len() + 1));
    }
    bytes
}

/// splitmix64: the same runs everywhere.
struct Chance(u64);

impl Chance {
    /// In `0..bound`; 0 for a bound of 0.
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % (bound.max(1) as u64)).unwrap_or_default()
    }
}
