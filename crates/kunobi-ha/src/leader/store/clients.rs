//! Clients that an election makes for itself, from a configuration.
//!
//! A client lives on a thread with a runtime of its own, where it is made and where its requests are
//! carried out. So nothing of a client can hold up a driver: kube runs exec plugins where a client
//! is made, and in the blocking pool when a token expires; names are resolved in that pool too, and
//! the one of the program may be full. And a client can't belong to a runtime that is gone.

use std::{
    any::Any,
    fmt,
    panic::{self, AssertUnwindSafe},
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    thread,
};

use http::{Request, StatusCode};
use kunobi_ha_core::Connection;
use tokio::{
    runtime::{Builder, Runtime},
    sync::{
        self, mpsc,
        oneshot::{self, error::TryRecvError},
    },
};
use tracing::dispatcher::{self, Dispatch};

use super::{Answer, BoxError, Exchanging, Sending, Transport};

/// Sends each request with the client that it needs.
pub(super) struct Clients(Arc<Inner>);

struct Inner {
    kube: &'static str,
    make: Make,
    current: Mutex<Option<Client>>,
    /// The client that is being made, or that was made for a request that is no longer there. There
    /// is one at a time: a plugin that hangs costs one thread, and not one with each request.
    making: sync::Mutex<Option<oneshot::Receiver<Made>>>,
}

type Make = Arc<dyn Fn() -> Result<Arc<dyn Transport>, BoxError> + Send + Sync>;
type Made = Result<Client, BoxError>;

/// A client on its thread, which ends with the last clone of this.
#[derive(Clone)]
struct Client(mpsc::UnboundedSender<Errand>);

/// What a client is to do on its thread.
type Errand = Box<dyn FnOnce(&dyn Transport) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send>;

impl Clients {
    pub(super) fn new(
        kube: &'static str,
        make: impl Fn() -> Result<Arc<dyn Transport>, BoxError> + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(Inner {
            kube,
            make: Arc::new(make),
            current: Mutex::default(),
            making: sync::Mutex::default(),
        }))
    }
}

impl Transport for Clients {
    /// A stream does not keep its client: it ends when the client is replaced, for its connection
    /// may be silent too.
    fn send(&self, request: Request<Vec<u8>>) -> Sending {
        let clients = Arc::clone(&self.0);
        Box::pin(async move {
            let client = clients.any().await?;
            client.run(|transport| transport.send(request)).await
        })
    }

    fn exchange(&self, request: Request<Vec<u8>>, connection: Connection) -> Exchanging {
        let clients = Arc::clone(&self.0);
        Box::pin(async move {
            let client = match connection {
                Connection::Any => clients.any().await?,
                Connection::New => clients.new_one().await?,
            };
            let answer = client.run(move |transport| transport.exchange(request, connection)).await;
            clients.judge(&client, &answer);
            answer
        })
    }
}

impl fmt::Debug for Clients {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.kube)
    }
}

impl Inner {
    /// Returns the client that is used now, or makes one if there is none.
    async fn any(&self) -> Made {
        if let Some(client) = self.current() {
            return Ok(client);
        }
        let mut making = self.making.lock().await;
        if let Some(client) = self.current() {
            return Ok(client);
        }
        let client = self.make(&mut making).await?;
        self.replace(Some(client.clone()));
        Ok(client)
    }

    /// Returns a client that has no connection yet.
    ///
    /// While one is being made that another request asked for, it returns the one that is used now:
    /// what hangs there would hang here too.
    async fn new_one(&self) -> Made {
        let Some(current) = self.current() else {
            return self.any().await;
        };
        let Ok(mut making) = self.making.try_lock() else {
            return Ok(current);
        };
        match making.as_mut().map(oneshot::Receiver::try_recv) {
            Some(Ok(made)) => {
                *making = None;
                made
            }
            Some(Err(TryRecvError::Empty)) => Ok(current),
            Some(Err(TryRecvError::Closed)) | None => {
                *making = None;
                self.make(&mut making).await
            }
        }
    }

    /// # Cancel safety
    ///
    /// Cancel safe: the next call gets what this one was waiting for.
    async fn make(&self, making: &mut Option<oneshot::Receiver<Made>>) -> Made {
        let made = match making {
            Some(made) => made,
            None => making.insert(Client::start(Arc::clone(&self.make))?),
        };
        let made = made.await;
        *making = None;
        made?
    }

    /// Decides which client is used from now on.
    fn judge(&self, client: &Client, answer: &Result<Answer, BoxError>) {
        match answer {
            // Not every kind of credentials is read again by a client.
            Ok(answer) if answer.status == StatusCode::UNAUTHORIZED => self.forget(client),
            Ok(_) => {
                self.replace(Some(client.clone()));
                // It is not needed, and would be old when it is.
                if let Ok(mut making) = self.making.try_lock()
                    && let Some(made) = making.as_mut()
                    && !matches!(made.try_recv(), Err(TryRecvError::Empty))
                {
                    *making = None;
                }
            }
            Err(_) if client.0.is_closed() => self.forget(client),
            Err(_) => {}
        }
    }

    fn current(&self) -> Option<Client> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn replace(&self, client: Option<Client>) {
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = client;
    }

    fn forget(&self, client: &Client) {
        if self.current().is_some_and(|current| current.0.same_channel(&client.0)) {
            self.replace(None);
        }
    }
}

impl Client {
    /// Makes a client on a thread of its own.
    fn start(make: Make) -> Result<oneshot::Receiver<Made>, BoxError> {
        let (answer, result) = oneshot::channel();
        let work = move || {
            // A writer of log lines that blocks is not to hold up requests.
            let _silent = dispatcher::set_default(&Dispatch::none());
            let (sender, errands) = mpsc::unbounded_channel();
            match prepare(&make) {
                Ok((runtime, transport)) => {
                    // It is not there any more if the election has ended.
                    if answer.send(Ok(Self(sender))).is_ok() {
                        runtime.block_on(work(&*transport, errands));
                    }
                    drop(transport);
                    // A plugin or a resolver may hang in the blocking pool.
                    runtime.shutdown_background();
                }
                Err(error) => drop(answer.send(Err(error))),
            }
        };
        thread::Builder::new().name(THREAD.into()).spawn(work)?;
        Ok(result)
    }

    /// Does something on the thread of this client, which goes on for at least as long.
    ///
    /// # Cancel safety
    ///
    /// Dropped, what was begun there is dropped too.
    async fn run<T: Send + 'static>(
        &self,
        begin: impl FnOnce(&dyn Transport) -> Pin<Box<dyn Future<Output = Result<T, BoxError>> + Send>>
        + Send
        + 'static,
    ) -> Result<T, BoxError> {
        let (mut sender, answer) = oneshot::channel();
        let errand: Errand = Box::new(move |transport| {
            let doing = begin(transport);
            Box::pin(async move {
                tokio::select! {
                    done = doing => drop(sender.send(done)),
                    () = sender.closed() => {}
                }
            })
        });
        self.0.send(errand).map_err(|_| GONE)?;
        answer.await.map_err(|_| GONE)?
    }
}

fn prepare(make: &Make) -> Result<(Runtime, Arc<dyn Transport>), BoxError> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let entered = runtime.enter();
    let transport = panic::catch_unwind(AssertUnwindSafe(|| make()))
        .map_err(|panic| format!("a client could not be made: {}", text(&*panic)))??;
    drop(entered);
    Ok((runtime, transport))
}

async fn work(transport: &dyn Transport, mut errands: mpsc::UnboundedReceiver<Errand>) {
    while let Some(errand) = errands.recv().await {
        tokio::spawn(errand(transport));
    }
}

fn text(panic: &(dyn Any + Send)) -> &str {
    let formatted = panic.downcast_ref::<String>().map(String::as_str);
    formatted.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("it panicked")
}

const GONE: &str = "the thread of the client has ended";
const THREAD: &str = "kunobi-ha-api";

#[cfg(test)]
mod tests;
