//! Where something stands in a definition file: which kind a path is, and the byte range of a key or value.
//!
//! The typed definitions carry no positions (everything above would have to name them); the tree of a
//! file is read again only where a fault is reported or may be. Must not judge: that is `check`'s work.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{DefinitionError, DefinitionFile};

/// The folders under `pipelines/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Source,
    Dataflow,
    Indicator,
    Territory,
    Study,
    Language,
    Codelist,
    Goalposts,
    Layout,
}

impl Kind {
    pub const ALL: [Self; 9] = [
        Self::Source,
        Self::Dataflow,
        Self::Indicator,
        Self::Territory,
        Self::Study,
        Self::Language,
        Self::Codelist,
        Self::Goalposts,
        Self::Layout,
    ];

    pub fn folder(self) -> &'static str {
        match self {
            Self::Source => "sources",
            Self::Dataflow => "dataflows",
            Self::Indicator => "indicators",
            Self::Territory => "territories",
            Self::Study => "studies",
            Self::Language => "languages",
            Self::Codelist => "codelists",
            Self::Goalposts => "goalposts",
            Self::Layout => "layouts",
        }
    }

    pub fn extension(self) -> &'static str {
        match self {
            Self::Codelist => "csv",
            Self::Source
            | Self::Dataflow
            | Self::Indicator
            | Self::Territory
            | Self::Study
            | Self::Language
            | Self::Goalposts
            | Self::Layout => "toml",
        }
    }

    /// The file of an identifier, relative to `pipelines/`.
    pub fn path(self, id: &str) -> String {
        format!("{}/{id}.{}", self.folder(), self.extension())
    }
}

/// The byte order mark that some editors write; spans count it, the parser must not see it.
const MARK: char = '\u{feff}';

/// A file's text without its byte order mark, and the mark's length.
pub(super) fn without_mark(text: &str) -> (&str, usize) {
    text.strip_prefix(MARK).map_or((text, 0), |rest| (rest, MARK.len_utf8()))
}

impl DefinitionError {
    /// A fault at `span` of `file`; an empty span at 0 means the file as a whole.
    pub fn at(file: &DefinitionFile, span: Range<usize>, message: impl Into<String>, hint: impl Into<String>) -> Self {
        let (line, column) = line_and_column(&file.text, span.start);
        Self { path: file.path.clone(), span, line, column, message: message.into(), hint: hint.into() }
    }
}

/// Line and column (in characters) of a byte offset, both from 1.
pub(super) fn line_and_column(text: &str, offset: usize) -> (usize, usize) {
    let (text, mark) = without_mark(text);
    let offset = offset.saturating_sub(mark).min(text.len());
    let before = String::from_utf8_lossy(&text.as_bytes()[..offset]);
    let line = before.matches('\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (line, before[start..].chars().count() + 1)
}

/// The file of a value in a TOML tree with the positions of its keys and values.
#[derive(Debug)]
pub(super) struct Located<'a> {
    pub file: &'a DefinitionFile,
    /// `None` for a codelist and for a file that is no TOML.
    root: Option<DeTable<'a>>,
    mark: usize,
}

impl<'a> Located<'a> {
    pub fn new(file: &'a DefinitionFile) -> Self {
        let (text, mark) = without_mark(&file.text);
        let is_list = place(&file.path).is_ok_and(|(kind, _)| kind == Kind::Codelist);
        let root = if is_list { None } else { DeTable::parse(text).ok().map(Spanned::into_inner) };
        Self { file, root, mark }
    }

    /// Byte range of the value under `keys` (a list's element by its number from 0); of the nearest
    /// ancestor that the file has when it leaves the key to its default; `0..0` for the whole file.
    pub fn value(&self, keys: &[&str]) -> Range<usize> {
        self.walk(keys).1
    }

    /// As [`Self::value`], of the last key itself.
    pub fn key(&self, keys: &[&str]) -> Range<usize> {
        self.walk(keys).0
    }

    fn walk(&self, keys: &[&str]) -> (Range<usize>, Range<usize>) {
        let mut found = (0..0, 0..0);
        let (Some(root), Some((first, rest))) = (&self.root, keys.split_first()) else { return found };
        let Some((key, mut value)) = root.get_key_value(*first) else { return found };
        found = (self.shift(key.span()), self.shift(value.span()));
        for step in rest {
            value = match value.get_ref() {
                DeValue::Table(table) => match table.get_key_value(*step) {
                    Some((key, value)) => {
                        found = (self.shift(key.span()), self.shift(value.span()));
                        value
                    }
                    None => return found,
                },
                DeValue::Array(array) => match step.parse().ok().and_then(|index: usize| array.get(index)) {
                    Some(value) => {
                        found = (self.shift(value.span()), self.shift(value.span()));
                        value
                    }
                    None => return found,
                },
                DeValue::String(_) | DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => {
                    return found;
                }
            };
        }
        found
    }

    fn shift(&self, span: Range<usize>) -> Range<usize> {
        span.start + self.mark..span.end + self.mark
    }
}

/// What a path under `pipelines/` declares: kind and identifier, or why it is none (message and hint).
pub(super) fn place(path: &str) -> Result<(Kind, String), (String, String)> {
    let folders: Vec<&str> = Kind::ALL.iter().map(|kind| kind.folder()).collect();
    let (folder, rest) = path.split_once('/').unwrap_or(("", path));
    let Some(kind) = Kind::ALL.into_iter().find(|kind| kind.folder() == folder) else {
        let message = if folder.is_empty() {
            format!("`{path}` lies directly under pipelines/, where no definitions are read")
        } else {
            format!("unknown folder `{folder}` under pipelines/")
        };
        return Err((message, super::nearest::hint(folder, folders)));
    };
    let stem = match rest.rsplit_once('.') {
        Some((stem, extension)) if extension == kind.extension() => stem,
        Some((_, extension)) => {
            return Err((
                format!("files of {folder}/ end in `.{}`, this one ends in `.{extension}`", kind.extension()),
                String::new(),
            ));
        }
        None => {
            return Err((format!("files of {folder}/ end in `.{}`, this one has no ending", kind.extension()), String::new()));
        }
    };
    let parts: Vec<&str> = stem.split('/').collect();
    let expected = if kind == Kind::Dataflow { 2 } else { 1 };
    if parts.len() != expected {
        let shape = if kind == Kind::Dataflow { "dataflows/<source>/<id>.toml".to_owned() } else { kind.path("<id>") };
        return Err((format!("the file lies at the wrong depth: expected {shape}"), String::new()));
    }
    if let Some(part) = parts.iter().find(|part| !is_identifier(part)) {
        let hint = format!("for example `{}`", fold_identifier(part));
        return Err((
            format!("`{part}` is no identifier: expected lower case letters a-z, digits, `_` and `-`, a letter or digit first"),
            hint,
        ));
    }
    if kind == Kind::Language && !is_language(stem) {
        return Err((
            format!("`{stem}` is no language code: expected two lower case letters (ISO 639-1), like `en`"),
            String::new(),
        ));
    }
    Ok((kind, stem.to_owned()))
}

pub(super) fn is_identifier(text: &str) -> bool {
    let plain = text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-'));
    plain && text.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric())
}

pub(super) fn is_language(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_lowercase())
}

fn fold_identifier(text: &str) -> String {
    let folded: String =
        super::fold(text).chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '_' }).collect();
    if folded.is_empty() { "linkoping".into() } else { folded }
}

/// A record's byte range in the text, and its cells.
pub(super) type CsvRecord = (Range<usize>, Vec<String>);

/// Records of a codelist, the header first.
pub(super) fn csv_records(file: &DefinitionFile) -> Result<Vec<CsvRecord>, DefinitionError> {
    let (text, mark) = without_mark(&file.text);
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut records = Vec::new();
    let mut record = csv::StringRecord::new();
    loop {
        match reader.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => return Ok(records),
            Err(error) => {
                let start = error.position().map_or(0, |position| usize::try_from(position.byte()).unwrap_or(0));
                return Err(DefinitionError::at(
                    file,
                    start + mark..start + mark,
                    format!("the list cannot be read: {error}"),
                    "",
                ));
            }
        }
        let start = record.position().map_or(0, |position| usize::try_from(position.byte()).unwrap_or(0));
        let end = usize::try_from(reader.position().byte()).unwrap_or(start);
        // The reader counts the blank lines before a record as its beginning.
        let raw = text.get(start..end).unwrap_or("");
        let lead = raw.len() - raw.trim_start_matches(['\r', '\n']).len();
        let length = raw.trim_end_matches(['\r', '\n']).len().max(lead);
        records.push((start + lead + mark..start + length + mark, record.iter().map(str::to_owned).collect()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> DefinitionFile {
        DefinitionFile { path: path.into(), text: text.into(), from: "test".into() }
    }

    fn check(path: &str, expected: Result<(Kind, &str), &str>) {
        match (place(path), expected) {
            (Ok((kind, id)), Ok((expected_kind, expected_id))) => {
                assert_eq!((kind, id.as_str()), (expected_kind, expected_id), "{path}");
            }
            (Err((message, hint)), Err(part)) => {
                assert!(format!("{message} / {hint}").contains(part), "{path}: {message} / {hint}");
            }
            (found, expected) => panic!("{path}: expected {expected:?}, found {found:?}"),
        }
    }

    #[test]
    fn places() {
        check("sources/eurostat.toml", Ok((Kind::Source, "eurostat")));
        check("dataflows/eurostat/lfsa_eoqgan.toml", Ok((Kind::Dataflow, "eurostat/lfsa_eoqgan")));
        check("territories/het_hogeland.toml", Ok((Kind::Territory, "het_hogeland")));
        check("languages/en.toml", Ok((Kind::Language, "en")));
        check("codelists/sex.csv", Ok((Kind::Codelist, "sex")));
    }

    #[test]
    fn refused_places() {
        check("indicator/a.toml", Err("did you mean `indicators`?"));
        check("README.md", Err("directly under pipelines/"));
        check("indicators/a.yaml", Err("end in `.toml`, this one ends in `.yaml`"));
        check("indicators/a", Err("no ending"));
        check("codelists/sex.toml", Err("end in `.csv`"));
        check("indicators/sub/a.toml", Err("wrong depth: expected indicators/<id>.toml"));
        check("dataflows/a.toml", Err("wrong depth: expected dataflows/<source>/<id>.toml"));
        check("territories/Ascó.toml", Err("for example `asco`"));
        check("territories/-a.toml", Err("no identifier"));
        check("languages/eng.toml", Err("no language code"));
    }

    #[test]
    fn lines_and_columns() {
        for (text, offset, expected) in [
            ("abc", 0, (1, 1)),
            ("a\nbc", 3, (2, 2)),
            ("a\r\nbc", 3, (2, 1)),
            ("ó = 1", 3, (1, 3)),
            ("\u{feff}abc", 4, (1, 2)),
            ("\u{feff}abc", 0, (1, 1)),
            ("a", 99, (1, 2)),
        ] {
            assert_eq!(line_and_column(text, offset), expected, "{text:?} {offset}");
        }
    }

    #[test]
    fn spans_of_values_and_keys() {
        let file = file("a.toml", "\u{feff}x = 1\n[[s]]\nwhere = { age = \"T\" }\nlist = [\"a\", \"b\"]\n");
        let located = Located::new(&file);
        let text = |span: Range<usize>| &file.text[span];
        assert_eq!(text(located.value(&["x"])), "1");
        assert_eq!(text(located.value(&["s", "0", "where", "age"])), "\"T\"");
        assert_eq!(text(located.key(&["s", "0", "where", "age"])), "age");
        assert_eq!(text(located.value(&["s", "0", "list", "1"])), "\"b\"");
        assert_eq!(text(located.key(&["s", "0", "list", "1"])), "\"b\"");
        assert_eq!(located.value(&["nothing"]), 0..0);
        assert_eq!(text(located.value(&["s", "0", "where", "sex"])), "{ age = \"T\" }");
    }

    #[test]
    fn records_have_their_lines() {
        let file = file("codelists/a.csv", "\u{feff}code,label\r\nT,\"Total, all\"\r\n\r\nM,Men\r\n");
        let records = csv_records(&file).unwrap();
        let texts: Vec<_> = records.iter().map(|(span, _)| &file.text[span.clone()]).collect();
        assert_eq!(texts, ["code,label", "T,\"Total, all\"", "M,Men"]);
        assert_eq!(records[1].1, ["T", "Total, all"]);
    }
}
