//! The list of methods, each with what it needs, what it assumes and where its formula is from. `baseline compute`, its
//! help, `baseline method` and the tests go over this list.

use std::collections::BTreeMap;

use baseline_model::Finding;
use baseline_model::definitions::nearest;

use crate::structure::{agreement, cluster, convergence, inequality, quotient, segregation, shift_share, typology};
use crate::{
    Fault, Sheet, composite, conversion, disclosure, fay_herriot, gap, impute, ipf, mismatch, normalise, outranking, parent,
    sobol, synthetic, uncertainty,
};

/// A method as it can be named, described and run on a file.
#[derive(Debug)]
pub struct Method {
    /// As typed: `fay-herriot`.
    pub id: &'static str,
    /// One line: what it answers.
    pub about: &'static str,
    /// In plain signs, one line each.
    pub formula: &'static [&'static str],
    /// Where the formula is from: author, year, title, or an address.
    pub sources: &'static [&'static str],
    /// What must hold for the answer to mean what it says.
    pub assumptions: &'static [&'static str],
    pub columns: &'static [Column],
    pub params: &'static [Param],
    /// A small input, and the parameters to run it with.
    pub example: (&'static str, &'static [(&'static str, &'static str)]),
    pub compute: fn(&Given<'_>) -> Result<Answer, Fault>,
}

/// A column of a method's input. `*` stands for all further columns.
#[derive(Debug)]
pub struct Column {
    pub name: &'static str,
    pub required: bool,
    pub about: &'static str,
}

/// A parameter. With `file` its value names a CSV file, which the caller reads.
#[derive(Debug)]
pub struct Param {
    pub name: &'static str,
    /// Taken when the parameter is not given; empty: none.
    pub default: &'static str,
    pub file: bool,
    pub about: &'static str,
}

/// Parameters by name, as typed.
pub type Params = BTreeMap<String, String>;

/// What a method is run on.
#[derive(Debug)]
pub struct Given<'a> {
    pub sheet: &'a Sheet,
    pub params: &'a Params,
    /// The files that parameters name, by the parameter's name.
    pub files: &'a BTreeMap<String, Sheet>,
    pub method: &'a Method,
}

impl Given<'_> {
    /// The parameter, or its default; empty when it has none.
    pub fn param(&self, name: &str) -> &str {
        let default = || self.method.params.iter().find(|param| param.name == name).map_or("", |param| param.default);
        self.params.get(name).map_or_else(default, String::as_str)
    }

    /// A parameter that is a number; `None` when it is neither given nor has a default.
    ///
    /// # Errors
    /// When it is no finite number.
    pub fn number(&self, name: &str) -> Result<Option<f64>, Fault> {
        let text = self.param(name);
        match text.parse::<f64>() {
            _ if text.is_empty() => Ok(None),
            Ok(number) if number.is_finite() => Ok(Some(number)),
            Ok(_) | Err(_) => Err(Fault::number(format!("--param {name}"), "a finite number", &format!("`{text}`"))),
        }
    }

    /// A parameter that must be above zero.
    ///
    /// # Errors
    /// When it is anything else, or is not given and has no default.
    pub fn positive(&self, name: &str) -> Result<f64, Fault> {
        let number = self.number(name)?.unwrap_or_default();
        if number > 0.0 { Ok(number) } else { Err(Fault::number(format!("--param {name}"), "a number above 0", &number)) }
    }

    /// A parameter that is a whole number from zero up.
    ///
    /// # Errors
    /// When it is given as anything else, or is not given and has no default.
    pub fn whole(&self, name: &str) -> Result<u64, Fault> {
        let text = self.param(name);
        text.parse().map_err(|_| Fault::number(format!("--param {name}"), "a whole number from 0", &format!("`{text}`")))
    }

    /// The column that a parameter names, or else the first of the usual names that the sheet has.
    ///
    /// # Errors
    /// When the parameter names a column that is not there.
    pub fn column(&self, name: &str, usual: &[&str]) -> Result<Option<&str>, Fault> {
        match self.param(name) {
            "" => Ok(self.sheet.first_of(usual)),
            wanted => self.sheet.require(wanted).map(|()| Some(wanted)),
        }
    }

    /// A parameter that lists names, with commas between them; empty when it is not given.
    pub fn list(&self, name: &str) -> Vec<&str> {
        self.param(name).split(',').map(str::trim).filter(|name| !name.is_empty()).collect()
    }

    /// A parameter that is one of some words.
    ///
    /// # Errors
    /// When it is none of them.
    pub fn choice<'w>(&self, name: &str, words: &[&'w str]) -> Result<&'w str, Fault> {
        let text = self.param(name);
        words.iter().copied().find(|word| *word == text).ok_or_else(|| {
            let hint = nearest(text, words.iter().copied()).map_or_else(
                || format!("write --param {name}={}", words.join(" or ")),
                |close| format!("did you mean `{close}`?"),
            );
            Fault::shape(format!("--param {name}"), format!("one of {}", words.join(", ")), format!("`{text}`"), hint)
        })
    }

    /// The file that a parameter names.
    ///
    /// # Errors
    /// When the parameter is not given.
    pub fn file(&self, name: &str) -> Result<&Sheet, Fault> {
        self.files.get(name).ok_or_else(|| {
            let about = self.method.params.iter().find(|param| param.name == name).map_or("", |param| param.about);
            Fault::shape(format!("--param {name}"), "a file", "nothing", format!("--param {name}=FILE.csv: {about}"))
        })
    }
}

/// A cell of an answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    Text(String),
    Number(f64),
    Whole(i64),
    Missing,
}

impl Cell {
    pub fn number(number: Option<f64>) -> Self {
        number.map_or(Self::Missing, Self::Number)
    }

    /// A count or a rank.
    pub fn whole(number: Option<usize>) -> Self {
        number.and_then(|number| i64::try_from(number).ok()).map_or(Self::Missing, Self::Whole)
    }
}

impl From<f64> for Cell {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// As written into a CSV file: the shortest digits that read back as the same number; nothing for a missing cell.
impl std::fmt::Display for Cell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            // -0 is 0 in print.
            Self::Number(number) => write!(f, "{}", number + 0.0),
            Self::Whole(number) => write!(f, "{number}"),
            Self::Missing => Ok(()),
        }
    }
}

/// What a method answers: a table, single figures beside it, and what is odd.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    pub columns: Vec<String>,
    pub rows: Vec<Vec<Cell>>,
    /// Figures of the whole: a variance, a count of iterations.
    pub facts: Vec<(&'static str, Cell)>,
    pub notes: Vec<Finding>,
}

impl Answer {
    pub fn new(columns: &[&str]) -> Self {
        Self { columns: columns.iter().map(|column| (*column).to_owned()).collect(), ..Self::default() }
    }

    /// The table as CSV.
    #[expect(clippy::missing_panics_doc, reason = "a vector takes any bytes, and texts are UTF-8")]
    pub fn csv(&self) -> String {
        let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
        let rows = self.rows.iter().map(|row| row.iter().map(Cell::to_string).collect());
        for record in std::iter::once(self.columns.clone()).chain(rows) {
            writer.write_record(&record).expect("a vector takes any bytes");
        }
        String::from_utf8(writer.into_inner().expect("a vector takes any bytes")).expect("texts are UTF-8")
    }
}

/// All methods, in the order of help.
pub const METHODS: &[&Method] = &[
    &gap::METHOD,
    &normalise::METHOD,
    &impute::METHOD,
    &composite::METHOD,
    &outranking::OUTRANKING,
    &outranking::KEMENY,
    &uncertainty::METHOD,
    &sobol::METHOD,
    &parent::METHOD,
    &synthetic::SYNTHETIC,
    &synthetic::SAMPLE_SIZE_DEPENDENT,
    &ipf::METHOD,
    &fay_herriot::METHOD,
    &disclosure::METHOD,
    &mismatch::methods::MISMATCH,
    &mismatch::methods::INDEX,
    &mismatch::methods::HORIZONTAL,
    &quotient::LQ,
    &quotient::KRUGMAN,
    &shift_share::METHOD,
    &segregation::METHOD,
    &inequality::METHOD,
    &convergence::METHOD,
    &cluster::METHOD,
    &agreement::METHOD,
    &typology::METHOD,
    &conversion::METHOD,
];

/// The method of an id.
///
/// # Errors
/// When there is none; the hint names the closest.
pub fn find(id: &str) -> Result<&'static Method, Fault> {
    METHODS.iter().copied().find(|method| method.id == id).ok_or_else(|| {
        let ids = METHODS.iter().map(|method| method.id);
        let close = nearest(id, ids.clone()).map_or_else(String::new, |close| format!("did you mean `{close}`? "));
        let known: Vec<&str> = ids.collect();
        Fault::shape("method", "a known method", format!("`{id}`"), format!("{close}known: {}", known.join(", ")))
    })
}

/// Runs a method on a sheet after checking the parameters' names and the columns it must have.
///
/// # Errors
/// As the method; for a parameter that it does not know, or a required column that is not there.
pub fn compute(method: &Method, sheet: &Sheet, params: &Params, files: &BTreeMap<String, Sheet>) -> Result<Answer, Fault> {
    for name in params.keys() {
        if !method.params.iter().any(|param| param.name == name) {
            let known: Vec<&str> = method.params.iter().map(|param| param.name).collect();
            let found = format!("`{name}`");
            let hint = if known.is_empty() {
                format!("{} has no parameters", method.id)
            } else {
                format!("known: {}", known.join(", "))
            };
            return Err(Fault::shape("--param", format!("a parameter of {}", method.id), found, hint));
        }
    }
    for column in method.columns.iter().filter(|column| column.required && column.name != "*") {
        sheet.require(column.name)?;
    }
    let mut answer = (method.compute)(&Given { sheet, params, files, method })?;
    // Numbers near the ends of the range can leave it; such a cell is none, and said.
    for (row, cells) in answer.rows.iter_mut().enumerate() {
        for (cell, column) in cells.iter_mut().zip(&answer.columns) {
            if matches!(cell, Cell::Number(number) if !number.is_finite()) {
                *cell = Cell::Missing;
                let message = format!("row {}, column {column}: out of the range of numbers", row + 1);
                answer.notes.push(Finding::warning("method-overflow", method.id, message));
            }
        }
    }
    for (name, cell) in &mut answer.facts {
        if matches!(cell, Cell::Number(number) if !number.is_finite()) {
            *cell = Cell::Missing;
            answer.notes.push(Finding::warning("method-overflow", method.id, format!("{name}: out of the range of numbers")));
        }
    }
    Ok(answer)
}
