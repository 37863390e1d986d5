//! The program `kubectl-ha`, which kubectl runs as `kubectl ha`.

use std::process::ExitCode;

use kubectl_ha::{Console, Exit, run};

fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let exit = match runtime {
        Ok(runtime) => runtime.block_on(run(std::env::args_os(), Console::of_process())),
        Err(error) => {
            eprintln!("error: the program can't start: {error}");
            Exit::Failed
        }
    };
    exit.into()
}
