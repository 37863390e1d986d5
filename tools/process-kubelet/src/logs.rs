//! The output of the containers.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};

/// The lines of all pods, by `namespace/name`.
#[derive(Clone, Debug)]
pub(crate) struct Logs {
    lines: Arc<Mutex<BTreeMap<String, Vec<String>>>>,
    echo: bool,
}

impl Logs {
    pub(crate) fn new(echo: bool) -> Self {
        Self { lines: Arc::default(), echo }
    }

    pub(crate) fn of(&self, pod: &str) -> Vec<String> {
        self.lock().get(pod).cloned().unwrap_or_default()
    }

    /// Takes all lines of a pipe until its last writer is gone.
    pub(crate) async fn take(self, pod: String, pipe: impl AsyncRead + Unpin) {
        let mut pipe = BufReader::new(pipe);
        let mut line = Vec::new();
        while let Ok(1..) = pipe.read_until(b'\n', &mut line).await {
            let text = String::from_utf8_lossy(&line).trim_end_matches(['\n', '\r']).to_owned();
            line.clear();
            if self.echo {
                println!("{pod} | {text}");
            }
            self.lock().entry(pod.clone()).or_default().push(text);
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Vec<String>>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
