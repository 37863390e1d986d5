//! What tests write the log to.

use std::{
    io,
    sync::{Arc, Condvar, Mutex},
};

/// Collects what is written. One that is blocked does not write until it is released.
#[derive(Clone)]
pub(super) struct Paper(Arc<Sheet>);

struct Sheet {
    text: Mutex<Vec<u8>>,
    blocked: Mutex<bool>,
    released: Condvar,
}

impl Paper {
    pub(super) fn new() -> Self {
        Self::with(false)
    }

    pub(super) fn blocked() -> Self {
        Self::with(true)
    }

    fn with(blocked: bool) -> Self {
        let sheet = Sheet {
            text: Mutex::default(),
            blocked: Mutex::new(blocked),
            released: Condvar::new(),
        };
        Self(Arc::new(sheet))
    }

    pub(super) fn release(&self) {
        *self.0.blocked.lock().unwrap() = false;
        self.0.released.notify_all();
    }

    pub(super) fn subscriber(&self) -> impl tracing::Subscriber + Send + Sync + use<> {
        let paper = self.clone();
        tracing_subscriber::fmt()
            .with_ansi(false)
            .with_target(false)
            .without_time()
            .with_writer(move || paper.clone())
            .finish()
    }

    /// Returns the lines that were written, without the blanks around them.
    pub(super) fn lines(&self) -> Vec<String> {
        let text = String::from_utf8(self.0.text.lock().unwrap().clone()).unwrap();
        text.lines().map(|line| line.trim().to_owned()).collect()
    }
}

impl io::Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Sheet { text, blocked, released } = &*self.0;
        drop(released.wait_while(blocked.lock().unwrap(), |blocked| *blocked));
        text.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
