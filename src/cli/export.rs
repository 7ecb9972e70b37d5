//! `export`: the figures of a study as a data package, in a folder that is replaced as a whole.

use std::path::Path;

use baseline_model::definitions::resolve;

use super::args::Export;
use super::show::with_context;
use super::{CliError, Console, Exit, lock};
use crate::export;
use crate::store::{self, Store};

pub fn export(workspace: &Path, arguments: &Export, console: &Console) -> Result<Exit, CliError> {
    if let Some(unknown) = arguments.format.iter().find(|format| !export::FORMATS.contains(&format.as_str())) {
        let hint = format!("there is {}", export::FORMATS.join(", "));
        return Err(CliError::Usage { message: format!("no format `{unknown}`"), hint });
    }
    let formats: Vec<String> =
        if arguments.format.is_empty() { export::FORMATS.map(str::to_owned).into() } else { arguments.format.clone() };
    let target = workspace.join(&arguments.out);
    let lock_store = Store::open(workspace)?;
    let _lock = lock(&lock_store)?;
    // What is replaced as a whole must have been ours.
    if !store::is_free_for(&target, export::PACKAGE, export::is_ours)? {
        let message = format!("{}: holds files that are none of an earlier export", target.display());
        return Err(CliError::Usage { message, hint: "name a new folder with --out, or an earlier export".into() });
    }
    let files = with_context(workspace, (&arguments.study, &arguments.lang), |context| {
        let mut territories = Vec::new();
        for typed in &arguments.region {
            let id = resolve::territory(context.definitions, typed)?;
            if !context.study.territories.contains(&id) {
                let message = format!("the study {} has no territory `{id}`", context.study_id);
                return Err(CliError::Usage { message, hint: format!("it has {}", context.study.territories.join(", ")) });
            }
            territories.push(id);
        }
        if territories.is_empty() {
            territories.clone_from(&context.study.territories);
        }
        export::files(context, &territories, &formats, store::sha256).map_err(|error| CliError::Run(error.into()))
    })?;
    let staging = store::staging(&target)?;
    files.iter().try_for_each(|(path, bytes)| store::write_plain(&staging.join(path), bytes))?;
    store::publish(&staging, &target)?;
    if arguments.json {
        let listed: Vec<_> =
            files.iter().map(|(path, bytes)| serde_json::json!({ "path": path, "bytes": bytes.len() })).collect();
        Console::json(&serde_json::json!({ "folder": target, "files": listed }))?;
    } else {
        let lines: String = files.iter().map(|(path, bytes)| format!("{path}  {} bytes\n", bytes.len())).collect();
        console.text(&format!("{lines}in {}\n", target.display()))?;
    }
    Ok(Exit::Done)
}
