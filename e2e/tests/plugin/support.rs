//! The command, run as a user of the plane, and what it wrote.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};

use kubectl_ha::{Console, Exit, run};

/// How the command ended.
pub(crate) struct Done {
    pub(crate) exit: Exit,
    pub(crate) output: String,
    pub(crate) errors: String,
}

/// Runs the command with these words and a kubeconfig.
pub(crate) async fn kubectl_ha(kubeconfig: &std::path::Path, words: &str) -> Done {
    let (output, errors) = (Written::default(), Written::default());
    let path = kubeconfig.to_str().unwrap();
    let arguments =
        ["kubectl-ha", "--kubeconfig", path].into_iter().chain(words.split_whitespace());
    let exit = run(arguments, Console::new(output.clone(), errors.clone())).await;
    Done { exit, output: output.text(), errors: errors.text() }
}

#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Written {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
