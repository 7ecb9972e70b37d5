//! Vintages: the bytes of a dataflow as retrieved, with the receipt that makes them exist.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use baseline_model::{Finding, Original, Receipt};
use flate2::read::MultiGzDecoder;
use sha2::{Digest, Sha256};

use super::atomic::{sync_folder, write_synced};
use super::held::{HELD, hold_of};
use super::{
    Check, Hold, Store, StoreError, TEMPORARY, checked_name, create_folder, held_finding, io_error, is_temporary, listed, read,
};

const RECEIPT: &str = "receipt.json";

/// A stored state of a dataflow whose files were found to be as the receipt says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vintage {
    /// `<source>/<id>`.
    pub dataflow: String,
    /// Name of the folder; names sort by retrieval.
    pub name: String,
    pub folder: PathBuf,
    pub receipt: Receipt,
    /// It is stored and must not be used.
    pub held: Option<Hold>,
}

/// What became of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Put {
    New(Vintage),
    /// The latest vintage has the same content; it is named, and the check is noted.
    Unchanged(Vintage),
}

/// Says of new content whether it has to be held, given the latest vintage.
pub type Judge<'a> = dyn FnMut(Option<&Vintage>) -> Result<Option<Hold>, StoreError> + 'a;

/// Lower-case hexadecimal SHA-256.
pub fn sha256(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        text.push_str(&format!("{byte:02x}"));
    }
    text
}

/// The name of a vintage: retrieval instant (UTC, RFC 3339; kept are digits, `T` and `Z` down to the second) and
/// the beginning of a hash over the originals' hashes.
pub fn vintage_name(retrieved: &str, originals: &[Original]) -> String {
    let instant = retrieved.split('.').next().unwrap_or_default().trim_end_matches('Z');
    let digits: String = instant.chars().filter(|sign| sign.is_ascii_digit() || *sign == 'T').collect();
    let all: String = originals.iter().map(|original| original.sha256.as_str()).collect();
    format!("{digits}Z-{}", &sha256(all.as_bytes())[..8])
}

impl Vintage {
    /// The bytes of an original, by number from 1 as rows refer to it; checked again as they are read.
    pub fn original(&self, number: usize) -> Result<Vec<u8>, StoreError> {
        let original = number.checked_sub(1).and_then(|index| self.receipt.originals.get(index));
        let Some(original) = original else {
            let expected = format!("1 to {} originals", self.receipt.originals.len());
            return Err(StoreError::Damaged { path: self.folder.join(RECEIPT), expected, found: format!("original {number}") });
        };
        checked_bytes(&self.folder, original)
    }
}

impl Store {
    /// All vintages of a dataflow (`<source>/<id>`), oldest first. What has no receipt or does not fit it is left
    /// out with a finding.
    pub fn vintages(&self, dataflow: &str) -> Result<(Vec<Vintage>, Vec<Finding>), StoreError> {
        let (mut vintages, mut findings) = (Vec::new(), Vec::new());
        for folder in self.candidates(dataflow)? {
            match verified(dataflow, folder) {
                Ok(vintage) => vintages.push(vintage),
                Err(error) => findings.push(set_aside(dataflow, &error)),
            }
        }
        Ok((vintages, findings))
    }

    /// The newest vintage that is whole and not held. Newer ones that are broken or held are findings.
    pub fn latest(&self, dataflow: &str) -> Result<(Option<Vintage>, Vec<Finding>), StoreError> {
        let (mut good, mut held, mut findings) = (None, Vec::new(), Vec::new());
        for folder in self.candidates(dataflow)?.into_iter().rev() {
            match verified(dataflow, folder) {
                Ok(Vintage { held: Some(hold), name, .. }) => held.push((name, hold)),
                Ok(vintage) => {
                    good = Some(vintage);
                    break;
                }
                Err(error) => findings.push(set_aside(dataflow, &error)),
            }
        }
        let used = good.as_ref().map(|vintage| vintage.name.as_str());
        if let Some((name, hold)) = held.first() {
            // The provider may have gone back to the state that is in use: then nothing waits for a decision.
            let taken_back =
                used.is_some() && self.last_check(dataflow)?.is_some_and(|check| Some(check.vintage.as_str()) == used);
            if !taken_back {
                findings.push(held_finding(dataflow, name, hold, used));
            }
        }
        Ok((good, findings))
    }

    /// Stores the bytes of an answer under a name that sorts after the earlier ones, the receipt last, the whole
    /// folder by one rename. `bodies` are the bytes of `receipt.originals`, in their order. When the newest or the
    /// latest vintage has the same content no new one is made; `check` is noted in either case, with the vintage's
    /// name. `judge` is asked only of new content: it compares with the latest and may have it held.
    pub fn put_vintage(
        &self,
        dataflow: &str,
        name: &str,
        bodies: &[Vec<u8>],
        receipt: &Receipt,
        check: &Check,
        judge: &mut Judge<'_>,
    ) -> Result<Put, StoreError> {
        let folder = self.folder(dataflow)?;
        checked_name(name, "a vintage")?;
        check_receipt(&folder.join(name).join(RECEIPT), bodies, receipt)?;
        let latest = self.latest(dataflow)?.0;
        let newest = self.newest(dataflow)?.filter(|newest| newest.held.is_some());
        for known in newest.iter().chain(&latest) {
            if same_content(known, bodies, receipt)? {
                self.append_check(dataflow, &Check { vintage: known.name.clone(), ..check.clone() })?;
                return Ok(Put::Unchanged(known.clone()));
            }
        }
        let held = judge(latest.as_ref())?;
        // Names sort by retrieval. When the clock stands before an earlier vintage, the order of storing counts.
        let newest = self.candidates(dataflow)?.pop().and_then(|path| Some(path.file_name()?.to_string_lossy().into_owned()));
        let name = match newest {
            Some(newest) if newest.as_str() >= name => format!("{newest}-{}", &sha256(name.as_bytes())[..4]),
            Some(_) | None => name.to_owned(),
        };
        let target = folder.join(&name);
        let building = folder.join(format!("{TEMPORARY}{name}"));
        super::remove(&building)?;
        create_folder(&building)?;
        let built = build(&building, &target, bodies, receipt, held.as_ref());
        if let Err(error) = built {
            // Ours, and no vintage without its rename; the next run cleans what stays.
            let _ = fs::remove_dir_all(&building);
            return Err(error);
        }
        sync_folder(&folder)?;
        self.append_check(dataflow, &Check { vintage: name.clone(), ..check.clone() })?;
        Ok(Put::New(Vintage { dataflow: dataflow.to_owned(), name, folder: target, receipt: receipt.clone(), held }))
    }

    /// The folder of a dataflow.
    pub(super) fn folder(&self, dataflow: &str) -> Result<PathBuf, StoreError> {
        let Some((source, id)) = dataflow.split_once('/') else {
            return Err(StoreError::Name { name: dataflow.to_owned(), what: "a dataflow", fault: "expected `<source>/<id>`" });
        };
        Ok(self.data("raw").join(checked_name(source, "a source")?).join(checked_name(id, "a dataflow")?))
    }

    pub(super) fn candidates(&self, dataflow: &str) -> Result<Vec<PathBuf>, StoreError> {
        let all = listed(&self.folder(dataflow)?)?;
        Ok(all.into_iter().filter(|path| path.is_dir() && !is_temporary(path)).collect())
    }
}

pub(super) fn verified(dataflow: &str, folder: PathBuf) -> Result<Vintage, StoreError> {
    let path = folder.join(RECEIPT);
    let receipt: Receipt = serde_json::from_slice(&read(&path)?).map_err(|error| StoreError::Damaged {
        path: path.clone(),
        expected: "a receipt".into(),
        found: error.to_string(),
    })?;
    let wanted = format!("{}/{}", receipt.source, receipt.dataflow);
    if receipt.originals.is_empty() || wanted != dataflow {
        let found = format!("{} originals of {wanted}", receipt.originals.len());
        return Err(StoreError::Damaged { path, expected: format!("originals of {dataflow}"), found });
    }
    for original in &receipt.originals {
        checked_bytes(&folder, original)?;
    }
    let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let held = hold_of(&folder)?;
    Ok(Vintage { dataflow: dataflow.to_owned(), name, folder, receipt, held })
}

/// Equal hashes; or, packed, equal when unpacked: packing states a time and differs by server.
fn same_content(latest: &Vintage, bodies: &[Vec<u8>], receipt: &Receipt) -> Result<bool, StoreError> {
    let known = &latest.receipt.originals;
    if known.len() != bodies.len() {
        return Ok(false);
    }
    for (number, (original, body)) in receipt.originals.iter().zip(bodies).enumerate() {
        if known[number].sha256 == original.sha256 {
            continue;
        }
        if known[number].url != original.url || known[number].sent != original.sent {
            return Ok(false);
        }
        let stored = latest.original(number + 1)?;
        match (content_hash(&stored), content_hash(body)) {
            (Some(stored), Some(new)) if stored == new => {}
            (Some(_) | None, Some(_) | None) => return Ok(false),
        }
    }
    Ok(true)
}

fn check_receipt(path: &Path, bodies: &[Vec<u8>], receipt: &Receipt) -> Result<(), StoreError> {
    let damaged = |expected: String, found: String| Err(StoreError::Damaged { path: path.to_owned(), expected, found });
    if bodies.is_empty() || bodies.len() != receipt.originals.len() {
        return damaged(format!("{} bodies", receipt.originals.len()), format!("{} bodies", bodies.len()));
    }
    for (number, (original, body)) in receipt.originals.iter().zip(bodies).enumerate() {
        checked_name(&original.file, "a file")?;
        let twice = receipt.originals[..number].iter().any(|earlier| earlier.file == original.file);
        if twice || original.file == RECEIPT {
            return damaged("a name of its own for every file".into(), original.file.clone());
        }
        if original.length != body.len() as u64 || original.sha256 != sha256(body) {
            return damaged(
                format!("{} bytes, sha256 {}", original.length, original.sha256),
                format!("{} other bytes", body.len()),
            );
        }
    }
    Ok(())
}

fn build(building: &Path, target: &Path, bodies: &[Vec<u8>], receipt: &Receipt, held: Option<&Hold>) -> Result<(), StoreError> {
    for (original, body) in receipt.originals.iter().zip(bodies) {
        write_synced(&building.join(&original.file), &target.join(&original.file), body)?;
    }
    if let Some(hold) = held {
        let text = serde_json::to_string_pretty(hold).expect("a record of texts is always JSON");
        write_synced(&building.join(HELD), &target.join(HELD), text.as_bytes())?;
    }
    let mut text = serde_json::to_string_pretty(receipt).expect("a record of texts and numbers is always JSON");
    text.push('\n');
    write_synced(&building.join(RECEIPT), &target.join(RECEIPT), text.as_bytes())?;
    sync_folder(building)?;
    fs::rename(building, target).map_err(io_error("finish the vintage", target))
}

/// Hash of the unpacked bytes; None when they cannot be unpacked.
fn content_hash(bytes: &[u8]) -> Option<[u8; 32]> {
    let mut hasher = Sha256::new();
    if bytes.starts_with(&[0x1f, 0x8b]) {
        let mut decoder = MultiGzDecoder::new(bytes);
        let mut chunk = vec![0; 64 * 1024];
        loop {
            match decoder.read(&mut chunk).ok()? {
                0 => break,
                count => hasher.update(&chunk[..count]),
            }
        }
    } else {
        hasher.update(bytes);
    }
    Some(hasher.finalize().into())
}

fn checked_bytes(folder: &Path, original: &Original) -> Result<Vec<u8>, StoreError> {
    let path = folder.join(checked_name(&original.file, "a file")?);
    let bytes = read(&path)?;
    let found = sha256(&bytes);
    if bytes.len() as u64 != original.length || found != original.sha256 {
        let expected = format!("{} bytes, sha256 {}", original.length, original.sha256);
        return Err(StoreError::Damaged { path, expected, found: format!("{} bytes, sha256 {found}", bytes.len()) });
    }
    Ok(bytes)
}

fn set_aside(dataflow: &str, error: &StoreError) -> Finding {
    let text = error.to_string();
    let (message, hint) = text.split_once("\n  hint: ").unwrap_or((&text, ""));
    Finding::error("vintage-broken", dataflow, format!("{message}; the one before it is used")).hint(hint)
}
