//! The open connections of a server. A silent one makes room for a new one.
//!
//! # Who touches what
//!
//! The accept loop enters connections, makes room, and closes connections at the end. Each connection
//! has a task, which holds its [`ConnectionSlot`] and reports its [`Activity`]. Both run on any worker
//! of the runtime.
//!
//! - The lock of [`Connections`] protects the list: which connections are open, and the task of each.
//!   It is held for a few instructions and never across an `.await`.
//! - An [`Activity`] is written by the task of its connection, and read by the accept loop, without a
//!   lock. A request that arrives between the reading and the abort is lost with its connection, as
//!   if it had arrived after the abort.
//! - [`Connections::closed`] is asked for before the list is read, so that a connection that closes in
//!   between is not missed.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::Notify,
    task::AbortHandle,
    time::{Instant, timeout},
};

use crate::sync::{Mutex, MutexGuard, lock};

/// All open connections, oldest first.
#[derive(Debug, Default)]
pub(super) struct Connections {
    list: Mutex<List>,
    closed: Notify,
}

#[derive(Debug, Default)]
struct List {
    next: u64,
    by_age: BTreeMap<u64, OpenConnection>,
}

#[derive(Debug)]
struct OpenConnection {
    activity: Activity,
    /// `None` once it was aborted to make room.
    task: Option<AbortHandle>,
}

/// What a connection does now, as its task reports.
#[derive(Clone, Debug, Default)]
pub(super) struct Activity(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    answering: AtomicUsize,
    writing: AtomicUsize,
    /// When the server first read from it and found nothing.
    idle_since: OnceLock<Instant>,
}

/// A request that is being answered.
pub(super) struct Answering(Activity);

/// An answer that the client is reading.
pub(super) struct Writing(Activity);

/// The place of one connection in the list. When it is dropped, the connection counts as closed.
pub(super) struct ConnectionSlot {
    connections: Arc<Connections>,
    id: u64,
}

impl Connections {
    /// Enters a connection. If the list is full, makes room first.
    pub(super) async fn enter(self: &Arc<Self>, limit: usize) -> (ConnectionSlot, Activity) {
        loop {
            if let Some(entered) = self.try_enter(limit) {
                return entered;
            }
            self.wait_for_room().await;
        }
    }

    fn try_enter(self: &Arc<Self>, limit: usize) -> Option<(ConnectionSlot, Activity)> {
        let mut list = self.list();
        if list.by_age.len() >= limit {
            return None;
        }
        let id = list.next;
        list.next += 1;
        let activity = Activity::default();
        list.by_age.insert(id, OpenConnection { activity: activity.clone(), task: None });
        Some((ConnectionSlot { connections: Arc::clone(self), id }, activity))
    }

    /// Aborts the oldest connection that had time to send a head and did not. Then waits until a
    /// connection closes, or for the time that one has to send a head.
    pub(super) async fn wait_for_room(&self) {
        let closed = self.closed.notified();
        self.make_room();
        // If it is late, another connection may have become silent, or may have closed before this.
        let _ = timeout(TIME_TO_SPEAK, closed).await;
    }

    /// Aborts the oldest silent connection. If no connection waits for a head, aborts the oldest one
    /// whose answer is there and is only being read.
    fn make_room(&self) {
        let mut list = self.list();
        let activities = || list.by_age.values().map(|connection| &connection.activity);
        let now = Instant::now();
        let all_busy = activities().all(|activity| !activity.waits_for_a_head());
        let spared = |activity: &Activity| {
            if all_busy { activity.is_answering() } else { !activity.is_silent(now) }
        };
        let mut closable = list.by_age.values_mut().filter(|of| !spared(&of.activity));
        if let Some(task) = closable.find_map(|connection| connection.task.take()) {
            task.abort();
        }
    }

    /// Aborts the connections that wait for a head.
    pub(super) fn abort_silent(&self) {
        let list = self.list();
        let silent = list.by_age.values().filter(|of| of.activity.waits_for_a_head());
        for task in silent.filter_map(|connection| connection.task.as_ref()) {
            task.abort();
        }
    }

    /// Aborts all connections, whatever they do.
    pub(super) fn abort(&self) {
        for task in self.list().by_age.values().filter_map(|connection| connection.task.as_ref()) {
            task.abort();
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.list().by_age.is_empty()
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

    /// Notes which task serves a connection; nothing, if that has ended meanwhile.
    pub(super) fn served_by(&self, id: u64, task: AbortHandle) {
        if let Some(connection) = self.list().by_age.get_mut(&id) {
            connection.task = Some(task);
        }
    }

    fn list(&self) -> MutexGuard<'_, List> {
        lock(&self.list)
    }
}

impl Activity {
    /// Notes that the server read from the connection and found nothing.
    pub(super) fn found_nothing(&self) {
        self.0.idle_since.get_or_init(Instant::now);
    }

    pub(super) fn answering(&self) -> Answering {
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
        let idle_for = self.0.idle_since.get().map(|since| now.saturating_duration_since(*since));
        self.waits_for_a_head() && idle_for.is_some_and(|time| time >= TIME_TO_SPEAK)
    }
}

impl Answering {
    /// Goes on to writing. It counts as that before it stops counting as answering, so that it never
    /// looks silent in between.
    pub(super) fn writing(self) -> Writing {
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

impl ConnectionSlot {
    pub(super) const fn id(&self) -> u64 {
        self.id
    }
}

impl Drop for ConnectionSlot {
    fn drop(&mut self) {
        self.connections.list().by_age.remove(&self.id);
        self.connections.closed.notify_waiters();
    }
}

// A nearby client needs less. With more, a flood of connections would fill the kernel's backlog, and
// a kubelet that finds it full tries again only after a second. In this time, 64 silent connections
// make room.
const TIME_TO_SPEAK: Duration = Duration::from_millis(10);

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_oldest_that_had_time_to_speak_makes_room_and_no_fresh_one() {
        let connections = Arc::new(Connections::default());
        let oldest = open(&connections).await;
        oldest.found_nothing();
        let second = open(&connections).await;
        second.found_nothing();
        let too_early = timeout(TIME_TO_SPEAK / 2, connections.enter(2)).await;
        assert!(too_early.is_err());
        let answering = oldest.answering();
        let began = Instant::now();
        let (_slot, _) = connections.enter(2).await;
        assert!(began.elapsed() <= TIME_TO_SPEAK, "{:?}", began.elapsed());
        let left = |activity: &Activity| Arc::strong_count(&activity.0);
        assert!(left(&oldest) > left(&second), "the one that answers is kept");
        drop(answering);
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_was_not_read_from_yet_is_waited_for() {
        let connections = Arc::new(Connections::default());
        let fresh = open(&connections).await;
        assert!(timeout(TIME_TO_SPEAK * 100, connections.enter(1)).await.is_err());
        fresh.found_nothing();
        assert!(timeout(TIME_TO_SPEAK * 3, connections.enter(1)).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_is_read_makes_room_only_if_all_are_answered() {
        let connections = Arc::new(Connections::default());
        let reader = open(&connections).await;
        reader.found_nothing();
        let _read = reader.answering().writing();
        let silent = open(&connections).await;
        silent.found_nothing();
        drop(timeout(TIME_TO_SPEAK * 3, connections.enter(2)).await.expect("the silent one goes"));
        let answered = open(&connections).await;
        let _answer = answered.answering();
        let entered = timeout(TIME_TO_SPEAK, connections.enter(2)).await;
        assert!(entered.is_ok(), "the reader goes");
        assert!(timeout(TIME_TO_SPEAK * 100, open_many(&connections)).await.is_err());
    }

    /// Opens a connection that stays until it is closed.
    async fn open(connections: &Arc<Connections>) -> Activity {
        let (slot, activity) = connections.enter(2).await;
        let id = slot.id();
        let task = tokio::spawn(async move {
            let _slot = slot;
            pending::<()>().await;
        });
        connections.served_by(id, task.abort_handle());
        activity
    }

    /// Opens connections whose answers never end.
    async fn open_many(connections: &Arc<Connections>) {
        loop {
            std::mem::forget(open(connections).await.answering());
        }
    }
}
