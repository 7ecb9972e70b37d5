//! The statements of a PX file before its data: where they end, how their texts are coded, what they say.
//!
//! Works on bytes until the code page is known: every code page of a PX file has quotes, `=` and `;` where ASCII has
//! them. Values are kept raw and taken apart only where somebody asks, because notes outnumber what is needed.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use baseline_model::Finding;
use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

use crate::findings::{Context, quote};

/// A file cut into statements and figures, still as bytes.
pub(super) struct Parts<'b> {
    pub header: &'b [u8],
    /// What follows `DATA=`; none when there is no such statement.
    pub data: Option<&'b [u8]>,
    /// Line on which `data` begins, from 1.
    pub data_line: u32,
}

/// `KEY[language]("subject","subject")=raw;`
pub(super) struct Statement<'t> {
    pub keyword: &'t str,
    pub language: &'t str,
    pub subjects: Vec<String>,
    /// Without the `;`.
    pub raw: &'t str,
    /// From 1.
    pub line: usize,
}

/// The statements in the file's main language, and those without one.
pub(super) struct Header<'t> {
    statements: Vec<Statement<'t>>,
    /// Keyword and subject (empty for none) -> place.
    index: HashMap<(&'t str, String), usize>,
    /// Keyword with several subjects or one that differ by it: first of each keyword.
    by_keyword: HashMap<&'t str, Vec<usize>>,
}

/// Keywords that decide where a cell stands: said twice differently, the table means nothing.
const DECISIVE: [&str; 7] = ["STUB", "HEADING", "VALUES", "CODES", "TIMEVAL", "KEYS", "LANGUAGE"];

impl<'t> Header<'t> {
    /// The statement with this subject (empty for none).
    pub fn get(&self, keyword: &'t str, subject: &str) -> Option<&Statement<'t>> {
        self.index.get(&(keyword, subject.to_owned())).map(|place| &self.statements[*place])
    }

    /// Every statement with the keyword, whatever its subjects.
    pub fn all(&self, keyword: &str) -> impl Iterator<Item = &Statement<'t>> {
        self.by_keyword.get(keyword).into_iter().flatten().map(|place| &self.statements[*place])
    }

    /// Its texts, none when there is no such statement.
    pub fn texts(&self, keyword: &'t str, subject: &str) -> Option<Vec<String>> {
        self.get(keyword, subject).map(|statement| texts(statement.raw))
    }

    /// Its text, trimmed; none when it is missing or empty.
    pub fn text(&self, keyword: &'t str, subject: &str) -> Option<String> {
        let text = texts(self.get(keyword, subject)?.raw).concat();
        let text = text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    pub fn has(&self, keyword: &'t str, subject: &str) -> bool {
        self.get(keyword, subject).is_some()
    }
}

/// Whether a file begins with a statement that only PX files have.
pub(super) fn is_one(bytes: &[u8]) -> bool {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    let keyword = keyword(text);
    const KNOWN: &[&[u8]] = &[
        b"CHARSET",
        b"AXIS-VERSION",
        b"CODEPAGE",
        b"LANGUAGE",
        b"LANGUAGES",
        b"CREATION-DATE",
        b"NEXT-UPDATE",
        b"PX-SERVER",
        b"DIRECTORY-PATH",
        b"UPDATE-FREQUENCY",
        b"TABLEID",
        b"SYNONYMS",
        b"DEFAULT-GRAPH",
        b"DECIMALS",
        b"SHOWDECIMALS",
        b"ROUNDING",
        b"MATRIX",
        b"AGGREGALLOWED",
        b"AUTOPEN",
        b"SUBJECT-CODE",
        b"SUBJECT-AREA",
        b"CONFIDENTIAL",
        b"COPYRIGHT",
        b"TITLE",
        b"DESCRIPTION",
        b"CONTENTS",
        b"STUB",
        b"HEADING",
        b"VALUES",
        b"DATABASE",
        b"INFOFILE",
    ];
    KNOWN.contains(&keyword) && matches!(text[keyword.len()..].trim_ascii_start().first(), Some(b'=' | b'[' | b'('))
}

/// Upper-case letters, digits and hyphens from the start.
fn keyword(text: &[u8]) -> &[u8] {
    let length = text.iter().take_while(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || **byte == b'-').count();
    &text[..length]
}

/// Finds `DATA=` outside quotes, at the beginning of a statement or of a line.
pub(super) fn split(bytes: &[u8]) -> Parts<'_> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let (mut quoted, mut fresh, mut line) = (false, true, 1_u32);
    for (at, &byte) in bytes.iter().enumerate() {
        match byte {
            b'\n' => {
                line = line.saturating_add(1);
                fresh = true;
            }
            b'"' => {
                quoted = !quoted;
                fresh = false;
            }
            b';' => fresh = true,
            b' ' | b'\t' | b'\r' => {}
            b'D' if fresh && !quoted => {
                fresh = false;
                if let Some(rest) = bytes[at..].strip_prefix(b"DATA") {
                    let spaces = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
                    if rest.get(spaces) == Some(&b'=') {
                        return Parts { header: &bytes[..at], data: Some(&rest[spaces + 1..]), data_line: line };
                    }
                }
            }
            _ => fresh = false,
        }
    }
    Parts { header: bytes, data: None, data_line: line }
}

/// How the texts are coded. `None` with a finding when that is not known.
pub(super) fn encoding(bytes: &[u8], header: &[u8], context: &mut Context<'_>) -> Option<&'static Encoding> {
    if bytes.starts_with(b"\xef\xbb\xbf") {
        return Some(UTF_8);
    }
    let stated = |wanted: &str| {
        let find = |from: &[u8]| memchr::memmem::find(from, wanted.as_bytes());
        let mut rest = header;
        while let Some(at) = find(rest) {
            let before = rest[..at].trim_ascii_end().last().copied();
            rest = &rest[at + wanted.len()..];
            if matches!(before, None | Some(b';')) && rest.trim_ascii_start().first() == Some(&b'=') {
                let value: Vec<u8> = rest.trim_ascii_start()[1..].iter().copied().take_while(|byte| *byte != b';').collect();
                return Some(String::from_utf8_lossy(&value).trim().trim_matches('"').trim().to_owned());
            }
        }
        None
    };
    let (charset, codepage) = (stated("CHARSET"), stated("CODEPAGE"));
    let declared = match (&codepage, charset.as_deref().map(str::to_ascii_lowercase).as_deref()) {
        (Some(page), _) => Encoding::for_label(page.as_bytes()).filter(|encoding| encoding.is_ascii_compatible()),
        (None, Some("ansi")) => Some(WINDOWS_1252),
        (None, Some("unicode" | "utf-8" | "utf8")) => Some(UTF_8),
        (None, Some(_) | None) => None,
    };
    let unicode = std::str::from_utf8(header);
    match (declared, unicode) {
        _ if header.is_ascii() => Some(UTF_8),
        (Some(encoding), Ok(_)) => {
            if encoding != UTF_8 {
                let message = format!(
                    "the file says {}, its texts are valid UTF-8 and are read as such",
                    codepage.as_deref().map_or("CHARSET=\"ANSI\"".to_owned(), |page| format!("CODEPAGE={}", quote(page)))
                );
                context.add(
                    Finding::warning("px-code-page", context.name, message).hint("look whether the names of regions are right"),
                );
            }
            Some(UTF_8)
        }
        (Some(encoding), Err(_)) if encoding != UTF_8 => Some(encoding),
        (None, Ok(_)) if codepage.is_none() => Some(UTF_8),
        (None, Ok(_) | Err(_)) | (Some(_), Err(_)) => {
            let stated = codepage.as_deref().map(|page| format!("CODEPAGE={}", quote(page)));
            let stated = stated.or(charset.map(|charset| format!("CHARSET={}", quote(&charset))));
            let found = stated.unwrap_or_else(|| "neither CODEPAGE nor CHARSET".into());
            let message = format!(
                "expected a known code page that fits the bytes, found {found} and bytes outside ASCII; nothing of the file is used"
            );
            context.add(
                Finding::error("px-code-page", context.name, message)
                    .hint("save the file as UTF-8 with CODEPAGE=\"utf-8\"; a code page is not guessed"),
            );
            None
        }
    }
}

/// Reads the statements; `None` with a finding when they contradict each other.
pub(super) fn read<'t>(text: &'t str, context: &mut Context<'_>) -> Option<Header<'t>> {
    let statements = statements(text, context);
    let language = statements
        .iter()
        .find(|statement| statement.keyword == "LANGUAGE" && statement.language.is_empty())
        .map(|statement| texts(statement.raw).concat())
        .unwrap_or_default();
    let mut header = Header { statements: Vec::new(), index: HashMap::new(), by_keyword: HashMap::new() };
    for statement in statements {
        if !statement.language.is_empty() && statement.language != language {
            continue;
        }
        let place = header.statements.len();
        if statement.subjects.len() <= 1 {
            let key = (statement.keyword, statement.subjects.first().cloned().unwrap_or_default());
            match header.index.entry(key) {
                Entry::Vacant(free) => {
                    free.insert(place);
                }
                Entry::Occupied(taken) => {
                    let first = &header.statements[*taken.get()];
                    if DECISIVE.contains(&statement.keyword) && texts(first.raw) != texts(statement.raw) {
                        let message = format!(
                            "{} says on line {} something else than on line {}; the table is refused",
                            statement.keyword, statement.line, first.line
                        );
                        let at = context.at(format_args!("line {}", statement.line));
                        let finding = Finding::error("px-contradiction", at, message);
                        context.add(finding.hint("take the file from the provider itself; somebody has edited this one"));
                        return None;
                    }
                }
            }
        }
        header.by_keyword.entry(statement.keyword).or_default().push(place);
        header.statements.push(statement);
    }
    Some(header)
}

/// Takes the text apart. What is no statement is named in a finding and skipped.
fn statements<'t>(text: &'t str, context: &mut Context<'_>) -> Vec<Statement<'t>> {
    let bytes = text.as_bytes();
    let mut statements = Vec::new();
    let (mut at, mut line) = (0, 1);
    // Counts lines from where it counted last, so that a large header is walked once.
    let mut counted = 0;
    loop {
        at += bytes[at..].iter().take_while(|byte| byte.is_ascii_whitespace() || **byte == b';').count();
        line += memchr::memchr_iter(b'\n', &bytes[counted..at]).count();
        counted = at;
        if at >= bytes.len() {
            return statements;
        }
        let end = end_of_statement(bytes, at);
        match statement(&text[at..end], line) {
            Some(statement) => {
                if bytes.get(end) != Some(&b';') {
                    let what = if end == bytes.len() { "the end of the statements" } else { "another statement" };
                    let place = context.at(format_args!("line {line}"));
                    let message = format!("{} does not end with `;` before {what}", statement.keyword);
                    context.add(
                        Finding::warning("px-no-semicolon", place, message)
                            .hint("check what the statement says; the file was edited"),
                    );
                }
                statements.push(statement);
            }
            None => context.group("px-statement", "", |context| {
                let found = quote(text[at..end].lines().next().unwrap_or_default());
                Finding::warning(
                    "px-statement",
                    context.at(format_args!("line {line}")),
                    format!("expected a statement like KEYWORD=\"text\";, found {found}; it is skipped"),
                )
                .hint("the file was edited or is damaged")
            }),
        }
        at = end;
    }
}

/// The place of the `;` outside quotes, or of the next statement when the `;` is missing, or the end.
fn end_of_statement(bytes: &[u8], start: usize) -> usize {
    let (mut quoted, mut at) = (false, start);
    while at < bytes.len() {
        match bytes[at] {
            b'"' => quoted = !quoted,
            b';' if !quoted => return at,
            b'\n' if !quoted => {
                let rest = &bytes[at + 1..];
                let word = keyword(rest);
                let next = word.len() > 2 && word != b"TLIST" && word != b"YES" && word[0].is_ascii_uppercase();
                // A value that wraps never has a keyword and one of these at the beginning of a line.
                if next && matches!(rest.get(word.len()), Some(b'=' | b'[' | b'(')) && bytes[start..at].contains(&b'=') {
                    return at;
                }
            }
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}

fn statement(text: &str, line: usize) -> Option<Statement<'_>> {
    let keyword = std::str::from_utf8(keyword(text.as_bytes())).ok().filter(|keyword| !keyword.is_empty())?;
    let mut rest = text[keyword.len()..].trim_start();
    let mut language = "";
    if let Some(inside) = rest.strip_prefix('[') {
        let (found, after) = inside.split_once(']')?;
        (language, rest) = (found.trim().trim_matches('"'), after.trim_start());
    }
    let mut subjects = Vec::new();
    if let Some(inside) = rest.strip_prefix('(') {
        let close = outside_quotes(inside, b')')?;
        subjects = texts(&inside[..close]);
        rest = inside[close + 1..].trim_start();
    }
    let raw = rest.strip_prefix('=')?;
    Some(Statement { keyword, language, subjects, raw: raw.trim(), line })
}

/// The place of a sign outside quotes.
pub(super) fn outside_quotes(text: &str, sign: u8) -> Option<usize> {
    let mut quoted = false;
    text.bytes().position(|byte| {
        quoted ^= byte == b'"';
        byte == sign && !quoted
    })
}

/// The texts of a list: quoted pieces without a comma between them are one text, words stand for themselves.
pub(super) fn texts(raw: &str) -> Vec<String> {
    let mut texts = Vec::new();
    let mut text: Option<String> = None;
    let mut rest = raw;
    while let Some(sign) = rest.chars().next() {
        if let Some(inside) = rest.strip_prefix('"') {
            let kept = text.get_or_insert_default();
            let mut inside = inside;
            loop {
                let end = memchr::memchr(b'"', inside.as_bytes()).unwrap_or(inside.len());
                kept.push_str(&inside[..end]);
                rest = inside.get(end + 1..).unwrap_or_default();
                // A quote said twice stands for itself.
                match rest.strip_prefix('"') {
                    Some(after) => {
                        kept.push('"');
                        inside = after;
                    }
                    None => break,
                }
            }
        } else if sign == ',' {
            texts.extend(text.take());
            rest = &rest[1..];
        } else if sign.is_whitespace() {
            rest = &rest[sign.len_utf8()..];
        } else {
            let end = rest.find(['"', ',']).unwrap_or(rest.len());
            text.get_or_insert_default().push_str(rest[..end].trim_end());
            rest = &rest[end..];
        }
    }
    texts.extend(text);
    texts
}
