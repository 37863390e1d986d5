//! Collects what is logged on this thread.

use std::{
    cell::RefCell,
    io,
    sync::{Arc, Mutex, Once},
};

/// The log of this thread since it was made.
pub(crate) struct Log {
    text: Arc<Mutex<Vec<u8>>>,
}

/// Writes to the collector of this thread, if there is one.
struct Router;

thread_local! {
    static COLLECTOR: RefCell<Option<Arc<Mutex<Vec<u8>>>>> = const { RefCell::new(None) };
}

impl Log {
    pub(crate) fn capture() -> Self {
        // One subscriber serves all threads. With one for each thread, `tracing` may note that a
        // line is not wanted while another test logs it, and keep that for all threads.
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

    /// Returns the lines that contain this text.
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
        // A thread that ends has already lost its collector.
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
