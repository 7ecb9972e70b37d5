//! What can be built of a study, where each lies and in which formats. Knows no disk and composes nothing.
//!
//! ```text
//! reports/milestone/index.html                                   all of these, with state, date and changes
//! reports/milestone/zachodniopomorskie/en/report.html            the report
//! reports/milestone/zachodniopomorskie/factsheet-en/factsheet.html
//! reports/milestone/zachodniopomorskie/workbook-en/tables.xlsx
//! reports/milestone/comparison/en/report.html                    the comparative report, with `workbook-en` beside it
//! ```

use std::path::{Path, PathBuf};

use baseline_render::FORMATS;

/// The folder and name of the comparative report.
pub const COMPARISON: &str = "comparison";

/// The table of figures: no format of the document, and always written.
pub const CSV: &str = "csv";

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Product {
    /// Of one territory, in all formats.
    Report,
    /// Two pages of one territory.
    Factsheet,
    /// Of a whole study.
    Comparison,
    /// The tables of the report, and of the comparison where the whole study is built, as a workbook.
    Workbook,
}

impl Product {
    pub const ALL: [Self; 4] = [Self::Report, Self::Factsheet, Self::Comparison, Self::Workbook];

    /// As typed after `--product`.
    pub fn id(self) -> &'static str {
        match self {
            Self::Report => "report",
            Self::Factsheet => "factsheet",
            Self::Comparison => COMPARISON,
            Self::Workbook => "workbook",
        }
    }

    pub fn of_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|product| product.id() == id)
    }

    /// Ids of the formats that it can have, `csv` first, in the order of [`FORMATS`].
    pub fn formats(self) -> Vec<&'static str> {
        let has = |format: &&str| match self {
            Self::Report | Self::Comparison => true,
            // Its tables and figures are those of the report.
            Self::Factsheet => matches!(*format, "html" | "pdf" | "docx"),
            Self::Workbook => *format == "xlsx",
        };
        std::iter::once(CSV).chain(FORMATS.iter().map(|format| format.id()).filter(has)).collect()
    }

    /// What a file is called that a format calls `report.<extension>`.
    fn stem(self) -> &'static str {
        match self {
            Self::Report | Self::Comparison | Self::Workbook => "report",
            Self::Factsheet => "factsheet",
        }
    }

    /// The path of a format's file in the product's folder.
    pub fn named(self, path: String) -> String {
        match path.strip_prefix("report.") {
            Some(extension) => format!("{}.{extension}", self.stem()),
            None => path,
        }
    }
}

/// One publication to build: a product of a territory, or of the whole study, in a language.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Job {
    /// The whole study without one.
    pub territory: Option<String>,
    pub language: String,
    pub product: Product,
}

impl Job {
    /// The territory, or [`COMPARISON`].
    pub fn place(&self) -> &str {
        self.territory.as_deref().unwrap_or(COMPARISON)
    }

    /// Below the study's folder.
    pub fn folder(&self) -> PathBuf {
        let last = match self.product {
            Product::Report | Product::Comparison => self.language.clone(),
            Product::Factsheet | Product::Workbook => format!("{}-{}", self.product.id(), self.language),
        };
        Path::new(self.place()).join(last)
    }

    /// The job whose folder has these two names; `None` for any other folder.
    pub fn of_folder(place: &str, name: &str) -> Option<Self> {
        let territory = (place != COMPARISON).then(|| place.to_owned());
        let whole = if territory.is_none() { Product::Comparison } else { Product::Report };
        let (product, language) = match name.split_once('-') {
            None => (whole, name),
            Some((product, language)) => {
                let apart = |product: &Product| matches!(product, Product::Factsheet | Product::Workbook);
                (Product::of_id(product).filter(apart)?, language)
            }
        };
        Some(Self { territory, language: language.to_owned(), product })
    }

    /// For a message: `asco (en)`, `asco factsheet (en)`.
    pub fn label(&self) -> String {
        match self.product {
            Product::Report | Product::Comparison => format!("{} ({})", self.place(), self.language),
            Product::Factsheet | Product::Workbook => format!("{} {} ({})", self.place(), self.product.id(), self.language),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(place: &str, name: &str, label: &str) {
        let job = Job::of_folder(place, name);
        assert_eq!(job.as_ref().map_or(String::new(), Job::label), label, "{place}/{name}");
        if let Some(job) = job {
            assert_eq!(job.folder(), Path::new(place).join(name));
        }
    }

    #[test]
    fn a_folder_says_what_it_holds() {
        check("asco", "en", "asco (en)");
        check("comparison", "pl", "comparison (pl)");
        check("asco", "factsheet-el", "asco factsheet (el)");
        check("comparison", "workbook-en", "comparison workbook (en)");
        check("asco", "comparison-en", "");
        check("asco", "else-en", "");
    }

    #[test]
    fn products_have_names_and_formats() {
        for product in Product::ALL {
            assert_eq!(Product::of_id(product.id()), Some(product));
            assert!(product.formats().len() > 1, "{} has no format", product.id());
        }
        assert_eq!(Product::Workbook.formats(), ["csv", "xlsx"]);
        assert_eq!(Product::Factsheet.named("report.html".into()), "factsheet.html");
        assert_eq!(Product::Report.named("figures/report.svg".into()), "figures/report.svg");
    }
}
