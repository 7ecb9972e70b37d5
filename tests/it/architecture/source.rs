//! Just enough of Rust's grammar to tell code from comments, quoted texts and tests. No parser: line
//! breaks stay where they are, everything that is no code becomes blanks.

/// The text with comments and the insides of quoted texts blanked out.
pub fn code_only(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < letters.len() {
        let end = match (letters[at], letters.get(at + 1)) {
            ('/', Some('/')) => line_end(&letters, at),
            ('/', Some('*')) => block_end(&letters, at),
            ('"', _) => quote_end(&letters, at),
            ('r', Some('"' | '#')) if !is_word(letters.get(at.wrapping_sub(1))) || b_prefix(&letters, at) => {
                raw_end(&letters, at)
            }
            ('\'', _) => char_end(&letters, at),
            _ => at,
        };
        if end == at {
            out.push(letters[at]);
            at += 1;
        } else {
            out.extend(letters[at..end].iter().map(|letter| if *letter == '\n' { '\n' } else { ' ' }));
            at = end;
        }
    }
    out
}

/// Each identifier with what follows it up to the next one, blanks removed.
pub fn words(code: &str) -> Vec<(&str, &str)> {
    let mut bounds = Vec::new();
    let mut start = None;
    for (at, letter) in code.char_indices().chain([(code.len(), ' ')]) {
        let inside = letter.is_alphanumeric() || letter == '_';
        match (start, inside) {
            (None, true) => start = Some(at),
            (Some(from), false) => {
                bounds.push((from, at));
                start = None;
            }
            (Some(_), true) | (None, false) => {}
        }
    }
    let ends = bounds.iter().skip(1).map(|(from, _)| *from).chain([code.len()]);
    bounds.iter().zip(ends).map(|((from, to), next)| (&code[*from..*to], code[*to..next].trim())).collect()
}

/// The insides of all attributes (`#[...]`, `#![...]`).
pub fn attributes(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices('#') {
        let rest = code[at + 1..].trim_start_matches('!');
        if rest.starts_with('[') {
            found.push(rest[..balanced(rest, '[', ']')].to_owned());
        }
    }
    found
}

/// The code up to its first inline test module; tests stand last.
pub fn without_tests(code: &str) -> String {
    let mut kept = String::new();
    let mut rest = code;
    while let Some(at) = rest.find("#[cfg(test)]") {
        kept.push_str(&rest[..at]);
        let after = &rest[at + "#[cfg(test)]".len()..];
        let body = after.find(['{', ';']).unwrap_or(after.len());
        let skipped =
            if after[body..].starts_with('{') { body + balanced(&after[body..], '{', '}') } else { (body + 1).min(after.len()) };
        rest = &after[skipped..];
    }
    kept.push_str(rest);
    kept
}

/// Files and folders (without ending) of the modules that a file declares for tests only.
pub fn test_modules(path: &str, text: &str) -> Vec<String> {
    let code = code_only(text);
    let folder = match path.rsplit_once('/') {
        Some((folder, "mod.rs" | "lib.rs" | "main.rs")) => folder.to_owned(),
        _ => path.trim_end_matches(".rs").to_owned(),
    };
    let mut found = Vec::new();
    for (at, marker) in code.match_indices("#[cfg(test)]") {
        let mut after = words(&code[at + marker.len()..]).into_iter().filter(|(word, _)| *word != "pub" && *word != "crate");
        if let (Some(("mod", _)), Some((name, ending))) = (after.next(), after.next())
            && ending.starts_with(';')
        {
            found.push(format!("{folder}/{name}"));
        }
    }
    found
}

/// Length up to and with the bracket that closes the first one.
fn balanced(text: &str, open: char, close: char) -> usize {
    let mut depth = 0_usize;
    for (at, letter) in text.char_indices() {
        if letter == open {
            depth += 1;
        } else if letter == close {
            depth -= 1;
            if depth == 0 {
                return at + letter.len_utf8();
            }
        }
    }
    text.len()
}

fn is_word(letter: Option<&char>) -> bool {
    letter.is_some_and(|letter| letter.is_alphanumeric() || *letter == '_')
}

/// The `b` of `br"..."`, which itself begins a word.
fn b_prefix(letters: &[char], at: usize) -> bool {
    at > 0 && letters[at - 1] == 'b' && !is_word(letters.get(at.wrapping_sub(2)))
}

fn line_end(letters: &[char], at: usize) -> usize {
    letters[at..].iter().position(|letter| *letter == '\n').map_or(letters.len(), |length| at + length)
}

fn block_end(letters: &[char], at: usize) -> usize {
    let mut depth = 0_usize;
    let mut here = at;
    while here < letters.len() {
        match (letters[here], letters.get(here + 1)) {
            ('/', Some('*')) => {
                depth += 1;
                here += 2;
            }
            ('*', Some('/')) => {
                depth -= 1;
                here += 2;
                if depth == 0 {
                    return here;
                }
            }
            _ => here += 1,
        }
    }
    here
}

fn quote_end(letters: &[char], at: usize) -> usize {
    let mut here = at + 1;
    while here < letters.len() {
        match letters[here] {
            '\\' => here += 2,
            '"' => return here + 1,
            _ => here += 1,
        }
    }
    letters.len()
}

/// The end of `r#"..."#`; `at` itself for `r#name`.
fn raw_end(letters: &[char], at: usize) -> usize {
    let hashes = letters[at + 1..].iter().take_while(|letter| **letter == '#').count();
    let open = at + 1 + hashes;
    if letters.get(open) != Some(&'"') {
        return at;
    }
    let mut here = open + 1;
    while here < letters.len() {
        let closed = letters[here] == '"' && letters[here + 1..].iter().take_while(|letter| **letter == '#').count() >= hashes;
        here += 1;
        if closed {
            return here + hashes;
        }
    }
    here
}

/// The end of `'x'` or `'\n'`; `at` itself for a lifetime.
fn char_end(letters: &[char], at: usize) -> usize {
    match (letters.get(at + 1), letters.get(at + 2)) {
        (Some('\\'), _) => {
            letters[at + 3..].iter().position(|letter| *letter == '\'').map_or(letters.len(), |length| at + 4 + length)
        }
        (Some(_), Some('\'')) => at + 3,
        _ => at,
    }
}
