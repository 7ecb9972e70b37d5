//! What part of a table is asked for, how large that is, and how to cut it.
//!
//! Kept free of any URL so that cutting can be proven: the parts are disjoint and together the whole.

use std::collections::{BTreeMap, BTreeSet};

use super::Sizes;

/// Dimension -> codes, canonical: ids in lower case, codes sorted and each once. A dimension that is not
/// named is not filtered.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Selection(BTreeMap<String, BTreeSet<String>>);

/// How many cells a selection spans: the product of positions, which is how providers count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Estimate {
    Known(u64),
    /// Some dimension's size is not known; the filters alone span so many.
    Unknown {
        at_least: u64,
    },
}

impl Estimate {
    /// The cells that are certain.
    pub fn at_least(self) -> u64 {
        match self {
            Self::Known(cells) | Self::Unknown { at_least: cells } => cells,
        }
    }
}

impl Selection {
    /// A selection from dimension -> codes. Blanks around ids and codes are dropped.
    pub fn new<'a, C>(filters: impl IntoIterator<Item = (&'a str, C)>) -> Self
    where
        C: IntoIterator<Item = &'a str>,
    {
        let mut dimensions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (id, codes) in filters {
            let kept = dimensions.entry(id.trim().to_ascii_lowercase()).or_default();
            kept.extend(codes.into_iter().map(|code| code.trim().to_owned()));
        }
        Self(dimensions)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Dimensions with their codes, both in order.
    pub fn filters(&self) -> impl Iterator<Item = (&str, &BTreeSet<String>)> {
        self.0.iter().map(|(id, codes)| (id.as_str(), codes))
    }

    pub fn codes(&self, dimension: &str) -> Option<&BTreeSet<String>> {
        self.0.get(dimension)
    }

    /// The cells it spans, given the sizes of the table's dimensions. `is_dimension` tells the filters that
    /// are dimensions from those that only limit one (`sinceTimePeriod`).
    pub fn estimate(&self, sizes: &Sizes, is_dimension: impl Fn(&str) -> bool) -> Estimate {
        let filtered = self.filters().filter(|(id, _)| is_dimension(id));
        let at_least = filtered.fold(1_u64, |product, (_, codes)| product.saturating_mul(codes.len() as u64));
        if sizes.is_empty() {
            return Estimate::Unknown { at_least };
        }
        // Filters that only limit a dimension are left aside: the estimate may be too high, never too low.
        let others = sizes.iter().filter(|(id, _)| !self.0.contains_key(id.as_str()));
        Estimate::Known(others.fold(at_least, |product, (_, size)| product.saturating_mul(*size)))
    }

    /// Two disjoint parts that together are the whole: the dimension with most codes cut in the middle.
    /// None when no dimension has two codes.
    pub fn halves(&self, may_cut: impl Fn(&str) -> bool) -> Option<[Self; 2]> {
        let [first, second] = <[Self; 2]>::try_from(self.cut(2, may_cut)?).ok()?;
        Some([first, second])
    }

    /// Disjoint parts, each of at most `limit` cells, that together are the whole; a part that cannot be cut
    /// further may stay above the limit. One part, itself, when it is small enough.
    pub fn parts(&self, sizes: &Sizes, limit: u64, is_dimension: impl Fn(&str) -> bool + Copy) -> Vec<Self> {
        let cells = self.estimate(sizes, is_dimension).at_least();
        if cells <= limit {
            return vec![self.clone()];
        }
        let wanted = usize::try_from(cells.div_ceil(limit.max(1))).unwrap_or(usize::MAX);
        match self.cut(wanted, is_dimension) {
            None => vec![self.clone()],
            Some(cut) => cut.iter().flat_map(|part| part.parts(sizes, limit, is_dimension)).collect(),
        }
    }

    /// Cuts the dimension with most codes (the first of them by id) into `wanted` parts of about one size, or
    /// single codes.
    fn cut(&self, wanted: usize, may_cut: impl Fn(&str) -> bool) -> Option<Vec<Self>> {
        let mut largest: Option<(&str, &BTreeSet<String>)> = None;
        for (id, codes) in self.filters().filter(|(id, _)| may_cut(id)) {
            if largest.is_none_or(|(_, most)| codes.len() > most.len()) {
                largest = Some((id, codes));
            }
        }
        let (id, codes) = largest.filter(|(_, codes)| codes.len() > 1)?;
        let count = wanted.clamp(2, codes.len());
        let codes: Vec<_> = codes.iter().cloned().collect();
        let part = |number: usize| {
            let range = number * codes.len() / count..(number + 1) * codes.len() / count;
            let mut dimensions = self.0.clone();
            dimensions.insert(id.to_owned(), codes[range].iter().cloned().collect());
            Self(dimensions)
        };
        Some((0..count).map(part).collect())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn selection(text: &str) -> Selection {
        let filters = text.split('&').filter(|filter| !filter.is_empty()).filter_map(|filter| filter.split_once('='));
        Selection::new(filters.map(|(id, codes)| (id, codes.split('+'))))
    }

    fn check(text: &str, sizes: &[(&str, u64)], expected: Estimate) {
        let sizes = sizes.iter().map(|(id, size)| ((*id).to_owned(), *size)).collect();
        assert_eq!(selection(text).estimate(&sizes, |id| id != "since"), expected, "{text}");
    }

    #[test]
    fn estimates() {
        check("geo=A+B&sex=T", &[], Estimate::Unknown { at_least: 2 });
        check("geo=A+B&sex=T&since=2015", &[], Estimate::Unknown { at_least: 2 });
        check("geo=A+B", &[("geo", 300), ("time", 30), ("sex", 3)], Estimate::Known(180));
        check("geo=A+B&since=2015", &[("geo", 300), ("time", 30)], Estimate::Known(60));
        check("", &[("geo", u64::MAX), ("time", 30)], Estimate::Known(u64::MAX));
    }

    #[test]
    fn canonical() {
        assert_eq!(selection("GEO=B+A+B&sex= T"), selection("sex=T&geo=A+B"));
        assert_ne!(selection("geo=A"), selection("geo=A&sex=T"));
    }

    #[test]
    fn halves_cut_the_longest() {
        let [first, second] = selection("geo=A+B+C&sex=F+M").halves(|_| true).unwrap();
        assert_eq!((first, second), (selection("geo=A&sex=F+M"), selection("geo=B+C&sex=F+M")));
        assert!(selection("geo=A&sex=T").halves(|_| true).is_none());
        assert!(selection("since=1+2").halves(|id| id != "since").is_none());
    }

    /// Every combination of codes that a selection selects.
    fn cells(selection: &Selection) -> Vec<Vec<String>> {
        selection.filters().fold(vec![Vec::new()], |cells, (id, codes)| {
            let with = |cell: &Vec<String>, code: &String| [cell.clone(), vec![format!("{id}={code}")]].concat();
            cells.iter().flat_map(|cell| codes.iter().map(move |code| with(cell, code))).collect()
        })
    }

    proptest! {
        #[test]
        fn parts_are_the_whole(
            counts in prop::collection::vec(1_usize..9, 1..5),
            rest in 1_u64..50,
            limit in 1_u64..400,
            known in any::<bool>(),
        ) {
            let codes: Vec<(String, Vec<String>)> = counts.iter().enumerate()
                .map(|(number, count)| (format!("d{number}"), (0..*count).map(|code| format!("C{code}")).collect())).collect();
            let whole = Selection::new(codes.iter().map(|(id, codes)| (id.as_str(), codes.iter().map(String::as_str))));
            let mut sizes = Sizes::new();
            if known {
                sizes.extend(codes.iter().map(|(id, codes)| (id.clone(), codes.len() as u64)));
                sizes.insert("time".into(), rest);
            }
            let parts = whole.parts(&sizes, limit, |_| true);
            for part in &parts {
                let small = part.estimate(&sizes, |_| true).at_least() <= limit;
                prop_assert!(small || part.halves(|_| true).is_none());
            }
            let mut union: Vec<_> = parts.iter().flat_map(cells).collect();
            let count = union.len();
            union.sort();
            union.dedup();
            prop_assert_eq!(union.len(), count, "no cell twice");
            let mut all = cells(&whole);
            all.sort();
            prop_assert_eq!(union, all);
        }
    }
}
