//! Files downloaded with labels only (`labels=name`): cells say `Greece`, not `EL`.
//!
//! A label is mapped only when the codelist has exactly it. One unknown label refuses the table: a row
//! dropped for its label would be a region that silently went missing.

use std::collections::{BTreeMap, BTreeSet};

use baseline_model::{Column, Finding, RawTable};

use crate::findings::{Context, nearest_note, quote};
use crate::table::Interner;

/// Label -> code per dimension id (lower case). A label that two codes share must be left out by who builds it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Labels {
    pub by_dimension: BTreeMap<String, BTreeMap<String, String>>,
}

const HINT: &str = "download again with labels=id or labels=both, or add the label to pipelines/codelists";

/// Whether a column's cells are labels: blanks or lower-case letters stand in no Eurostat code.
pub(crate) fn looks_like_labels(column: &Column) -> bool {
    column.dictionary.iter().any(|text| text.trim().chars().any(|letter| letter.is_whitespace() || letter.is_lowercase()))
}

/// Maps the named dimensions of a table to codes; `None` with findings when a label is unknown.
pub(crate) fn map(mut table: RawTable, dimensions: &BTreeSet<usize>, context: &mut Context<'_>) -> Option<RawTable> {
    let mut known_all = true;
    for &number in dimensions {
        let column = &mut table.dimensions[number];
        let Some(known) = context.options.labels.and_then(|labels| labels.by_dimension.get(&column.id)) else {
            let example = column.dictionary.first().map(|text| quote(text)).unwrap_or_default();
            context.add(
                Finding::error(
                    "labels-only",
                    context.at(format_args!("dimension `{}`", column.id)),
                    format!("expected codes, found labels such as {example}, and there is no codelist for this dimension"),
                )
                .hint(HINT),
            );
            known_all = false;
            continue;
        };
        let mut mapped = Interner::new(column.id.clone());
        let mut codes = Vec::with_capacity(column.dictionary.len());
        for label in &column.dictionary {
            if let Some(code) = known.get(label.trim()) {
                codes.push(mapped.code(code));
                continue;
            }
            known_all = false;
            let id = &column.id;
            context.group("unknown-label", &format!("{id} {label}"), |context| {
                let near = nearest_note(label, known.keys().map(String::as_str));
                Finding::error(
                    "unknown-label",
                    context.at(format_args!("dimension `{id}`")),
                    format!("the codelist has no label {}{near}; the table is refused", quote(label)),
                )
                .hint(HINT)
            });
        }
        if codes.len() == column.dictionary.len() {
            for code in &mut column.codes {
                *code = codes[*code as usize];
            }
            column.dictionary = mapped.column.dictionary;
        }
    }
    known_all.then_some(table)
}
