//! Signals that ask the command to end.

use std::{future::Future, io};

use crate::exit::Signal;

/// Listens from now on, and returns what waits for the first signal. Until it is dropped, none ends the program by itself.
#[cfg(unix)]
pub(super) fn listen() -> io::Result<impl Future<Output = Signal>> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hangup = signal(SignalKind::hangup())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => Signal::Interrupt,
            _ = terminate.recv() => Signal::Terminate,
            _ = hangup.recv() => Signal::HangUp,
        }
    })
}

/// Listens to Ctrl-C, and returns what waits for it.
#[cfg(not(unix))]
pub(super) fn listen() -> io::Result<impl Future<Output = Signal>> {
    let pressed = tokio::spawn(tokio::signal::ctrl_c());
    Ok(async move {
        match pressed.await {
            Ok(Ok(())) => Signal::Interrupt,
            Ok(Err(_)) | Err(_) => std::future::pending().await,
        }
    })
}
