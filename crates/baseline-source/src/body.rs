//! What an answer is, before anybody believes it: data, or one of the many things that offices send instead.
//!
//! The HTTP status says little (a maintenance page and a queue ticket both come as 200), so the bytes decide.
//! Kept apart from the readers because the network edge must know before it stores anything.
//! Never interprets observations and never follows an address that an answer names.
//!
//! ```text
//! {"error":[{"status":413,"id":413,"label":"EXTRACTION_TOO_BIG: ... estimated 10305182 rows, max authorised is 5000000, ..."}]}
//! {"warning":{"status":413,"label":"ASYNCHRONOUS_RESPONSE. Your request will be treated asynchronously. ..."}}
//! <S:Fault xmlns:S="..."><faultcode>413</faultcode><faultstring>EXTRACTION_TOO_BIG: ...</faultstring></S:Fault>
//! <env:Envelope ...><queued><id>7f4c...</id><status>SUBMITTED</status></queued></env:Envelope>
//! <!DOCTYPE html><html><head><title>Maintenance</title>
//! ```

mod json;
mod xml;

use std::io::Read;

use flate2::read::MultiGzDecoder;

/// The kind of bytes that carry data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Media {
    Json,
    Xml,
    /// CSV, TSV, PX: anything printable that is none of the others.
    Text,
    /// A zip container: workbooks.
    Zip,
    /// Binary and unknown; a reader may still know it.
    Binary,
}

/// Where an asynchronous request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TicketStatus {
    Submitted,
    Processing,
    Available,
    Expired,
}

/// What an answer is. Texts are the provider's own words, trimmed and at most 500 characters long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// Data, as far as can be told without reading it. `gzip`: the bytes are packed.
    Data { media: Media, gzip: bool },
    /// No bytes at all, or only blanks.
    Empty,
    /// The request is valid and nothing is published for it.
    NoResults { message: String },
    /// Permanent: ask for less. Cells as the provider counts them.
    TooBig { estimated: Option<u64>, max: Option<u64>, message: String },
    /// Transient and without a ticket: ask the same again later.
    Asynchronous { message: String },
    /// Queued; `id` is safe to be put into a path. None in a status answer that does not repeat it.
    Ticket { id: Option<String>, status: TicketStatus },
    /// The ticket is good and the data is not there yet.
    NotReady { message: String },
    /// The provider does not know the ticket.
    UnknownTicket { message: String },
    /// The old SDMX footer 413: the answer will lie at an address that the body names.
    WrittenToFile { message: String },
    /// The table is not (or no longer) there.
    NotFound { message: String },
    /// Any other error that the provider states; `status` is the HTTP status or SDMX fault code it names.
    Fault { status: Option<u64>, id: Option<u64>, message: String },
    /// A web page: maintenance, a ban, a login.
    Html { title: Option<String> },
    /// Cut off or not well-formed: it cannot be what the provider meant to send.
    Damaged { message: String },
}

/// Unpacked bytes of a packed answer that are looked at.
const HEAD: u64 = 256 * 1024;
/// Characters of a provider's text that are kept.
const TEXT: usize = 500;

/// Says what an answer is. Of a packed answer only the head is unpacked, so use [`gzip_length`] to know
/// that it is whole; any other answer is looked at to its end.
pub fn classify(bytes: &[u8]) -> Body {
    if !is_gzip(bytes) {
        return classify_plain(bytes, Extent::Whole, false);
    }
    let mut head = Vec::new();
    let read = MultiGzDecoder::new(bytes).take(HEAD).read_to_end(&mut head);
    match read {
        Err(error) if head.is_empty() => Body::Damaged { message: format!("packed (gzip), and cannot be unpacked: {error}") },
        // A fault after the head is for `gzip_length` to find.
        Ok(_) | Err(_) => {
            let extent = if read.is_ok() && (head.len() as u64) < HEAD { Extent::Whole } else { Extent::Head };
            classify_plain(&head, extent, true)
        }
    }
}

/// Whether the bytes are packed, by their magic number.
pub fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x1f, 0x8b])
}

/// Why packed bytes cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GzipError {
    #[error("the packed bytes break off or are damaged after {unpacked} unpacked bytes: {cause}")]
    Damaged { unpacked: u64, cause: String },
    #[error("more than {limit} bytes when unpacked")]
    TooLarge { limit: u64 },
}

/// Unpacks to nowhere: the unpacked length when every checksum is right and nothing is missing.
pub fn gzip_length(bytes: &[u8], limit: u64) -> Result<u64, GzipError> {
    let mut decoder = MultiGzDecoder::new(bytes);
    let mut chunk = vec![0; 64 * 1024];
    let mut unpacked = 0;
    loop {
        match decoder.read(&mut chunk) {
            Ok(0) => return Ok(unpacked),
            Ok(count) => unpacked += count as u64,
            Err(error) => return Err(GzipError::Damaged { unpacked, cause: error.to_string() }),
        }
        if unpacked > limit {
            return Err(GzipError::TooLarge { limit });
        }
    }
}

/// Whether an inspection sees the whole answer or only its beginning.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Extent {
    Whole,
    Head,
}

fn classify_plain(bytes: &[u8], extent: Extent, gzip: bool) -> Body {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    match text.first() {
        None => Body::Empty,
        Some(b'{' | b'[') => json::classify(text, extent, gzip),
        Some(b'<') => html(text).unwrap_or_else(|| xml::classify(text, extent, gzip)),
        Some(_) if bytes.starts_with(b"PK\x03\x04") => Body::Data { media: Media::Zip, gzip },
        Some(_) => {
            let head = &text[..text.len().min(1024)];
            Body::Data { media: if head.contains(&0) { Media::Binary } else { Media::Text }, gzip }
        }
    }
}

/// A web page by its first elements; XHTML behind an XML declaration included.
fn html(text: &[u8]) -> Option<Body> {
    let head = String::from_utf8_lossy(&text[..text.len().min(64 * 1024)]);
    let lower = head.to_ascii_lowercase();
    let mut rest = lower.as_str();
    loop {
        rest = rest.trim_start();
        let skipped = if rest.starts_with("<!--") {
            rest.split_once("-->")
        } else if rest.starts_with("<?") {
            rest.split_once("?>")
        } else {
            break;
        };
        rest = skipped?.1;
    }
    let page =
        ["<!doctype html", "<html", "<head", "<body", "<title", "<meta", "<script"].iter().any(|start| rest.starts_with(start));
    if !page {
        return None;
    }
    let title = lower.find("<title").and_then(|start| {
        let open = start + lower[start..].find('>')? + 1;
        let close = open + lower[open..].find("</title")?;
        // Lower-casing ASCII keeps every byte position.
        let title = tidy(&head[open..close]);
        (!title.is_empty()).then_some(title)
    });
    Some(Body::Html { title })
}

/// What an error says, from the status and id it names and its text.
fn stated(status: Option<u64>, id: Option<u64>, label: &str) -> Body {
    let message = tidy(label);
    let says = |word: &str| message.contains(word);
    if says("ASYNCHRONOUS_RESPONSE") {
        Body::Asynchronous { message }
    } else if says("DATA_NOT_YET_AVAILABLE") {
        Body::NotReady { message }
    } else if says("UNKNOWN_REQUEST") {
        Body::UnknownTicket { message }
    } else if says("EXTRACTION_TOO_BIG") || [status, id].iter().any(|code| matches!(code, Some(413 | 130 | 510))) {
        Body::TooBig { estimated: number_after(&message, "estimated"), max: number_after(&message, "max authorised is"), message }
    } else if says("NOT_FOUND") || says("not available for dissemination") {
        Body::NotFound { message }
    } else if id == Some(100) || (id.is_none() && status == Some(100)) {
        Body::NoResults { message }
    } else {
        Body::Fault { status, id, message }
    }
}

/// The number that follows a phrase: `estimated 10305182 rows`.
fn number_after(text: &str, phrase: &str) -> Option<u64> {
    let rest = text.split_once(phrase)?.1.trim_start();
    let end = rest.find(|sign: char| !sign.is_ascii_digit()).unwrap_or(rest.len());
    rest[..end].parse().ok()
}

/// Blanks collapsed, control signs dropped, cut to [`TEXT`] characters.
fn tidy(text: &str) -> String {
    let words: Vec<_> = text.split_whitespace().collect();
    let joined: String = words.join(" ").chars().filter(|sign| !sign.is_control()).collect();
    match joined.char_indices().nth(TEXT) {
        Some((end, _)) => format!("{}…", &joined[..end]),
        None => joined,
    }
}

#[cfg(test)]
mod tests;
