//! Workbooks from anywhere are read in a process of their own, with limits on memory and time.
//!
//! A workbook is an archive of markup, or a file system of records: its reader is large, not ours, and may be made to eat
//! all memory or to run for ever. The process that asked must outlive it, so it starts this program once more, hands over the
//! bytes, waits at most so long, and takes a reading or says what became of it. The child gets no environment: it must not
//! know the keys of any provider. Must not be used for what the program itself wrote.

use std::ffi::OsStr;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use baseline_model::{Finding, Reading};

use super::wire;

/// Bytes of a reading at most; a table of twenty million cells has fewer.
const LARGEST: u64 = 2 << 30;
/// What is kept of the child's messages.
const SAID: u64 = 16 << 10;

/// What the reading process may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Confines {
    /// Mebibytes of address space.
    pub memory: u64,
    /// Seconds, of the processor and of the clock on the wall.
    pub seconds: u64,
}

/// Whether a file is read apart: workbooks, old ones too, archives and packed files that hold one, and Parquet.
pub fn is_untrusted(bytes: &[u8]) -> bool {
    if bytes.starts_with(&[0x1f, 0x8b]) {
        let mut head = Vec::new();
        // A damaged file is for the reader to name.
        let _ = flate2::read::GzDecoder::new(bytes).take(8).read_to_end(&mut head);
        return head.starts_with(b"PK") || is_old(&head);
    }
    // The library panics at damaged pages; its reader catches that, and the messages stay in the other process.
    if bytes.starts_with(b"PAR1") {
        return true;
    }
    let names = [&b"xl/"[..], b".xls", b".XLS", b"[Content_Types].xml"];
    let holds = |name: &[u8]| bytes.windows(name.len()).any(|part| part == name);
    is_old(bytes) || (bytes.starts_with(b"PK") && names.into_iter().any(holds))
}

fn is_old(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\xD0\xCF\x11\xE0")
}

/// Limits this process; what it asks for beyond them it does not get. For the child, before it looks at any byte.
///
/// On systems without such limits only the parent's clock holds.
pub fn confine(confines: Confines) {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        let limit = |most: u64| Rlimit { current: Some(most), maximum: Some(most) };
        // A limit that is refused is one that was lower before.
        let _ = setrlimit(Resource::As, limit(confines.memory.saturating_mul(1 << 20)));
        let _ = setrlimit(Resource::Cpu, limit(confines.seconds.saturating_add(1)));
        let _ = setrlimit(Resource::Core, limit(0));
        let _ = setrlimit(Resource::Fsize, limit(0));
    }
    #[cfg(not(unix))]
    let _ = confines;
}

/// Reads in a process of its own: `program` is this program, `args` make it read standard input and write [`wire`].
///
/// The process has ended when this returns. What became of it, if not a reading, is a finding at error level.
pub fn read(program: &Path, args: &[&OsStr], bytes: &[u8], name: &str, confines: Confines) -> Reading {
    let failed = |code: &'static str, message: String, hint: &str| Reading {
        findings: vec![Finding::error(code, name, message).hint(hint)],
        ..Reading::default()
    };
    let mut command = Command::new(program);
    command.args(args).env_clear().stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) => {
            let message = format!("the process that reads untrusted workbooks could not be started: {error}");
            return failed("reader-not-started", message, "check that the program may start itself again");
        }
    };
    let (output, said) = thread::scope(|scope| {
        let (mut input, output, errors) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        // A child that ended does not read to the end; why it ended is asked below.
        scope.spawn(move || input.take().map(|mut input| input.write_all(bytes)));
        let said = scope.spawn(move || {
            let mut said = Vec::new();
            if let Some(mut errors) = errors {
                let _ = errors.by_ref().take(SAID).read_to_end(&mut said);
                let _ = std::io::copy(&mut errors, &mut std::io::sink());
            }
            said
        });
        let (send, receive) = mpsc::channel();
        scope.spawn(move || {
            let mut found = Vec::new();
            let whole = output.map(|output| output.take(LARGEST).read_to_end(&mut found));
            let _ = send.send(whole.and_then(Result::ok).map(|_| found));
        });
        let output = receive.recv_timeout(Duration::from_secs(confines.seconds)).ok();
        if output.is_none() {
            // Closes its ends of the pipes, so that all threads here come to an end.
            let _ = child.kill();
        }
        (output, said.join().unwrap_or_default())
    });
    let Some(output) = output else {
        let _ = child.wait();
        let message = format!("reading took longer than the allowed {} seconds and was ended", confines.seconds);
        return failed(
            "reader-too-slow",
            message,
            "raise --seconds if the file is trusted, or save the sheet that is wanted as CSV",
        );
    };
    let status = end(&mut child);
    if let Some(reading) = output.as_deref().and_then(wire::decode) {
        return reading;
    }
    let said = String::from_utf8_lossy(&said);
    if said.contains("memory allocation of") || said.contains("capacity overflow") {
        let message = format!("reading took more than the allowed {} MiB of memory and was ended", confines.memory);
        return failed(
            "reader-too-large",
            message,
            "raise --memory if the file is trusted, or save the sheet that is wanted as CSV",
        );
    }
    let how = status.map_or_else(|| "it did not end by itself".to_owned(), |status| status.to_string());
    let last =
        said.lines().rev().find(|line| !line.trim().is_empty()).map(|line| format!(": {}", line.trim())).unwrap_or_default();
    let message = format!("the process that read the file ended without a result ({how}){last}");
    failed("reader-failed", message, "the file is damaged or made to do harm; save it again in a spreadsheet program, or as CSV")
}

/// How the child ended; it is given a moment, and then made to.
fn end(child: &mut Child) -> Option<ExitStatus> {
    for _ in 0..200 {
        if let Ok(Some(status)) = child.try_wait() {
            return Some(status);
        }
        thread::sleep(Duration::from_millis(5));
    }
    let _ = child.kill();
    let _ = child.wait();
    None
}
