//! The log of this crate: written beside the threads that have something to say.
//!
//! What writes the log is the user's, and may block: standard error is a pipe that somebody has to
//! read. So once a process has a supervisor's thread, lines are put into a queue, and a thread of
//! its own writes them, in their order, with the subscriber and the span of where they come from. A
//! writer that blocks holds up that thread alone. If the queue is full, lines are lost, and their
//! number is told once there is room.
//!
//! [`debug`], [`info`], [`warn`] and [`error`] take what the macros of `tracing` take: fields, and a
//! message, which is made at once. A field is as it is, `%` or `?`.

#[cfg(feature = "shutdown")]
mod queue;

use tracing::{Level, level_filters::LevelFilter};

#[cfg(feature = "shutdown")]
pub(crate) use self::queue::{flush, flushed, open};

/// Tells whether somebody may want lines of this level, at little cost and without code of the
/// user's. The whole of the question is answered where the line is written.
pub(crate) fn wants(level: Level) -> bool {
    let most = LevelFilter::current();
    // Off is what it is also before there is a subscriber, and then the crate `log` may want it.
    most == LevelFilter::OFF || level <= most
}

/// Writes a line by calling this; not here, if there is a thread for it.
pub(crate) fn write(line: impl FnOnce() + Send + 'static) {
    #[cfg(feature = "shutdown")]
    queue::write(line);
    #[cfg(not(feature = "shutdown"))]
    line();
}

/// Reads the fields one by one, so that nothing is borrowed by the line that is written later.
macro_rules! line {
    (@ $level:ident [$($read:tt)*] $field:ident = %$value:expr, $($rest:tt)+) => {{
        let $field = ($value).to_string();
        $crate::journal::line!(@ $level [$($read)* $field = %$field,] $($rest)+);
    }};
    (@ $level:ident [$($read:tt)*] $field:ident = ?$value:expr, $($rest:tt)+) => {{
        let $field = format!("{:?}", $value);
        $crate::journal::line!(@ $level [$($read)* $field = %$field,] $($rest)+);
    }};
    (@ $level:ident [$($read:tt)*] $field:ident = $value:expr, $($rest:tt)+) => {{
        let $field = ($value).to_owned();
        $crate::journal::line!(@ $level [$($read)* $field = $field,] $($rest)+);
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
    debug_line as debug, error_line as error, info_line as info, line, warn_line as warn,
};
