//! Cells, the sums they stand in, and which of them are hidden.
//!
//! A line is a total and its parts along one dimension. Where the parts leave a rest of the total, the rest is a cell of
//! nobody's table that can be worked out all the same: it is protected like one that is printed.
//!
//! A line is safe when nothing of it is unknown to a reader, or when at least two cells are, together at least the
//! threshold, and more than their least possible sum. What lines together give away is [`super::audit`].

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use baseline_model::definitions::Disclosure;

use super::{Item, Outcome, Reason, audit};

/// A total and its parts, by index of their items.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub total: usize,
    pub parts: Vec<usize>,
    /// What the parts leave of the total; 0 when they are all there is, or when that cannot be told.
    pub rest: f64,
}

#[derive(Debug, Clone)]
pub(super) struct Grid<'t> {
    pub items: Vec<Item<'t>>,
    pub lines: Vec<Line>,
    pub hidden: Vec<bool>,
    /// An earlier vintage showed the same number: hiding it protects nothing.
    known: Vec<bool>,
    reasons: Vec<Option<Reason>>,
    /// Totals that are less than their parts together.
    exceeded: Vec<usize>,
    pub threshold: f64,
    /// The least that a reader must expect behind a hidden cell: 1 where zeros are shown.
    pub least: f64,
    group: f64,
    zeros_safe: bool,
    rounding: f64,
    totals: Vec<Option<&'t str>>,
}

impl<'t> Grid<'t> {
    pub fn new(items: Vec<Item<'t>>, totals: &[Option<&'t str>], rule: &Disclosure) -> Self {
        let (lines, exceeded) = lines(&items, totals);
        let mut grid = Self {
            hidden: items.iter().map(|item| item.count.is_none()).collect(),
            known: Vec::new(),
            reasons: vec![None; items.len()],
            exceeded,
            items,
            lines,
            threshold: f64::from(rule.threshold),
            least: if rule.zeros_safe { 1.0 } else { 0.0 },
            group: f64::from(rule.group),
            zeros_safe: rule.zeros_safe,
            rounding: if rule.rounding > 1 { f64::from(rule.rounding) } else { 0.0 },
            totals: totals.to_vec(),
        };
        let rounded = grid.rounded();
        let same = |index: usize, shown: f64| {
            grid.items[index].count == Some(shown) || rounded.get(index).is_some_and(|rounded| *rounded == Some(shown))
        };
        grid.known =
            (0..grid.items.len()).map(|index| grid.items[index].shown_before.is_some_and(|shown| same(index, shown))).collect();
        grid
    }

    pub fn hide(mut self) -> Outcome {
        for index in 0..self.items.len() {
            if self.is_small(index) {
                self.conceal(index, Reason::Small);
            } else if self.items[index].hidden_before {
                self.conceal(index, Reason::Earlier);
            }
        }
        for index in self.small_groups() {
            self.conceal(index, Reason::Group);
        }
        loop {
            self.settle_lines();
            let found = audit::determined(&self);
            let Some(next) = found.iter().find_map(|lines| self.candidate_around(lines)) else {
                let unprotected = self.open(&found);
                if !unprotected.is_empty() {
                    (0..self.items.len()).for_each(|index| self.conceal(index, Reason::Broken));
                }
                let rounded = self.rounded();
                let Self { hidden, reasons, exceeded, .. } = self;
                return Outcome { hidden, reasons, unprotected, rounded, exceeded };
            };
            self.conceal(next, Reason::Secondary);
        }
    }

    /// Whether a reader does not know the cell.
    pub fn unknown(&self, index: usize) -> bool {
        self.hidden[index] && !self.known[index]
    }

    /// The least that a reader can take for granted: where a zero had to be hidden as well, no more than zero.
    pub fn expected_least(&self) -> f64 {
        let zero = |index: usize| self.items[index].count == Some(0.0) && self.unknown(index);
        if (0..self.items.len()).any(zero) { 0.0 } else { self.least }
    }

    /// Whether a cell is at its least. One that nobody stated is where its line leaves nothing else.
    pub fn at_least(&self, index: usize) -> bool {
        let least = self.expected_least();
        if let Some(count) = self.items[index].count {
            return count <= least;
        }
        self.lines.iter().filter(|line| line.parts.contains(&index)).any(|line| {
            let stated = line.parts.iter().filter_map(|part| self.items[*part].count);
            let (number, sum) = stated.fold((0, 0.0), |(number, sum), count| (number + 1, sum + count));
            let left = self.items[line.total].count.map_or(f64::INFINITY, |total| total - sum);
            left <= least * (line.parts.len() - number) as f64 + 1e-6
        })
    }

    /// A cell that is hidden already keeps its reason.
    fn conceal(&mut self, index: usize, reason: Reason) {
        if !std::mem::replace(&mut self.hidden[index], true) {
            self.reasons[index] = Some(reason);
        }
    }

    fn is_small(&self, index: usize) -> bool {
        self.items[index].count.is_some_and(|count| count < self.threshold && !(self.zeros_safe && count == 0.0))
    }

    /// Cells whose stated group is too small, and parts of totals below the size of a group; without a total, of what the
    /// parts sum up to.
    fn small_groups(&self) -> Vec<usize> {
        let too_small = |base: f64| base < self.group && !(self.zeros_safe && base == 0.0);
        let mut found: Vec<usize> =
            (0..self.items.len()).filter(|index| self.items[*index].base.is_some_and(too_small)).collect();
        for (total, parts) in families(&self.items, &self.totals) {
            let sum: f64 = parts.iter().filter_map(|part| self.items[*part].count).sum();
            let base = total.and_then(|total| self.items[total].count).unwrap_or(sum);
            if too_small(base) {
                found.extend(parts);
            }
        }
        found
    }

    /// Hides until every line is safe by itself.
    fn settle_lines(&mut self) {
        loop {
            let open = (0..self.lines.len())
                .find_map(|line| if self.is_safe(&self.lines[line]) { None } else { self.candidate(&[line]) });
            let Some(next) = open else { return };
            self.conceal(next, Reason::Secondary);
        }
    }

    fn is_safe(&self, line: &Line) -> bool {
        let unknown: Vec<usize> = line.parts.iter().copied().filter(|part| self.unknown(*part)).collect();
        let cells = unknown.len() + usize::from(line.rest > 0.0);
        if self.unknown(line.total) {
            return cells > 0;
        }
        let Some(total) = self.items[line.total].count else { return true };
        let seen: f64 = line.parts.iter().filter(|part| !self.unknown(**part)).filter_map(|part| self.items[*part].count).sum();
        let open = total - seen;
        match cells {
            0 => true,
            1 if unknown.is_empty() => line.rest >= self.threshold,
            1 => false,
            _ => open >= self.threshold && open > self.least * unknown.len() as f64,
        }
    }

    /// The next cell to hide of some lines: a part before a total, one that was hidden before another, then the smallest,
    /// then the first by its key.
    fn candidate(&self, lines: &[usize]) -> Option<usize> {
        let members = lines.iter().flat_map(|line| {
            let line = &self.lines[*line];
            line.parts.iter().map(|part| (false, *part)).chain([(true, line.total)])
        });
        let free = members.filter(|(_, index)| !self.hidden[*index] && !self.known[*index]);
        let rank = |(total, index): &(bool, usize)| {
            let count = self.items[*index].count.unwrap_or(0.0);
            (*total, count == 0.0, count)
        };
        let order = |a: &(bool, usize), b: &(bool, usize)| {
            rank(a).partial_cmp(&rank(b)).unwrap_or(Ordering::Equal).then_with(|| self.items[a.1].key.cmp(&self.items[b.1].key))
        };
        free.min_by(order).map(|(_, index)| index)
    }

    /// The next cell of some lines, or else of the lines around them: what fixes a cell need not stand beside it.
    fn candidate_around(&self, lines: &[usize]) -> Option<usize> {
        let mut lines = lines.to_vec();
        loop {
            if let Some(found) = self.candidate(&lines) {
                return Some(found);
            }
            let wider = audit::touching(self, &lines);
            if wider.len() <= lines.len() {
                return None;
            }
            lines = wider;
        }
    }

    /// Sensitive cells that stay open: lines that are not safe, and what the audit found without a way out.
    fn open(&self, found: &[Vec<usize>]) -> Vec<usize> {
        let lines = found.iter().flatten().copied().chain((0..self.lines.len()).filter(|line| !self.is_safe(&self.lines[*line])));
        let totals: BTreeSet<usize> = lines.map(|line| self.lines[line].total).collect();
        totals.into_iter().collect()
    }

    /// Cells of the finest level rounded to the nearest multiple, totals as their sums where the parts are all there is;
    /// a total of other cells is rounded by itself.
    fn rounded(&self) -> Vec<Option<f64>> {
        if self.rounding == 0.0 {
            return Vec::new();
        }
        let near = |count: f64| (count / self.rounding).round() * self.rounding;
        let is_total = |place: usize, code: &str| self.totals[place].is_some_and(|total| total == code);
        let finest = |item: &Item<'_>| item.key.iter().enumerate().all(|(place, code)| !is_total(place, code));
        let base: Vec<&Item<'_>> = self.items.iter().filter(|item| finest(item)).collect();
        self.items
            .iter()
            .map(|item| {
                let count = item.count?;
                let below = base.iter().filter(|part| {
                    part.key.iter().zip(&item.key).enumerate().all(|(place, (part, own))| part == own || is_total(place, own))
                });
                let counts: Option<Vec<f64>> = below.map(|part| part.count).collect();
                let counts = counts.filter(|counts| !counts.is_empty() && (counts.iter().sum::<f64>() - count).abs() < 1e-6);
                Some(counts.map_or_else(|| near(count), |counts| counts.into_iter().map(near).sum()))
            })
            .collect()
    }
}

/// A total, when it is there, and its parts.
type Family = (Option<usize>, Vec<usize>);

/// Cells that differ in one dimension with a total only.
fn families(items: &[Item<'_>], totals: &[Option<&str>]) -> Vec<Family> {
    let mut families: BTreeMap<(usize, Vec<&str>), Family> = BTreeMap::new();
    for (index, item) in items.iter().enumerate() {
        for (place, total) in totals.iter().enumerate() {
            let Some(total) = total else { continue };
            let rest: Vec<&str> = item.key.iter().enumerate().filter(|(at, _)| *at != place).map(|(_, code)| *code).collect();
            let family = families.entry((place, rest)).or_default();
            if item.key[place] == *total {
                family.0 = Some(index);
            } else {
                family.1.push(index);
            }
        }
    }
    families.into_values().collect()
}

/// The families that add up, and the totals of those that do not: parts that exceed their total (several answers a person)
/// are no sum.
fn lines(items: &[Item<'_>], totals: &[Option<&str>]) -> (Vec<Line>, Vec<usize>) {
    let (mut lines, mut exceeded) = (Vec::new(), Vec::new());
    for (total, mut parts) in families(items, totals) {
        let Some(total) = total.filter(|_| !parts.is_empty()) else { continue };
        parts.sort_by(|a, b| items[*a].key.cmp(&items[*b].key));
        let counts: Option<Vec<f64>> = parts.iter().map(|part| items[*part].count).collect();
        // A total that nobody stated gives nothing away.
        let Some(sum) = items[total].count else { continue };
        let rest = counts.map_or(0.0, |counts| sum - counts.iter().sum::<f64>());
        if rest > -1e-6 {
            lines.push(Line { total, parts, rest: if rest < 1e-6 { 0.0 } else { rest } });
        } else {
            exceeded.push(total);
        }
    }
    (lines, exceeded)
}
