//! The program `kubectl_complete-ha`, which kubectl runs when Tab is pressed after `kubectl ha`: it asks `kubectl-ha`.

use std::{
    env,
    process::{Command, ExitCode},
};

fn main() -> ExitCode {
    let name = format!("kubectl-ha{}", env::consts::EXE_SUFFIX);
    let beside =
        env::current_exe().ok().map(|path| path.with_file_name(&name)).filter(|path| path.exists());
    let mut program = Command::new(beside.unwrap_or_else(|| name.into()));
    match program.arg("__complete").args(env::args_os().skip(1)).status() {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("kubectl-ha can't be run: {error}");
            ExitCode::FAILURE
        }
    }
}
