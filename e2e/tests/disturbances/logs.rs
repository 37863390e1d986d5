//! What the library says in its log.

use std::{
    io::{self, Write},
    sync::{Mutex, Once},
};

use e2e::lock;

struct Book;

/// Begins to collect the log, and forgets what was collected before.
pub(crate) fn listen() {
    static BEGUN: Once = Once::new();
    BEGUN.call_once(|| {
        tracing_subscriber::fmt()
            .with_ansi(false)
            .with_max_level(tracing_subscriber::filter::LevelFilter::INFO)
            .with_writer(|| Book)
            .init();
    });
    lock(&TEXT).clear();
}

/// Counts the lines with this text.
pub(crate) fn said(what: &str) -> usize {
    String::from_utf8_lossy(&lock(&TEXT)).lines().filter(|line| line.contains(what)).count()
}

impl Write for Book {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        lock(&TEXT).extend_from_slice(text);
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

static TEXT: Mutex<Vec<u8>> = Mutex::new(Vec::new());
