//! The program of `interop/control-plane`, and the lines that it answers.

use std::{
    io::{self, BufRead, BufReader, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use serde_json::Value;

/// It ends with this, and with the process that has it.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
}

impl Process {
    pub(super) fn start(command: &mut Command) -> io::Result<Self> {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let stdin = child.stdin.take();
        let stdout = child.stdout.take().ok_or_else(|| io::Error::other("no output"))?;
        Ok(Self { child, stdin, stdout: BufReader::new(stdout) })
    }

    /// Writes a line, and reads its answer.
    pub(super) fn ask(&mut self, line: &str) -> io::Result<Value> {
        let stdin = self.stdin.as_mut().ok_or_else(|| io::Error::other("it has ended"))?;
        writeln!(stdin, "{line}")?;
        stdin.flush()?;
        self.read()
    }

    pub(super) fn read(&mut self) -> io::Result<Value> {
        let mut line = String::new();
        if self.stdout.read_line(&mut line)? == 0 {
            return Err(io::Error::other("the control plane has ended"));
        }
        Ok(serde_json::from_str(&line)?)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // The process ends at the end of its input.
        self.stdin = None;
        let _ = self.child.wait();
    }
}
