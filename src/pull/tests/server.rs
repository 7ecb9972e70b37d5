//! A tiny web server on the loopback interface that answers as a test tells it and notes what it was asked.

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

/// One request as it came.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Path and query.
    pub path: String,
    pub at: Timestamp,
    /// Requests that were being answered when it came, itself included.
    pub in_flight: usize,
}

type Script = Arc<dyn Fn(usize, &str) -> Reply + Send + Sync>;

pub struct Server {
    pub address: SocketAddr,
    log: Arc<Mutex<Vec<Asked>>>,
    script: Arc<Mutex<Script>>,
    stop: Arc<AtomicBool>,
    listener: Option<JoinHandle<()>>,
}

impl Server {
    pub fn new(clock: &Arc<FakeClock>, script: impl Fn(usize, &str) -> Reply + Send + Sync + 'static) -> Self {
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
    script: &(dyn Fn(usize, &str) -> Reply + Send + Sync),
) {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte) {
            Ok(1) => head.push(byte[0]),
            _ => return,
        }
    }
    let path = String::from_utf8_lossy(&head).split(' ').nth(1).unwrap_or_default().to_owned();
    let in_flight = {
        let mut busy = busy.lock().unwrap();
        *busy += 1;
        *busy
    };
    let number = {
        let mut log = log.lock().unwrap();
        log.push(Asked { path: path.clone(), at: clock.now(), in_flight });
        log.len() - 1
    };
    let reply = script(number, &path);
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
