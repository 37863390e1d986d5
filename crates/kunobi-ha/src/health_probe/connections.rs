//! The connections of a server, of which silent ones make room for new ones.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::{sync::Notify, task::AbortHandle};

/// All open connections, oldest first.
#[derive(Debug, Default)]
pub(super) struct Connections {
    open: Mutex<Open>,
    closed: Notify,
}

#[derive(Debug, Default)]
struct Open {
    next: u64,
    by_age: BTreeMap<u64, Connection>,
}

#[derive(Debug)]
struct Connection {
    answering: Answering,
    task: Option<AbortHandle>,
}

/// How many requests of a connection are being answered.
#[derive(Clone, Debug, Default)]
pub(super) struct Answering(Arc<AtomicUsize>);

/// A request that is being answered.
pub(super) struct Answer(Answering);

/// An open connection, until it is dropped.
pub(super) struct Seat {
    connections: Arc<Connections>,
    id: u64,
}

impl Connections {
    /// Waits for room, and makes it at the cost of the oldest connection that waits for a head.
    pub(super) async fn enter(self: &Arc<Self>, limit: usize) -> (Seat, Answering) {
        loop {
            let closed = self.closed.notified();
            {
                let mut open = self.open();
                if open.by_age.len() < limit {
                    let id = open.next;
                    open.next += 1;
                    let answering = Answering::default();
                    let connection = Connection { answering: answering.clone(), task: None };
                    open.by_age.insert(id, connection);
                    return (Seat { connections: Arc::clone(self), id }, answering);
                }
                let silent = open.by_age.values().find(|connection| connection.is_silent());
                if let Some(task) = silent.and_then(|connection| connection.task.as_ref()) {
                    task.abort();
                }
            }
            closed.await;
        }
    }

    /// Closes those that wait for a head.
    pub(super) fn abort_silent(&self) {
        let open = self.open();
        let silent = open.by_age.values().filter(|connection| connection.is_silent());
        for task in silent.filter_map(|connection| connection.task.as_ref()) {
            task.abort();
        }
    }

    /// Closes all, whatever they do.
    pub(super) fn abort(&self) {
        for task in self.open().by_age.values().filter_map(|connection| connection.task.as_ref()) {
            task.abort();
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.open().by_age.is_empty()
    }

    pub(super) async fn all_closed(&self) {
        loop {
            let closed = self.closed.notified();
            if self.is_empty() {
                return;
            }
            closed.await;
        }
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        // What is stored under this lock is whole at any time.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Connection {
    fn is_silent(&self) -> bool {
        self.answering.0.load(Ordering::Acquire) == 0
    }
}

impl Seat {
    pub(super) const fn id(&self) -> u64 {
        self.id
    }
}

impl Connections {
    /// Notes which task serves a connection.
    pub(super) fn served_by(&self, id: u64, task: AbortHandle) {
        if let Some(connection) = self.open().by_age.get_mut(&id) {
            connection.task = Some(task);
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.connections.open().by_age.remove(&self.id);
        self.connections.closed.notify_waiters();
    }
}

impl Answering {
    pub(super) fn begin(&self) -> Answer {
        self.0.fetch_add(1, Ordering::AcqRel);
        Answer(self.clone())
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::AcqRel);
    }
}
