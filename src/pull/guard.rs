//! Whether a new state of a table may take the place of the one in use.
//!
//! Offices do publish tables in which everything is missing (GENESIS 13111 went back to `-` for a whole district in
//! 2026), rename codes and drop dimensions. Such a state is stored, and held until a person accepts it. Pure: what was
//! read goes in, reasons come out.

use std::collections::{BTreeMap, BTreeSet};

use baseline_model::definitions::nearest;
use baseline_model::{Column, RawTable};

/// Of a hundred numbers, how many may be lost from one state to the next.
const MOST_LOST_PERCENT: u64 = 10;
/// Codes that are named; the rest are counted.
const NAMED: usize = 6;

/// What a table holds, as far as two of its states are compared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profile {
    /// Cells that are stated, missing ones included.
    pub cells: u64,
    /// Of these, those with a number.
    pub numbers: u64,
    /// Dimension -> code -> cells with a number.
    pub dimensions: BTreeMap<String, BTreeMap<String, u64>>,
    /// Period -> cells with a number.
    pub periods: BTreeMap<String, u64>,
}

impl Profile {
    pub fn of(tables: &[RawTable]) -> Self {
        let mut profile = Self::default();
        for table in tables {
            let has: Vec<bool> = table.value.iter().map(Option::is_some).collect();
            let mut one =
                Self { cells: has.len() as u64, numbers: has.iter().filter(|has| **has).count() as u64, ..Self::default() };
            for column in &table.dimensions {
                one.dimensions.insert(column.id.to_lowercase(), counts(column, &has));
            }
            one.periods = counts(&table.period, &has);
            profile.add(one);
        }
        profile
    }

    /// Another part of the same table.
    pub fn add(&mut self, other: Self) {
        self.cells += other.cells;
        self.numbers += other.numbers;
        for (id, codes) in other.dimensions {
            let known = self.dimensions.entry(id).or_default();
            for (code, count) in codes {
                *known.entry(code).or_default() += count;
            }
        }
        for (period, count) in other.periods {
            *self.periods.entry(period).or_default() += count;
        }
    }
}

/// Why a state may not be used, whatever came before it.
pub(super) fn alone(new: &Profile) -> Option<String> {
    (new.cells > 0 && new.numbers == 0)
        .then(|| format!("expected numbers, found {} cells and every one of them missing", new.cells))
}

/// What the state in use has and the new one has lost. Both were asked for the same.
pub(super) fn losses(old: &Profile, new: &Profile) -> Vec<String> {
    let mut reasons = dimensions(old, new);
    if new.numbers * 100 < old.numbers * (100 - MOST_LOST_PERCENT) {
        let least = old.numbers * (100 - MOST_LOST_PERCENT) / 100;
        reasons.push(format!("expected at least {least} of {} numbers, found {}", old.numbers, new.numbers));
    }
    for (id, codes) in &old.dimensions {
        let Some(found) = new.dimensions.get(id) else { continue };
        reasons.extend(codes_lost(id, codes, found));
    }
    let filled = |periods: &BTreeMap<String, u64>| -> BTreeSet<String> {
        periods.iter().filter(|(_, count)| **count > 0).map(|(period, _)| period.clone()).collect()
    };
    let (before, now) = (filled(&old.periods), filled(&new.periods));
    let range = |periods: &BTreeSet<String>| match (periods.first(), periods.last()) {
        (Some(first), Some(last)) => format!("{} periods from {first} to {last}", periods.len()),
        (None, _) | (_, None) => "none".to_owned(),
    };
    // A table that always shows its last ten years loses the oldest with each new one. What counts is fewer, or a hole.
    let hole = before.difference(&now).any(|lost| now.first().is_some_and(|first| lost > first));
    if now.len() < before.len() || hole {
        reasons.push(format!("periods: expected {}, found {}", range(&before), range(&now)));
    }
    reasons
}

/// Codes that were not there before; they are told, and stop nothing.
pub(super) fn additions(old: &Profile, new: &Profile) -> Vec<String> {
    let added = |(id, codes): (&String, &BTreeMap<String, u64>)| {
        let known = old.dimensions.get(id)?;
        let fresh: Vec<&str> = codes.keys().filter(|code| !known.contains_key(*code)).map(String::as_str).collect();
        (!fresh.is_empty()).then(|| format!("{id} has new codes: {}", named(&fresh)))
    };
    new.dimensions.iter().filter_map(added).collect()
}

fn dimensions(old: &Profile, new: &Profile) -> Vec<String> {
    let (before, now): (BTreeSet<_>, BTreeSet<_>) = (old.dimensions.keys().collect(), new.dimensions.keys().collect());
    if before == now {
        return Vec::new();
    }
    let list = |ids: &BTreeSet<&String>| ids.iter().map(|id| id.as_str()).collect::<Vec<_>>().join(", ");
    let mut text = format!("dimensions: expected {}, found {}", list(&before), list(&now));
    for lost in before.difference(&now) {
        // The same codes under another id: renamed, and not gone.
        let codes: BTreeSet<_> = old.dimensions[*lost].keys().collect();
        let twin = now.difference(&before).find(|id| new.dimensions[**id].keys().collect::<BTreeSet<_>>() == codes);
        if let Some(twin) = twin {
            text.push_str(&format!(" ({lost} seems to be {twin} now)"));
        }
    }
    vec![text]
}

fn codes_lost(id: &str, old: &BTreeMap<String, u64>, new: &BTreeMap<String, u64>) -> Option<String> {
    let had = old.iter().filter(|(_, count)| **count > 0);
    let (mut gone, mut empty) = (Vec::new(), Vec::new());
    for (code, _) in had {
        match new.get(code) {
            None => gone.push(code.as_str()),
            Some(0) => empty.push(code.as_str()),
            Some(_) => {}
        }
    }
    let mut texts = Vec::new();
    if !gone.is_empty() {
        let fresh: Vec<&str> = new.keys().filter(|code| !old.contains_key(*code)).map(String::as_str).collect();
        let close =
            if gone.len() == 1 && fresh.len() == 1 { fresh.first().copied() } else { nearest(gone[0], fresh.iter().copied()) };
        let renamed = close.map_or(String::new(), |close| format!(" ({} may be {close} now)", gone[0]));
        texts.push(format!("expected the codes {}, which are gone{renamed}", named(&gone)));
    }
    if !empty.is_empty() {
        texts.push(format!("expected numbers for {}, found only missing cells", named(&empty)));
    }
    (!texts.is_empty()).then(|| format!("{id}: {}", texts.join("; ")))
}

fn named(codes: &[&str]) -> String {
    let rest = codes.len().saturating_sub(NAMED);
    let shown = codes[..codes.len() - rest].join(", ");
    if rest > 0 { format!("{shown} and {rest} more") } else { shown }
}

fn counts(column: &Column, has: &[bool]) -> BTreeMap<String, u64> {
    let mut numbers = vec![None::<u64>; column.dictionary.len()];
    for (code, has) in column.codes.iter().zip(has) {
        if let Some(count) = numbers.get_mut(*code as usize) {
            *count = Some(count.unwrap_or_default() + u64::from(*has));
        }
    }
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for (text, count) in column.dictionary.iter().zip(numbers) {
        if let Some(count) = count {
            *counts.entry(text.trim().to_owned()).or_default() += count;
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `dimension=code,code` by `;`, cells `code:period:number` (no number: missing) by blanks; the dimension is `geo`.
    fn profile(dimension: &str, cells: &str) -> Profile {
        let mut profile = Profile::default();
        for cell in cells.split_whitespace() {
            let mut parts = cell.split(':');
            let (code, period, number) = (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
            let count = u64::from(!number.is_empty());
            profile.add(Profile {
                cells: 1,
                numbers: count,
                dimensions: BTreeMap::from([(dimension.to_owned(), BTreeMap::from([(code.to_owned(), count)]))]),
                periods: BTreeMap::from([(period.to_owned(), count)]),
            });
        }
        profile
    }

    fn check(old: &str, new: &str, expected: &[&str]) {
        assert_eq!(losses(&profile("geo", old), &profile("geo", new)), expected, "{old} -> {new}");
    }

    #[test]
    fn what_is_lost_is_named() {
        let old = "A:2023:1 A:2024:1 B:2023:1 B:2024:1";
        check(old, old, &[]);
        check(old, "A:2023:9 A:2024:9 B:2023:9 B:2024:9 C:2025:1", &[]);
        // The oldest year goes, a new one comes.
        check(old, "A:2024:1 A:2025:1 B:2024:1 B:2025:1", &[]);
        // Only ever the latest year.
        check("A:2024:1 B:2024:1", "A:2025:1 B:2025:1", &[]);
        check(
            old,
            "A:2023:1 A:2025:1 B:2023:1 B:2025:1",
            &["periods: expected 2 periods from 2023 to 2024, found 2 periods from 2023 to 2025"],
        );
        // What was missing before is not lost.
        check("A:2023:1 B:2023:", "A:2023:1", &[]);
        check(
            old,
            "A:2023:1 A:2024:1 B:2023: B:2024:",
            &["expected at least 3 of 4 numbers, found 2", "geo: expected numbers for B, found only missing cells"],
        );
        check(old, "A:2023:1 A:2024:1 BB:2023:1 BB:2024:1", &["geo: expected the codes B, which are gone (B may be BB now)"]);
        check(
            old,
            "A:2023:1 B:2023:1 A:2022:1 B:2022:1",
            &["periods: expected 2 periods from 2023 to 2024, found 2 periods from 2022 to 2023"],
        );
        check(
            old,
            "A:2024:1 B:2024:1 A:2024:2 B:2024:2",
            &["periods: expected 2 periods from 2023 to 2024, found 1 periods from 2024 to 2024"],
        );
    }

    #[test]
    fn everything_missing() {
        assert!(alone(&profile("geo", "A:2023: B:2023:")).unwrap().contains("2 cells"));
        assert!(alone(&profile("geo", "A:2023: B:2023:1")).is_none());
        assert!(alone(&Profile::default()).is_none());
    }

    #[test]
    fn dimensions_that_changed() {
        let (old, new) = (profile("geo", "A:2023:1 B:2023:1"), profile("region", "A:2023:1 B:2023:1"));
        assert_eq!(losses(&old, &new), ["dimensions: expected geo, found region (geo seems to be region now)"]);
        assert_eq!(additions(&old, &profile("geo", "A:2023:1 Z:2023:1")), ["geo has new codes: Z"]);
    }
}
