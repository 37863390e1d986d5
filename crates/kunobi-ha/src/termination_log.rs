//! The termination message of this container: a file that the kubelet reads when the container has
//! ended, and whose content it puts into the status of the Pod.
//!
//! The whole process shares what is in a file. The lock of a file is held while it is written, so that
//! only threads that may block take it.

mod text;

use std::{
    collections::BTreeMap,
    fs::OpenOptions,
    io::{self, Read, Seek, Write},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

#[cfg(feature = "shutdown")]
use std::time::Duration;

#[cfg(feature = "shutdown")]
use tokio::{task::spawn_blocking, time::timeout};

use self::text::Text;
#[cfg(feature = "shutdown")]
use crate::journal::warn;
use crate::sync::{Mutex, lock};

/// One file, and what this process has written into it.
#[derive(Debug)]
pub(crate) struct TerminationLog {
    path: PathBuf,
    content: Mutex<Content>,
    distrusted: AtomicBool,
}

#[derive(Debug, Default)]
struct Content {
    text: Text,
    /// What the last write has put at the beginning of the file.
    written: String,
}

impl TerminationLog {
    /// Returns the file of this path: the same one for all who ask.
    pub(crate) fn at(path: &Path) -> Arc<Self> {
        static ALL: Mutex<BTreeMap<PathBuf, Arc<TerminationLog>>> = Mutex::new(BTreeMap::new());
        let mut all = lock(&ALL);
        let log = all.entry(path.to_owned()).or_insert_with(|| {
            let (path, distrusted) = (path.to_owned(), AtomicBool::new(false));
            Arc::new(Self { path, content: Mutex::default(), distrusted })
        });
        Arc::clone(log)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Tells whether certificates can be trusted in this container, as far as is known.
    pub(crate) fn is_trusted(&self) -> bool {
        !self.distrusted.load(Ordering::Relaxed)
    }

    /// rule C4: certificates can't be trusted in this container.
    pub(crate) fn distrust(&self) {
        self.distrusted.store(true, Ordering::Relaxed);
    }

    /// Writes a certificate of death about this subject, so that it is in the file when this returns
    /// (rule C1). It may block.
    ///
    /// # Errors
    ///
    /// The certificate is too long, or the file can't be written.
    pub(crate) fn certify(&self, subject: &str, certificate: &str) -> io::Result<()> {
        let mut content = lock(&self.content);
        content.text.certify(subject, certificate).map_err(io::Error::other)?;
        content.write(&self.path)
    }

    /// Removes certificates. It may block.
    ///
    /// # Errors
    ///
    /// The file can't be written.
    pub(crate) fn withdraw(&self, certificates: &[Box<str>]) -> io::Result<()> {
        let mut content = lock(&self.content);
        content.text.withdraw(certificates);
        content.write(&self.path)
    }

    /// Appends why this process ends. Of several reasons, the first one stays. It may block.
    #[cfg(feature = "shutdown")]
    fn append_reason(&self, reason: &str) -> io::Result<()> {
        let mut content = lock(&self.content);
        content.text.append_reason(reason);
        content.write(&self.path)
    }
}

/// Appends to each of these files why this process ends (rule C8). A file that blocks is given
/// up after a while; the thread that writes it stays.
#[cfg(feature = "shutdown")]
pub(crate) async fn append_reason(logs: Vec<Arc<TerminationLog>>, reason: String) {
    if logs.is_empty() {
        return;
    }
    let writing = spawn_blocking(move || {
        logs.iter().find_map(|log| {
            let error = log.append_reason(&reason).err()?;
            Some(format!("{}: {error}", log.path().display()))
        })
    });
    let failed = match timeout(PATIENCE, writing).await {
        Ok(Ok(failed)) => failed,
        Ok(Err(_)) | Err(_) => Some("no answer of the file system".into()),
    };
    if let Some(failed) = failed {
        warn!("the reason is not in the termination message: {failed}");
    }
}

impl Content {
    /// Puts all of it at the beginning of the file, by one write, and keeps what others wrote there.
    fn write(&mut self, path: &Path) -> io::Result<()> {
        let text = self.text.to_string();
        if text == self.written {
            return Ok(());
        }
        // The file of a container is there before the container starts. None is made anywhere else.
        let mut file = OpenOptions::new().read(true).write(true).open(path)?;
        let mut before = Vec::new();
        (&file).take(LONGEST_READ).read_to_end(&mut before)?;
        let theirs = before.strip_prefix(self.written.as_bytes()).unwrap_or(&before);
        let mut bytes = [text.as_bytes(), theirs].concat();
        bytes.truncate(text::LONGEST);
        let length = bytes.len();
        // A process that dies between two system calls leaves no old certificate behind.
        bytes.resize(length.max(before.len()), b'\n');
        self.written.clear();
        file.rewind()?;
        if file.write(&bytes)? < bytes.len() {
            return Err(io::ErrorKind::WriteZero.into());
        }
        self.written = text;
        if bytes.len() > length {
            // The kubelet shows the log only where the message is empty.
            file.set_len(length.try_into().map_err(io::Error::other)?)?;
        }
        Ok(())
    }
}

/// How long a file that blocks may hold up the end.
#[cfg(feature = "shutdown")]
const PATIENCE: Duration = Duration::from_millis(100);
/// In bytes. Of a longer file, the kubelet reads the end.
const LONGEST_READ: u64 = 1 << 16;

#[cfg(test)]
mod tests;
