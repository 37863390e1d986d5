//! The command, run as a user of the plane, and what it wrote.

use std::{
    io::{self, Write},
    path::Path,
    sync::{Arc, Mutex},
};

use kubectl_ha::{Console, Exit, run};

/// What a command writes, while it runs and after it.
#[derive(Clone, Default)]
pub(crate) struct Written(Arc<Mutex<Vec<u8>>>);

/// Runs the command with these words, and returns all that it wrote, errors too.
pub(crate) async fn kubectl_ha(kubeconfig: &Path, words: &str) -> (Exit, String) {
    let written = Written::default();
    let exit = kubectl_ha_into(kubeconfig, words, &written).await;
    (exit, written.text())
}

/// Runs a command that may be dropped before it ends.
pub(crate) async fn kubectl_ha_into(kubeconfig: &Path, words: &str, written: &Written) -> Exit {
    let kubeconfig = kubeconfig.to_str().expect("its path is text");
    let arguments = ["kubectl-ha", "--kubeconfig", kubeconfig].into_iter();
    let console = Console::new(written.clone(), written.clone());
    run(arguments.chain(words.split_whitespace()), console).await
}

impl Written {
    pub(crate) fn text(&self) -> String {
        let bytes = self.0.lock().expect("nobody panics").clone();
        String::from_utf8(bytes).expect("it is text")
    }
}

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("nobody panics").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
