//! Clients that an election makes for itself, from a configuration.
//!
//! A client lives on a thread with a runtime of its own, where it is made and where its requests are
//! carried out. Therefore a client can't hold up a driver: kube runs exec plugins where a client is
//! made, and in the blocking pool when a token expires; it resolves names in that pool too, and the
//! pool of the program may be full. Nor can a client belong to a runtime that is gone.
//!
//! rule 10: a second attempt goes over a connection that is opened for it.

use std::{
    any::Any,
    fmt,
    panic::{self, AssertUnwindSafe},
    pin::Pin,
    sync::Arc,
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

use super::{Exchanging, Sending, Transport};
use crate::{
    error::BoxError,
    sync::{Mutex, lock},
};

/// Sends each request with the client that it needs.
pub(super) struct Clients(Arc<Pool>);

struct Pool {
    kube: &'static str,
    make: Make,
    known: Mutex<Known>,
    /// The client that is being made, or that was made for a request that has been dropped. There is
    /// one at a time: a plugin that hangs costs one thread, and not one for each request.
    making: sync::Mutex<Option<oneshot::Receiver<Made>>>,
}

type Make = Arc<dyn Fn() -> Result<Arc<dyn Transport>, BoxError> + Send + Sync>;
type Made = Result<Client, BoxError>;

#[derive(Clone, Default)]
struct Known {
    /// The client that answered last.
    proven: Option<Client>,
    /// A client that has answered nothing yet. A connection of kube's clients idles in their pool
    /// only after an answer, so each request of this one opens a connection: an outage takes one
    /// such client, and one run of a plugin, and not one for each attempt.
    fresh: Option<Client>,
}

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
        Self(Arc::new(Pool {
            kube,
            make: Arc::new(make),
            known: Mutex::default(),
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
            let answer = client.run(|transport| transport.send(request)).await;
            clients.judge(&client, answer.as_ref().ok().map(|answer| answer.status().as_u16()));
            answer
        })
    }

    fn exchange(&self, request: Request<Vec<u8>>, connection: Connection) -> Exchanging {
        let clients = Arc::clone(&self.0);
        Box::pin(async move {
            let client = match connection {
                Connection::Any => clients.any().await?,
                Connection::New => clients.fresh().await?,
            };
            let answer = client.run(move |transport| transport.exchange(request, connection)).await;
            clients.judge(&client, answer.as_ref().ok().map(|answer| answer.status));
            answer
        })
    }
}

impl fmt::Debug for Clients {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.kube)
    }
}

impl Pool {
    /// Returns the client that is in use, or makes one if there is none.
    async fn any(&self) -> Made {
        let in_use = || self.known(|known| known.proven.clone().or_else(|| known.fresh.clone()));
        if let Some(client) = in_use() {
            return Ok(client);
        }
        let mut making = self.making.lock().await;
        match in_use() {
            Some(client) => Ok(client),
            None => self.make(&mut making).await,
        }
    }

    /// Returns a client that opens a connection for each request.
    ///
    /// While one is being made for another request, it returns the one that is in use: what hangs
    /// while that one is made would hang here too.
    async fn fresh(&self) -> Made {
        let Known { proven, fresh } = self.known(|known| known.clone());
        let Some(proven) = proven else {
            return self.any().await;
        };
        if let Some(fresh) = fresh {
            return Ok(fresh);
        }
        let Ok(mut making) = self.making.try_lock() else {
            return Ok(proven);
        };
        match making.as_mut().map(oneshot::Receiver::try_recv) {
            Some(Err(TryRecvError::Empty)) => Ok(proven),
            Some(Ok(made)) => self.receive(&mut making, made),
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
        let made = made.await.unwrap_or_else(|_| Err(GONE.into()));
        self.receive(making, made)
    }

    fn receive(&self, making: &mut Option<oneshot::Receiver<Made>>, made: Made) -> Made {
        *making = None;
        let client = made?;
        self.known(|known| known.fresh = Some(client.clone()));
        Ok(client)
    }

    /// Decides which client is used from now on, by the status of an answer.
    fn judge(&self, client: &Client, status: Option<u16>) {
        match status.map(StatusCode::from_u16) {
            // Not every kind of credentials is read again by a client.
            Some(Ok(StatusCode::UNAUTHORIZED)) => self.forget(client),
            Some(_) => {
                let proven = Some(client.clone());
                self.known(|known| *known = Known { proven, fresh: None });
                // It is not needed, and would be old when it is.
                if let Ok(mut making) = self.making.try_lock()
                    && making.as_ref().is_some_and(|made| !made.is_empty())
                {
                    *making = None;
                }
            }
            None if client.0.is_closed() => self.forget(client),
            None => {}
        }
    }

    fn forget(&self, client: &Client) {
        let other = |known: &Client| !known.0.same_channel(&client.0);
        self.known(|known| {
            known.proven = known.proven.take().filter(other);
            known.fresh = known.fresh.take().filter(other);
        });
    }

    fn known<T>(&self, look: impl FnOnce(&mut Known) -> T) -> T {
        look(&mut lock(&self.known))
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

const GONE: &str = "the client of the election ended without an answer";
const THREAD: &str = "kunobi-ha-api";

#[cfg(test)]
mod tests;
