//! What was logged on this thread.

use std::{
    cell::RefCell,
    io,
    sync::{Arc, Mutex, Once},
};

/// Collects the log of this thread while it lives.
pub(crate) struct Log {
    text: Arc<Mutex<Vec<u8>>>,
}

/// Writes for whoever collects on this thread.
struct Router;

thread_local! {
    static COLLECTOR: RefCell<Option<Arc<Mutex<Vec<u8>>>>> = const { RefCell::new(None) };
}

impl Log {
    pub(crate) fn capture() -> Self {
        // One subscriber for all threads: with one for each, `tracing` may remember of a line that
        // another test logs at this moment that nobody wants it.
        static INSTALLED: Once = Once::new();
        INSTALLED.call_once(|| {
            let subscriber = tracing_subscriber::fmt()
                .with_ansi(false)
                .with_target(false)
                .with_max_level(tracing_subscriber::filter::LevelFilter::DEBUG)
                .without_time()
                .with_writer(|| Router)
                .finish();
            tracing::subscriber::set_global_default(subscriber).unwrap();
        });
        let text = Arc::default();
        COLLECTOR.set(Some(Arc::clone(&text)));
        Self { text }
    }

    /// Returns the lines in which this occurs.
    pub(crate) fn lines(&self, of: &str) -> Vec<String> {
        let text = String::from_utf8(self.text.lock().unwrap().clone()).unwrap();
        text.lines().map(str::trim).filter(|line| line.contains(of)).map(Into::into).collect()
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        COLLECTOR.set(None);
    }
}

impl io::Write for Router {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A thread that ends has none any more.
        let text = COLLECTOR.try_with(|text| text.borrow().clone()).ok().flatten();
        match text {
            Some(text) => text.lock().unwrap().write(bytes),
            None => Ok(bytes.len()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
