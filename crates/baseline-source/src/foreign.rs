//! Delimited text of no known format: says what stands there, so that a shape can be declared.
//!
//! Reads no figure. What divides cells and which line is the header is shown and never assumed.

use baseline_model::Finding;

use crate::findings::{Context, quote};

/// Lines that are looked at for a header.
const LINES: usize = 40;
/// Bytes by which a file that was never written is told.
const BEGIN: usize = 4096;
/// Header cells that are shown.
const SHOWN: usize = 8;

const DELIMITERS: [(char, &str); 4] = [('\t', "a tab"), (';', "`;`"), (',', "`,`"), ('|', "`|`")];

pub(crate) fn refuse(text: &str, context: &mut Context<'_>) {
    if !text.is_empty() && text.bytes().take(BEGIN).all(|byte| byte == 0) {
        let message = "the file begins with zero bytes: it was reserved and never written";
        context.add(Finding::error("unknown-format", context.at("line 1"), message).hint("download it again"));
        return;
    }
    let lines: Vec<&str> = text.lines().take(LINES).collect();
    let first = quote(lines.first().copied().unwrap_or_default());
    let seen = delimiter(&lines);
    let shown = seen.map(|(sign, name)| {
        let candidates = headers(&lines, sign);
        let shown: Vec<String> =
            candidates.iter().map(|(number, cells)| format!("line {number}: {}", cells.join(", "))).collect();
        let header =
            if shown.is_empty() { "no line looks like a header".into() } else { format!("may be headers: {}", shown.join("; ")) };
        format!("; cells seem to be divided by {name}; {header}")
    });
    context.add(
        Finding::error(
            "unknown-format",
            context.at("line 1"),
            format!("the first line {first} is the header of no known format{}", shown.unwrap_or_default()),
        )
        .hint(
            "the files of statistical offices' services are told by their content, and so are comma-separated files with the \
             columns `period` and `value`; anything else needs a declared shape (its delimiter, its header row, which columns \
             are codes and which are figures): --as DATAFLOW names a record that has one, `baseline import --inspect FILE` \
             helps to make one",
        ),
    );
}

/// The sign that most lines have equally often.
fn delimiter(lines: &[&str]) -> Option<(char, &'static str)> {
    let even = |sign: char| {
        let counts: Vec<usize> = lines.iter().map(|line| outside_quotes(line, sign)).filter(|count| *count > 0).collect();
        let most = counts.iter().map(|count| counts.iter().filter(|other| *other == count).count()).max().unwrap_or(0);
        (most, counts.iter().sum::<usize>())
    };
    DELIMITERS.into_iter().filter(|(sign, _)| even(*sign).0 > 0).max_by_key(|(sign, _)| even(*sign))
}

fn outside_quotes(line: &str, sign: char) -> usize {
    let mut quoted = false;
    line.chars()
        .filter(|letter| {
            if *letter == '"' {
                quoted = !quoted;
            }
            !quoted && *letter == sign
        })
        .count()
}

/// The first lines with several cells of text and none of figures.
fn headers(lines: &[&str], sign: char) -> Vec<(usize, Vec<String>)> {
    let mut found = Vec::new();
    for (number, line) in (1..).zip(lines) {
        let cells: Vec<&str> =
            line.split(sign).map(|cell| cell.trim().trim_matches('"').trim()).filter(|cell| !cell.is_empty()).collect();
        // A year may head a column; any other number is a figure.
        let year = |cell: &str| cell.len() == 4 && (cell.starts_with("19") || cell.starts_with("20"));
        let digits = |cell: &str| cell.chars().all(|letter| letter.is_ascii_digit() || matches!(letter, '.' | ',' | ' ' | '-'));
        let figure = |cell: &&str| digits(cell) && !year(cell);
        if cells.len() > 1 && !cells.iter().any(figure) {
            found.push((number, cells.into_iter().take(SHOWN).map(quote).collect()));
        }
        if found.len() == 3 {
            break;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::{ReadOptions, read};

    fn check(text: &str, expected: &str) {
        let reading = read(text.as_bytes(), "f", &ReadOptions::default());
        let message = &reading.findings[0].message;
        assert!(message.contains(expected), "{message}");
        assert_eq!((reading.tables.len(), reading.findings[0].code), (0, "unknown-format"));
    }

    #[test]
    fn says_what_it_saw() {
        check(
            "\"Region 2018\"\t\"Population\"\n\"Akaa\"\t16769\n",
            "divided by a tab; may be headers: line 1: `Region 2018`, `Population`",
        );
        check(
            ";;\n;;\nGrado;Età;2018\nLicenza;15-24;\"10,5\"\n",
            "divided by `;`; may be headers: line 3: `Grado`, `Età`, `2018`",
        );
        check("title,table\n\"a, b\",1.px\n", "divided by `,`; may be headers: line 1: `title`, `table`");
        check("only words\n", "of no known format");
    }
}
