//! Builds the columns of a table: texts become codes once, rows are numbers only.

use std::collections::HashMap;

use baseline_model::{Column, Positions, RawTable};

/// Dimensions of one table. Each is a number in every row, so a file that names thousands would fill the memory.
pub(crate) const MOST_DIMENSIONS: usize = 100;

/// A column under construction. The last text is remembered: files repeat it for long runs.
#[derive(Debug, Default)]
pub(crate) struct Interner {
    pub column: Column,
    index: HashMap<Box<str>, u32>,
    last: u32,
}

impl Interner {
    pub fn new(id: impl Into<String>) -> Self {
        Self { column: Column::new(id), ..Self::default() }
    }

    /// The text's code; does not add a row.
    pub fn code(&mut self, text: &str) -> u32 {
        let dictionary = &mut self.column.dictionary;
        if dictionary.get(self.last as usize).is_some_and(|last| last == text) {
            return self.last;
        }
        // Files go through the codes of their last dimensions again and again in the same order.
        let after = self.last as usize + 1;
        let next = if after < dictionary.len() { after } else { 0 };
        if dictionary.get(next).is_some_and(|next| next == text) {
            self.last = u32::try_from(next).expect("the cap on cells keeps dictionaries far below 2^32");
            return self.last;
        }
        self.last = if let Some(&code) = self.index.get(text) {
            code
        } else {
            let code = u32::try_from(dictionary.len()).expect("the cap on cells keeps dictionaries far below 2^32");
            dictionary.push(text.to_owned());
            self.index.insert(text.into(), code);
            code
        };
        self.last
    }

    /// Adds a row with the text.
    pub fn push(&mut self, text: &str) {
        let code = self.code(text);
        self.column.codes.push(code);
    }
}

/// A table under construction, for readers that meet cells one by one.
#[derive(Debug)]
pub(crate) struct Rows {
    pub dimensions: Vec<Interner>,
    pub period: Interner,
    pub value: Vec<Option<f64>>,
    pub obs_status: Interner,
    pub conf_status: Interner,
}

impl Rows {
    pub fn new(dimensions: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            dimensions: dimensions.into_iter().map(Interner::new).collect(),
            period: Interner::new("period"),
            value: Vec::new(),
            obs_status: Interner::new("obs_status"),
            conf_status: Interner::new("conf_status"),
        }
    }

    /// Makes room for rows in one go, so that no column is copied while it grows.
    pub fn reserve(&mut self, rows: usize) {
        for interner in self.dimensions.iter_mut().chain([&mut self.period, &mut self.obs_status, &mut self.conf_status]) {
            interner.column.codes.reserve(rows);
        }
        self.value.reserve(rows);
    }

    /// Adds a row; `key` has one text a dimension, in order.
    pub fn push<'t>(&mut self, key: impl IntoIterator<Item = &'t str>, period: &str, value: Option<f64>, obs: &str, conf: &str) {
        for (column, text) in self.dimensions.iter_mut().zip(key) {
            column.push(text);
        }
        self.period.push(period);
        self.value.push(value);
        self.obs_status.push(obs);
        self.conf_status.push(conf);
    }

    pub fn finish(self, positions: Positions) -> RawTable {
        RawTable {
            dataflow: None,
            title: None,
            updated: None,
            dimensions: self.dimensions.into_iter().map(|interner| interner.column).collect(),
            period: self.period.column,
            value: self.value,
            obs_status: self.obs_status.column,
            conf_status: self.conf_status.column,
            positions,
        }
    }
}

/// A column that says the same in every row. The codes are zeroed memory, which costs nothing until it is written.
pub(crate) fn constant(id: &str, text: &str, rows: usize) -> Column {
    Column { dictionary: vec![text.to_owned()], codes: vec![0; rows], ..Column::new(id) }
}

/// The code inside a reference like `ESTAT:LFSA_ERGAN(1.0)`, `ESTAT:ILC_DI15$DEFAULTVIEW(1.0)` or `lfsa_ergan$defaultview`.
pub(crate) fn dataflow_code(reference: &str) -> Option<String> {
    let code = reference.rsplit_once(" : ").map_or(reference, |(code, _)| code);
    let code = code.split_once(':').map_or(code, |(_, code)| code);
    let end = code.find(['(', '$', ':', ' ']).unwrap_or(code.len());
    let code = code[..end].split("__custom_").next().unwrap_or_default().trim().to_lowercase();
    (!code.is_empty()).then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes() {
        for (reference, expected) in [
            ("ESTAT:LFSA_ERGAN(1.0)", Some("lfsa_ergan")),
            ("ESTAT:ILC_DI15$DEFAULTVIEW(1.0)", Some("ilc_di15")),
            ("lfst_r_lfu3rt__custom_11319217", Some("lfst_r_lfu3rt")),
            ("LFSA_EOQGAN", Some("lfsa_eoqgan")),
            ("", None),
            ("ESTAT:", None),
        ] {
            assert_eq!(dataflow_code(reference).as_deref(), expected, "{reference}");
        }
    }

    #[test]
    fn interning() {
        let mut column = Interner::new("geo");
        for text in ["SE", "SE", "FI", "SE"] {
            column.push(text);
        }
        assert_eq!(column.column.codes, [0, 0, 1, 0]);
        assert_eq!(column.column.get(2), "FI");
    }
}
