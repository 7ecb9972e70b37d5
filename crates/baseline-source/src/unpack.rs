//! Unpacks gzip and brings text into UTF-8, by magic bytes and byte order marks, under a cap on the size.
//!
//! Must not guess a code page: a name decoded wrongly is a region lost without a trace.

use std::borrow::Cow;
use std::io::Read;

use baseline_model::Finding;
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
