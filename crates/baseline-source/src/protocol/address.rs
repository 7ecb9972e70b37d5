//! Addresses of a service: its base as a source states it, codes of tables, and percent-encoding.

use baseline_model::definitions::Source;

use super::PlanError;

/// The base address without a slash at its end.
///
/// # Errors
/// When it is no address of the web, holds a query, or a user name.
pub(super) fn base(source: &Source) -> Result<&str, PlanError> {
    let url = source.base_url.trim().trim_end_matches('/');
    let wrong = |hint| Err(PlanError::BaseUrl { found: url.to_owned(), hint });
    let Some((scheme, rest)) = url.split_once("://") else {
        return wrong("give the address up to and without the service's name");
    };
    let authority = rest.split('/').next().unwrap_or_default();
    if authority.contains('@') {
        return Err(PlanError::BaseUrl {
            found: format!("{scheme}://…@…"),
            hint: "no user name or password in an address: it ends up in receipts and logs",
        });
    }
    if !matches!(scheme, "https" | "http") || authority.is_empty() || url.contains(['?', '#', ' ']) {
        return wrong("give the address up to and without the service's name");
    }
    Ok(url)
}

/// The code again, when it is one of letters, digits, `_`, `-` and `$`.
pub(super) fn table_code(id: &str) -> Result<&str, PlanError> {
    let good = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'$'));
    if good { Ok(id) } else { Err(PlanError::Table { id: id.to_owned() }) }
}

/// As [`base`], of a source that was found good.
pub(super) fn source_base(source: &Source) -> &str {
    source.base_url.trim().trim_end_matches('/')
}

/// Percent-encodes everything but unreserved signs.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    escaped
}
