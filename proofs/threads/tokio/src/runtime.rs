//! There is one runtime, and it is shuttle's scheduler.

use std::{io, marker::PhantomData};

use crate::task::JoinHandle;

/// The runtime.
#[derive(Clone, Debug)]
pub struct Handle(());

/// The runtime.
#[derive(Debug)]
pub struct Runtime(Handle);

/// Makes the runtime.
#[derive(Debug)]
pub struct Builder(());

/// There is always a runtime.
#[derive(Debug)]
pub struct TryCurrentError(());

/// There is one runtime, so that nothing is left when it is left.
#[derive(Debug)]
pub struct EnterGuard<'a>(PhantomData<&'a Handle>);

impl Handle {
    pub fn current() -> Self {
        Self(())
    }

    pub fn try_current() -> Result<Self, TryCurrentError> {
        Ok(Self(()))
    }

    pub fn enter(&self) -> EnterGuard<'_> {
        EnterGuard(PhantomData)
    }

    pub fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        crate::spawn(future)
    }

    pub fn spawn_blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> JoinHandle<T> {
        crate::task::spawn_blocking(work)
    }
}

impl Runtime {
    pub fn handle(&self) -> &Handle {
        &self.0
    }

    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        shuttle::future::block_on(future)
    }
}

impl Builder {
    pub fn new_current_thread() -> Self {
        Self(())
    }

    pub fn enable_all(&mut self) -> &mut Self {
        self
    }

    pub fn build(&mut self) -> io::Result<Runtime> {
        Ok(Runtime(Handle(())))
    }
}
