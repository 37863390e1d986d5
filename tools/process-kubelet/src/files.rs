//! The termination message files.

use std::{
    fs::{self, File, Permissions},
    io::{self, ErrorKind, Read, Seek, SeekFrom},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

/// A directory of the kubelet. It goes with the last clone of this.
#[derive(Clone, Debug)]
pub(crate) struct Files(Arc<Directory>);

#[derive(Debug)]
struct Directory(PathBuf);

impl Files {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("process-kubelet-{}-{number}", process::id());
        Self(Arc::new(Directory(std::env::temp_dir().join(name))))
    }

    /// Makes an empty file for one instance of a container, writable for everybody.
    ///
    /// `pkg/kubelet/kuberuntime/kuberuntime_container.go`, `makeMounts`: each instance has a file of
    /// its own, in a directory of its pod and container.
    pub(crate) fn create(&self, pod: &str, container: &str, instance: i32) -> io::Result<PathBuf> {
        let directory = self.0.0.join(pod).join(container);
        fs::create_dir_all(&directory)?;
        let path = directory.join(instance.to_string());
        File::create(&path)?.set_permissions(Permissions::from_mode(0o666))?;
        Ok(path)
    }

    /// Returns a file that others use, too, and that nobody empties.
    pub(crate) fn share(&self, name: &str) -> io::Result<PathBuf> {
        let fits = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
        if name.is_empty() || !name.chars().all(fits) {
            let error = format!("the file {name:?} is to be named by letters, digits and hyphens");
            return Err(io::Error::new(ErrorKind::InvalidInput, error));
        }
        let directory = self.0.0.join("shared");
        fs::create_dir_all(&directory)?;
        let path = directory.join(name);
        let file = File::options().append(true).create(true).open(&path)?;
        file.set_permissions(Permissions::from_mode(0o666))?;
        Ok(path)
    }

    /// Removes the files of a pod that is over.
    pub(crate) fn remove(&self, pod: &str) {
        if !pod.is_empty() {
            remove(&self.0.0.join(pod));
        }
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        remove(&self.0);
    }
}

fn remove(directory: &Path) {
    match fs::remove_dir_all(directory) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            tracing::warn!(%error, directory = %directory.display(), "it is left behind");
        }
        Ok(()) | Err(_) => {}
    }
}

/// Returns at most so many bytes of the end of a file, and nothing if there is no file.
///
/// `pkg/util/tail/tail.go`, `ReadAtMost`.
pub(crate) fn read_at_most(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut file = match File::open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        opened => opened?,
    };
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(most)))?;
    let mut text = Vec::new();
    file.read_to_end(&mut text)?;
    Ok(text)
}
