//! Rules of layouts of files with a row a person.

use super::super::layout::Layout;
use super::super::locate::Kind;
use super::Check;

pub(super) fn layouts(check: &mut Check<'_>) {
    for (id, layout) in &check.definitions.layouts {
        let at = (Kind::Layout, id.as_str());
        check.not_empty(at, &["name"], &layout.name);
        if !(layout.weight_persons > 0.0 && layout.weight_persons.is_finite()) {
            let message = format!("a weight of 1 stands for {} persons: expected a number above 0", layout.weight_persons);
            check.value(at, &["weight_persons"], message, "1000 where weights are in thousands");
        }
        for (key, column) in columns(layout) {
            check.not_empty(at, &["columns", key], column);
        }
        let pairs = [
            ("citizenship", layout.columns.citizenship.is_some(), layout.citizenship.is_some()),
            ("birth", layout.columns.birth.is_some(), layout.birth.is_some()),
            ("occupation", layout.columns.occupation.is_some(), layout.occupation.is_some()),
            ("sex", layout.columns.sex.is_some(), layout.sex.is_some()),
            ("learning", layout.columns.learning.is_some(), layout.learning.is_some()),
        ];
        for (key, column, codes) in pairs {
            if column && !codes {
                check.value(at, &["columns", key], format!("no `[{key}]` says what the codes of this column mean"), "");
            }
            if codes && !column {
                check.key(at, &[key], format!("`columns` has no `{key}` for these codes"), "");
            }
        }
        if let Some(occupation) = layout.occupation.as_ref().filter(|occupation| !(1..=4).contains(&occupation.digits)) {
            let message = format!("{} digits: ISCO-08 has one to four", occupation.digits);
            check.value(at, &["occupation", "digits"], message, "");
        }
        if layout.columns.year.is_some() && layout.fixed.year.is_some() {
            check.value(at, &["fixed", "year"], "the year has a column already", "");
        }
        for (table, lists) in lists(layout) {
            let mut seen: Vec<(&str, &str)> = Vec::new();
            for (key, codes) in lists {
                for (index, code) in codes.iter().enumerate() {
                    let place = [table, key, &index.to_string()];
                    if code.trim() != code || code.is_empty() {
                        let hint = "codes have no blanks around them; an empty cell is always \"not stated\"";
                        check.value(at, &place, format!("`{code}` is no code"), hint);
                    }
                    match seen.iter().find(|(known, _)| *known == code) {
                        Some((_, other)) => {
                            let message = format!("`{code}` is in `{other}` already");
                            check.value(at, &place, message, "a code has one meaning");
                        }
                        None => seen.push((code, key)),
                    }
                }
            }
        }
    }
}

fn columns(layout: &Layout) -> impl Iterator<Item = (&'static str, &str)> {
    let columns = &layout.columns;
    let further = [
        ("year", &columns.year),
        ("country", &columns.country),
        ("region", &columns.region),
        ("sex", &columns.sex),
        ("citizenship", &columns.citizenship),
        ("birth", &columns.birth),
        ("occupation", &columns.occupation),
        ("learning", &columns.learning),
    ];
    let needed =
        [("weight", &columns.weight), ("age", &columns.age), ("status", &columns.status), ("education", &columns.education)];
    let further = further.into_iter().filter_map(|(key, name)| Some((key, name.as_deref()?)));
    needed.into_iter().map(|(key, name)| (key, name.as_str())).chain(further)
}

/// Lists of codes by their key.
type Lists<'a> = Vec<(&'static str, &'a [String])>;

/// Of each table of codes, its lists: a code stands in one of them.
fn lists(layout: &Layout) -> Vec<(&'static str, Lists<'_>)> {
    let (status, education) = (&layout.status, &layout.education);
    let mut lists: Vec<(&'static str, Lists<'_>)> = vec![
        (
            "status",
            vec![
                ("employed", &status.employed),
                ("unemployed", &status.unemployed),
                ("inactive", &status.inactive),
                ("missing", &status.missing),
            ],
        ),
        (
            "education",
            vec![
                ("low", &education.low),
                ("medium", &education.medium),
                ("high", &education.high),
                ("missing", &education.missing),
            ],
        ),
    ];
    for (table, origin) in [("citizenship", &layout.citizenship), ("birth", &layout.birth)] {
        let Some(origin) = origin else { continue };
        let groups: Lists<'_> =
            vec![("national", &origin.national), ("eu", &origin.eu), ("non_eu", &origin.non_eu), ("missing", &origin.missing)];
        lists.push((table, groups));
    }
    if let Some(sex) = &layout.sex {
        lists.push(("sex", vec![("men", &sex.men), ("women", &sex.women)]));
    }
    if let Some(learning) = &layout.learning {
        lists.push(("learning", vec![("yes", &learning.yes), ("no", &learning.no)]));
    }
    lists
}
