//! Eurostat's rule for numbers: a decimal point, an optional minus and exponent, nothing else.
//!
//! Here and not in `str::parse`, which also takes `inf`, `nan`, `+5` and `.5`: none of them is a
//! figure of an office, and a decimal comma or a thousands separator must never be guessed.

/// The number, or `None` when the text is anything else (also when it is too large for a double).
pub(crate) fn parse(bytes: &[u8]) -> Option<f64> {
    let (negative, digits) = match bytes.split_first()? {
        (b'-', rest) => (true, rest),
        _ => (false, bytes),
    };
    let whole = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if whole == 0 {
        return None;
    }
    let mut rest = &digits[whole..];
    let mut decimals: &[u8] = &[];
    if let Some((b'.', after)) = rest.split_first() {
        let count = after.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if count == 0 {
            return None;
        }
        (decimals, rest) = after.split_at(count);
    }
    if rest.is_empty() && whole + decimals.len() <= 15 {
        // Both integers are exact in a double, so one division gives the nearest double.
        let integer = digits[..whole].iter().chain(decimals).fold(0_u64, |sum, byte| sum * 10 + u64::from(byte - b'0'));
        let number = integer as f64 / POWERS[decimals.len()];
        return Some(if negative && integer != 0 { -number } else { number });
    }
    if !rest.is_empty() && !is_exponent(rest) {
        return None;
    }
    let number: f64 = std::str::from_utf8(bytes).ok()?.parse().ok()?;
    // Minus zero is a figure's sign lost in rounding: it compares as zero and must print as zero.
    number.is_finite().then_some(number + 0.0)
}

const POWERS: [f64; 16] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

fn is_exponent(rest: &[u8]) -> bool {
    let Some((b'e' | b'E', rest)) = rest.split_first() else { return false };
    let digits = match rest.split_first() {
        Some((b'-' | b'+', digits)) => digits,
        _ => rest,
    };
    !digits.is_empty() && digits.iter().all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &str, expected: Option<f64>) {
        assert_eq!(parse(input.as_bytes()), expected, "{input}");
    }

    #[test]
    fn numbers() {
        check("0", Some(0.0));
        check("39.8", Some(39.8));
        check("-1.5", Some(-1.5));
        check("1430827", Some(1_430_827.0));
        check("1E-3", Some(0.001));
        check("1.5e+3", Some(1500.0));
        check("492.215119155852", Some(492.215_119_155_852));
        check("0.30000000000000004", Some(0.300_000_000_000_000_04));
        check("12345678901234567890", Some(12_345_678_901_234_567_890.0));
        assert!(parse(b"-0.0").is_some_and(f64::is_sign_positive));
        assert!(parse(b"-0e5").is_some_and(f64::is_sign_positive));
    }

    #[test]
    fn refused() {
        for text in [
            "", "-", ".", ".5", "5.", "+5", "1,5", "1.299,99", "1 299.99", "1'299", "−5", "12%", "<5", "..", "…", "x", "nan",
            "inf", "-inf", "1e", "1e+", "e5", "1e999", "--1", "1.2.3", "0x10", "1_000", " 1", "1 ", "٣",
        ] {
            check(text, None);
        }
    }

    #[test]
    fn agrees_with_the_library() {
        for integer in [0_u64, 1, 9, 123_456_789, 99_999_999_999_999] {
            for decimals in 0..15 {
                let text = format!("{:0>1$}", integer, decimals + 1);
                let text = format!("{}.{}0", &text[..text.len() - decimals], &text[text.len() - decimals..]);
                check(&text, text.parse().ok());
            }
        }
    }
}
