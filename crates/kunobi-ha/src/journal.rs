//! The log of this crate: written beside the threads that have something to say.
//!
//! What writes the log is the user's, and may block: standard error is a pipe that somebody has to
//! read. So once a process has a supervisor's thread, lines are put into a queue, and a thread of
//! its own writes them, in their order, with the subscriber and the span of where they come from. A
//! writer that blocks holds up that thread alone. If the queue is full, lines are lost, and their
//! number is told once there is room.
//!
//! [`debug`], [`info`], [`warn`] and [`error`] take what the macros of `tracing` take: fields, and a
//! message, which is made at once. A field is as it is, `%` or `?`. [`info_span`] opens a [`Span`]
//! that such lines may be in.

#[cfg(feature = "shutdown")]
mod queue;
mod span;

use tracing::{Level, level_filters::LevelFilter};

#[cfg(feature = "shutdown")]
pub(crate) use self::queue::{flush, flushed, open};
pub(crate) use self::span::Span;

/// Tells whether somebody may want lines of this level, at little cost and without code of the
/// user's. The whole of the question is answered where the line is written.
pub(crate) fn wants(level: Level) -> bool {
    let most = LevelFilter::current();
    // Off is what it is also before there is a subscriber, and then the crate `log` may want it.
    most == LevelFilter::OFF || level <= most
}

/// Writes a line by calling this; not here, if there is a thread for it.
pub(crate) fn write(line: impl FnOnce() + Send + 'static) {
    let line = span::within(line);
    #[cfg(feature = "shutdown")]
    queue::write(line);
    #[cfg(not(feature = "shutdown"))]
    line();
}

/// As [`write()`], for what must not be lost: it finds room in a full queue.
fn write_surely(line: impl FnOnce() + Send + 'static) {
    let line = span::within(line);
    #[cfg(feature = "shutdown")]
    queue::write_surely(line);
    #[cfg(not(feature = "shutdown"))]
    line();
}

/// Opens a span with fields, as the macro of `tracing` does.
macro_rules! span_of {
    (@ $name:literal [$($read:tt)*] $field:ident = %$value:expr, $($rest:tt)*) => {{
        let kept = ($value).to_string();
        $crate::journal::span_of!(@ $name [$($read)* $field = %kept,] $($rest)*)
    }};
    (@ $name:literal [$($read:tt)*] $field:ident = $value:expr, $($rest:tt)*) => {{
        let kept = ($value).to_owned();
        $crate::journal::span_of!(@ $name [$($read)* $field = kept,] $($rest)*)
    }};
    (@ $name:literal [$($read:tt)*] %$field:ident, $($rest:tt)*) => {
        $crate::journal::span_of!(@ $name [$($read)*] $field = %$field, $($rest)*)
    };
    (@ $name:literal [$($read:tt)*] $field:ident, $($rest:tt)*) => {
        $crate::journal::span_of!(@ $name [$($read)*] $field = $field, $($rest)*)
    };
    (@ $name:literal [$($read:tt)*] $(,)?) => {
        $crate::journal::Span::open(move || ::tracing::info_span!($name, $($read)*))
    };
    ($name:literal, $($fields:tt)+) => { $crate::journal::span_of!(@ $name [] $($fields)+,) };
}

/// Reads the fields one by one, so that nothing is borrowed by the line that is written later. Each
/// `kept` is another one.
macro_rules! line {
    (@ $level:ident [$($read:tt)*] $field:ident = %$value:expr, $($rest:tt)+) => {{
        let kept = ($value).to_string();
        $crate::journal::line!(@ $level [$($read)* $field = %kept,] $($rest)+);
    }};
    (@ $level:ident [$($read:tt)*] $field:ident = ?$value:expr, $($rest:tt)+) => {{
        let kept = format!("{:?}", $value);
        $crate::journal::line!(@ $level [$($read)* $field = %kept,] $($rest)+);
    }};
    (@ $level:ident [$($read:tt)*] $field:ident = $value:expr, $($rest:tt)+) => {{
        let kept = ($value).to_owned();
        $crate::journal::line!(@ $level [$($read)* $field = kept,] $($rest)+);
    }};
    (@ $level:ident [$($read:tt)*] %$field:ident, $($rest:tt)+) => {
        $crate::journal::line!(@ $level [$($read)*] $field = %$field, $($rest)+)
    };
    (@ $level:ident [$($read:tt)*] ?$field:ident, $($rest:tt)+) => {
        $crate::journal::line!(@ $level [$($read)*] $field = ?$field, $($rest)+)
    };
    (@ $level:ident [$($read:tt)*] $field:ident, $($rest:tt)+) => {
        $crate::journal::line!(@ $level [$($read)*] $field = $field, $($rest)+)
    };
    (@ $level:ident [$($read:tt)*] $($message:tt)+) => {{
        let message = format!($($message)+);
        $crate::journal::write(move || {
            ::tracing::event!(::tracing::Level::$level, $($read)* "{message}");
        });
    }};
    ($level:ident $($line:tt)+) => {
        if $crate::journal::wants(::tracing::Level::$level) {
            $crate::journal::line!(@ $level [] $($line)+);
        }
    };
}

#[allow(unused_macros)] // As below.
macro_rules! debug_line {
    ($($line:tt)+) => { $crate::journal::line!(DEBUG $($line)+) };
}

#[allow(unused_macros)] // As below.
macro_rules! info_line {
    ($($line:tt)+) => { $crate::journal::line!(INFO $($line)+) };
}

#[allow(unused_macros)] // As below.
macro_rules! warn_line {
    ($($line:tt)+) => { $crate::journal::line!(WARN $($line)+) };
}

#[allow(unused_macros)] // As below.
macro_rules! error_line {
    ($($line:tt)+) => { $crate::journal::line!(ERROR $($line)+) };
}

#[allow(unused_imports)] // Not every feature has lines of every level.
pub(crate) use {
    debug_line as debug, error_line as error, info_line as info, line, span_of,
    span_of as info_span, warn_line as warn,
};

#[cfg(test)]
mod tests {
    use std::{
        io,
        sync::{Arc, Mutex},
    };

    use tracing::subscriber;

    use super::*;

    /// Collects what is written.
    #[derive(Clone, Default)]
    struct Paper(Arc<Mutex<Vec<u8>>>);

    #[test]
    fn fields_are_written_as_those_of_tracing_and_borrow_nothing() {
        let paper = Paper::default();
        let _guard = subscriber::set_default(paper.subscriber());
        let (name, from, why) = (String::from("a"), &1_u64, Some("b"));
        info!("plain {name}");
        warn!(from, to = 2, flag = true, "numbers {:>3}", 7);
        error!(%name, ?why, said = %format_args!("{name}!"), how = ?[1], "text");
        debug!("nobody wants it");
        let span = info_span!("election", lease = %format_args!("ns/{name}"), from);
        span.in_scope(|| {
            let term = info_span!("term", %name);
            let _entered = term.enter();
            info!("inside");
        });
        info!("outside");
        let lines = [
            "INFO plain a",
            "WARN numbers   7 from=1 to=2 flag=true",
            "ERROR text name=a why=Some(\"b\") said=a! how=[1]",
            "INFO election{lease=ns/a from=1}:term{name=a}: inside",
            "INFO outside",
        ];
        let text = paper.0.lock().unwrap().clone();
        let text = String::from_utf8(text).unwrap();
        assert_eq!(text.lines().map(str::trim).collect::<Vec<_>>(), lines);
    }

    impl Paper {
        fn subscriber(&self) -> impl tracing::Subscriber + Send + Sync + use<> {
            let paper = self.clone();
            tracing_subscriber::fmt()
                .with_ansi(false)
                .with_target(false)
                .without_time()
                .with_writer(move || paper.clone())
                .finish()
        }
    }

    impl io::Write for Paper {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
}
