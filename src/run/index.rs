//! The page over all publications of a study: `index.html` and one for each language, and `index.json` with the same for
//! machines. States and changes are those of the last publication: a run that publishes nothing leaves them as they are.
//!
//! Reads manifests, words nothing: that is `compose::change_texts` and the page's own.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use baseline_model::{Finding, Grade};
use baseline_render::document::Product as Printed;
use baseline_render::{IndexEntry, IndexFile, IndexLanguage, IndexStatus, IndexStudy, Setting, index};
use serde::{Deserialize, Serialize};

use super::build::{Outcome, Stale};
use super::product::{CSV, Job, Product};
use super::{Computed, Plan, RunError, manifest};
use crate::compose::{self, Changes, Context};
use crate::load::Loaded;
use crate::store::{self, StoreError, sha256};

/// A publication of the study, as `index.json` has it.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Entry {
    /// As typed after `--product`.
    product: String,
    /// The territory's id; empty for the whole study.
    territory: String,
    language: String,
    /// Below the study's folder, with `/`.
    folder: String,
    state: State,
    /// The day its newest figure was retrieved.
    date: String,
    /// Grade -> number of indicators.
    grades: BTreeMap<String, usize>,
    /// Tables of which a newer state is held back until a person has looked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    held: Vec<String>,
    files: Vec<Link>,
    /// `None` for what was published for the first time or not changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    changes: Option<Changes>,
}

/// What became of it in the last publication of the study.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum State {
    New,
    Updated,
    Unchanged,
}

/// A file of a publication, below its folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Link {
    path: String,
    bytes: usize,
}

/// The page that a reader opens: in English where there is any report in it.
pub const PAGE: &str = "index.html";
const ENTRIES: &str = "index.json";
/// Hidden: the hash over what the pages were made from and the pages.
const STAMP: &str = ".index";

/// The page of a language.
pub fn page_of(language: &str) -> String {
    format!("index.{language}.html")
}

/// Every file that this may write, below the study's folder.
pub fn files(loaded: &Loaded) -> Vec<PathBuf> {
    let pages = loaded.definitions.languages.keys().map(|code| page_of(code));
    [PAGE, ENTRIES, STAMP].map(str::to_owned).into_iter().chain(pages).map(PathBuf::from).collect()
}

/// The pages over the publications that lie in `root` once those that were built now are put there, and what is beside the
/// pages. They are made before anything is published: what a page cannot be made of then publishes nothing.
///
/// # Errors
/// When a page cannot be rendered, or a folder not be listed.
pub fn pages(
    (loaded, plan): (&Loaded, &Plan),
    root: &Path,
    (stale, outcomes): (&[Stale], &[Outcome]),
    findings: &[Finding],
) -> Result<BTreeMap<String, Vec<u8>>, RunError> {
    let entries = entries(root, (stale, outcomes), findings)?;
    let mut described = serde_json::to_vec_pretty(&entries).expect("texts and numbers are always JSON");
    described.push(b'\n');
    let languages: BTreeSet<&str> = entries.iter().map(|entry| entry.language.as_str()).collect();
    let known: Vec<&str> = languages.into_iter().filter(|code| loaded.definitions.languages.contains_key(*code)).collect();
    let main = known.iter().find(|code| **code == "en").or(known.first()).copied();
    let mut names: Vec<String> = known.iter().map(|code| page_of(code)).collect();
    names.extend(main.map(|_| PAGE.to_owned()));
    let stamp = |pages: &BTreeMap<String, Vec<u8>>| {
        let mut text = format!("{} {} {}\n", env!("BASELINE_BUILD"), loaded.hash, sha256(&described));
        for (name, bytes) in plan.templates.iter().chain(pages) {
            text.push_str(&format!("{name} {}\n", sha256(bytes)));
        }
        format!("{}\n", sha256(text.as_bytes())).into_bytes()
    };
    let mut there: BTreeMap<String, Vec<u8>> =
        names.iter().filter_map(|name| Some((name.clone(), store::read_if_there(&root.join(name))?))).collect();
    let same = store::read_if_there(&root.join(ENTRIES)).as_ref() == Some(&described);
    let sealed = stamp(&there);
    if same && there.len() == names.len() && store::read_if_there(&root.join(STAMP)).as_ref() == Some(&sealed) {
        there.extend([(ENTRIES.to_owned(), described), (STAMP.to_owned(), sealed)]);
        return Ok(there);
    }
    let mut pages = BTreeMap::new();
    for code in &known {
        let page = page(loaded, plan, (code, &known), &entries)?;
        if main == Some(code) {
            pages.insert(PAGE.to_owned(), page.clone());
        }
        pages.insert(page_of(code), page);
    }
    let sealed = stamp(&pages);
    pages.extend([(ENTRIES.to_owned(), described), (STAMP.to_owned(), sealed)]);
    Ok(pages)
}

/// Writes those of [`pages`] that are not as they must be.
///
/// # Errors
/// When one cannot be written.
pub fn write(root: &Path, pages: &BTreeMap<String, Vec<u8>>) -> Result<(), StoreError> {
    let anew = |(name, bytes): &(&String, &Vec<u8>)| store::read_if_there(&root.join(name)).as_ref() != Some(*bytes);
    pages.iter().filter(anew).try_for_each(|(name, bytes)| store::write_atomic(&root.join(name), bytes))
}

fn page(loaded: &Loaded, plan: &Plan, (code, all): (&str, &[&str]), entries: &[Entry]) -> Result<Vec<u8>, RunError> {
    let languages = &loaded.definitions.languages;
    let missing = || RunError::NoData { study: plan.study.clone() };
    let computed = Computed::without_figures(&loaded.definitions, &plan.study).ok_or_else(missing)?;
    let context = computed.context(code).ok_or_else(missing)?;
    let of_language = |code: &&str| {
        let name = languages.get(*code).map(|language| language.name.clone()).unwrap_or_default();
        IndexLanguage { code: (*code).to_owned(), name, path: page_of(code) }
    };
    let own: Vec<&Entry> = entries.iter().filter(|entry| entry.language == code).collect();
    let study = IndexStudy {
        title: context.language.phrase(&context.study.title),
        subtitle: String::new(),
        date: own.iter().map(|entry| entry.date.clone()).max().unwrap_or_default(),
        programme: compose::programme(&context),
        languages: all.iter().map(of_language).collect(),
    };
    let setting = Setting { templates: &plan.templates, ..Setting::plain(context.language) };
    let page = index(&study, &printed(&context, &own), &setting);
    Ok(page.map_err(|error| RunError::Render { report: page_of(code), error })?.bytes)
}

/// The publications of a language as its page shows them: a workbook with the report that it belongs to, and every territory
/// of the study that has no report.
fn printed(context: &Context<'_>, own: &[&Entry]) -> Vec<IndexEntry> {
    let mut rows: Vec<(&str, IndexEntry)> = Vec::new();
    for entry in own {
        let product = match Product::of_id(&entry.product) {
            Some(Product::Factsheet) => Printed::Factsheet,
            _ if entry.territory.is_empty() => Printed::Comparison,
            Some(_) | None => Printed::Report,
        };
        let main = entry.files.iter().filter(|file| !file.path.contains('/'));
        let file = |file: &Link| {
            let (stem, extension) = file.path.rsplit_once('.').unwrap_or((&file.path, ""));
            // There are several of these, and each is something else.
            let format = if extension == "json" { stem } else { extension }.to_owned();
            IndexFile { format, path: format!("{}/{}", entry.folder, file.path), size: file.bytes as u64 }
        };
        let files: Vec<IndexFile> = main.map(file).collect();
        let texts = compose::change_texts(context, entry.changes.as_ref(), &entry.held);
        let same = |row: &&mut (&str, IndexEntry)| row.0 == entry.territory && row.1.product == product;
        if let Some((_, row)) = rows.iter_mut().find(same) {
            row.files.extend(files);
            row.changes.extend(texts);
            // Of the two, the newer state.
            row.status = row.status.min(status(entry.state));
            row.date = entry.date.clone().max(std::mem::take(&mut row.date));
            continue;
        }
        let name = if entry.territory.is_empty() {
            context.language.phrase(&context.study.title)
        } else {
            context.unit_name(&entry.territory)
        };
        let grade = |grade: &Grade| Some((*grade, *entry.grades.get(&grade.to_string())?));
        rows.push((
            &entry.territory,
            IndexEntry {
                name,
                language: entry.language.clone(),
                product,
                status: status(entry.state),
                date: entry.date.clone(),
                grades: Grade::ALL.iter().filter_map(grade).collect(),
                changes: texts,
                files,
            },
        ));
    }
    for territory in &context.study.territories {
        if !rows.iter().any(|(id, row)| id == territory && row.product == Printed::Report) {
            rows.push((
                territory,
                IndexEntry {
                    name: context.unit_name(territory),
                    language: context.language.code.clone(),
                    product: Printed::Report,
                    status: IndexStatus::Missing,
                    date: String::new(),
                    grades: BTreeMap::new(),
                    changes: Vec::new(),
                    files: Vec::new(),
                },
            ));
        }
    }
    rows.sort_by(|a, b| (a.1.product, a.0).cmp(&(b.1.product, b.0)));
    rows.into_iter().map(|(_, row)| row).collect()
}

fn status(state: State) -> IndexStatus {
    match state {
        State::New => IndexStatus::New,
        State::Updated => IndexStatus::Updated,
        State::Unchanged => IndexStatus::Unchanged,
    }
}

/// The publications in `root`, those built now among them, in the order of the study's places. The states of those that
/// were not built are as the last page says.
fn entries(root: &Path, (stale, outcomes): (&[Stale], &[Outcome]), findings: &[Finding]) -> Result<Vec<Entry>, StoreError> {
    let held: BTreeSet<&str> =
        findings.iter().filter(|finding| finding.code == "vintage-held").map(|finding| finding.at.as_str()).collect();
    let built: BTreeMap<PathBuf, &Outcome> = stale
        .iter()
        .zip(outcomes)
        .filter(|(_, outcome)| matches!(outcome, Outcome::Built { .. }))
        .map(|(stale, outcome)| (stale.job.folder(), outcome))
        .collect();
    let before: Vec<Entry> =
        store::read_if_there(&root.join(ENTRIES)).and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
    let mut folders: BTreeSet<PathBuf> = built.keys().cloned().collect();
    let there = store::folders_with(root, manifest::NAME, 2)?;
    folders.extend(there.iter().filter_map(|folder| folder.strip_prefix(root).ok()).map(Path::to_owned));
    let mut entries = Vec::new();
    for folder in folders {
        let name = |path: Option<&Path>| path.and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
        let (Some(place), Some(last)) = (name(folder.parent()), name(Some(&folder))) else { continue };
        let Some(job) = Job::of_folder(&place, &last) else { continue };
        let relative = format!("{place}/{last}");
        let (state, changes, manifest) = match built.get(&folder) {
            Some(Outcome::Built { new: true, manifest, .. }) => (State::New, None, Some(manifest.clone())),
            Some(Outcome::Built { changes, manifest, .. }) => (State::Updated, changes.clone(), Some(manifest.clone())),
            Some(Outcome::Same { .. }) | None => {
                let known = before.iter().find(|entry| entry.folder == relative).filter(|_| built.is_empty());
                let (state, changes) = known.map_or((State::Unchanged, None), |entry| (entry.state, entry.changes.clone()));
                (state, changes, manifest::read(&root.join(&folder)))
            }
        };
        let Some(manifest) = manifest else { continue };
        let described = manifest.bytes().len();
        let mut files: Vec<Link> =
            manifest.files.iter().map(|file| Link { path: file.path.clone(), bytes: file.bytes }).collect();
        files.push(Link { path: manifest::NAME.to_owned(), bytes: described });
        // What a reader opens first stands first.
        files.sort_by_key(|file| (rank(&file.path), file.path.clone()));
        let order = (job.language.clone(), job.territory.clone(), job.product);
        entries.push((
            order,
            Entry {
                product: job.product.id().to_owned(),
                territory: job.territory.clone().unwrap_or_default(),
                language: job.language.clone(),
                folder: relative,
                state,
                date: manifest.date.clone(),
                grades: manifest.grades(),
                held: manifest
                    .dataflows
                    .iter()
                    .filter(|flow| held.contains(flow.dataflow.as_str()))
                    .map(|flow| flow.dataflow.clone())
                    .collect(),
                files,
                changes,
            },
        ));
    }
    // The study as a whole first, then its places.
    entries.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(entries.into_iter().map(|(_, entry)| entry).collect())
}

fn rank(path: &str) -> usize {
    let extension = path.rsplit('.').next().unwrap_or_default();
    let kinds = ["html", "pdf", "docx", "xlsx", CSV, "json"];
    kinds.iter().position(|kind| *kind == extension).unwrap_or(kinds.len())
}
