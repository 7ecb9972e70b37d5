//! What stands between `<style>` and `</style>`, and the page's policy: fonts and colours inside, hashes of what may
//! run, so that a page can neither ask anything of the network nor run a script that came in with a text.

use std::fmt::Write;

use sha2::{Digest, Sha256};

use crate::chart::palette;

/// The style sheet with the fonts before it and the charts' dark colours behind it.
pub(super) fn style(css: &str) -> String {
    let mut style = String::new();
    for (weight, slant, font) in [
        (400, "normal", include_bytes!("../../../../assets/fonts/BaselineSans-Regular.woff2").as_slice()),
        (600, "normal", include_bytes!("../../../../assets/fonts/BaselineSans-SemiBold.woff2").as_slice()),
        (400, "italic", include_bytes!("../../../../assets/fonts/BaselineSans-Italic.woff2").as_slice()),
    ] {
        let _ = writeln!(
            style,
            "@font-face {{ font-family: \"Baseline Sans\"; font-weight: {weight}; font-style: {slant}; font-display: swap; \
             src: url(data:font/woff2;base64,{}) format(\"woff2\"); }}",
            base64(font)
        );
    }
    style.push_str(css);
    style.push_str("@media screen and (prefers-color-scheme: dark) {\n");
    for ink in palette::ALL.into_iter().chain(palette::of_maps()) {
        let (light, dark) = (palette::hex(ink.light), palette::hex(ink.dark));
        let _ =
            writeln!(style, ".chart [fill=\"{light}\"] {{ fill: {dark}; }} .chart [stroke=\"{light}\"] {{ stroke: {dark}; }}");
    }
    style.push_str("}\n");
    style
}

/// The content security policy of a page with this style sheet and this script (empty: none may run).
pub(super) fn policy(style: &str, script: &str) -> String {
    let hash = |text: &str| format!("'sha256-{}'", base64(&Sha256::digest(text.as_bytes())));
    let script = if script.is_empty() { "'none'".to_owned() } else { hash(script) };
    format!(
        "default-src 'none'; style-src {}; script-src {script}; font-src data:; img-src data:; base-uri 'none'; form-action 'none'",
        hash(style)
    )
}

/// RFC 4648, with padding.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let group = chunk.iter().fold(0_u32, |group, byte| group << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for index in 0..4 {
            let letter = LETTERS[(group >> (18 - 6 * index) & 63) as usize];
            out.push(if index > chunk.len() { '=' } else { char::from(letter) });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &str, expected: &str) {
        assert_eq!(base64(input.as_bytes()), expected);
    }

    #[test]
    fn base64_of_the_rfc() {
        check("", "");
        check("f", "Zg==");
        check("fo", "Zm8=");
        check("foo", "Zm9v");
        check("foobar", "Zm9vYmFy");
    }

    #[test]
    fn the_policy_has_the_hash_of_the_script() {
        // `printf alert | openssl dgst -sha256 -binary | base64`
        let policy = policy("", "alert('Hello, world.');");
        assert!(policy.contains("script-src 'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='"), "{policy}");
    }

    /// The style sheet's colours: the light ones stand first, the dark ones in the first media block.
    #[test]
    fn colours_of_the_page_have_contrast() {
        let style = include_str!("../../templates/report.css");
        let blocks: Vec<&str> = style.split(":root {").skip(1).filter_map(|block| block.split('}').next()).collect();
        assert_eq!(blocks.len(), 2);
        for block in blocks {
            let colour = |name: &str| {
                let rest = block.split(&format!("--{name}: #")).nth(1).expect("the colour is defined");
                u32::from_str_radix(&rest[..6], 16).expect("a colour has six digits")
            };
            for (text, papers) in [
                ("text", &["paper", "card", "note", "ours", "badge", "picked"][..]),
                ("muted", &["paper", "card", "note", "ours", "badge", "picked"]),
                ("link", &["paper", "card", "note", "ours", "picked"]),
                ("warn", &["paper", "card", "note", "ours", "picked"]),
            ] {
                for paper in papers {
                    let ratio = palette::contrast(colour(text), colour(paper));
                    assert!(ratio >= 4.5, "{text} on {paper}: {ratio:.2}");
                }
            }
            for (sign, papers) in [("accent", &["paper", "card", "note", "picked"][..]), ("control", &["paper", "card"])] {
                for paper in papers {
                    let ratio = palette::contrast(colour(sign), colour(paper));
                    assert!(ratio >= 3.0, "{sign} on {paper}: {ratio:.2}");
                }
            }
        }
    }
}
