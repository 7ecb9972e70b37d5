//! `--region`, `--study`, `--product`, `--format`, `--lang` and templates: from what was typed to a plan. Every fault is said
//! with what there is and what is closest.

use std::path::Path;

use baseline_model::definitions::{Definitions, nearest, resolve};
use baseline_render::FORMATS;

use super::CliError;
use super::args::Target;
use crate::load::{self, Loaded};
use crate::run::{Plan, Product};

/// All languages that are defined.
const ALL: &str = "all";
/// The name under which a style template is given to the formats.
const REFERENCE: &str = "reference.docx";

/// The formats as the help names them.
pub fn formats_help() -> String {
    format!("Formats: {}; all by default. observations.csv and manifest.json are always written", formats().join(", "))
}

/// The products as the help names them.
pub fn products_help() -> String {
    let names = Product::ALL.map(Product::id).join(", ");
    format!("Products: {names}; by default the report, of a study also fact sheets and the comparison")
}

/// What is asked for: territories of one study, or the whole study.
pub fn plan_of(loaded: &Loaded, workspace: &Path, target: &Target) -> Result<Plan, CliError> {
    let definitions = &loaded.definitions;
    let (study, territories, whole_study) = match &target.study {
        Some(study) => {
            let study = resolve::study(definitions, study)?;
            let territories = definitions.studies.get(&study).map_or_else(Vec::new, |study| study.territories.clone());
            (study, territories, true)
        }
        None if target.region.is_empty() => {
            let hint = "baseline list territories; baseline list studies".into();
            return Err(CliError::Usage { message: "nothing to build: expected --region R or --study S".into(), hint });
        }
        None => {
            let mut territories: Vec<String> = Vec::new();
            for typed in &target.region {
                let id = resolve::territory(definitions, typed)?;
                if !territories.contains(&id) {
                    territories.push(id);
                }
            }
            (study_of(definitions, &territories)?, territories, false)
        }
    };
    let formats = formats_of(&target.format)?;
    let products = products_of(&target.product, &formats, (!whole_study).then_some(study.as_str()))?;
    let mut templates = load::templates(workspace)?;
    if let Some(path) = &target.docx_template {
        let used = products.iter().any(|product| product.formats().contains(&"docx"));
        if !used || !formats.iter().any(|format| format == "docx") {
            let message = "--docx-template is for the format docx, which is not among those to build".into();
            return Err(CliError::Usage { message, hint: "leave out --format, or add docx to it".into() });
        }
        templates.insert(REFERENCE.to_owned(), load::template(path, REFERENCE)?);
    }
    let languages = languages_of(definitions, &target.lang)?;
    let out = workspace.join(&target.out);
    Ok(Plan { study, territories, whole_study, products, languages, formats, templates, out })
}

fn formats() -> Vec<&'static str> {
    let mut known: Vec<&str> = FORMATS.iter().map(|format| format.id()).collect();
    known.push("csv");
    known
}

/// The typed formats, each once; all without any.
fn formats_of(typed: &[String]) -> Result<Vec<String>, CliError> {
    let known = formats();
    let chosen = typed.iter().map(|name| one_of("format", name, &known)).collect::<Result<Vec<_>, _>>()?;
    Ok(if chosen.is_empty() { known.into_iter().map(str::to_owned).collect() } else { once(chosen) })
}

/// The typed products, each once; `of_regions` is the study when only regions of it are built.
fn products_of(typed: &[String], formats: &[String], of_regions: Option<&str>) -> Result<Vec<Product>, CliError> {
    let known = Product::ALL.map(Product::id);
    let mut products = Vec::new();
    for name in typed {
        let id = one_of("product", name, &known)?;
        let Some(product) = Product::of_id(&id).filter(|product| !products.contains(product)) else { continue };
        if let (Product::Comparison, Some(study)) = (product, of_regions) {
            return Err(CliError::Usage {
                message: "the comparison is of a whole study, and only regions of it are to be built".into(),
                hint: format!("baseline run --study {study} --product {id}"),
            });
        }
        let has = product.formats();
        if !formats.iter().any(|format| has.contains(&format.as_str())) {
            return Err(CliError::Usage {
                message: format!("the product {id} has none of these formats: {}", formats.join(", ")),
                hint: format!("it has {}", has.join(", ")),
            });
        }
        products.push(product);
    }
    if products.is_empty() {
        products.push(Product::Report);
        if of_regions.is_none() {
            products.extend([Product::Factsheet, Product::Comparison]);
        }
        // A fact sheet of nothing but its table of figures was not asked for.
        products.retain(|product| product.formats().iter().any(|has| formats.iter().any(|format| format == has)));
    }
    products.sort_unstable();
    Ok(products)
}

/// The typed languages, each once; `all` stands for every one.
fn languages_of(definitions: &Definitions, typed: &[String]) -> Result<Vec<String>, CliError> {
    let mut known: Vec<&str> = definitions.languages.keys().map(String::as_str).collect();
    if typed.iter().any(|code| code == ALL) {
        return Ok(known.into_iter().map(str::to_owned).collect());
    }
    known.push(ALL);
    Ok(once(typed.iter().map(|code| one_of("language", code, &known)).collect::<Result<Vec<_>, _>>()?))
}

/// The typed name when it is one of the known.
fn one_of(what: &str, typed: &str, known: &[&str]) -> Result<String, CliError> {
    if known.contains(&typed) {
        return Ok(typed.to_owned());
    }
    let close = nearest(typed, known.iter().copied()).map_or(String::new(), |name| format!("did you mean {name}? "));
    Err(CliError::Usage { message: format!("no {what} `{typed}`"), hint: format!("{close}there is {}", known.join(", ")) })
}

fn once(names: Vec<String>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for name in names {
        if !kept.contains(&name) {
            kept.push(name);
        }
    }
    kept
}

/// The one study that has all the territories.
fn study_of(definitions: &Definitions, territories: &[String]) -> Result<String, CliError> {
    let has_all = |territory: &Vec<String>| territories.iter().all(|wanted| territory.contains(wanted));
    let mut studies = definitions.studies.iter().filter(|(_, study)| has_all(&study.territories)).map(|(id, _)| id.clone());
    match (studies.next(), studies.next()) {
        (Some(study), None) => Ok(study),
        (Some(first), Some(second)) => Err(CliError::Usage {
            message: format!("these territories are in more than one study: {first}, {second}"),
            hint: format!("name the study: baseline run --study {first}"),
        }),
        (None, _) => Err(CliError::Usage {
            message: format!("no study has {}", territories.join(", ")),
            hint: "baseline list studies".into(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(text: &str) -> Vec<String> {
        text.split(',').filter(|part| !part.is_empty()).map(str::to_owned).collect()
    }

    /// `expected` are the products, or a part of the message.
    fn check(products: &str, formats: &str, whole: bool, expected: &str) {
        let found = formats_of(&list(formats))
            .and_then(|formats| products_of(&list(products), &formats, (!whole).then_some("milestone")));
        let said = match found {
            Ok(products) => products.into_iter().map(Product::id).collect::<Vec<_>>().join(","),
            Err(error) => error.to_string(),
        };
        assert!(said == expected || said.contains("hint: ") && said.contains(expected), "{products} {formats}: {said}");
    }

    #[test]
    fn products_and_formats_fit_one_another() {
        check("", "", false, "report");
        check("", "", true, "report,factsheet,comparison");
        check("", "csv", true, "report,factsheet,comparison");
        check("factsheet,report,report", "", false, "report,factsheet");
        check("workbook", "xlsx,html", true, "workbook");
        check("workbook", "html", true, "the product workbook has none of these formats: html\n  hint: it has csv, xlsx");
        check("factsheet", "svg,png", true, "the product factsheet has none");
        check("comparison", "", false, "baseline run --study milestone --product comparison");
        check("factsheets", "", false, "no product `factsheets`\n  hint: did you mean factsheet? there is report,");
        check("", "htlm", false, "no format `htlm`\n  hint: did you mean html? there is html,");
        check("", "", false, "report");
    }
}
