//! The thread of one transfer: it hands over what comes, piece by piece, and says what failed.

use std::error::Error;
use std::io::{self, Read};
use std::sync::mpsc::SyncSender;

use reqwest::Url;
use reqwest::blocking::Response;
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderName, LOCATION, RETRY_AFTER};

use super::error::{PullError, Unreachable};
use super::wire::plain;

pub(super) enum Piece {
    Head(Head),
    Bytes(Vec<u8>),
    End,
    Failed(Failure),
}

pub(super) struct Head {
    pub status: u16,
    pub length: Option<u64>,
    pub media_type: String,
    pub retry_after: Option<String>,
    pub location: Option<String>,
}

/// In the transfer's thread. Sending fails when nobody waits any more: then there is nothing left to do.
pub(super) fn hand_over(mut response: Response, pieces: &SyncSender<Piece>) {
    let text = |headers: &HeaderMap, name: HeaderName| Some(headers.get(name)?.to_str().ok()?.trim().to_owned());
    let headers = response.headers();
    let head = Head {
        status: response.status().as_u16(),
        length: text(headers, CONTENT_LENGTH).and_then(|length| length.parse().ok()),
        media_type: text(headers, CONTENT_TYPE).unwrap_or_default(),
        retry_after: text(headers, RETRY_AFTER),
        location: text(headers, LOCATION),
    };
    if pieces.send(Piece::Head(head)).is_err() {
        return;
    }
    let mut chunk = vec![0; 64 * 1024];
    loop {
        let piece = match response.read(&mut chunk) {
            Ok(0) => Piece::End,
            Ok(count) => Piece::Bytes(chunk[..count].to_vec()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => {
                Piece::Failed(Failure { how: None, timeout: error.kind() == io::ErrorKind::TimedOut, detail: causes(&error) })
            }
        };
        let more = matches!(piece, Piece::Bytes(_));
        if pieces.send(piece).is_err() || !more {
            return;
        }
    }
}

pub(super) struct Failure {
    /// None: the connection stood, and the answer broke.
    how: Option<Unreachable>,
    timeout: bool,
    detail: String,
}

impl Failure {
    pub(super) fn of(error: &reqwest::Error) -> Self {
        let detail = causes(error);
        let says = |words: &[&str]| words.iter().any(|word| detail.to_ascii_lowercase().contains(word));
        let how = if says(&["proxy", "tunnel"]) {
            Unreachable::Proxy
        } else if says(&["dns", "lookup address", "name or service"]) {
            Unreachable::Name
        } else if says(&["certificate", "tls", "handshake", "unknownissuer"]) {
            Unreachable::Tls
        } else if says(&["refused"]) {
            Unreachable::Refused
        } else {
            Unreachable::Broken
        };
        Self { how: Some(how), timeout: error.is_timeout(), detail }
    }

    pub(super) fn into_error(
        self,
        host: &str,
        url: &Url,
        has_head: bool,
        timed_out: &dyn Fn(&'static str) -> PullError,
    ) -> PullError {
        match self.how {
            _ if self.timeout => timed_out(if has_head { "the answer stopped" } else { "no connection" }),
            Some(how) => PullError::Unreachable { host: host.to_owned(), how, detail: self.detail },
            None => PullError::Damaged { url: plain(url), detail: self.detail },
        }
    }
}

/// An error with its causes, each once.
pub(super) fn causes(error: &dyn Error) -> String {
    let mut texts = vec![error.to_string()];
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        if texts.iter().all(|known| !known.contains(&text)) {
            texts.push(text);
        }
        cause = error.source();
    }
    texts.join(": ")
}
