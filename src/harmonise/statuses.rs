//! What a source's status means: letters of ours, and the reason for a missing number.
//!
//! What the signs mean is data (`pipelines/codelists/obs_status.csv`, one scheme a source), not code: `-` is no zero but
//! "nothing there" in one office and a sign for a real nil in another.

use std::collections::BTreeMap;

use baseline_model::definitions::Definitions;
use baseline_model::{Finding, ObsStatus, RawTable, Reason};

use super::entries;

/// Status letters and reasons per dictionary entry of the two status columns of a table.
#[derive(Debug)]
pub struct Statuses<'a> {
    table: &'a RawTable,
    observation: Vec<(String, Reason)>,
    confidential: Vec<bool>,
    /// For each entry of the period's dictionary, whether the record states a break there.
    breaks: Vec<bool>,
}

impl<'a> Statuses<'a> {
    /// By the scheme of the dataflow's source. An entry whose letter is the whole status wins; else each letter is one
    /// flag. What the scheme does not have is a finding and kept as it is.
    pub fn new(definitions: &Definitions, dataflow_id: &str, table: &'a RawTable, findings: &mut Vec<Finding>) -> Self {
        let source = definitions.sources.get(dataflow_id.split('/').next().unwrap_or_default());
        let scheme = source.map_or("", |source| source.obs_status_scheme.as_str());
        let known: BTreeMap<&str, (&str, &str)> = entries(definitions.codelists.get("obs_status"))
            .filter(|entry| entry.get("scheme") == Some(&scheme))
            .filter_map(|entry| {
                let meaning =
                    (entry.get("ours").copied().unwrap_or_default(), entry.get("missing_reason").copied().unwrap_or_default());
                Some((*entry.get("letter")?, meaning))
            })
            .collect();
        let mut unknown = |what: &str| {
            let message = format!("status `{what}` is not in the list `{scheme}`; kept as it is");
            findings.push(
                Finding::warning("unknown-flag", dataflow_id, message)
                    .hint("add it to pipelines/codelists/obs_status.csv with its meaning"),
            );
        };
        let mut observation = Vec::new();
        for status in &table.obs_status.dictionary {
            let whole = status.trim();
            let mut ours = String::new();
            let mut reason = Reason::NotAvailable;
            let mut take = |(letters, missing): &(&str, &str)| {
                ours.push_str(letters);
                // Withheld is the strongest reason: it stays when a break or an estimate stands beside it.
                if !missing.is_empty() && reason != Reason::Withheld {
                    reason = reason_of(missing);
                }
            };
            if let Some(meaning) = known.get(whole) {
                take(meaning);
            } else if whole.chars().all(char::is_alphabetic) {
                let mut kept = String::new();
                for letter in whole.chars() {
                    let letter = letter.to_string();
                    if let Some(meaning) = known.get(letter.as_str()) {
                        take(meaning);
                    } else {
                        unknown(&letter);
                        kept.push_str(&letter);
                    }
                }
                ours.push_str(&kept);
            } else {
                unknown(whole);
                ours.push_str(whole);
            }
            observation.push((ObsStatus::new(&ours).to_string(), reason));
        }
        let confidential = table.conf_status.dictionary.iter().map(|text| !text.trim().is_empty()).collect();
        let stated = definitions.dataflows.get(dataflow_id).map_or(&[][..], |dataflow| dataflow.breaks.as_slice());
        let breaks = table.period.dictionary.iter().map(|period| stated.contains(period)).collect();
        Self { table, observation, confidential, breaks }
    }

    /// Our status letters of a row, sorted.
    pub fn letters(&self, row: usize) -> String {
        let letters = &self.observation[self.table.obs_status.codes[row] as usize].0;
        if self.breaks[self.table.period.codes[row] as usize] && !letters.contains('b') {
            return ObsStatus::new(&format!("{letters}b")).to_string();
        }
        letters.clone()
    }

    /// Why a row without a number has none.
    pub fn reason(&self, row: usize) -> Reason {
        if self.confidential[self.table.conf_status.codes[row] as usize] {
            return Reason::Withheld;
        }
        self.observation[self.table.obs_status.codes[row] as usize].1
    }
}

/// Our text for a reason; the inverse of [`reason_of`].
pub fn reason_code(reason: Reason) -> &'static str {
    match reason {
        Reason::Absent => "absent",
        Reason::NotAvailable => "not_available",
        Reason::Withheld => "withheld",
        Reason::NotApplicable => "not_applicable",
    }
}

/// Reads the `reason` column or the `missing_reason` of the status codelist.
pub fn reason_of(code: &str) -> Reason {
    match code {
        "absent" => Reason::Absent,
        "withheld" => Reason::Withheld,
        "not_applicable" => Reason::NotApplicable,
        _ => Reason::NotAvailable,
    }
}
