//! A reading as bytes, from the process that reads an untrusted file to the one that asked for it.
//!
//! Not a format to keep: both ends are the same program. The end that decodes trusts nothing all the same, because whoever
//! broke the reader also writes what comes out of it: every length is held against the bytes that are there, and a table
//! whose columns do not fit one another is refused.
//!
//! ```text
//! "baseline reading 1" format tables descriptions findings "end"
//! text: length u32, bytes; list: length u32, items; column: id, label, role u8, dictionary, codes
//! ```

use baseline_model::{Column, Description, Entry, Finding, Positions, RawTable, Reading, Role, Severity};

const BEGIN: &[u8] = b"baseline reading 1";
const END: &[u8] = b"end";

/// The bytes of a reading.
pub fn encode(reading: &Reading) -> Vec<u8> {
    let mut out = Writer(BEGIN.to_vec());
    out.text(&reading.format);
    out.list(&reading.tables, |out, table| {
        out.optional(table.dataflow.as_deref());
        out.optional(table.title.as_deref());
        out.optional(table.updated.as_deref());
        out.list(&table.dimensions, Writer::column);
        for column in [&table.period, &table.obs_status, &table.conf_status] {
            out.column(column);
        }
        out.list(&table.value, |out, value| {
            out.0.push(u8::from(value.is_some()));
            out.0.extend(value.unwrap_or_default().to_le_bytes());
        });
        out.positions(&table.positions);
    });
    out.list(&reading.descriptions, |out, description| {
        out.text(&description.id);
        out.text(&description.title);
        out.text(&description.updated);
        out.list(&description.entries, |out, entry| {
            for text in [&entry.list, &entry.list_label, &entry.code, &entry.label, &entry.parent] {
                out.text(text);
            }
        });
    });
    out.list(&reading.findings, |out, finding| {
        out.0.push(match finding.severity {
            Severity::Info => 0,
            Severity::Warning => 1,
            Severity::Error => 2,
        });
        for text in [finding.code, &finding.at, &finding.message, &finding.hint] {
            out.text(text);
        }
        out.0.extend(finding.count.to_le_bytes());
    });
    out.0.extend(END);
    out.0
}

/// The reading, or nothing when the bytes are not whole or a table is not sound.
pub fn decode(bytes: &[u8]) -> Option<Reading> {
    let mut from = Reader(bytes.strip_prefix(BEGIN)?);
    let reading = Reading {
        format: from.text()?,
        tables: from.list(80, Reader::table)?,
        descriptions: from.list(16, |from| {
            let (id, title, updated) = (from.text()?, from.text()?, from.text()?);
            let entries = from.list(20, |from| {
                let (list, list_label, code) = (from.text()?, from.text()?, from.text()?);
                Some(Entry { list, list_label, code, label: from.text()?, parent: from.text()? })
            })?;
            Some(Description { id, title, updated, entries })
        })?,
        findings: from.list(25, Reader::finding)?,
    };
    (from.0 == END && reading.tables.iter().all(is_sound)).then_some(reading)
}

/// Columns of one length, codes inside their dictionaries, positions inside the sheets and names.
fn is_sound(table: &RawTable) -> bool {
    let columns = table.dimensions.iter().chain([&table.period, &table.obs_status, &table.conf_status]);
    let placed = match &table.positions {
        Positions::Sheet { names, cells } => cells.iter().all(|(sheet, ..)| usize::from(*sheet) < names.len()),
        Positions::Record { names, cells } => cells.iter().all(|(_, name)| (*name as usize) < names.len()),
        Positions::Grid(_) | Positions::Index { .. } | Positions::Text(_) => true,
    };
    let fits = |column: &Column| {
        column.codes.len() == table.len() && column.codes.iter().all(|code| (*code as usize) < column.dictionary.len())
    };
    placed && table.positions.len() == table.len() && columns.into_iter().all(fits)
}

struct Writer(Vec<u8>);

impl Writer {
    fn number(&mut self, number: usize) {
        let number = u32::try_from(number).expect("the cap on cells keeps every length far below 2^32");
        self.0.extend(number.to_le_bytes());
    }

    fn text(&mut self, text: &str) {
        self.number(text.len());
        self.0.extend(text.as_bytes());
    }

    fn optional(&mut self, text: Option<&str>) {
        self.0.push(u8::from(text.is_some()));
        self.text(text.unwrap_or_default());
    }

    fn list<T>(&mut self, items: &[T], mut write: impl FnMut(&mut Self, &T)) {
        self.number(items.len());
        for item in items {
            write(self, item);
        }
    }

    fn column(&mut self, column: &Column) {
        self.text(&column.id);
        self.text(&column.label);
        self.0.push(match column.role {
            None => 0,
            Some(Role::Time) => 1,
            Some(Role::Geo) => 2,
            Some(Role::Metric) => 3,
        });
        self.list(&column.dictionary, |out, text| out.text(text));
        self.list(&column.codes, |out, code| out.0.extend(code.to_le_bytes()));
    }

    fn positions(&mut self, positions: &Positions) {
        match positions {
            Positions::Grid(cells) => {
                self.0.push(0);
                self.list(cells, |out, (line, column)| out.pair(*line, *column));
            }
            Positions::Index { part, indices } => {
                self.0.push(1);
                self.0.extend(part.to_le_bytes());
                self.list(indices, |out, index| out.0.extend(index.to_le_bytes()));
            }
            Positions::Sheet { names, cells } => {
                self.0.push(2);
                self.list(names, |out, name| out.text(name));
                self.list(cells, |out, (sheet, row, column)| {
                    out.0.extend(sheet.to_le_bytes());
                    out.pair(*row, *column);
                });
            }
            Positions::Text(texts) => {
                self.0.push(3);
                self.list(texts, |out, text| out.text(text));
            }
            Positions::Record { names, cells } => {
                self.0.push(4);
                self.list(names, |out, name| out.text(name));
                self.list(cells, |out, (record, name)| out.pair(*record, *name));
            }
        }
    }

    fn pair(&mut self, first: u32, second: u32) {
        self.0.extend(first.to_le_bytes());
        self.0.extend(second.to_le_bytes());
    }
}

/// A text that the table may not state.
struct Optional(Option<String>);

struct Reader<'b>(&'b [u8]);

impl Reader<'_> {
    fn bytes<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (found, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*found)
    }

    fn byte(&mut self) -> Option<u8> {
        self.bytes::<1>().map(|[byte]| byte)
    }

    fn number(&mut self) -> Option<u32> {
        self.bytes().map(u32::from_le_bytes)
    }

    fn text(&mut self) -> Option<String> {
        let length = self.number()? as usize;
        let (found, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        String::from_utf8(found.to_vec()).ok()
    }

    fn optional(&mut self) -> Option<Optional> {
        let there = self.byte()? == 1;
        self.text().map(|text| Optional(there.then_some(text)))
    }

    /// `least` is the fewest bytes that an item can have: no more items than fit are believed.
    fn list<T>(&mut self, least: usize, mut read: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let length = self.number()? as usize;
        if length > self.0.len() / least {
            return None;
        }
        let mut items = Vec::with_capacity(length);
        for _ in 0..length {
            items.push(read(self)?);
        }
        Some(items)
    }

    fn column(&mut self) -> Option<Column> {
        let (id, label) = (self.text()?, self.text()?);
        let role = match self.byte()? {
            0 => None,
            1 => Some(Role::Time),
            2 => Some(Role::Geo),
            3 => Some(Role::Metric),
            _ => return None,
        };
        let dictionary = self.list(4, Self::text)?;
        Some(Column { id, label, role, dictionary, codes: self.list(4, Self::number)? })
    }

    fn table(&mut self) -> Option<RawTable> {
        Some(RawTable {
            dataflow: self.optional()?.0,
            title: self.optional()?.0,
            updated: self.optional()?.0,
            dimensions: self.list(17, Self::column)?,
            period: self.column()?,
            obs_status: self.column()?,
            conf_status: self.column()?,
            value: self.list(9, |from| {
                let there = from.byte()? == 1;
                from.bytes().map(f64::from_le_bytes).map(|number| there.then_some(number))
            })?,
            positions: self.positions()?,
        })
    }

    fn positions(&mut self) -> Option<Positions> {
        Some(match self.byte()? {
            0 => Positions::Grid(self.list(8, |from| Some((from.number()?, from.number()?)))?),
            1 => Positions::Index { part: self.number()?, indices: self.list(8, |from| from.bytes().map(u64::from_le_bytes))? },
            2 => Positions::Sheet {
                names: self.list(4, Self::text)?,
                cells: self.list(10, |from| Some((from.bytes().map(u16::from_le_bytes)?, from.number()?, from.number()?)))?,
            },
            3 => Positions::Text(self.list(4, Self::text)?),
            4 => Positions::Record {
                names: self.list(4, Self::text)?,
                cells: self.list(8, |from| Some((from.number()?, from.number()?)))?,
            },
            _ => return None,
        })
    }

    fn finding(&mut self) -> Option<Finding> {
        let severity = match self.byte()? {
            0 => Severity::Info,
            1 => Severity::Warning,
            2 => Severity::Error,
            _ => return None,
        };
        let code = self.text()?;
        let kebab = code.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        if !kebab || code.len() > 40 {
            return None;
        }
        let (at, message, hint) = (self.text()?, self.text()?, self.text()?);
        // A code is part of the program's text and lives as long as it does; there are some dozens, of a few bytes each.
        let code: &'static str = Box::leak(code.into_boxed_str());
        Some(Finding { severity, code, at, message, hint, count: self.bytes().map(u64::from_le_bytes)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading() -> Reading {
        let column = |id: &str, codes: Vec<u32>| Column {
            dictionary: vec!["a".into(), "ł".into()],
            codes,
            role: Some(Role::Geo),
            ..Column::new(id)
        };
        let table = |positions: Positions| RawTable {
            dataflow: Some("x".into()),
            title: None,
            updated: Some(String::new()),
            dimensions: vec![column("geo", vec![0, 1])],
            period: column("period", vec![1, 1]),
            value: vec![Some(1.5), None],
            obs_status: column("obs_status", vec![0, 0]),
            conf_status: column("conf_status", vec![0, 0]),
            positions,
        };
        let tables = vec![
            table(Positions::Grid(vec![(1, 2), (3, 4)])),
            table(Positions::Index { part: 1, indices: vec![5, u64::MAX] }),
            table(Positions::Sheet { names: vec!["s".into()], cells: vec![(0, 1, 2), (0, 3, 4)] }),
            table(Positions::Text(vec!["A1".into(), "B2".into()])),
            table(Positions::Record { names: vec!["Value".into()], cells: vec![(0, 0), (7, 0)] }),
        ];
        let entry = Entry { list: "l".into(), code: "c".into(), ..Entry::default() };
        let description = Description { id: "d".into(), entries: vec![entry], ..Description::default() };
        let findings = vec![Finding::error("not-a-number", "x", "y").hint("z"), Finding::info("note", "", "")];
        Reading { format: "declared shape".into(), tables, descriptions: vec![description], findings }
    }

    #[test]
    fn there_and_back() {
        let reading = reading();
        assert_eq!(decode(&encode(&reading)), Some(reading));
        assert_eq!(decode(&encode(&Reading::default())), Some(Reading::default()));
    }

    #[test]
    fn damaged() {
        let bytes = encode(&reading());
        for cut in 0..bytes.len() {
            assert_eq!(decode(&bytes[..cut]), None, "{cut}");
        }
        // Any byte changed gives another reading or none, and never a table that is not sound.
        for at in 0..bytes.len() {
            for change in [1, 0x80, 0xff] {
                let mut bytes = bytes.clone();
                bytes[at] ^= change;
                if let Some(reading) = decode(&bytes) {
                    assert!(reading.tables.iter().all(is_sound));
                }
            }
        }
        assert_eq!(decode(b"baseline reading 1\xff\xff\xff\xff"), None);
    }
}
