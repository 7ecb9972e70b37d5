//! What may be typed.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

const EXIT_CODES: &str = "Exit codes:
  0  done
  1  done, but with error-level findings or a failed source
  2  wrong usage, or faults in the definitions
  3  nothing could be pulled and nothing is stored
  4  could not write
  5  another run holds the workspace
  130  interrupted; nothing half-written";

/// Territorial baseline studies on migration and work: from official statistics to reports in which every number
/// can be traced to its source cell.
#[derive(Debug, Parser)]
#[command(name = "baseline", version, after_help = EXIT_CODES, max_term_width = 110)]
pub struct Cli {
    /// Folder with the workspace (data/, pipelines/).
    #[arg(long, global = true, default_value = ".", value_name = "DIR", env = "BASELINE_WORKSPACE")]
    pub workspace: PathBuf,
    /// Only errors on stderr.
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// More on stderr; twice for everything.
    #[arg(long, short, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Build the reports of territories or of a whole study from the figures at hand
    Run(Target),
    /// The scheduled job: pull what changed, then rebuild and publish what depends on it
    Refresh(Target),
    /// Get newer figures from the providers
    Pull(Pull),
    /// Say what would run and what would be pulled, without doing it
    Plan(Target),
    /// Check the definitions: all faults at once, with file, line and column; with --data also the figures
    Check {
        /// Read all figures at hand and hold against one another what two sources state.
        #[arg(long)]
        data: bool,
        #[arg(long, default_value = "milestone", requires = "data")]
        study: String,
        /// Summary as JSON.
        #[arg(long)]
        json: bool,
    },
    /// List what is defined
    List {
        #[arg(value_enum)]
        what: What,
        /// Of the languages: every text that a native speaker should look at, and every one that has no translation.
        #[arg(long)]
        unverified: bool,
        #[arg(long)]
        json: bool,
    },
    /// Read a statistical file to tidy observations
    Read(Read),
    /// Look at a partner's spreadsheet and take it in as a table, with a mapping that next year's file is read by
    Import(Box<Import>),
    /// Weighted rates from a file with a row a person (EU-LFS, EU-SILC); shows no small group
    Microdata(Microdata),
    /// Write the figures of a study for other programs: CSV, Parquet, SDMX-CSV, with a Frictionless Data Package
    Export(Export),
    /// Show an indicator for all territories of a study
    Show {
        /// Indicator id, e.g. over_qualification.
        indicator: String,
        #[arg(long, default_value = "milestone")]
        study: String,
        #[arg(long, default_value = "en")]
        lang: String,
        #[arg(long)]
        json: bool,
    },
    /// Walk from a printed figure to its source cell
    Why {
        /// A figure's id (in the HTML, in observations.csv), or an indicator together with --region.
        figure: String,
        #[arg(long)]
        region: Option<String>,
        #[arg(long, default_value = "milestone")]
        study: String,
        #[arg(long, default_value = "en")]
        lang: String,
    },
    /// Run a method on a CSV file; `baseline method METHOD` says what it needs
    Compute(Compute),
    /// Say what a method, a formula or an indicator is, where it is from, and what it was last applied to
    Method(Method),
    /// Use a stored vintage that was held back because it lost something
    Accept {
        /// Dataflow, e.g. destatis/13111-01-03-4.
        dataflow: String,
    },
    /// Check the installation and the workspace, or the health of the sources
    Doctor(Doctor),
    /// Print a completion script
    Completions { shell: clap_complete::Shell },
    /// The process in which a workbook is read: bytes on stdin, a reading on stdout
    #[command(hide = true)]
    ReadApart {
        #[arg(long)]
        name: String,
        #[arg(long = "as")]
        dataflow: Option<String>,
        #[command(flatten)]
        confines: Confines,
    },
    /// Rebuild the shipped figures from the collected originals
    #[command(hide = true)]
    Seed {
        /// Folder with the originals.
        #[arg(long)]
        from: PathBuf,
        /// Folder of the seed.
        #[arg(long, default_value = "data/seed")]
        out: PathBuf,
        #[arg(long, default_value = "data/seed.toml")]
        recipe: PathBuf,
        /// Write nothing; fail when the result differs.
        #[arg(long)]
        check: bool,
    },
}

#[derive(Debug, Args)]
pub struct Target {
    /// A territory: id, name in any of its languages, NUTS or LAU code; repeatable.
    #[arg(long, short, value_name = "R", conflicts_with = "study")]
    pub region: Vec<String>,
    /// A whole study, with the comparative report.
    #[arg(long, short, value_name = "S")]
    pub study: Option<String>,
    /// Languages of the reports.
    #[arg(long, value_name = "CODE", value_delimiter = ',', default_value = "en")]
    pub lang: Vec<String>,
    /// Formats: html, svg, png, xlsx; observations.csv and manifest.json are always written.
    #[arg(long, value_name = "FORMAT", value_delimiter = ',')]
    pub format: Vec<String>,
    /// Where the reports go.
    #[arg(long, value_name = "DIR", default_value = "reports")]
    pub out: PathBuf,
    /// Summary as JSON.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct Export {
    #[arg(long, short, value_name = "S", default_value = "milestone")]
    pub study: String,
    /// Only these territories of the study; repeatable.
    #[arg(long, short, value_name = "R")]
    pub region: Vec<String>,
    /// Formats: csv, parquet, sdmx-csv; without any, all.
    #[arg(long, value_name = "FORMAT", value_delimiter = ',')]
    pub format: Vec<String>,
    /// Language of names and meanings.
    #[arg(long, value_name = "CODE", default_value = "en")]
    pub lang: String,
    /// Folder of the package; an earlier package there is replaced as a whole.
    #[arg(long, value_name = "DIR", default_value = "export")]
    pub out: PathBuf,
    /// What was written, as JSON.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct Pull {
    /// Dataflows (`eurostat/lfsa_eoqgan`); without any, all that the study needs.
    pub dataflows: Vec<String>,
    #[arg(long, default_value = "milestone")]
    pub study: String,
    /// Ask for the provider's change stamp first and pull only what changed.
    #[arg(long)]
    pub changed: bool,
    /// Pull the boundaries of NUTS 2 regions instead, for maps of regions (GISCO, for non-commercial use).
    #[arg(long, conflicts_with_all = ["dataflows", "changed"])]
    pub geometry: bool,
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct Doctor {
    /// Ask the sources instead (all, or those named): reachable, tables there, dimensions as declared, last update.
    #[arg(long, value_name = "ID", num_args = 0..)]
    pub sources: Option<Vec<String>>,
    /// Send nothing: only what is known without the network.
    #[arg(long, requires = "sources")]
    pub offline: bool,
    /// Ask a source again that refused us, once its provider has lifted the block.
    #[arg(long, value_name = "ID", requires = "sources")]
    pub forget_ban: Option<String>,
    #[arg(long, requires = "sources")]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct Read {
    /// The file; `-` reads stdin.
    pub file: PathBuf,
    /// Read it by the layout and number rule of a dataflow: `elstat/lfs_population`.
    #[arg(long = "as", value_name = "DATAFLOW")]
    pub dataflow: Option<String>,
    /// Write to a file instead of stdout: .csv or .parquet.
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    #[command(flatten)]
    pub confines: Confines,
}

/// What the process may use that reads a workbook; other files need none.
#[derive(Debug, Clone, Copy, Args)]
pub struct Confines {
    /// Memory for reading a workbook, in MiB.
    #[arg(long, value_name = "MIB", default_value_t = 2048)]
    pub memory: u64,
    /// Time for reading a workbook, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    pub seconds: u64,
}

#[derive(Debug, Args)]
pub struct Compute {
    /// The method: `gap`; --list shows all.
    #[arg(required_unless_present = "list")]
    pub method: Option<String>,
    /// Its input, a CSV file with a header line; `-` reads stdin.
    #[arg(long, short, value_name = "FILE", required_unless_present_any = ["list", "example"])]
    pub input: Option<PathBuf>,
    /// A parameter: `direction=higher_is_better`, or `weights=FILE.csv`; repeatable.
    #[arg(long = "param", short, value_name = "NAME=VALUE")]
    pub params: Vec<String>,
    /// A column that the file calls otherwise: `p=Foreign citizens`; repeatable.
    #[arg(long = "column", short, value_name = "WANTED=ACTUAL")]
    pub columns: Vec<String>,
    /// Write to a file instead of stdout.
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Table, parameters, single figures and notes as one JSON object.
    #[arg(long)]
    pub json: bool,
    /// List the methods.
    #[arg(long, exclusive = true)]
    pub list: bool,
    /// Print the method's example input, or the example file of a parameter: --example=weights.
    #[arg(long, value_name = "PARAM", num_args = 0..=1, require_equals = true, default_missing_value = "",
          conflicts_with_all = ["input", "params", "columns", "output", "json"])]
    pub example: Option<String>,
}

#[derive(Debug, Args)]
pub struct Method {
    /// A method (`gap`), a formula (`gap_pp`) or an indicator (`over_qualification`).
    #[arg(required_unless_present = "list")]
    pub id: Option<String>,
    /// List the methods and formulas.
    #[arg(long, conflicts_with_all = ["id", "figures"])]
    pub list: bool,
    /// How many figures of the last run are shown with their inputs.
    #[arg(long, value_name = "N", default_value_t = 3)]
    pub figures: usize,
    /// Where the reports are.
    #[arg(long, value_name = "DIR", default_value = "reports")]
    pub out: PathBuf,
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct Microdata {
    /// CSV (also .csv.gz) or Parquet.
    pub file: PathBuf,
    /// How the file is laid out: lfs_2021, lfs_until_2020, eusilc_puf, or one of your own in pipelines/layouts/.
    #[arg(long, value_name = "ID")]
    pub layout: String,
    /// Broken down by: country, region, year, origin, citizenship, birth, sex, age.
    #[arg(long, value_name = "WHAT", value_delimiter = ',')]
    pub by: Vec<String>,
    /// What to compute: eurostat_vertical, ilo_normative, employment_rate, ..., or all.
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub definition: Vec<String>,
    /// First and last age, where it is not to be the definition's own.
    #[arg(long, value_name = "FROM-TO")]
    pub ages: Option<String>,
    /// Persons asked below which neither side of a rate is shown.
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub threshold: u32,
    /// Persons asked below which no rate is shown.
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub group_threshold: u32,
    /// Write to a .csv file instead of stdout.
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct Import {
    /// A workbook (.xlsx, .xls) or a delimited text; `-` reads stdin.
    pub file: PathBuf,
    /// Only look: sheets, header rows, columns, odd cells.
    #[arg(long)]
    pub inspect: bool,
    /// The table it becomes: `partner/employees`. With a saved mapping nothing more is needed.
    #[arg(long = "as", value_name = "ID", required_unless_present = "inspect")]
    pub id: Option<String>,
    /// What the table is called in reports.
    #[arg(long)]
    pub title: Option<String>,
    /// The sheet to read, where there are several.
    #[arg(long, value_name = "NAME")]
    pub sheet: Option<String>,
    /// Row of the header, from 1.
    #[arg(long, value_name = "N")]
    pub header_row: Option<u32>,
    /// Rows that the header has; a column is then named `Upper / Lower`.
    #[arg(long, value_name = "N")]
    pub header_rows: Option<u32>,
    /// A column that says what the figures are of: `Municipality=geo`; repeatable.
    #[arg(long, value_name = "COLUMN=DIMENSION")]
    pub key: Vec<String>,
    /// A column of figures: `Foreign employees=foreign`, or `2024=employees@2024`; repeatable.
    #[arg(long, value_name = "COLUMN=CODE")]
    pub value: Vec<String>,
    /// Of all figures, where the file does not say it; asked for every file.
    #[arg(long)]
    pub period: Option<String>,
    /// The column that says of when the figures are.
    #[arg(long, value_name = "COLUMN")]
    pub period_column: Option<String>,
    /// What is counted: persons, percent, households, ...
    #[arg(long)]
    pub unit: Option<String>,
    /// Level of the places: lau, nuts3, nuts2, country.
    #[arg(long, value_name = "LEVEL")]
    pub level: Option<String>,
    /// A text that means "no value"; repeatable.
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub missing: Vec<String>,
    /// The table ends above the row that begins with this: `Source`; repeatable.
    #[arg(long, value_name = "TEXT")]
    pub until: Vec<String>,
    /// A text that means "there are too few to be told": `<5`; repeatable.
    #[arg(long, value_name = "TEXT")]
    pub withheld: Vec<String>,
    /// Code page of a text that is not Unicode: windows-1250.
    #[arg(long, value_name = "NAME")]
    pub encoding: Option<String>,
    /// Decimal sign of numbers written as text.
    #[arg(long, value_name = "SIGN")]
    pub decimal: Option<char>,
    /// Sign between groups of three digits; repeatable.
    #[arg(long, value_name = "SIGN")]
    pub group_sign: Vec<char>,
    /// The code of a dimension that means "all": `geo=Total`; repeatable.
    #[arg(long, value_name = "DIMENSION=CODE")]
    pub total: Vec<String>,
    /// A rate and the count it is a rate of, by their codes: `share=total`; repeatable.
    #[arg(long, value_name = "CODE=CODE")]
    pub rate: Vec<String>,
    /// A zero gives nobody away and may be shown.
    #[arg(long)]
    pub zeros_safe: bool,
    /// Round counts to multiples of this.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub rounding: u32,
    /// The figures are public already: where. Without it small counts are hidden.
    #[arg(long, value_name = "WHERE")]
    pub published: Option<String>,
    /// A survey: one row a person. `q1=Column`, or several answers a person: `q2=English|German`; repeatable.
    #[arg(long, value_name = "ID=COLUMNS", requires_all = ["geo", "period"])]
    pub question: Vec<String>,
    /// Break the survey down by a column: `sex=Sex`; repeatable.
    #[arg(long, value_name = "DIMENSION=COLUMN", requires = "question")]
    pub by: Vec<String>,
    /// Column of a survey's weights.
    #[arg(long, value_name = "COLUMN", requires = "question")]
    pub weight: Option<String>,
    /// The territory a survey was held in.
    #[arg(long, value_name = "R", requires = "question")]
    pub geo: Option<String>,
    #[command(flatten)]
    pub confines: Confines,
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum What {
    Territories,
    Indicators,
    Dataflows,
    Studies,
    Sources,
    Languages,
    /// The definition files, and for each whether the shipped or a local one is used.
    Files,
}
