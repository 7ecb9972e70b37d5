//! What structure messages hold, XML or JSON: dataflows, structures, codelists, concepts, categories, constraints.
//!
//! The readers fill [`Artefacts`]; here they are joined (a dimension with the codes of its list) and described. Only
//! what a study needs: metadata structures, provisions and the like are named in a finding and left aside.

use std::collections::{BTreeMap, BTreeSet};

use baseline_model::{Description, Entry};

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Artefacts {
    /// In the file's order.
    pub all: Vec<Artefact>,
    /// Kinds that stand in the file and are not read.
    pub unread: BTreeSet<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Dataflow,
    Structure,
    Codelist,
    ConceptScheme,
    CategoryScheme,
    Constraint,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Artefact {
    pub kind: Kind,
    pub id: String,
    pub agency: String,
    pub version: String,
    pub name: String,
    /// The stamp that an annotation states; empty when none does.
    pub updated: String,
    /// Of a dataflow: its structure. Of a constraint: what it constrains.
    pub of: String,
    pub items: Vec<Item>,
    pub components: Vec<Component>,
}

impl Artefact {
    pub fn new(kind: Kind) -> Self {
        Self {
            kind,
            id: String::new(),
            agency: String::new(),
            version: String::new(),
            name: String::new(),
            updated: String::new(),
            of: String::new(),
            items: Vec::new(),
            components: Vec::new(),
        }
    }
}

/// A code, a concept, a category, or a value that a constraint names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Item {
    pub id: String,
    pub name: String,
    pub parent: String,
    /// Of a constraint: the dimension.
    pub list: String,
}

/// A dimension or an attribute of a structure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Component {
    pub id: String,
    pub concept: String,
    /// Id of the codelist or concept scheme; empty when there is none. Files hold several versions of a list.
    pub list: String,
    pub list_version: String,
    /// Stated place among the dimensions.
    pub position: Option<u32>,
    pub role: ComponentRole,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ComponentRole {
    Dimension,
    Measure,
    Time,
    Attribute,
}

impl Artefacts {
    pub fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &Artefact> {
        self.all.iter().filter(move |artefact| artefact.kind == kind)
    }

    /// The structure of a dataflow by its id in any letters; without such a dataflow the only structure, if there is one.
    pub fn structure_of(&self, dataflow: &str) -> Option<&Artefact> {
        let named = |id: &str| {
            let mut fitting = self.of_kind(Kind::Structure).filter(|artefact| !artefact.components.is_empty());
            fitting.find(|artefact| artefact.id.eq_ignore_ascii_case(id))
        };
        let flow = self.of_kind(Kind::Dataflow).find(|artefact| artefact.id.eq_ignore_ascii_case(dataflow));
        flow.and_then(|flow| named(&flow.of)).or_else(|| named(dataflow)).or_else(|| self.only_structure())
    }

    /// The structure, when the file has exactly one with components.
    pub fn only_structure(&self) -> Option<&Artefact> {
        let mut structures = self.of_kind(Kind::Structure).filter(|artefact| !artefact.components.is_empty());
        let first = structures.next()?;
        structures.next().is_none().then_some(first)
    }

    /// The list of a component, with its place in `all`: of the stated version, or the only one of its id.
    pub fn list(&self, component: &Component) -> Option<(usize, &Artefact)> {
        let lists = |kind| {
            let known = self.all.iter().enumerate();
            known.filter(move |(_, artefact)| artefact.kind == kind && artefact.id == component.list).collect::<Vec<_>>()
        };
        if component.list.is_empty() {
            return None;
        }
        let found = [lists(Kind::Codelist), lists(Kind::ConceptScheme)].into_iter().find(|found| !found.is_empty())?;
        let exact = found.iter().find(|(_, artefact)| artefact.version == component.list_version).copied();
        exact.or(if let [only] = found.as_slice() { Some(*only) } else { None })
    }

    /// What a dimension is called: by the concept, which may stand in any scheme of the file, or by its codelist.
    pub fn label(&self, component: &Component) -> &str {
        let mut concepts = self.of_kind(Kind::ConceptScheme).flat_map(|scheme| &scheme.items);
        let concept = concepts.find(|item| item.id == component.concept && !item.name.is_empty());
        concept.map(|item| item.name.as_str()).or_else(|| Some(self.list(component)?.1.name.as_str())).unwrap_or_default()
    }
}

/// The dimensions of a structure in the order of its keys; time, which is no part of a key, last.
pub(crate) fn dimensions(structure: &Artefact) -> Vec<&Component> {
    let mut dimensions: Vec<_> =
        structure.components.iter().filter(|component| component.role != ComponentRole::Attribute).collect();
    if dimensions.iter().all(|component| component.position.is_some() || component.role == ComponentRole::Time) {
        dimensions.sort_by_key(|component| component.position);
    }
    // Stable, so the order above stays.
    dimensions.sort_by_key(|component| component.role == ComponentRole::Time);
    dimensions
}

/// Structures with the codes of their dimensions, then every list that none of them uses, then constraints, dataflows
/// and categories.
pub(crate) fn describe(artefacts: &Artefacts) -> Vec<Description> {
    let mut descriptions = Vec::new();
    let mut used: BTreeSet<usize> = BTreeSet::new();
    for structure in artefacts.of_kind(Kind::Structure) {
        let mut entries = Vec::new();
        for component in dimensions(structure) {
            let list = artefacts.list(component);
            used.extend(list.map(|(place, _)| place));
            push_list(&mut entries, &component.id, artefacts.label(component), list.map(|(_, list)| list));
        }
        descriptions.push(description(structure, entries));
    }
    let is_list = |kind| matches!(kind, Kind::Codelist | Kind::ConceptScheme | Kind::CategoryScheme);
    for (_, list) in artefacts.all.iter().enumerate().filter(|(place, one)| is_list(one.kind) && !used.contains(place)) {
        let mut entries = Vec::new();
        push_list(&mut entries, &list.id, &list.name, Some(list));
        descriptions.push(description(list, entries));
    }
    for constraint in artefacts.of_kind(Kind::Constraint) {
        descriptions.push(description(constraint, constrained(artefacts, constraint)));
    }
    let flows: Vec<_> = artefacts
        .of_kind(Kind::Dataflow)
        .map(|flow| Entry { list: "table".into(), code: flow.id.clone(), label: flow.name.clone(), ..Entry::default() })
        .collect();
    if !flows.is_empty() {
        let single = artefacts.of_kind(Kind::Dataflow).next().filter(|_| flows.len() == 1);
        descriptions.push(Description {
            updated: single.map(|flow| flow.updated.clone()).unwrap_or_default(),
            entries: flows,
            ..Description::default()
        });
    }
    descriptions
}

fn description(artefact: &Artefact, entries: Vec<Entry>) -> Description {
    Description { id: artefact.id.clone(), title: artefact.name.clone(), updated: artefact.updated.clone(), entries }
}

/// The codes of a list, or the list alone when they are not in the file.
fn push_list(entries: &mut Vec<Entry>, id: &str, label: &str, list: Option<&Artefact>) {
    let entry = || Entry { list: id.to_owned(), list_label: label.to_owned(), ..Entry::default() };
    let items = list.map_or(&[][..], |list| &list.items);
    if items.is_empty() {
        entries.push(entry());
    }
    entries.extend(items.iter().map(|item| Entry {
        code: item.id.clone(),
        label: item.name.clone(),
        parent: item.parent.clone(),
        ..entry()
    }));
}

/// The values that a constraint names, with their texts when the structure and its lists stand in the same file.
fn constrained(artefacts: &Artefacts, constraint: &Artefact) -> Vec<Entry> {
    let structure = artefacts.structure_of(&constraint.of);
    let mut lists: BTreeMap<&str, (&str, BTreeMap<&str, &str>)> = BTreeMap::new();
    for component in structure.map_or(&[][..], |structure| &structure.components) {
        let items = artefacts.list(component).map_or(&[][..], |(_, list)| &list.items);
        let texts = items.iter().map(|item| (item.id.as_str(), item.name.as_str())).collect();
        lists.insert(&component.id, (artefacts.label(component), texts));
    }
    let entry = |item: &Item| {
        let known = lists.get(item.list.as_str());
        let label = known.and_then(|(_, texts)| texts.get(item.id.as_str()).copied()).unwrap_or(&item.name);
        Entry {
            list: item.list.clone(),
            list_label: known.map(|(label, _)| (*label).to_owned()).unwrap_or_default(),
            code: item.id.clone(),
            label: label.to_owned(),
            parent: String::new(),
        }
    };
    constraint.items.iter().map(entry).collect()
}

/// The id at the end of a reference: `urn:…Codelist=ESTAT:FREQ(3.9)` is `FREQ`, `…Concept=A:S(1.0).SEX` is `SEX`.
pub(crate) fn reference_id(reference: &str) -> &str {
    let reference = reference.trim();
    let tail = reference.rsplit_once('=').map_or(reference, |(_, tail)| tail);
    if let Some((_, item)) = tail.rsplit_once(").") {
        return item;
    }
    let id = tail.rsplit_once(':').map_or(tail, |(_, id)| id);
    id.split_once('(').map_or(id, |(id, _)| id)
}

/// The version in a reference, when it states one: `3.9` of `urn:…Codelist=ESTAT:FREQ(3.9)`.
pub(crate) fn reference_version(reference: &str) -> &str {
    let version = reference.split_once('(').and_then(|(_, rest)| rest.split_once(')'));
    version.map_or("", |(version, _)| version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references() {
        for (reference, expected) in [
            ("urn:sdmx:org.sdmx.infomodel.codelist.Codelist=ESTAT:FREQ(3.9)", "FREQ"),
            ("urn:sdmx:org.sdmx.infomodel.conceptscheme.Concept=ESTAT:C(1.0).SEX", "SEX"),
            ("FREQ", "FREQ"),
            ("", ""),
        ] {
            assert_eq!(reference_id(reference), expected);
        }
    }
}
