//! The queue of lines, and the thread that writes them.
//!
//! # Who touches what
//!
//! - Any thread puts lines in. It holds the lock for a push and never waits for room.
//! - The writer's thread takes lines out. It writes them, and with that runs the user's code, without
//!   the lock. It runs as long as the process.
//! - The lock protects the lines and the number of those that were lost. They change together, so that
//!   the line that tells the number stands where the lost lines would.
//! - [`JOURNAL`] is set once. A thread that does not see it yet writes its line by itself.

use std::{
    collections::VecDeque,
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, OnceLock, PoisonError, mpsc},
    thread,
    time::Duration,
};

use tokio::{sync::oneshot, time::timeout};
use tracing::{Dispatch, Span, dispatcher, subscriber::NoSubscriber, warn};

use crate::{
    sync::{Condvar, Mutex, MutexGuard, lock},
    user_code::on_supervisor,
};

/// A queue of lines.
#[derive(Default)]
struct Journal {
    queue: Mutex<Queue>,
    filled: Condvar,
}

#[derive(Default)]
struct Queue {
    lines: VecDeque<Line>,
    /// How many lines found no room, and the subscriber of the first of them.
    lost: Option<(u64, Dispatch)>,
}

/// A line to write, with the subscriber and the span of the thread that it comes from.
struct Line {
    write: Box<dyn FnOnce() + Send>,
    dispatch: Dispatch,
    span: Span,
}

/// The journal of this process. It is empty until the process has a supervisor's thread.
static JOURNAL: OnceLock<Arc<Journal>> = OnceLock::new();

/// Starts the writer's thread. Until then, each thread writes its own lines.
pub(crate) fn open() -> io::Result<()> {
    let journal = Arc::new(Journal::default());
    journal.start()?;
    // A process has one supervisor, and the supervisor calls this once.
    let _ = JOURNAL.set(journal);
    Ok(())
}

/// Writes a line by calling `line`: on the writer's thread if there is one, otherwise here.
pub(super) fn write(line: impl FnOnce() + Send + 'static) {
    match JOURNAL.get() {
        Some(journal) => journal.push(Line::new(line)),
        None => line(),
    }
}

/// As [`write()`], for what must not be lost: a full queue takes it too.
pub(super) fn write_always(line: impl FnOnce() + Send + 'static) {
    match JOURNAL.get() {
        Some(journal) => journal.push_always(Line::new(line)),
        None => line(),
    }
}

/// Waits until all lines so far are written, but no longer than `limit`.
pub(crate) async fn flushed(limit: Duration) {
    if let Some(journal) = JOURNAL.get() {
        journal.flushed(limit).await;
    }
}

/// As [`flushed`], but it blocks the thread: for the end of a process.
pub(crate) fn flush(limit: Duration) {
    if let Some(journal) = JOURNAL.get() {
        let (tell, told) = mpsc::channel();
        // The send fails if the wait below has ended.
        journal.mark(move || _ = tell.send(()));
        // Lines that are not written by then are lost.
        let _ = told.recv_timeout(limit);
    }
}

impl Journal {
    fn start(self: &Arc<Self>) -> io::Result<()> {
        let journal = Arc::clone(self);
        let writing = thread::Builder::new().name(WRITER.into()).spawn(move || journal.run());
        // Its handle is dropped, and it runs on.
        writing.map(drop)
    }

    fn push(&self, line: Line) {
        let mut queue = self.queue();
        if queue.lines.len() >= CAPACITY {
            let (lost, _) = queue.lost.get_or_insert_with(|| (0, line.dispatch.clone()));
            *lost += 1;
            return;
        }
        if let Some(line) = queue.take_lost() {
            queue.lines.push_back(line);
        }
        drop(queue);
        self.push_always(line);
    }

    fn push_always(&self, line: Line) {
        self.queue().lines.push_back(line);
        self.filled.notify_one();
    }

    /// Calls `reached` when all lines before it are written. A full queue takes it too.
    fn mark(&self, reached: impl FnOnce() + Send + 'static) {
        let line =
            Line { write: Box::new(reached), dispatch: Dispatch::none(), span: Span::none() };
        self.push_always(line);
    }

    async fn flushed(&self, limit: Duration) {
        let (tell, told) = oneshot::channel();
        // The send fails if the wait below has ended.
        self.mark(move || _ = tell.send(()));
        // Lines that are not written by then may be written later.
        let _ = timeout(limit, told).await;
    }

    fn run(&self) {
        loop {
            let line = self.next();
            // The panic hook has reported it. The next line may go well.
            if let Err(panic) = catch_unwind(AssertUnwindSafe(|| line.write())) {
                std::mem::forget(panic);
            }
        }
    }

    fn next(&self) -> Line {
        let mut queue = self.queue();
        loop {
            if let Some(line) = queue.lines.pop_front() {
                return line;
            }
            if let Some(line) = queue.take_lost() {
                return line;
            }
            queue = self.filled.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        lock(&self.queue)
    }
}

impl Queue {
    /// Returns a line that tells how many lines were lost, if any were.
    fn take_lost(&mut self) -> Option<Line> {
        let (lost, dispatch) = self.lost.take()?;
        let write = move || warn!("{lost} lines of the log were lost: its writer blocks");
        Some(Line { write: Box::new(write), dispatch, span: Span::none() })
    }
}

impl Line {
    fn new(write: impl FnOnce() + Send + 'static) -> Self {
        let dispatch = dispatcher::get_default(Clone::clone);
        Self { write: Box::new(write), dispatch, span: span() }
    }

    fn write(self) {
        let Self { write, dispatch, span } = self;
        if dispatch.is::<NoSubscriber>() {
            // A subscriber that was installed meanwhile gets it, or the crate `log`.
            write();
        } else {
            dispatcher::with_default(&dispatch, || span.in_scope(write));
        }
    }
}

/// Returns the span that this thread is in. The supervisor's thread is never in one, and asking the
/// subscriber would run the user's code there.
fn span() -> Span {
    if on_supervisor() { Span::none() } else { Span::current() }
}

/// In lines of some hundred bytes each.
const CAPACITY: usize = 1024;
const WRITER: &str = "kunobi-ha-log";

#[cfg(test)]
mod tests {
    use tracing::{info, info_span, subscriber};

    use super::{super::paper::Paper, *};

    #[tokio::test]
    async fn lines_are_written_in_order_with_the_subscriber_and_the_span_of_where_they_come_from() {
        let paper = Paper::new();
        let journal = journal();
        let guard = subscriber::set_default(paper.subscriber());
        for number in 0..3 {
            let _inside = info_span!("count", number).entered();
            journal.push(Line::new(move || info!("line {number}")));
        }
        drop(guard);
        journal.flushed(LIMIT).await;
        let lines = [0, 1, 2].map(|number| format!("INFO count{{number={number}}}: line {number}"));
        assert_eq!(paper.lines(), lines);
    }

    #[tokio::test]
    async fn a_writer_that_blocks_holds_up_nobody_and_what_finds_no_room_is_counted() {
        let paper = Paper::blocked();
        let journal = journal();
        let _guard = subscriber::set_default(paper.subscriber());
        for number in 0..CAPACITY + 10 {
            journal.push(Line::new(move || info!("line {number}")));
        }
        journal.flushed(Duration::from_millis(10)).await;
        assert!(paper.lines().is_empty());
        paper.release();
        journal.flushed(LIMIT).await;
        journal.push(Line::new(|| info!("the end")));
        journal.flushed(LIMIT).await;
        let lines = paper.lines();
        // One more line had room, if the thread had taken one out by then.
        let lost = [10, 9]
            .map(|lost| format!("WARN {lost} lines of the log were lost: its writer blocks"));
        assert_eq!(lines[0], "INFO line 0");
        assert_eq!(lines[CAPACITY - 1], format!("INFO line {}", CAPACITY - 1));
        assert!(lost.iter().any(|lost| lines.contains(lost)), "{:?}", &lines[CAPACITY..]);
        assert_eq!(*lines.last().unwrap(), "INFO the end");
    }

    #[tokio::test]
    async fn a_line_that_panics_is_not_the_last() {
        let paper = Paper::new();
        let journal = journal();
        let _guard = subscriber::set_default(paper.subscriber());
        journal.push(Line::new(|| panic!("the writer is not well")));
        journal.push(Line::new(|| info!("after it")));
        journal.flushed(LIMIT).await;
        assert_eq!(paper.lines(), ["INFO after it"]);
    }

    fn journal() -> Arc<Journal> {
        let journal = Arc::new(Journal::default());
        journal.start().unwrap();
        journal
    }

    const LIMIT: Duration = Duration::from_secs(30);
}
