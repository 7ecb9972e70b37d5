//! The methods as they stand in the reports: composite, typology, rival definitions, order words.

use super::kit::{Workspace, elements, plain, rows, study};

/// The text of a section of a report.
fn section(html: &str, id: &str) -> String {
    let sections = elements(html, "section", &format!("id=\"{id}\""));
    sections.first().map_or_else(String::new, |(_, inside)| plain(inside).split_whitespace().collect::<Vec<_>>().join(" "))
}

#[test]
fn the_composite_names_what_it_scores_and_stands_late() {
    let html = study().html("comparison");
    let text = section(html, "composite");
    for needed in [
        "Of the 9 territories, none has",
        "Scored are 9 countries, not the territories in them",
        "Before the composite is quoted",
        "Which choice moves the ranks",
        "for Linköping · D",
    ] {
        assert!(text.contains(needed), "{needed}: {text}");
    }
    let place = |id: &str| html.find(&format!("<section id=\"{id}\"")).unwrap_or_else(|| panic!("no section {id}"));
    assert!(place("composite") > place("comparison") && place("composite") > place("chapter-labour-market"));
    for territory in super::kit::NINE {
        assert!(!section(study().html(territory), "key-messages").contains("omposite"), "{territory}: a headline");
    }
}

#[test]
fn no_score_of_a_composite_stands_without_its_interval() {
    for (report, observations) in &study().observations {
        let scores = observations.iter().filter(|row| row["indicator"] == "composite" && !row["value"].is_empty());
        for score in scores {
            for end in ["rank_lower", "rank_median", "rank_upper"] {
                let wanted = format!("{}.{end}", score["id"]);
                assert!(observations.iter().any(|row| row["id"] == wanted && !row["value"].is_empty()), "{report}: {wanted}");
            }
        }
        let html = study().html(report);
        assert_eq!(html.contains("median rank"), html.contains("composite."), "{report}");
    }
}

#[test]
fn pairs_are_named_only_where_the_intervals_are_apart() {
    let by_id = study().by_id();
    let end = |territory: &str, end: &str| -> f64 {
        by_id[format!("composite.{territory}.foreign.T.TOTAL.2024.{end}").as_str()]["value"].parse().unwrap()
    };
    let text = section(study().html("comparison"), "composite");
    let countries = [
        ("Sweden", "linkoping"),
        ("Finland", "jyvaskyla"),
        ("Italy", "piemonte"),
        ("Netherlands", "het_hogeland"),
        ("Spain", "asco"),
        ("Greece", "central_macedonia"),
        ("Germany", "burgenlandkreis"),
        ("Poland", "zachodniopomorskie"),
        ("Slovenia", "postojna"),
    ];
    let mut named = 0;
    for (ahead, one) in countries {
        for (behind, other) in countries {
            let said = text.contains(&format!("{ahead} ahead of {behind}"));
            let apart = end(one, "rank_upper") < end(other, "rank_lower");
            // Values of Poland are of low reliability, those of Spain of another definition.
            let sound = ![ahead, behind].iter().any(|name| ["Poland", "Spain"].contains(name));
            assert_eq!(said, apart && sound, "{ahead} and {behind}");
            named += usize::from(said);
        }
    }
    assert!(text.contains(&format!("{named} of 36 pairs")), "{named}: {text}");
}

#[test]
fn low_reliability_takes_the_word_and_the_judgement() {
    // The unemployment of non-EU citizens in Poland carries `u`, that in Sweden does not.
    let poland = section(study().html("zachodniopomorskie"), "key-messages");
    let sentence = poland.split("In Poland").find(|text| text.contains("the unemployment rate")).expect("a message");
    assert!(sentence.contains("[u]") && sentence.contains("nothing is said about which of the two is greater"), "{sentence}");
    assert!(!sentence.contains(" higher") && !sentence.contains("disadvantage"), "{sentence}");
    let sweden = section(study().html("linkoping"), "key-messages");
    let sentence = sweden.split("In Sweden").find(|text| text.contains("the unemployment rate")).expect("a message");
    assert!(sentence.contains("higher, a disadvantage"), "{sentence}");
    let chapter = section(study().html("comparison"), "chapter-labour-market");
    assert!(chapter.contains("in all 8 countries with reliable data"), "{chapter}");
    assert!(chapter.contains("not counted in the title: Zachodniopomorskie"), "{chapter}");
}

#[test]
fn where_two_measures_disagree_the_chart_says_so() {
    let chapter = section(study().html("comparison"), "chapter-skills");
    assert!(chapter.contains("depends on the measure"), "{chapter}");
    assert!(chapter.contains("Jyväskylä (FI · D) / Het Hogeland (NL · D)"), "{chapter}");
    // Odds ratios of 6.55 and 6.54, from rates with one decimal.
    assert!(!chapter.contains("Central Macedonia (EL · D) / Piemonte (IT · D)"), "{chapter}");
}

#[test]
fn definitions_stand_side_by_side_and_are_not_merged() {
    let chapter = section(study().html("comparison"), "chapter-skills");
    for needed in [
        "4 definitions of skills mismatch",
        "They are not interchangeable and are not averaged",
        "Defined, but without figures here",
    ] {
        assert!(chapter.contains(needed), "{needed}: {chapter}");
    }
    let labels = section(study().html("comparison"), "typology");
    for needed in ["adjusted Rand index", "whether or not there are groups", "no territory is classed by this rule"] {
        assert!(labels.contains(needed), "{needed}: {labels}");
    }
}

#[test]
fn with_own_values_alone_the_section_says_what_is_missing() {
    let workspace = Workspace::new();
    let study = include_str!("../../pipelines/studies/milestone.toml");
    let own = study.replace("grades = [\"A\", \"B\", \"C\", \"D\"]", "grades = [\"A\"]");
    assert_ne!(study, own);
    workspace.write("pipelines/studies/milestone.toml", own);
    let said = workspace.run(&["run", "--study", "milestone", "--format", "html"]);
    assert_eq!(said.exit, 0, "{}", said.stderr);
    let reports = workspace.tree("reports/milestone");
    let html = String::from_utf8_lossy(&reports["comparison/en/report.html"]).into_owned();
    let text = section(&html, "composite");
    for needed in ["0 of 9 territories have enough values", "No score and no rank is given", "0 of 3 (0 own): too few"] {
        assert!(text.contains(needed), "{needed}: {text}");
    }
    assert!(text.contains("Scores of grades that do not count are shown"), "{text}");
    assert!(!html.contains("composite-ranks") && !text.contains("ahead of"));
    let found = rows(&reports["comparison/en/observations.csv"]);
    assert!(!found.iter().any(|row| row["id"].starts_with("composite.")));
    let line = String::from_utf8_lossy(&reports["linkoping/en/report.html"]).into_owned();
    assert!(plain(&line).contains("Linköping has too few values of the grades that count for a composite"));
}
