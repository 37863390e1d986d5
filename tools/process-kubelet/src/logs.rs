//! The output of the containers.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};

use super::termination::MOST_LOG_LINES;

/// The lines of all pods, by `namespace/name`.
#[derive(Clone, Debug)]
pub(crate) struct Logs {
    lines: Arc<Mutex<BTreeMap<String, Vec<String>>>>,
    echo: bool,
}

/// The last lines of one instance of a container.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tail(Arc<Mutex<VecDeque<String>>>);

impl Logs {
    pub(crate) fn new(echo: bool) -> Self {
        Self { lines: Arc::default(), echo }
    }

    pub(crate) fn of(&self, pod: &str) -> Vec<String> {
        self.lock().get(pod).cloned().unwrap_or_default()
    }

    /// Takes all lines of a pipe until its last writer is gone.
    pub(crate) async fn take(self, pod: String, tail: Tail, pipe: impl AsyncRead + Unpin) {
        let mut pipe = BufReader::new(pipe);
        let mut line = Vec::new();
        while let Ok(1..) = pipe.read_until(b'\n', &mut line).await {
            let text = String::from_utf8_lossy(&line).trim_end_matches(['\n', '\r']).to_owned();
            line.clear();
            if self.echo {
                println!("{pod} | {text}");
            }
            tail.push(text.clone());
            self.lock().entry(pod.clone()).or_default().push(text);
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Vec<String>>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tail {
    pub(crate) fn lines(&self) -> VecDeque<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn push(&self, line: String) {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() == MOST_LOG_LINES {
            lines.pop_front();
        }
        lines.push_back(line);
    }
}
