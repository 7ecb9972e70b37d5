//! Which cells are asked for, and how they are cut so that no query exceeds the server's limit.
//!
//! Knows no address and no wire form, so that cutting can be proven: every part is under the limit where it can be cut at
//! all, the parts are disjoint, and together they are the whole.

use serde_json::Value as Json;

/// Every variable of a table with the codes asked for, in the table's order. A variable that is to be eliminated is not
/// in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query(pub Vec<Choice>);

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The variable's code, verbatim.
    pub variable: String,
    /// `vs:…` or `agg:…`, when the codes are not the variable's own.
    pub list: Option<String>,
    pub codes: Codes,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Codes {
    /// Each once.
    Listed(Vec<String>),
    /// Codes that the server does not list; at most so many, 0 when nothing is known.
    All { size: u64 },
    /// The newest, or the first, of codes that the server does not list.
    Top { count: u64 },
}

impl Choice {
    fn size(&self) -> u64 {
        match &self.codes {
            Codes::Listed(codes) => codes.len() as u64,
            Codes::All { size } | Codes::Top { count: size } => *size,
        }
    }

    fn listed(&self) -> Option<&[String]> {
        match &self.codes {
            Codes::Listed(codes) => Some(codes),
            Codes::All { .. } | Codes::Top { .. } => None,
        }
    }
}

impl Query {
    /// Cells it spans: the product, which is how the servers count.
    pub fn cells(&self) -> u64 {
        self.0.iter().fold(1, |product, choice| product.saturating_mul(choice.size().max(1)))
    }

    /// Disjoint parts that together are the whole, each of at most `limit` cells or of one code in every variable that can be
    /// cut. `None` when more than `most` parts would be needed.
    pub fn parts(&self, limit: u64, most: usize) -> Option<Vec<Self>> {
        let mut parts = Vec::new();
        self.cut(limit.max(1), most, &mut parts).then_some(parts)
    }

    /// False when there are too many.
    fn cut(&self, limit: u64, most: usize, parts: &mut Vec<Self>) -> bool {
        let cells = self.cells();
        let largest = self.longest().filter(|_| cells > limit);
        let Some((place, codes)) = largest else {
            parts.push(self.clone());
            return parts.len() <= most;
        };
        let others = (cells / codes.len() as u64).max(1);
        // As few parts as possible, of about one size.
        let room = usize::try_from(limit / others).unwrap_or(usize::MAX).max(1);
        let count = codes.len().div_ceil(room).max(2);
        if parts.len().saturating_add(count) > most {
            return false;
        }
        (0..count).all(|number| {
            let range = number * codes.len() / count..(number + 1) * codes.len() / count;
            self.with(place, codes[range].to_vec()).cut(limit, most, parts)
        })
    }

    /// Two disjoint parts that together are the whole; `None` when every variable has one code or cannot be cut.
    pub fn halves(&self) -> Option<[Self; 2]> {
        let (place, codes) = self.longest()?;
        let (first, second) = codes.split_at(codes.len() / 2);
        Some([self.with(place, first.to_vec()), self.with(place, second.to_vec())])
    }

    /// The first variable with most codes that can be cut.
    fn longest(&self) -> Option<(usize, &[String])> {
        let mut longest: Option<(usize, &[String])> = None;
        for (place, choice) in self.0.iter().enumerate() {
            if let Some(codes) = choice.listed()
                && codes.len() > longest.map_or(1, |(_, codes)| codes.len())
            {
                longest = Some((place, codes));
            }
        }
        longest
    }

    fn with(&self, place: usize, codes: Vec<String>) -> Self {
        let mut part = self.clone();
        part.0[place].codes = Codes::Listed(codes);
        part
    }
}

/// A list of texts; `None` for anything else.
pub fn texts(json: &Json) -> Option<Vec<String>> {
    json.as_array()?.iter().map(|item| item.as_str().map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn query(counts: &[usize], open: Option<u64>) -> Query {
        let listed = |(number, count): (usize, &usize)| Choice {
            variable: format!("V{number}"),
            list: None,
            codes: Codes::Listed((0..*count).map(|code| format!("c{code}")).collect()),
        };
        let mut choices: Vec<_> = counts.iter().enumerate().map(listed).collect();
        choices.extend(open.map(|size| Choice { variable: "open".into(), list: None, codes: Codes::All { size } }));
        Query(choices)
    }

    fn check(counts: &[usize], limit: u64, expected: &[u64]) {
        let parts = query(counts, None).parts(limit, 1000).unwrap();
        assert_eq!(parts.iter().map(Query::cells).collect::<Vec<_>>(), expected, "{counts:?}");
    }

    #[test]
    fn few_parts_of_one_size() {
        check(&[10, 10], 100, &[100]);
        check(&[10, 10], 99, &[50, 50]);
        check(&[312, 3, 2], 1000, &[936, 936]);
        check(&[5, 4], 4, &[4, 4, 4, 4, 4]);
        check(&[5, 4], 3, &[2, 2, 2, 2, 2, 2, 2, 2, 2, 2]);
        assert!(query(&[1000, 1000], None).parts(10, 400).is_none());
        assert_eq!(query(&[1, 1], Some(5000)).parts(10, 400).unwrap().len(), 1);
        assert!(query(&[1, 1], Some(5000)).halves().is_none());
    }

    /// Every combination of codes.
    fn cells(query: &Query) -> Vec<Vec<String>> {
        query.0.iter().fold(vec![Vec::new()], |cells, choice| {
            let codes = choice.listed().map_or_else(|| vec!["*".to_owned()], <[String]>::to_vec);
            let with = |cell: &Vec<String>, code: &String| [cell.clone(), vec![code.clone()]].concat();
            cells.iter().flat_map(|cell| codes.iter().map(move |code| with(cell, code))).collect()
        })
    }

    fn is_whole(whole: &Query, parts: &[Query]) {
        let mut union: Vec<_> = parts.iter().flat_map(cells).collect();
        let count = union.len();
        union.sort();
        union.dedup();
        assert_eq!(union.len(), count, "no cell twice");
        let mut all = cells(whole);
        all.sort();
        assert_eq!(union, all);
    }

    proptest! {
        #[test]
        fn parts_are_the_whole(
            counts in prop::collection::vec(1_usize..12, 1..5),
            open in prop::option::of(1_u64..9),
            limit in 1_u64..500,
        ) {
            let whole = query(&counts, open);
            let parts = whole.parts(limit, usize::MAX).unwrap();
            for part in &parts {
                prop_assert!(part.cells() <= limit || part.longest().is_none());
            }
            is_whole(&whole, &parts);
            if let Some(halves) = whole.halves() {
                is_whole(&whole, &halves);
            }
        }

        #[test]
        fn no_plan_is_longer_than_allowed(counts in prop::collection::vec(1_usize..2000, 1..6), limit in 1_u64..100_000) {
            if let Some(parts) = query(&counts, None).parts(limit, 50) {
                prop_assert!(parts.len() <= 50);
                prop_assert_eq!(parts.iter().map(Query::cells).fold(0, u64::saturating_add), query(&counts, None).cells());
            }
        }
    }
}
