//! JSON answers: errors, the asynchronous warning, and empty cubes.
//!
//! The members are taken as they stream past, so a head that breaks off still tells what it began with.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::{Body, Extent, Media, stated, tidy};

pub(super) fn classify(text: &[u8], extent: Extent, gzip: bool) -> Body {
    let mut seen = Seen::default();
    let mut parser = serde_json::Deserializer::from_slice(text);
    let end = Top(&mut seen).deserialize(&mut parser).and_then(|()| parser.end());
    if let Some(body) = seen.fault.take() {
        return body;
    }
    match end {
        Err(error) if extent == Extent::Whole || !error.is_eof() => {
            let what = if error.is_eof() { "JSON that breaks off" } else { "not well-formed JSON" };
            return Body::Damaged { message: format!("{what}: {error}") };
        }
        Ok(()) | Err(_) => {}
    }
    let whole = extent == Extent::Whole;
    if seen.zero_size || (whole && seen.values == Some(0) && seen.statuses == 0) {
        let label = if seen.label.is_empty() { "the table".to_owned() } else { seen.label };
        return Body::NoResults { message: format!("{label}: the selection has no observation") };
    }
    Body::Data { media: Media::Json, gzip }
}

/// What has been seen of the top level so far.
#[derive(Default)]
struct Seen {
    fault: Option<Body>,
    label: String,
    /// Entries of `value`, when there is such a member.
    values: Option<u64>,
    /// Entries of `status`. A cube without a value may state why every cell is withheld: that is data.
    statuses: u64,
    zero_size: bool,
}

struct Top<'a>(&'a mut Seen);

impl<'de> DeserializeSeed<'de> for Top<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Top<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or an array")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        while let Some(name) = members.next_key::<String>()? {
            match name.as_str() {
                "error" | "errors" | "warning" => {
                    let stated = members.next_value::<Value>()?;
                    if self.0.fault.is_none() {
                        self.0.fault = fault(&stated);
                    }
                }
                "label" => {
                    if let Value::String(label) = members.next_value::<Value>()? {
                        self.0.label = tidy(&label);
                    }
                }
                "value" => {
                    let mut count = 0;
                    let read = members.next_value_seed(Count(&mut count));
                    // One entry is enough to know, even when the head ends within the member.
                    if read.is_ok() || count > 0 {
                        self.0.values = Some(count);
                    }
                    read?;
                }
                "status" => members.next_value_seed(Count(&mut self.0.statuses))?,
                "size" => {
                    let size = members.next_value::<Value>()?;
                    self.0.zero_size = size.as_array().is_some_and(|sizes| sizes.iter().any(|size| size.as_u64() == Some(0)));
                }
                _ => {
                    members.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        // A bare list of errors names its first at once; anything else is data that wraps several answers.
        if let Some(first) = items.next_element::<Value>()?
            && first.get("status").is_some()
            && first.get("label").is_some()
        {
            self.0.fault = fault(&first);
        }
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }
}

/// Reads `{status, id, label}`, a list of them, or a bare text.
fn fault(value: &Value) -> Option<Body> {
    let entry = match value {
        Value::Array(entries) => return entries.iter().find_map(fault),
        Value::String(label) => return Some(stated(None, None, label)),
        Value::Object(entry) => entry,
        Value::Null | Value::Bool(_) | Value::Number(_) => return None,
    };
    let number = |name: &str| entry.get(name).and_then(|value| value.as_u64().or_else(|| value.as_str()?.trim().parse().ok()));
    let label = ["label", "message", "detail"].iter().find_map(|name| entry.get(*name)?.as_str()).unwrap_or_default();
    // An error of a shape that we do not know is still an error, in its own words.
    let own_words = || serde_json::to_string(value).unwrap_or_default();
    Some(stated(number("status"), number("id"), &if label.is_empty() { own_words() } else { label.to_owned() }))
}

/// Counts the entries of an object, an array or a scalar without keeping them.
struct Count<'a>(&'a mut u64);

impl<'de> DeserializeSeed<'de> for Count<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Count<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("values as an object or an array")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {
            *self.0 += 1;
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {
            *self.0 += 1;
        }
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        *self.0 += 1;
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        *self.0 += 1;
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        *self.0 += 1;
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        *self.0 += 1;
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        *self.0 += 1;
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}
