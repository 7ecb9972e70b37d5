//! `microdata`: a file of persons in, a table of rates out. What is confidential stays in the file.

use std::path::Path;

use baseline_model::definitions::{Layout, nearest};
use baseline_model::{Finding, Severity};

use super::args::Microdata;
use super::{CliError, Console, Exit};
use crate::load::{self, PersonFile};
use crate::microdata::{self, By, Limits, Measure, MicrodataError, Query};
use crate::store;

pub fn microdata(workspace: &Path, args: &Microdata, console: &Console) -> Result<Exit, CliError> {
    let loaded = load::definitions(workspace)?;
    let layouts = &loaded.definitions.layouts;
    let layout = layouts.get(&args.layout).ok_or_else(|| unknown("layout", &args.layout, layouts.keys().map(String::as_str)))?;
    let by = dimensions(&args.by, layout)?;
    let measures = measures(&args.definition, layout)?;
    let limits = Limits { cell: args.threshold, group: args.group_threshold };
    if args.output.as_ref().is_some_and(|path| path.extension().is_none_or(|kind| kind != "csv")) {
        return Err(usage("--output: expected a name that ends in .csv", "for example --output rates.csv"));
    }
    let mut answer: Option<microdata::Table> = None;
    for query in queries(&by, &measures, args)? {
        let name = args.file.display().to_string();
        let sums = match load::persons(&args.file)? {
            PersonFile::Parquet => microdata::parquet(&args.file, layout, &query),
            PersonFile::Delimited(source) => microdata::delimited(source, &name, layout, &query),
        }?;
        let table = microdata::table(&sums, &query, limits)
            .map_err(|fault| CliError::Usage { message: format!("{name}: {fault}"), hint: fault.hint() })?;
        match &mut answer {
            None => answer = Some(table),
            Some(answer) => {
                answer.rows.extend(table.rows);
                answer.notes.extend(table.notes.into_iter().filter(|note| !answer.notes.contains(note)).collect::<Vec<_>>());
            }
        }
    }
    let answer = answer.unwrap_or_default();
    let text = answer.csv();
    match &args.output {
        Some(path) => store::write_through(path, |sink: &mut dyn std::io::Write| sink.write_all(text.as_bytes()))?,
        None => Console::bytes(text.as_bytes())?,
    }
    let mut notes = answer.notes;
    notes.extend(layout.notes.iter().map(|note| Finding::info("layout", &args.layout, note.clone())));
    console.findings(&notes, Severity::Info);
    Ok(Exit::Done)
}

/// One pass over the file for each universe of ages.
fn queries(by: &[By], measures: &[Measure], args: &Microdata) -> Result<Vec<Query>, CliError> {
    let given = args.ages.as_deref().map(ages).transpose()?;
    let mut queries: Vec<Query> = Vec::new();
    for measure in measures {
        let ages = given.unwrap_or(measure.ages());
        match queries.iter_mut().find(|query| query.ages == ages) {
            Some(query) => query.measures.push(*measure),
            None => queries.push(Query { by: by.to_vec(), measures: vec![*measure], ages }),
        }
    }
    Ok(queries)
}

fn ages(text: &str) -> Result<(u8, u8), CliError> {
    let parsed = text.split_once('-').and_then(|(from, to)| Some((from.parse().ok()?, to.parse().ok()?)));
    parsed
        .filter(|(from, to): &(u8, u8)| from <= to)
        .ok_or_else(|| usage(&format!("--ages `{text}`: expected first and last age"), "--ages 20-64"))
}

fn dimensions(typed: &[String], layout: &Layout) -> Result<Vec<By>, CliError> {
    let mut by = Vec::new();
    for word in typed {
        let found = match word.as_str() {
            "origin" if layout.columns.citizenship.is_some() => Some(By::Citizenship),
            "origin" => Some(By::Birth),
            word => By::ALL.into_iter().find(|by| by.id() == word),
        };
        let known = By::ALL.iter().map(|by| by.id()).chain(["origin"]);
        let found = found.ok_or_else(|| unknown("breakdown", word, known))?;
        if !by.contains(&found) {
            by.push(found);
        }
    }
    if by.contains(&By::Citizenship) && by.contains(&By::Birth) {
        let hint = "two concepts never share a table: make two tables";
        return Err(usage("--by: citizenship and country of birth together", hint));
    }
    Ok(by)
}

/// Those named; else Eurostat's over-qualification, or without occupations all that is left.
fn measures(typed: &[String], layout: &Layout) -> Result<Vec<Measure>, CliError> {
    let occupations = layout.columns.occupation.is_some();
    let possible = |measure: &Measure| match measure {
        Measure::Mismatch(baseline_method::mismatch::Definition::Oecd) => occupations && layout.columns.learning.is_some(),
        Measure::Mismatch(_) => occupations,
        Measure::Employment | Measure::Activity | Measure::Unemployment | Measure::Tertiary | Measure::MismatchIndex => true,
    };
    if typed.is_empty() && occupations {
        return Ok(vec![Measure::ALL[0]]);
    }
    if typed.is_empty() || typed.iter().any(|word| word == "all") {
        return Ok(Measure::ALL.into_iter().filter(possible).collect());
    }
    let mut measures = Vec::new();
    for word in typed {
        let known = Measure::ALL.iter().map(|measure| measure.id()).chain(["all"]);
        let measure = Measure::ALL.into_iter().find(|measure| measure.id() == word);
        let measure = measure.ok_or_else(|| unknown("definition", word, known))?;
        if !measures.contains(&measure) {
            measures.push(measure);
        }
    }
    Ok(measures)
}

fn unknown<'a>(what: &str, typed: &str, known: impl Iterator<Item = &'a str> + Clone) -> CliError {
    let all: Vec<&str> = known.clone().collect();
    let close = nearest(typed, known).map_or_else(String::new, |close| format!("did you mean `{close}`? "));
    usage(&format!("no {what} `{typed}`"), &format!("{close}there is {}", all.join(", ")))
}

fn usage(message: &str, hint: &str) -> CliError {
    CliError::Usage { message: message.to_owned(), hint: hint.to_owned() }
}

impl MicrodataError {
    /// A layout that does not fit is for the caller to change; a faulty file is a finding.
    pub(super) fn exit(&self) -> Exit {
        match self {
            Self::NoColumn { .. } | Self::Layout { .. } => Exit::Usage,
            Self::Unreadable { .. } | Self::Cell { .. } | Self::Weights { .. } | Self::Nobody { .. } => Exit::Findings,
        }
    }
}
