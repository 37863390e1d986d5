//! `--state`: what is stored, in a file.

use std::{path::PathBuf, time::Duration};

use kunobi_ha_test::{Snapshot, TestServer};

use crate::{failure::Failure, files};

/// The file.
#[derive(Clone, Debug)]
pub(crate) struct State {
    path: PathBuf,
}

impl State {
    /// Reads what the file has; none if there is no such file. It is left as it is.
    pub(crate) fn open(path: PathBuf) -> Result<(Self, Option<Snapshot>), Failure> {
        let refused = |why: String| Failure::Usage(format!("--state {}: {why}", path.display()));
        let text = files::read(&path).map_err(|error| refused(error.to_string()))?;
        let read = |text: String| {
            Snapshot::from_json(&text).map_err(|error| {
                refused(format!("{error}. To begin with nothing, remove the file or name another"))
            })
        };
        let snapshot = text.map(read).transpose()?;
        Ok((Self { path }, snapshot))
    }

    /// Returns the version that is in the file for certain.
    pub(crate) fn save(&self, server: &TestServer) -> Result<u64, Failure> {
        let version = server.resource_version();
        match files::replace(&self.path, &server.snapshot().to_json()) {
            Ok(()) => Ok(version),
            Err(error) => {
                let path = self.path.display();
                Err(Failure::Usage(format!("--state {path}: can't be written: {error}")))
            }
        }
    }

    /// Saves what changes from this version on, again and again.
    pub(crate) async fn keep(&self, server: &TestServer, mut saved: u64) {
        let mut has_failed = false;
        loop {
            tokio::time::sleep(PERIOD).await;
            if server.resource_version() == saved {
                continue;
            }
            let (state, server) = (self.clone(), server.clone());
            let result = tokio::task::spawn_blocking(move || state.save(&server)).await;
            match result {
                Ok(Ok(version)) => (saved, has_failed) = (version, false),
                // It is tried again; once told is enough.
                Ok(Err(failure)) if !has_failed => {
                    crate::warn(&failure);
                    has_failed = true;
                }
                Ok(Err(_)) | Err(_) => {}
            }
        }
    }
}

const PERIOD: Duration = Duration::from_secs(1);
