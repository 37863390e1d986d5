//! The connections of a server, of which silent ones make room for new ones.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::Notify,
    task::AbortHandle,
    time::{Instant, timeout},
};

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
    standing: Standing,
    /// Taken when it is closed.
    task: Option<AbortHandle>,
}

/// What a connection does, as who serves it tells.
#[derive(Clone, Debug, Default)]
pub(super) struct Standing(Arc<Doings>);

#[derive(Debug, Default)]
struct Doings {
    answering: AtomicUsize,
    writing: AtomicUsize,
    /// When it was first looked at for a head that was not there.
    listens_since: OnceLock<Instant>,
}

/// A request that is being answered.
pub(super) struct Answering(Standing);

/// An answer that is being read by its client.
pub(super) struct Writing(Standing);

/// An open connection, until it is dropped.
pub(super) struct Seat {
    connections: Arc<Connections>,
    id: u64,
}

impl Connections {
    /// Waits for room, and makes it.
    pub(super) async fn enter(self: &Arc<Self>, limit: usize) -> (Seat, Standing) {
        loop {
            if let Some(entered) = self.try_enter(limit) {
                return entered;
            }
            self.wait_for_room().await;
        }
    }

    fn try_enter(self: &Arc<Self>, limit: usize) -> Option<(Seat, Standing)> {
        let mut open = self.open();
        if open.by_age.len() >= limit {
            return None;
        }
        let id = open.next;
        open.next += 1;
        let standing = Standing::default();
        open.by_age.insert(id, Connection { standing: standing.clone(), task: None });
        Some((Seat { connections: Arc::clone(self), id }, standing))
    }

    /// Makes room at the cost of the oldest connection that had time to send a head and did not,
    /// and waits until one is closed, or may be.
    pub(super) async fn wait_for_room(&self) {
        let closed = self.closed.notified();
        self.make_room();
        // Late, if another was closed before this waited.
        let _ = timeout(TIME_TO_SPEAK, closed).await;
    }

    fn make_room(&self) {
        let mut open = self.open();
        let standings = || open.by_age.values().map(|connection| &connection.standing);
        let now = Instant::now();
        let all_answer = standings().all(|standing| !standing.waits_for_a_head());
        let spared = |standing: &Standing| {
            if all_answer { standing.is_answering() } else { !standing.is_silent(now) }
        };
        let mut closable = open.by_age.values_mut().filter(|of| !spared(&of.standing));
        if let Some(task) = closable.find_map(|connection| connection.task.take()) {
            task.abort();
        }
    }

    /// Closes those that wait for a head.
    pub(super) fn abort_silent(&self) {
        let open = self.open();
        let silent = open.by_age.values().filter(|of| of.standing.waits_for_a_head());
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

    /// Notes which task serves a connection.
    pub(super) fn served_by(&self, id: u64, task: AbortHandle) {
        if let Some(connection) = self.open().by_age.get_mut(&id) {
            connection.task = Some(task);
        }
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        // What is stored under this lock is whole at any time.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Standing {
    /// Notes that there was nothing to be read.
    pub(super) fn listens(&self) {
        self.0.listens_since.get_or_init(Instant::now);
    }

    pub(super) fn answers(&self) -> Answering {
        self.0.answering.fetch_add(1, Ordering::AcqRel);
        Answering(self.clone())
    }

    fn is_answering(&self) -> bool {
        self.0.answering.load(Ordering::Acquire) > 0
    }

    fn waits_for_a_head(&self) -> bool {
        !self.is_answering() && self.0.writing.load(Ordering::Acquire) == 0
    }

    /// Tells whether it waits for a head that had time to come.
    fn is_silent(&self, now: Instant) -> bool {
        let listens_for = self.0.listens_since.get().map(|at| now.saturating_duration_since(*at));
        self.waits_for_a_head() && listens_for.is_some_and(|time| time >= TIME_TO_SPEAK)
    }
}

impl Answering {
    /// The answer is there, and has to be read.
    pub(super) fn writes(self) -> Writing {
        self.0.0.writing.fetch_add(1, Ordering::AcqRel);
        Writing(self.0.clone())
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        self.0.0.answering.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        self.0.0.writing.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Seat {
    pub(super) const fn id(&self) -> u64 {
        self.id
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.connections.open().by_age.remove(&self.id);
        self.connections.closed.notify_waiters();
    }
}

// A client that is near needs less. With more, a flood of connections would fill the backlog of the
// kernel, which then makes a kubelet wait for a second: 64 of them make room in this time.
const TIME_TO_SPEAK: Duration = Duration::from_millis(10);

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_oldest_that_had_time_to_speak_makes_room_and_no_fresh_one() {
        let connections = Arc::new(Connections::default());
        let oldest = open(&connections).await;
        oldest.listens();
        let second = open(&connections).await;
        second.listens();
        let too_early = timeout(TIME_TO_SPEAK / 2, connections.enter(2)).await;
        assert!(too_early.is_err());
        let answering = oldest.answers();
        let began = Instant::now();
        let (_seat, _) = connections.enter(2).await;
        assert!(began.elapsed() <= TIME_TO_SPEAK, "{:?}", began.elapsed());
        let left = |standing: &Standing| Arc::strong_count(&standing.0);
        assert!(left(&oldest) > left(&second), "the one that answers is kept");
        drop(answering);
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_was_not_looked_at_yet_is_waited_for() {
        let connections = Arc::new(Connections::default());
        let fresh = open(&connections).await;
        assert!(timeout(TIME_TO_SPEAK * 100, connections.enter(1)).await.is_err());
        fresh.listens();
        assert!(timeout(TIME_TO_SPEAK * 3, connections.enter(1)).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_is_read_makes_room_only_if_all_are_answered() {
        let connections = Arc::new(Connections::default());
        let reader = open(&connections).await;
        reader.listens();
        let _read = reader.answers().writes();
        let silent = open(&connections).await;
        silent.listens();
        drop(timeout(TIME_TO_SPEAK * 3, connections.enter(2)).await.expect("the silent one goes"));
        let answered = open(&connections).await;
        let _answer = answered.answers();
        let entered = timeout(TIME_TO_SPEAK, connections.enter(2)).await;
        assert!(entered.is_ok(), "the reader goes");
        assert!(timeout(TIME_TO_SPEAK * 100, open_many(&connections)).await.is_err());
    }

    /// Opens a connection that stays until it is closed.
    async fn open(connections: &Arc<Connections>) -> Standing {
        let (seat, standing) = connections.enter(2).await;
        let id = seat.id();
        let task = tokio::spawn(async move {
            let _seat = seat;
            pending::<()>().await;
        });
        connections.served_by(id, task.abort_handle());
        standing
    }

    /// Opens connections that answer for ever.
    async fn open_many(connections: &Arc<Connections>) {
        loop {
            std::mem::forget(open(connections).await.answers());
        }
    }
}
