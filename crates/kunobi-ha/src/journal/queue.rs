//! The lines that are to be written, and the thread that does it.

use std::{
    collections::VecDeque,
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError, mpsc},
    thread,
    time::Duration,
};

use tokio::{sync::oneshot, time::timeout};
use tracing::{Dispatch, Span, dispatcher, subscriber::NoSubscriber, warn};

use crate::user_code::on_supervisor;

/// A queue of lines, and what writes them.
#[derive(Default)]
struct Journal {
    queue: Mutex<Queue>,
    filled: Condvar,
}

#[derive(Default)]
struct Queue {
    lines: VecDeque<Line>,
    /// How many found no room, and where the first of them would have gone.
    lost: Option<(u64, Dispatch)>,
}

/// Something to write, and for whom.
struct Line {
    write: Box<dyn FnOnce() + Send>,
    dispatch: Dispatch,
    span: Span,
}

/// The journal of this process, once it has a supervisor's thread.
static JOURNAL: OnceLock<Arc<Journal>> = OnceLock::new();

/// Starts the thread that writes. Until then lines are written where they are said.
pub(crate) fn open() -> io::Result<()> {
    let journal = Arc::new(Journal::default());
    journal.start()?;
    // There is one supervisor in a process, which opens one.
    let _ = JOURNAL.set(journal);
    Ok(())
}

/// Writes a line by calling this; not here, if there is a thread for it.
pub(super) fn write(line: impl FnOnce() + Send + 'static) {
    match JOURNAL.get() {
        Some(journal) => journal.push(Line::new(line)),
        None => line(),
    }
}

/// As [`write()`], for what must not be lost.
pub(super) fn write_surely(line: impl FnOnce() + Send + 'static) {
    match JOURNAL.get() {
        Some(journal) => journal.push_surely(Line::new(line)),
        None => line(),
    }
}

/// Waits until all that was said so far is written, but no longer than this.
pub(crate) async fn flushed(patience: Duration) {
    if let Some(journal) = JOURNAL.get() {
        journal.flushed(patience).await;
    }
}

/// As [`flushed`], where nothing else is to be done any more: it blocks.
pub(crate) fn flush(patience: Duration) {
    if let Some(journal) = JOURNAL.get() {
        let (tell, told) = mpsc::channel();
        // Nobody may wait any more.
        journal.mark(move || _ = tell.send(()));
        // Whatever is not written by then is lost.
        let _ = told.recv_timeout(patience);
    }
}

impl Journal {
    fn start(self: &Arc<Self>) -> io::Result<()> {
        let journal = Arc::clone(self);
        let writing = thread::Builder::new().name(WRITER.into()).spawn(move || journal.run());
        // It runs as long as the process.
        writing.map(drop)
    }

    fn push(&self, line: Line) {
        let mut queue = self.queue();
        if queue.lines.len() >= CAPACITY {
            let (lost, _) = queue.lost.get_or_insert_with(|| (0, line.dispatch.clone()));
            *lost += 1;
            return;
        }
        if let Some(line) = queue.lost_and_found() {
            queue.lines.push_back(line);
        }
        drop(queue);
        self.push_surely(line);
    }

    fn push_surely(&self, line: Line) {
        self.queue().lines.push_back(line);
        self.filled.notify_one();
    }

    /// Calls this when all lines before it are written. It always finds room.
    fn mark(&self, reached: impl FnOnce() + Send + 'static) {
        let line =
            Line { write: Box::new(reached), dispatch: Dispatch::none(), span: Span::none() };
        self.push_surely(line);
    }

    async fn flushed(&self, patience: Duration) {
        let (tell, told) = oneshot::channel();
        // Nobody may wait any more.
        self.mark(move || _ = tell.send(()));
        // Whatever is not written by then may be written later.
        let _ = timeout(patience, told).await;
    }

    fn run(&self) {
        loop {
            let line = self.next();
            // A writer that panics has told its hook, and the next line may go well.
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
            if let Some(line) = queue.lost_and_found() {
                return line;
            }
            queue = self.filled.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        // What is stored under this lock is whole at any time.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    /// Returns a line that tells of those that were lost, if any were.
    fn lost_and_found(&mut self) -> Option<Line> {
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
            // Who subscribes later gets it too, and so does the crate `log`.
            write();
        } else {
            dispatcher::with_default(&dispatch, || span.in_scope(write));
        }
    }
}

/// Returns the span that this thread is in. The supervisor's never is in one, and asking for it
/// would be a call of the user's code.
fn span() -> Span {
    if on_supervisor() { Span::none() } else { Span::current() }
}

/// Some hundred bytes each.
const CAPACITY: usize = 1024;
const WRITER: &str = "kunobi-ha-log";

#[cfg(test)]
mod tests {
    use std::io::Write;

    use tracing::{info, info_span, subscriber};

    use super::*;

    /// Collects what is written, once it is let go on.
    #[derive(Clone, Default)]
    struct Paper(Arc<Sheet>);

    #[derive(Default)]
    struct Sheet {
        text: Mutex<Vec<u8>>,
        goes_on: Mutex<bool>,
        let_go: Condvar,
    }

    #[tokio::test]
    async fn lines_are_written_in_order_with_the_subscriber_and_the_span_of_where_they_come_from() {
        let paper = Paper::default();
        let journal = journal();
        paper.go_on();
        let guard = subscriber::set_default(paper.subscriber());
        for number in 0..3 {
            let _inside = info_span!("count", number).entered();
            journal.push(Line::new(move || info!("line {number}")));
        }
        drop(guard);
        journal.flushed(PATIENCE).await;
        let lines = "INFO count{number=0}: line 0\nINFO count{number=1}: line 1\n\
                     INFO count{number=2}: line 2";
        assert_eq!(paper.text(), lines);
    }

    #[tokio::test]
    async fn a_writer_that_blocks_holds_up_nobody_and_what_finds_no_room_is_counted() {
        let paper = Paper::default();
        let journal = journal();
        let _guard = subscriber::set_default(paper.subscriber());
        for number in 0..CAPACITY + 10 {
            journal.push(Line::new(move || info!("line {number}")));
        }
        journal.flushed(Duration::from_millis(10)).await;
        assert_eq!(paper.text(), "");
        paper.go_on();
        journal.flushed(PATIENCE).await;
        journal.push(Line::new(|| info!("the end")));
        journal.flushed(PATIENCE).await;
        let text = paper.text();
        let lines: Vec<_> = text.lines().collect();
        // One more had room, if the thread had taken one out by then.
        let lost = [10, 9].map(|lost| format!("WARN {lost} lines of the log were lost"));
        assert_eq!(lines[0], "INFO line 0");
        assert_eq!(lines[CAPACITY - 1], format!("INFO line {}", CAPACITY - 1));
        assert!(lost.iter().any(|lost| text.contains(lost)), "{:?}", &lines[CAPACITY..]);
        assert_eq!(*lines.last().unwrap(), "INFO the end");
    }

    #[tokio::test]
    async fn a_line_that_panics_is_not_the_last() {
        let paper = Paper::default();
        let journal = journal();
        paper.go_on();
        let _guard = subscriber::set_default(paper.subscriber());
        journal.push(Line::new(|| panic!("the writer is not well")));
        journal.push(Line::new(|| info!("after it")));
        journal.flushed(PATIENCE).await;
        assert_eq!(paper.text(), "INFO after it");
    }

    fn journal() -> Arc<Journal> {
        let journal = Arc::new(Journal::default());
        journal.start().unwrap();
        journal
    }

    impl Paper {
        fn subscriber(&self) -> impl tracing::Subscriber + Send + Sync + use<> {
            let paper = self.clone();
            tracing_subscriber::fmt()
                .with_ansi(false)
                .with_target(false)
                .without_time()
                .with_level(true)
                .with_writer(move || paper.clone())
                .finish()
        }

        fn go_on(&self) {
            *self.0.goes_on.lock().unwrap() = true;
            self.0.let_go.notify_all();
        }

        fn text(&self) -> String {
            let text = String::from_utf8(self.0.text.lock().unwrap().clone()).unwrap();
            text.lines().map(str::trim).collect::<Vec<_>>().join("\n")
        }
    }

    impl Write for Paper {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let Sheet { text, goes_on, let_go } = &*self.0;
            drop(let_go.wait_while(goes_on.lock().unwrap(), |goes_on| !*goes_on));
            text.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    const PATIENCE: Duration = Duration::from_secs(30);
}
