//! Our templates, or those that the user put in their place; and what is said when one of these fails.
//!
//! A template is code of whoever installed it, so it is trusted with layout; texts that it prints are escaped like
//! those of ours. What it may use is the context that [`page`] is given: a name that is not there is an error.

use std::borrow::Cow;

use minijinja::{Environment, ErrorKind, UndefinedBehavior, Value};

use super::inline::kept;
use crate::{RenderError, Setting};

/// Renders a page template with the context: `report.html` or `index.html`.
///
/// # Errors
/// [`RenderError::Template`] with the template's name, the line, and the variables that exist.
pub(super) fn page(
    setting: &Setting<'_>,
    name: &'static str,
    ours: &'static str,
    context: &[(&'static str, Value)],
) -> Result<String, RenderError> {
    let source = own(setting, name, ours)?;
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    let language = setting.language.code.clone();
    environment.add_filter("kept", move |text: String| Value::from_safe_string(kept(&text, &language)));
    let variables: Vec<&str> = context.iter().map(|(key, _)| *key).collect();
    environment.add_template(name, &source).map_err(|error| failed(name, &source, &error, &[], &variables))?;
    let template = environment.get_template(name).map_err(|error| failed(name, &source, &error, &[], &variables))?;
    let values: std::collections::BTreeMap<&str, Value> = context.iter().cloned().collect();
    let page = template.render(Value::from(values)).map_err(|error| {
        let mut unknown: Vec<String> = template.undeclared_variables(false).into_iter().collect();
        unknown.retain(|name| !variables.contains(&name.as_str()) && !BUILT_IN.contains(&name.as_str()));
        unknown.sort();
        failed(name, &source, &error, &unknown, &variables)
    })?;
    Ok(visible(&page))
}

/// A style sheet or script, ours or the user's, that cannot end its element.
///
/// # Errors
/// [`RenderError::Template`] when the user's file is not UTF-8 or has the end of its element inside.
pub(super) fn inset(setting: &Setting<'_>, name: &'static str, ours: &'static str) -> Result<String, RenderError> {
    let text = own(setting, name, ours)?;
    for (index, line) in text.lines().enumerate() {
        let small = line.to_ascii_lowercase();
        if let Some(found) = ["</style", "</script", "<!--"].into_iter().find(|found| small.contains(found)) {
            let message = format!(
                "{name}, line {}: '{found}' would end the element that holds the file\n  hint: write it in another way, for example with an escape",
                index + 1
            );
            return Err(RenderError::Template { message });
        }
    }
    // An HTML parser does the same, and hashes are taken after it.
    Ok(visible(&text.replace("\r\n", "\n")))
}

/// Control characters, which HTML forbids, are shown as replaced.
fn visible(text: &str) -> String {
    text.replace(|character| matches!(character, '\0'..='\u{8}' | '\u{b}'..='\u{1f}' | '\u{7f}'), "\u{fffd}")
}

/// What every template can call.
const BUILT_IN: [&str; 7] = ["range", "dict", "namespace", "debug", "loop", "caller", "self"];

fn own<'a>(setting: &Setting<'a>, name: &str, ours: &'static str) -> Result<Cow<'a, str>, RenderError> {
    let Some(bytes) = setting.templates.get(name) else { return Ok(Cow::Borrowed(ours)) };
    std::str::from_utf8(bytes).map(Cow::Borrowed).map_err(|error| {
        let line = bytes[..error.valid_up_to()].split(|byte| *byte == b'\n').count();
        let message = format!("{name}, line {line}: is not UTF-8 text\n  hint: save the file as UTF-8");
        RenderError::Template { message }
    })
}

fn failed(name: &str, source: &str, error: &minijinja::Error, unknown: &[String], variables: &[&str]) -> RenderError {
    // An error in a macro has the line of its call further out; the innermost is where the fault stands.
    let mut innermost = error;
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        if let Some(inner) = inner.downcast_ref::<minijinja::Error>().filter(|inner| inner.line().is_some()) {
            innermost = inner;
        }
        cause = inner.source();
    }
    let number = innermost.line().unwrap_or(1);
    let line = source.lines().nth(number.saturating_sub(1)).unwrap_or_default().trim();
    let shown: String = line.chars().take(160).collect();
    let what = match (innermost.kind(), innermost.detail()) {
        (ErrorKind::UndefinedError, _) => match unknown.iter().find(|name| has_word(line, name)) {
            Some(unknown) => format!("there is no variable '{unknown}'"),
            None => "a name after a dot, or a filter's input, does not exist".to_owned(),
        },
        (_, Some(detail)) => detail.to_owned(),
        (kind, None) => kind.to_string(),
    };
    let mut listed = variables.to_vec();
    listed.sort_unstable();
    let message = format!(
        "{name}, line {number}: {what}\n  {shown}\n  hint: the variables are {}; our own template says what each holds",
        listed.join(", ")
    );
    RenderError::Template { message }
}

fn has_word(line: &str, word: &str) -> bool {
    line.split(|character: char| !character.is_alphanumeric() && character != '_').any(|other| other == word)
}
