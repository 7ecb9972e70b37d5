//! What the GENESIS family writes: Destatis, Regionalstatistik and the census database use one software.
//!
//! Its flat CSV came in two layouts (see `flat`), its cubes in a third format (see `cube`), and everything else, errors
//! included, as JSON with HTTP status 200 (see `answer`). Lists of tables circulate as CSV (see `catalogue`).
//! Regions and groups are matched by code only: the old district 15256 and the current 15084 have the same name.

pub(crate) mod answer;
pub(crate) mod catalogue;
pub(crate) mod cube;
pub(crate) mod flat;
mod value;

/// The code of a total: the source leaves the attribute's code empty, which no filter of ours could name.
pub(crate) const TOTAL: &str = "TOTAL";

/// Dimensions of a table at most. Real ones have up to nine; a header that claims thousands beside thousands of measures
/// would ask for the product of both.
const MOST_DIMENSIONS: usize = 16;

/// `30.06.2023` as `2023-06-30`; any other text as it is.
fn iso_date(text: &str) -> std::borrow::Cow<'_, str> {
    let bytes = text.as_bytes();
    let digits = |range: std::ops::Range<usize>| bytes[range].iter().all(u8::is_ascii_digit);
    if bytes.len() == 10 && bytes[2] == b'.' && bytes[5] == b'.' && digits(0..2) && digits(3..5) && digits(6..10) {
        return format!("{}-{}-{}", &text[6..10], &text[3..5], &text[0..2]).into();
    }
    text.into()
}

/// A code of an attribute as it stands in our column.
fn attribute(code: &str) -> &str {
    if code.is_empty() { TOTAL } else { code }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        for (text, expected) in [
            ("30.06.2023", "2023-06-30"),
            ("2024-12-31", "2024-12-31"),
            ("2024", "2024"),
            ("2023-10P6M", "2023-10P6M"),
            ("30.6.2023", "30.6.2023"),
            ("a0.06.2023", "a0.06.2023"),
            ("ääääü", "ääääü"),
            ("", ""),
        ] {
            assert_eq!(iso_date(text), expected);
        }
    }
}
