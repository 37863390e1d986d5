//! The log of this crate. A thread of its own writes it.
//!
//! The subscriber is the user's code, and may block: standard error is a pipe that some other process
//! has to read. So from the moment that a process has a supervisor's thread, lines are put into a
//! queue. The writer's thread takes them out in their order, and writes each with the subscriber and
//! in the span of the thread that it comes from. A subscriber that blocks holds up the writer's
//! thread alone. If the queue is full, lines are lost; their number is logged once there is room.
//!
//! [`debug`], [`info`], [`warn`] and [`error`] take what the macros of `tracing` take: fields, and a
//! message, which is formatted at once. A field has no sign, `%` or `?`. [`info_span`] opens a
//! [`Span`] in which such lines can be.

#[cfg(test)]
mod paper;
#[cfg(feature = "shutdown")]
mod queue;
mod span;

use tracing::{Level, level_filters::LevelFilter};

#[cfg(feature = "shutdown")]
pub(crate) use self::queue::{flush, flushed, open};
pub(crate) use self::span::Span;

/// Tells whether a subscriber may want lines of this level. It is cheap and runs no code of the user's;
/// `tracing` decides finally, where the line is written.
pub(crate) fn wants(level: Level) -> bool {
    let most = LevelFilter::current();
    // The level is also off before there is a subscriber; then the crate `log` may want the line.
    most == LevelFilter::OFF || level <= most
}

/// Writes a line by calling `line`: on the writer's thread if there is one, otherwise here.
pub(crate) fn write(line: impl FnOnce() + Send + 'static) {
    let line = span::within(line);
    #[cfg(feature = "shutdown")]
    queue::write(line);
    #[cfg(not(feature = "shutdown"))]
    line();
}

/// As [`write()`], for what must not be lost: a full queue takes it too.
fn write_always(line: impl FnOnce() + Send + 'static) {
    let line = span::within(line);
    #[cfg(feature = "shutdown")]
    queue::write_always(line);
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

/// Copies the fields one by one, so that the line, which is written later, borrows nothing. Hygiene
/// makes each `kept` a variable of its own.
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

macro_rules! debug_line {
    ($($line:tt)+) => { $crate::journal::line!(DEBUG $($line)+) };
}

macro_rules! info_line {
    ($($line:tt)+) => { $crate::journal::line!(INFO $($line)+) };
}

macro_rules! warn_line {
    ($($line:tt)+) => { $crate::journal::line!(WARN $($line)+) };
}

#[allow(unused_macros, reason = "not every feature has errors to log")]
macro_rules! error_line {
    ($($line:tt)+) => { $crate::journal::line!(ERROR $($line)+) };
}

#[allow(unused_imports, reason = "not every feature has lines of every level")]
pub(crate) use {
    debug_line as debug, error_line as error, info_line as info, line, span_of,
    span_of as info_span, warn_line as warn,
};

#[cfg(test)]
mod tests {
    use tracing::subscriber;

    use super::{paper::Paper, *};

    #[test]
    fn fields_are_written_as_those_of_tracing_and_borrow_nothing() {
        let paper = Paper::new();
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
        assert_eq!(paper.lines(), lines);
    }
}
