//! `kubectl ha`, run as a user of the plane, and what it wrote.

use std::{
    io::{self, Write},
    path::Path,
    sync::{Arc, Mutex},
};

use kubectl_ha::{Console, Exit, run};

use crate::lock;

/// How a command ended.
#[derive(Debug)]
pub struct Done {
    /// Its exit code.
    pub exit: Exit,
    /// What it wrote to standard output.
    pub output: String,
    /// What it wrote to standard error.
    pub errors: String,
}

/// What a command writes, while it runs and after it.
#[derive(Clone, Debug, Default)]
pub struct Written(Arc<Mutex<Vec<u8>>>);

/// Runs the command with these words.
pub async fn kubectl_ha(kubeconfig: &Path, words: &str) -> Done {
    let (output, errors) = (Written::default(), Written::default());
    let exit = run_with(kubeconfig, words, Console::new(output.clone(), errors.clone())).await;
    Done { exit, output: output.text(), errors: errors.text() }
}

/// Runs a command that may be dropped before it ends; its errors go to the same place as its output.
pub async fn kubectl_ha_into(kubeconfig: &Path, words: &str, written: &Written) -> Exit {
    run_with(kubeconfig, words, Console::new(written.clone(), written.clone())).await
}

async fn run_with(kubeconfig: &Path, words: &str, console: Console) -> Exit {
    let arguments = ["kubectl-ha".as_ref(), "--kubeconfig".as_ref(), kubeconfig.as_os_str()];
    run(arguments.into_iter().chain(words.split_whitespace().map(AsRef::as_ref)), console).await
}

impl Written {
    /// Returns all that was written so far.
    ///
    /// # Panics
    ///
    /// If it is no text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8(lock(&self.0).clone()).expect("a command writes text")
    }
}

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        lock(&self.0).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
