//! Cubes of GENESIS: records `K;` name the columns of a section, records `D;` below fill them.
//!
//! Sections: DQ the cube, DQ-ERH its statistic, DQA the dimensions, DQZ the time, DQI the measures, QEI the cells. A
//! cell has one block of columns a measure (number with a decimal point, quality, lock, alteration), in the order of
//! DQI; the header of QEI names the block once. A quality sign that is a mark (`-`, `.`) stands for the number, which is
//! then 0. Lines that start with `*` name the account that asked: they are skipped and never quoted.
//!
//! ```text
//! * ...
//! K;DQ;FACH-SCHL;GHH-ART;GHM-WERTE-JN;"mit Werten"
//! D;47414BJ001;D;N
//! K;QEI;FACH-SCHL;FACH-SCHL;ZI-WERT;WERT;QUALITAET;GESPERRT;WERT-VERFAELSCHT
//! D;DG;WZ08-49-01;2024;136.6;p;;0.0
//! ```

use baseline_model::{Column, Finding, Positions, RawTable, Role};

use super::{MOST_DIMENSIONS, attribute, iso_date, value};
use crate::findings::{Context, quote};
use crate::number;
use crate::review::duplicates;
use crate::table::Rows;

pub(crate) const FORMAT: &str = "GENESIS cube";

/// Whether the first line that is no comment opens a section. A file of comments alone is one too: nobody else may quote it.
pub(crate) fn is_one(text: &str) -> bool {
    let first = text.lines().take(50).find(|line| !line.starts_with('*') && !line.trim().is_empty());
    match first {
        Some(first) => first.starts_with(if text.starts_with('*') { "K;" } else { "K;DQ" }),
        None => text.starts_with('*'),
    }
}

/// `None`, with a finding, when the sections do not describe the cells.
pub(crate) fn read(text: &str, context: &mut Context<'_>) -> Option<RawTable> {
    let mut parts = Parts::default();
    let mut reading: Option<Cells> = None;
    let mut section = Section::default();
    for (number, line) in (1_u32..).zip(text.lines()) {
        let line = line.trim_end();
        if line.is_empty() || line.starts_with('*') {
            continue;
        }
        let mut cells = line.split(';').map(|cell| cell.trim().trim_matches('"'));
        match cells.next() {
            Some("K") => {
                let name = cells.next().unwrap_or_default().to_owned();
                let columns =
                    cells.filter(|column| !matches!(*column, "mit Werten" | "nur Werte" | "")).map(str::to_owned).collect();
                section = Section { name, columns };
                if section.name == "QEI" {
                    match Cells::new(&section, &parts) {
                        Ok(cells) => reading = Some(cells),
                        Err(fault) => {
                            let at = context.at(format_args!("line {number}"));
                            let finding = Finding::error("header-not-understood", at, format!("{fault}; the file is refused"));
                            context.add(finding.hint("ask again for the cube, and do not edit the file"));
                            return None;
                        }
                    }
                }
            }
            Some("D") if section.name == "QEI" => {
                let cells: Vec<&str> = cells.collect();
                let Some(reading) = &mut reading else { continue };
                if !reading.push(number, &cells, context) {
                    break;
                }
            }
            Some("D") => parts.take(&section, &cells.collect::<Vec<_>>()),
            _ => context.group("line-not-read", "", |context| {
                let at = context.at(format_args!("line {number}"));
                Finding::error("line-not-read", at, "expected a record that begins with K; or D;, found another; it is not used")
                    .hint("the file is cut or edited: download it again")
            }),
        }
    }
    let Some(reading) = reading else {
        let finding =
            Finding::error("header-not-understood", context.name, "expected the section QEI with the cells, found none");
        context.add(finding.hint("the file is cut, or was asked for without values"));
        return None;
    };
    context.own_marks = true;
    let table = reading.finish(parts);
    duplicates(&table, context);
    Some(table)
}

/// A section under a `K;` record.
#[derive(Default)]
struct Section {
    name: String,
    columns: Vec<String>,
}

/// What the sections before the cells say.
#[derive(Default)]
struct Parts {
    cube: Option<String>,
    dimensions: Vec<String>,
    /// Places of the dimensions within a key, as far as stated.
    order: Vec<u32>,
    times: Vec<String>,
    /// Code and unit.
    measures: Vec<(String, String)>,
}

impl Parts {
    fn take(&mut self, section: &Section, cells: &[&str]) {
        let cell = |column: &str| {
            let place = section.columns.iter().position(|name| name == column);
            place.and_then(|place| cells.get(place)).map_or("", |cell| cell.trim())
        };
        match section.name.as_str() {
            "DQ" => self.cube = Some(cell("FACH-SCHL").to_lowercase()).filter(|code| !code.is_empty()),
            "DQA" => {
                self.dimensions.push(cell("NAME").to_lowercase());
                self.order.extend(cell("RHF-BSR").parse::<u32>());
            }
            "DQZ" => self.times.push(cell("NAME").to_owned()),
            "DQI" => self.measures.push((cell("NAME").to_owned(), cell("ME-NAME").to_owned())),
            // Of the statistic, and sections that the format may get.
            _ => {}
        }
    }
}

/// The cells under construction.
struct Cells {
    keys: Vec<usize>,
    time: usize,
    /// First column of the first measure, and columns a measure.
    first: usize,
    block: usize,
    /// Places in a block.
    quality: Option<usize>,
    locked: Option<usize>,
    altered: Option<usize>,
    measures: Vec<(String, String)>,
    rows: Rows,
    places: Vec<(u32, u32)>,
}

impl Cells {
    fn new(section: &Section, parts: &Parts) -> Result<Self, String> {
        let columns = &section.columns;
        let all = |name: &str| (0..columns.len()).filter(|place| columns[*place] == name).collect::<Vec<_>>();
        let (keys, times, values) = (all("FACH-SCHL"), all("ZI-WERT"), all("WERT"));
        let (Some(&time), Some(&first)) = (times.first(), values.first()) else {
            return Err("expected the columns ZI-WERT and WERT in the section QEI, found one of them or none".into());
        };
        let count = |what: &str, expected: usize, found: usize| format!("expected {expected} {what}, found {found}");
        if keys.len() != parts.dimensions.len() || parts.dimensions.iter().any(String::is_empty) {
            return Err(count(
                "columns FACH-SCHL, one for each dimension of the section DQA",
                parts.dimensions.len(),
                keys.len(),
            ));
        }
        if keys.len() > MOST_DIMENSIONS {
            return Err(format!("expected at most {MOST_DIMENSIONS} dimensions, found {}", keys.len()));
        }
        if !parts.order.is_empty() && (parts.order.len() != keys.len() || !parts.order.is_sorted_by(|one, two| one < two)) {
            return Err("expected the dimensions of the section DQA in the order of the cells' keys, found another".into());
        }
        let mut ids = parts.dimensions.clone();
        ids.sort();
        if ids.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err("expected every dimension of the section DQA once, found one twice".into());
        }
        if times.len() != 1 || parts.times.len() > 1 {
            return Err(count("time of the section DQZ", 1, times.len().max(parts.times.len())));
        }
        if keys.iter().chain(&times).any(|place| *place >= first) {
            return Err("expected the key of a cell before its number, found it behind".into());
        }
        if parts.measures.is_empty() || parts.measures.iter().any(|(code, _)| code.is_empty()) {
            return Err("expected measures with names in the section DQI, found none".into());
        }
        let rest = &columns[first..];
        let block = values.get(1).map_or(rest.len(), |second| second - first);
        let repeats = rest.chunks(block).all(|chunk| chunk == &rest[..block]);
        if !repeats || (values.len() > 1 && values.len() != parts.measures.len()) {
            return Err(count("equal blocks of columns, one for each measure", parts.measures.len(), values.len()));
        }
        let place = |name: &str| rest[..block].iter().position(|column| column == name);
        Ok(Self {
            keys,
            time,
            first,
            block,
            quality: place("QUALITAET"),
            locked: place("GESPERRT"),
            altered: place("WERT-VERFAELSCHT"),
            measures: parts.measures.clone(),
            rows: Rows::new(parts.dimensions.iter().map(String::as_str).chain(["measure", "unit"])),
            places: Vec::new(),
        })
    }

    /// Adds the cells of a record; false when there are too many.
    fn push(&mut self, line: u32, cells: &[&str], context: &mut Context<'_>) -> bool {
        let expected = self.first + self.block * self.measures.len();
        let limit = context.options.limits.cells;
        let at = |context: &Context<'_>| context.at(format_args!("line {line}"));
        if cells.len() != expected {
            context.group("wrong-number-of-cells", &line.to_string(), |context| {
                let message = format!("expected {expected} cells behind D, found {}; the line is not used", cells.len());
                Finding::error("wrong-number-of-cells", at(context), message).hint("the file is cut or edited: download it again")
            });
            return true;
        }
        if self.places.len().saturating_add(self.measures.len()) > limit {
            context.group("too-many-cells", "", |context| {
                let message = format!("the file has more than the allowed {limit} cells; the rest is not read");
                Finding::error("too-many-cells", at(context), message)
                    .hint("filter the request, or raise the limit if the file is trusted")
            });
            return false;
        }
        let period = iso_date(cells[self.time]);
        for (number, (measure, unit)) in self.measures.iter().enumerate() {
            let start = self.first + number * self.block;
            let cell = |place: Option<usize>| place.map_or("", |place| cells[start + place].trim());
            let (text, quality, locked, altered) = (cell(Some(0)), cell(self.quality), cell(self.locked), cell(self.altered));
            let mut figure = number::parse(text.as_bytes());
            let mark = if figure.is_none() && value::is_mark(text) { text } else { "" };
            if figure.is_none() && mark.is_empty() && !text.is_empty() {
                value::unclear(text, &format!("line {line}, column {}", start + 2), context);
            }
            if value::is_mark(quality) {
                if figure.is_some_and(|figure| figure != 0.0) {
                    context.group("number-beside-mark", quality, |context| {
                        let message =
                            format!("a number stands beside the mark {}; the cell is kept without a value", quote(quality));
                        Finding::warning("number-beside-mark", at(context), message).hint("look the cell up at the provider")
                    });
                }
                figure = None;
            }
            if !locked.is_empty() && figure.take().is_some() {
                context.group("cell-locked", locked, |context| {
                    let message = format!("the cell is locked ({}) and has a number; it is kept without a value", quote(locked));
                    Finding::warning("cell-locked", at(context), message)
                        .hint("what is locked is not to be published: ask the provider")
                });
            }
            if !altered.is_empty() && number::parse(altered.as_bytes()) != Some(0.0) {
                context.group("value-altered", altered, |context| {
                    let message = format!("the provider states that it altered the number ({})", quote(altered));
                    Finding::warning("value-altered", at(context), message)
                        .hint("the figure is exact only within the provider's disclosure control")
                });
            }
            let key = self.keys.iter().map(|place| attribute(cells[*place].trim())).chain([measure.as_str(), unit.as_str()]);
            self.rows.push(key, &period, figure, &value::status(mark, quality), locked);
            self.places.push((line, u32::try_from(start + 2).unwrap_or(u32::MAX)));
        }
        true
    }

    fn finish(self, parts: Parts) -> RawTable {
        let mut table = self.rows.finish(Positions::Grid(self.places));
        table.dataflow = parts.cube;
        table.period =
            Column { label: parts.times.into_iter().next().unwrap_or_default(), role: Some(Role::Time), ..table.period };
        if let Some(measure) = table.dimensions.iter_mut().rev().nth(1) {
            measure.role = Some(Role::Metric);
        }
        table
    }
}
