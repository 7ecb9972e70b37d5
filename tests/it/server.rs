//! A provider on the loopback interface: answers by path, and notes what it was asked.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Instant;

/// What is answered to a path that contains the key; 404 to everything else. An empty body is never answered.
type Answers = BTreeMap<String, Vec<u8>>;

pub struct Server {
    pub address: String,
    answers: Arc<Mutex<Answers>>,
    asked: Arc<Mutex<Vec<String>>>,
    times: Arc<Mutex<Vec<Instant>>>,
    stop: Arc<AtomicBool>,
}

impl Server {
    pub fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Self {
            address: listener.local_addr().unwrap().to_string(),
            answers: Arc::default(),
            asked: Arc::default(),
            times: Arc::default(),
            stop: Arc::default(),
        };
        let (answers, asked, stop) = (Arc::clone(&server.answers), Arc::clone(&server.asked), Arc::clone(&server.stop));
        let times = Arc::clone(&server.times);
        thread::spawn(move || {
            for stream in listener.incoming() {
                if stop.load(Ordering::Relaxed) {
                    return;
                }
                times.lock().unwrap().push(Instant::now());
                let (Ok(stream), answers, asked) = (stream, Arc::clone(&answers), Arc::clone(&asked)) else { continue };
                thread::spawn(move || serve(stream, &answers, &asked));
            }
        });
        server
    }

    pub fn answer(&self, path: &str, body: impl Into<Vec<u8>>) {
        self.answers.lock().unwrap().insert(path.to_owned(), body.into());
    }

    /// From now on nothing is found.
    pub fn forget(&self) {
        self.answers.lock().unwrap().clear();
    }

    /// When it was called, of all calls.
    pub fn times(&self) -> Vec<Instant> {
        self.times.lock().unwrap().clone()
    }

    /// Paths asked for since the last call.
    pub fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        let _ = TcpStream::connect(&self.address);
    }
}

fn serve(mut stream: TcpStream, answers: &Mutex<Answers>, asked: &Mutex<Vec<String>>) {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte) {
            Ok(1) => head.push(byte[0]),
            Ok(_) | Err(_) => return,
        }
    }
    let path = String::from_utf8_lossy(&head).split(' ').nth(1).unwrap_or_default().to_owned();
    asked.lock().unwrap().push(path.clone());
    let body = answers.lock().unwrap().iter().find(|(key, _)| path.contains(key.as_str())).map(|(_, body)| body.clone());
    let (status, body) = match body {
        Some(body) if body.is_empty() => {
            // Until the other side gives up or is stopped.
            let _ = stream.read(&mut byte);
            return;
        }
        Some(body) => ("200 OK", body),
        None => ("404 Not Found", br#"{"error":[{"status":404,"id":100,"label":"Resource not found"}]}"#.to_vec()),
    };
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/octet-stream\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    // A client that left does not want it any more.
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
}
