//! A tiny web server on the loopback interface that answers as a test tells it and notes what it was asked.
//!
//! A script is a function of the request; [`faults`] is the table of what providers do wrong, for every protocol's tests.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use jiff::Timestamp;

use crate::pull::Clock;

/// A clock whose sleeps take no time.
pub struct FakeClock {
    now: Mutex<Timestamp>,
    start: Instant,
    pub slept: Mutex<Duration>,
}

impl FakeClock {
    pub fn new() -> Self {
        let now = "2026-11-22T03:00:00Z".parse().unwrap();
        Self { now: Mutex::new(now), start: Instant::now(), slept: Mutex::default() }
    }

    pub fn advance(&self, by: Duration) {
        let mut now = self.now.lock().unwrap();
        *now = now.checked_add(by).unwrap();
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        *self.now.lock().unwrap()
    }

    fn monotonic(&self) -> Duration {
        self.start.elapsed()
    }

    fn sleep(&self, duration: Duration) {
        *self.slept.lock().unwrap() += duration;
        self.advance(duration);
    }
}

#[derive(Clone)]
pub enum Reply {
    /// Status, further header lines, body with its length.
    Full(u16, String, Vec<u8>),
    /// Bytes as they are, then the end of the connection.
    Raw(Vec<u8>),
    /// Never an answer.
    Hang,
    /// Head, then a byte now and then.
    Drip,
}

pub fn ok(body: impl AsRef<[u8]>) -> Reply {
    Reply::Full(200, String::new(), body.as_ref().to_vec())
}

pub fn status(status: u16, body: &str) -> Reply {
    Reply::Full(status, String::new(), body.as_bytes().to_vec())
}

pub fn with_header(status: u16, header: &str, body: &str) -> Reply {
    Reply::Full(status, format!("{header}\r\n"), body.as_bytes().to_vec())
}

/// A fault of a provider, and what a pull of one slice makes of it when it does not go away.
pub struct Fault {
    pub name: &'static str,
    pub reply: Reply,
    /// As `short` says it.
    pub expected: &'static str,
    /// Whether the next try may do.
    pub passing: bool,
}

/// What providers answer instead of `good`, the body of a good answer.
pub fn faults(good: &[u8]) -> Vec<Fault> {
    let fault = |name, reply, expected, passing| Fault { name, reply, expected, passing };
    let page = |title: &str| format!("<!DOCTYPE html><html><head><title>{title}</title></head><body></body></html>");
    let raw = |headers: &str, body: &[u8]| {
        Reply::Raw([format!("HTTP/1.1 200 OK\r\nConnection: close\r\n{headers}\r\n").as_bytes(), body].concat())
    };
    let packed = super::pack(&String::from_utf8_lossy(good));
    let length = |body: &[u8]| format!("Content-Length: {}\r\n", body.len());
    let half = &good[..good.len() / 2];
    vec![
        fault("429 with Retry-After", with_header(429, "Retry-After: 7", ""), "failed refused", true),
        fault("429 without", status(429, ""), "failed refused", true),
        fault("403", status(403, ""), "failed refused", false),
        fault("404", status(404, ""), "failed refused", false),
        fault("410", status(410, ""), "failed refused", false),
        fault("412", status(412, ""), "failed refused", false),
        fault("416", status(416, ""), "failed refused", false),
        fault("500", status(500, "down"), "failed refused", true),
        fault("503 with a page", status(503, &page("Maintenance")), "failed refused", true),
        fault("a page with 200", ok(page("Site maintenance")), "failed damaged", true),
        fault("a ban page with 200", ok(page("Request Rejected")), "failed refused", false),
        fault("an empty body", ok(""), "failed damaged", true),
        fault("cut", raw(&length(good), half), "failed damaged", true),
        fault("the connection ends before an answer", Reply::Raw(Vec::new()), "failed connection-broken", true),
        fault("cut gzip", raw("", &packed[..packed.len() - 5]), "failed damaged", true),
        fault("gzip that is none", raw(&format!("Content-Encoding: gzip\r\n{}", length(half)), half), "failed damaged", true),
        fault("a redirect in a circle", with_header(307, "Location: /again", ""), "failed refused", false),
        fault("a redirect to nowhere", status(302, ""), "failed refused", false),
    ]
}

/// One request as it came.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// Its place among all, from 0.
    pub number: usize,
    pub method: String,
    /// Request line and headers as they came.
    pub head: String,
    pub body: String,
    /// Path and query.
    pub path: String,
    pub at: Timestamp,
    /// Requests that were being answered when it came, itself included.
    pub in_flight: usize,
}

type Script = Arc<dyn Fn(&Asked) -> Reply + Send + Sync>;

pub struct Server {
    pub address: SocketAddr,
    log: Arc<Mutex<Vec<Asked>>>,
    script: Arc<Mutex<Script>>,
    stop: Arc<AtomicBool>,
    listener: Option<JoinHandle<()>>,
}

impl Server {
    /// A script by number and path.
    pub fn new(clock: &Arc<FakeClock>, script: impl Fn(usize, &str) -> Reply + Send + Sync + 'static) -> Self {
        Self::full(clock, move |asked| script(asked.number, &asked.path))
    }

    pub fn full(clock: &Arc<FakeClock>, script: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (log, stop) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
        let script: Arc<Mutex<Script>> = Arc::new(Mutex::new(Arc::new(script)));
        let busy = Arc::new(Mutex::new(0));
        let accept = {
            let (log, stop, script, clock) = (Arc::clone(&log), Arc::clone(&stop), Arc::clone(&script), Arc::clone(clock));
            move || {
                for stream in listener.incoming() {
                    if stop.load(Ordering::Relaxed) {
                        return;
                    }
                    let Ok(stream) = stream else { continue };
                    let (log, stop, clock, busy) = (Arc::clone(&log), Arc::clone(&stop), Arc::clone(&clock), Arc::clone(&busy));
                    let script = Arc::clone(&script.lock().unwrap());
                    thread::spawn(move || serve(stream, &log, &stop, &clock, &busy, &*script));
                }
            }
        };
        Self { address, log, script, stop, listener: Some(thread::spawn(accept)) }
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.log.lock().unwrap().clone()
    }

    /// Other answers from now on; the log starts anew.
    pub fn now_answers(&self, script: impl Fn(usize, &str) -> Reply + Send + Sync + 'static) {
        self.now_answers_in_full(move |asked| script(asked.number, &asked.path));
    }

    pub fn now_answers_in_full(&self, script: impl Fn(&Asked) -> Reply + Send + Sync + 'static) {
        *self.script.lock().unwrap() = Arc::new(script);
        self.log.lock().unwrap().clear();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        let _ = TcpStream::connect(self.address);
        if let Some(listener) = self.listener.take() {
            let _ = listener.join();
        }
    }
}

fn serve(
    mut stream: TcpStream,
    log: &Mutex<Vec<Asked>>,
    stop: &AtomicBool,
    clock: &FakeClock,
    busy: &Mutex<usize>,
    script: &(dyn Fn(&Asked) -> Reply + Send + Sync),
) {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte) {
            Ok(1) => head.push(byte[0]),
            _ => return,
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let mut words = head.split(' ').map(str::to_owned);
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let stated = head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
    let mut body = vec![0; stated.unwrap_or(0)];
    if stream.read_exact(&mut body).is_err() {
        return;
    }
    let body = String::from_utf8_lossy(&body).into_owned();
    let in_flight = {
        let mut busy = busy.lock().unwrap();
        *busy += 1;
        *busy
    };
    let asked = {
        let mut log = log.lock().unwrap();
        let number = log.len();
        log.push(Asked { number, method, head, body, path, at: clock.now(), in_flight });
        log[number].clone()
    };
    let reply = script(&asked);
    // Answered now: whoever asks next has waited for the end of this one.
    *busy.lock().unwrap() -= 1;
    let head = |status: u16, headers: &str| format!("HTTP/1.1 {status} X\r\nConnection: close\r\n{headers}\r\n");
    let wait = || {
        for _ in 0..100 {
            if stop.load(Ordering::Relaxed) {
                return;
            }
            thread::sleep(Duration::from_millis(50));
        }
    };
    // A client that has given up is what some tests want.
    match reply {
        Reply::Full(status, headers, body) => {
            let headers = format!("{headers}Content-Length: {}\r\n", body.len());
            let _ = stream.write_all(head(status, &headers).as_bytes()).and_then(|()| stream.write_all(&body));
        }
        Reply::Raw(bytes) => drop(stream.write_all(&bytes)),
        Reply::Hang => wait(),
        Reply::Drip => {
            let _ = stream.write_all(head(200, "Content-Length: 100000\r\n").as_bytes());
            while !stop.load(Ordering::Relaxed) && stream.write_all(b"{").is_ok() {
                thread::sleep(Duration::from_millis(50));
            }
        }
    }
}
