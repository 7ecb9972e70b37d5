//! Unpacks gzip and brings text into UTF-8, by magic bytes and byte order marks, under a cap on the size.
//!
//! Must not guess a code page: a name decoded wrongly is a region lost without a trace. A file in another one has it declared.

use std::borrow::Cow;
use std::io::Read;

use baseline_model::Finding;
use encoding_rs::Encoding;
use flate2::read::MultiGzDecoder;

use crate::findings::Context;

const GZIP: [u8; 2] = [0x1f, 0x8b];

pub(crate) fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(&GZIP)
}

/// The unpacked bytes; `None` with a finding when the file is cut, damaged, too large, or gzip in gzip.
pub(crate) fn gunzip(bytes: &[u8], context: &mut Context<'_>) -> Option<Vec<u8>> {
    let cap = context.options.limits.unpacked;
    // The trailer states the length modulo 2^32: a hint only, because anybody can write anything there.
    // Deflate cannot pack better than 1032 to 1.
    let stated = bytes.last_chunk::<4>().map_or(0, |trailer| u32::from_le_bytes(*trailer) as usize);
    let hint = stated.min(bytes.len().saturating_mul(1032)).min(cap).min(64 << 20);
    let mut unpacked = Vec::with_capacity(hint + 1);
    match MultiGzDecoder::new(bytes).take(cap as u64 + 1).read_to_end(&mut unpacked) {
        Err(error) => {
            let found = unpacked.len();
            context.add(
                Finding::error(
                    "gzip-damaged",
                    context.at("gzip"),
                    format!("the packed file is cut or damaged: {error}, after {found} unpacked bytes; nothing of it is used"),
                )
                .hint("download the file again and compare its length with the provider's"),
            );
            None
        }
        Ok(_) if unpacked.len() > cap => {
            context.add(too_large(context, "gzip", cap));
            None
        }
        Ok(_) if is_gzip(&unpacked) => {
            context.add(
                Finding::error(
                    "gzip-nested",
                    context.at("gzip"),
                    "expected a statistical file inside the gzip file, found gzip again",
                )
                .hint("unpack it once by hand"),
            );
            None
        }
        Ok(_) => Some(unpacked),
    }
}

pub(crate) fn too_large(context: &Context<'_>, what: &str, cap: usize) -> Finding {
    Finding::error("too-large", context.at(what), format!("unpacks to more than the allowed {cap} bytes; nothing of it is used"))
        .hint("filter the request, or raise the limit if the file is trusted")
}

/// The text in a declared code page; Unicode when it has a byte order mark, or letters that are valid UTF-8: no text in another
/// code page is so by chance. `None` with a finding when a byte means nothing in the code page.
pub(crate) fn decode_as<'b>(bytes: &'b [u8], label: &str, context: &mut Context<'_>) -> Option<Cow<'b, str>> {
    let Some(encoding) = Encoding::for_label(label.trim().as_bytes()) else {
        context.add(
            Finding::error("shape-wrong", context.name, format!("the code page `{label}` is not known"))
                .hint("name it as the web does: windows-1250, windows-1253, iso-8859-1, iso-8859-2, iso-8859-7, utf-8"),
        );
        return None;
    };
    let marked = [&b"\xef\xbb\xbf"[..], b"\xff\xfe", b"\xfe\xff"].iter().any(|mark| bytes.starts_with(mark));
    if marked || encoding == encoding_rs::UTF_8 || bytes.is_ascii() {
        return decode(bytes, context);
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        context.add(
            Finding::warning(
                "encoding-differs",
                context.at("text"),
                format!("expected the code page {label}, found UTF-8; read as UTF-8"),
            )
            .hint("the provider changed the code page, or the file was saved again: correct the declared shape"),
        );
        return Some(Cow::Borrowed(text));
    }
    let (text, faulty) = encoding.decode_without_bom_handling(bytes);
    if faulty {
        let line = text.find('\u{fffd}').map_or(1, |at| memchr::memchr_iter(b'\n', &text.as_bytes()[..at]).count() + 1);
        context.add(
            Finding::error(
                "not-in-code-page",
                context.at(format_args!("line {line}")),
                format!("the text has a byte that means nothing in the code page {label}; nothing of the file is used"),
            )
            .hint("find out the file's code page and declare it"),
        );
        return None;
    }
    Some(text)
}

/// The text without byte order mark; `None` with a finding when it is not Unicode.
pub(crate) fn decode<'b>(bytes: &'b [u8], context: &mut Context<'_>) -> Option<Cow<'b, str>> {
    let utf16 = match bytes {
        [0xff, 0xfe, ..] => Some(encoding_rs::UTF_16LE),
        [0xfe, 0xff, ..] => Some(encoding_rs::UTF_16BE),
        _ => None,
    };
    if let Some(encoding) = utf16 {
        let (text, faulty) = encoding.decode_without_bom_handling(&bytes[2..]);
        if faulty {
            context.add(
                Finding::error("not-unicode", context.at("text"), format!("marked as {} but not valid as such", encoding.name()))
                    .hint("save the file again as UTF-8"),
            );
            return None;
        }
        return Some(text);
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(Cow::Borrowed(text)),
        Err(error) => {
            let at = error.valid_up_to();
            let line = memchr::memchr_iter(b'\n', &bytes[..at]).count() + 1;
            context.add(
                Finding::error(
                    "not-unicode",
                    context.at(format_args!("line {line}")),
                    format!(
                        "expected UTF-8 text, found the byte 0x{:02x} at offset {at}; nothing of the file is used",
                        bytes[at]
                    ),
                )
                .hint("save the file again as UTF-8; its code page is not guessed"),
            );
            None
        }
    }
}
