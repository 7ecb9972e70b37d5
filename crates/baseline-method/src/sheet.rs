//! A CSV file as the methods' input: named columns, rows with their line numbers, and cells that are a number, a text or
//! empty. Not for the offices' files: those are read by `baseline-source`.
//!
//! ```text
//! territory,employment,unemployment
//! linkoping,81.4,7.5
//! asco,,11.2
//! ```

use std::collections::BTreeMap;

use baseline_model::definitions::nearest;

use crate::Fault;

/// A column's name and its numbers; `None` for an empty cell.
pub type Numbers<'a> = (&'a str, Vec<Option<f64>>);

/// A table of texts. An empty cell is missing; it never becomes zero.
#[derive(Debug, Clone)]
pub struct Sheet {
    /// What messages call it: the file's name.
    pub name: String,
    pub columns: Vec<String>,
    /// As many cells a row as there are columns, trimmed.
    pub rows: Vec<Vec<String>>,
    /// The line of each row in the file, from 1.
    pub lines: Vec<usize>,
}

impl Sheet {
    /// Reads comma, semicolon or tab separated UTF-8 with one header line.
    ///
    /// # Errors
    /// When the bytes are no UTF-8, there is no row, a column's name stands twice or is empty, or a row is of another width.
    pub fn read(name: &str, bytes: &[u8]) -> Result<Self, Fault> {
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let hint = "save the file as CSV in UTF-8";
            Fault::shape(name, "text in UTF-8", format!("other bytes after byte {}", error.valid_up_to()), hint)
        })?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let header = text.lines().next().unwrap_or_default();
        let delimiter = [b',', b';', b'\t'].into_iter().max_by_key(|sign| (count(header, *sign), *sign == b','));
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter.unwrap_or(b','))
            .flexible(true)
            .trim(csv::Trim::All)
            .from_reader(text.as_bytes());
        let broken = |error: &csv::Error| Fault::shape(name, "comma separated values", error.to_string(), "save the file as CSV");
        let mut columns: Vec<String> = reader.headers().map_err(|error| broken(&error))?.iter().map(str::to_owned).collect();
        // R writes the names of rows below an empty cell.
        if columns.len() > 1 && columns[0].is_empty() && !columns.iter().any(|column| column == "id") {
            "id".clone_into(&mut columns[0]);
        }
        for (index, column) in columns.iter().enumerate() {
            if column.is_empty() {
                let at = format!("{name}, column {}", index + 1);
                return Err(Fault::shape(at, "a name in the header line", "an empty one", "name every column"));
            }
            if columns[..index].contains(column) {
                return Err(Fault::Duplicate { at: format!("{name}, header line"), key: column.clone(), first: 1 });
            }
        }
        let (mut rows, mut lines) = (Vec::new(), Vec::new());
        for record in reader.records() {
            let record = record.map_err(|error| broken(&error))?;
            let line = record.position().map_or(0, |position| usize::try_from(position.line()).unwrap_or(usize::MAX));
            if record.len() != columns.len() {
                let hint = "put quotation marks around texts that hold the separator";
                let expected = format!("{} cells", columns.len());
                return Err(Fault::shape(format!("{name}, line {line}"), expected, record.len().to_string(), hint));
            }
            rows.push(record.iter().map(str::to_owned).collect());
            lines.push(line);
        }
        if rows.is_empty() {
            return Err(Fault::Few { at: format!("{name}, rows"), found: 0, least: 1 });
        }
        Ok(Self { name: name.to_owned(), columns, rows, lines })
    }

    pub fn has(&self, column: &str) -> bool {
        self.columns.iter().any(|name| name == column)
    }

    /// The first of some names that a column has, as the file writes it; upper and lower case are the same.
    pub fn first_of(&self, names: &[&str]) -> Option<&str> {
        let named = |name: &&str| self.columns.iter().find(|column| column.to_lowercase() == name.to_lowercase());
        names.iter().find_map(named).map(String::as_str)
    }

    /// # Errors
    /// When there is no such column.
    pub fn require(&self, column: &str) -> Result<(), Fault> {
        self.index(column).map(|_| ())
    }

    /// Gives a column the name that a method asks for.
    ///
    /// # Errors
    /// When there is no column `from`, or there is another one named `to`.
    pub fn rename(&mut self, from: &str, to: &str) -> Result<(), Fault> {
        let index = self.index(from)?;
        if let Some(other) = self.columns.iter().position(|name| name == to).filter(|other| *other != index) {
            // The file's own column of that name is another one: it gives way.
            self.columns[other] = format!("{to} (as in the file)");
        }
        to.clone_into(&mut self.columns[index]);
        Ok(())
    }

    /// The column's texts; an empty one is a fault.
    ///
    /// # Errors
    /// When there is no such column, or a cell of it is empty.
    pub fn texts(&self, column: &str) -> Result<Vec<&str>, Fault> {
        let index = self.index(column)?;
        let given = |(row, line): (&'_ Vec<String>, &usize)| row[index].is_empty().then_some(*line);
        if let Some(line) = self.rows.iter().zip(&self.lines).find_map(given) {
            return Err(Fault::shape(self.at(line, column), "a text", "an empty cell", "every row needs its name"));
        }
        Ok(self.rows.iter().map(|row| row[index].as_str()).collect())
    }

    /// The column's numbers; `None` for an empty cell.
    ///
    /// # Errors
    /// When there is no such column, or a cell is neither empty nor a finite number with a decimal point.
    pub fn numbers(&self, column: &str) -> Result<Vec<Option<f64>>, Fault> {
        let index = self.index(column)?;
        self.rows.iter().zip(&self.lines).map(|(row, line)| number(&row[index], || self.at(*line, column))).collect()
    }

    /// The column's numbers, none of which may be missing.
    ///
    /// # Errors
    /// As [`Sheet::numbers`], and for an empty cell.
    pub fn full(&self, column: &str) -> Result<Vec<f64>, Fault> {
        let numbers = self.numbers(column)?;
        let given = |(number, line): (Option<f64>, &usize)| {
            number.ok_or_else(|| Fault::number(self.at(*line, column), "a number", &"an empty cell"))
        };
        numbers.into_iter().zip(&self.lines).map(given).collect()
    }

    /// The key of each row over some columns, each once.
    ///
    /// # Errors
    /// When a column is missing or empty somewhere, or two rows have the same key.
    pub fn keys(&self, columns: &[&str]) -> Result<Vec<Vec<&str>>, Fault> {
        let texts: Vec<Vec<&str>> = columns.iter().map(|column| self.texts(column)).collect::<Result<_, _>>()?;
        let mut first: BTreeMap<Vec<&str>, usize> = BTreeMap::new();
        let mut keys = Vec::with_capacity(self.rows.len());
        for (index, line) in self.lines.iter().enumerate() {
            let key: Vec<&str> = texts.iter().map(|column| column[index]).collect();
            if let Some(first) = first.insert(key.clone(), *line) {
                return Err(Fault::Duplicate { at: format!("{}, line {line}", self.name), key: key.join(" "), first });
            }
            keys.push(key);
        }
        Ok(keys)
    }

    /// All columns but some, as numbers: a table with one column an indicator. Names in the file's order.
    ///
    /// # Errors
    /// As [`Sheet::numbers`]; when there is no further column; when one of them holds no number at all.
    pub fn wide(&self, except: &[&str]) -> Result<Vec<Numbers<'_>>, Fault> {
        let names: Vec<&str> = self.columns.iter().map(String::as_str).filter(|name| !except.contains(name)).collect();
        if names.is_empty() {
            return Err(Fault::Few { at: format!("{}, columns of numbers", self.name), found: 0, least: 1 });
        }
        let mut wide = Vec::with_capacity(names.len());
        for name in names {
            let numbers = self.numbers(name)?;
            if numbers.iter().all(Option::is_none) {
                return Err(Fault::Few { at: format!("{}, numbers in column {name}", self.name), found: 0, least: 1 });
            }
            wide.push((name, numbers));
        }
        Ok(wide)
    }

    /// A place for messages: `values.csv, line 3, column p`.
    pub fn at(&self, line: usize, column: &str) -> String {
        format!("{}, line {line}, column {column}", self.name)
    }

    fn index(&self, column: &str) -> Result<usize, Fault> {
        self.columns.iter().position(|name| name == column).ok_or_else(|| {
            let hint = match nearest(column, self.columns.iter().map(String::as_str)) {
                Some(close) => format!("--column {column}={close} says that the file calls it `{close}`"),
                None => format!("--column {column}=NAME says what the file calls it"),
            };
            Fault::shape(&self.name, format!("a column `{column}`"), self.columns.join(", "), hint)
        })
    }
}

/// A number with a decimal point, or nothing for an empty cell.
fn number(text: &str, at: impl Fn() -> String) -> Result<Option<f64>, Fault> {
    if text.is_empty() {
        return Ok(None);
    }
    // Rust also reads `inf` and `nan`; a number of statistics has digits.
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() => Ok(Some(number)),
        Ok(_) | Err(_) => {
            Err(Fault::number(at(), "a finite number with a decimal point, or an empty cell", &format!("`{text}`")))
        }
    }
}

fn count(text: &str, sign: u8) -> usize {
    text.bytes().filter(|byte| *byte == sign).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<&str, &str>) {
        let found = Sheet::read("x.csv", text.as_bytes()).and_then(|sheet| {
            sheet.keys(&["id"])?;
            Ok(format!("{:?}", sheet.wide(&["id"])?))
        });
        match (found, expected) {
            (Ok(found), Ok(expected)) => assert_eq!(found, expected, "{text:?}"),
            (Err(fault), Err(expected)) => assert_eq!(format!("{} {fault}", fault.code()), expected, "{text:?}"),
            (found, expected) => panic!("{text:?}: {found:?}, expected {expected:?}"),
        }
    }

    #[test]
    fn reads() {
        check("id,p\na,1.5\nb,\n", Ok("[(\"p\", [Some(1.5), None])]"));
        check("\u{feff}id;p;q\r\na;1;-2\r\n", Ok("[(\"p\", [Some(1.0)]), (\"q\", [Some(-2.0)])]"));
        check("id\tp\n\"a, b\"\t1e3\n", Ok("[(\"p\", [Some(1000.0)])]"));
        check("\"\",\"p\"\n\"a\",2\n", Ok("[(\"p\", [Some(2.0)])]"));
    }

    #[test]
    fn refuses() {
        check("id,p\n", Err("method-too-few x.csv, rows: 0 usable, at least 1 needed"));
        check("id,p\na,1\na,2\n", Err("method-duplicate x.csv, line 3: `a` stands twice, first in line 2"));
        check("id,p,p\na,1,2\n", Err("method-duplicate x.csv, header line: `p` stands twice, first in line 1"));
        check(
            "id,p\na,NaN\n",
            Err(
                "method-number x.csv, line 2, column p: expected a finite number with a decimal point, or an empty cell, found `NaN`",
            ),
        );
        check(
            "id,p\na,inf\n",
            Err(
                "method-number x.csv, line 2, column p: expected a finite number with a decimal point, or an empty cell, found `inf`",
            ),
        );
        check(
            "id,p\na,\"1,5\"\n",
            Err(
                "method-number x.csv, line 2, column p: expected a finite number with a decimal point, or an empty cell, found `1,5`",
            ),
        );
        check("id,p\na,\n", Err("method-too-few x.csv, numbers in column p: 0 usable, at least 1 needed"));
        check("name,p\na,1\n", Err("method-shape x.csv: expected a column `id`, found name, p"));
        check("id,\na,1\n", Err("method-shape x.csv, column 2: expected a name in the header line, found an empty one"));
        check("id,p\na\n", Err("method-shape x.csv, line 2: expected 2 cells, found 1"));
        check("id,p\n,1\n", Err("method-shape x.csv, line 2, column id: expected a text, found an empty cell"));
    }
}
