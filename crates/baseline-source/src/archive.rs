//! Archives (.zip) that are no workbook: the one file inside is read as if it had come alone.
//!
//! GENESIS packs every table so, whatever was asked. Several files in one archive are refused: which of them is meant
//! cannot be known. The sizes that an archive states are only claims, so unpacking is capped.
//!
//! ```text
//! PK..   13111-01-03-4_1749623409083_de_flat.csv
//! ```

use std::io::{Cursor, Read};

use baseline_model::Finding;
use zip::ZipArchive;

use crate::findings::{Context, quote};
use crate::unpack::too_large;

/// Whether the bytes are an archive of files and not a workbook. Of an archive whose directory is lost the name of its
/// first member decides.
pub(crate) fn is_one(bytes: &[u8]) -> bool {
    if !bytes.starts_with(b"PK") {
        return false;
    }
    if let Ok(archive) = ZipArchive::new(Cursor::new(bytes)) {
        let is_part = |name: &[u8]| {
            let begins = [&b"xl/"[..], b"_rels/", b"docProps/"].iter().any(|folder| name.starts_with(folder));
            begins || matches!(name, b"[Content_Types].xml" | b"mimetype" | b"content.xml")
        };
        return !archive.is_empty() && !archive.file_names_raw().any(is_part);
    }
    let length = bytes.get(26..28).map_or(0, |field| usize::from(field[0]) | usize::from(field[1]) << 8);
    let name = bytes.get(30..30 + length).unwrap_or_default().to_ascii_lowercase();
    bytes.starts_with(b"PK\x03\x04") && [&b".csv"[..], b".json", b".tsv", b".txt"].iter().any(|end| name.ends_with(end))
}

/// The unpacked bytes of the only member, whose name is kept in the context; `None` with a finding when there is not
/// exactly one, or it is packed with a password, damaged or too large.
pub(crate) fn only_member(bytes: &[u8], context: &mut Context<'_>) -> Option<Vec<u8>> {
    let cap = context.options.limits.unpacked;
    let found = match open(bytes, cap) {
        Ok((name, unpacked)) => {
            context.member = name;
            return Some(unpacked);
        }
        Err(found) => found,
    };
    let (code, message, hint) = match found {
        Fault::TooLarge => {
            let finding = too_large(context, "archive", cap);
            context.add(finding);
            return None;
        }
        Fault::Members(names) => {
            let count = names.len();
            let shown: Vec<_> = names.iter().take(8).map(|name| quote(name)).collect();
            let shown = if shown.is_empty() { "none".to_owned() } else { shown.join(", ") };
            let message = format!("expected one file in the archive, found {count}: {shown}; nothing of it is used");
            ("archive-members", message, "unpack it and read the files one by one")
        }
        Fault::Password(name) => {
            let message = format!("the file {} in the archive is packed with a password; nothing of it is used", quote(&name));
            ("archive-encrypted", message, "unpack it by hand and read the file inside")
        }
        Fault::Damaged(what) => {
            let message = format!("the archive is cut or damaged: {what}; nothing of it is used");
            ("archive-damaged", message, "download the file again and compare its length with the provider's")
        }
    };
    context.add(Finding::error(code, context.at("archive"), message).hint(hint));
    None
}

enum Fault {
    TooLarge,
    Members(Vec<String>),
    Password(String),
    Damaged(String),
}

fn open(bytes: &[u8], cap: usize) -> Result<(String, Vec<u8>), Fault> {
    let damaged = |error: &dyn std::fmt::Display| Fault::Damaged(error.to_string());
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| damaged(&error))?;
    let mut files = Vec::new();
    for number in 0..archive.len() {
        let member = archive.by_index_raw(number).map_err(|error| damaged(&error))?;
        // A folder is stated as a name that ends so.
        if !member.name_raw().ends_with(b"/") {
            files.push((number, String::from_utf8_lossy(member.name_raw()).into_owned(), member.encrypted(), member.size()));
        }
    }
    let (number, name, encrypted, size) = match <[_; 1]>::try_from(files) {
        Ok([only]) => only,
        Err(files) => return Err(Fault::Members(files.into_iter().map(|(_, name, _, _)| name).collect())),
    };
    if encrypted {
        return Err(Fault::Password(name));
    }
    // Deflate cannot pack better than 1032 to 1.
    let claimed = usize::try_from(size).unwrap_or(usize::MAX);
    let hint = claimed.min(bytes.len().saturating_mul(1032)).min(cap).min(64 << 20);
    let mut unpacked = Vec::with_capacity(hint + 1);
    let member = archive.by_index(number).map_err(|error| damaged(&error))?;
    match member.take(cap as u64 + 1).read_to_end(&mut unpacked) {
        Err(error) => Err(damaged(&format!("{error}, after {} unpacked bytes", unpacked.len()))),
        Ok(_) if unpacked.len() > cap => Err(Fault::TooLarge),
        Ok(_) => Ok((name, unpacked)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::specimen::{gzip, workbook, zip};
    use crate::{Limits, ReadOptions, read};

    fn files(names: &[&str]) -> Vec<u8> {
        let text = "geo,period,value\nPL,2024,1\n";
        zip(&names.iter().map(|name| ((*name).to_owned(), text.to_owned())).collect::<Vec<_>>())
    }

    fn check(bytes: &[u8], cap: usize, expected: &[&str]) {
        let limits = Limits { unpacked: cap, cells: 100 };
        let reading = read(bytes, "file", &ReadOptions { limits, ..ReadOptions::default() });
        let mut found: Vec<_> = reading.findings.iter().map(|finding| finding.code).collect();
        found.extend(reading.tables.iter().map(|_| "table"));
        assert_eq!(found, expected);
    }

    #[test]
    fn one_file() {
        check(&files(&["a.csv"]), 1000, &["table"]);
        check(&files(&["folder/a"]), 1000, &["table"]);
        check(&gzip(&files(&["a.csv"])), 1000, &["table"]);
        let packed = gzip(b"geo,period,value\nPL,2024,1\n");
        assert!(!is_one(&packed));
        assert!(!is_one(&workbook(&[("s", &[(0, 0, "x")])])));
    }

    #[test]
    fn refused() {
        check(&files(&["a.csv", "b.csv"]), 1000, &["archive-members"]);
        check(&files(&["a.csv"]), 20, &["too-large"]);
        let whole = files(&["a.csv"]);
        check(&whole[..whole.len() - 9], 1000, &["archive-damaged"]);
        let mut flipped = whole.clone();
        flipped[40] ^= 1;
        check(&flipped, 1000, &["archive-damaged"]);
        let mut locked = whole.clone();
        let directory = memchr::memmem::find(&locked, b"PK\x01\x02").unwrap();
        locked[6] |= 1;
        locked[directory + 8] |= 1;
        check(&locked, 1000, &["archive-encrypted"]);
        check(&zip(&[]), 1000, &["workbook-damaged"]);
    }
}
