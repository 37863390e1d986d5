//! How much work there was: what was looked at, counted in tests. They compare the counts for few objects and for many.

#[cfg(test)]
use std::cell::Cell;

/// Something was looked at: an object, a change, a dependent, a task.
#[inline]
pub(super) fn count() {
    #[cfg(test)]
    STEPS.with(|steps| steps.set(steps.get() + 1));
}

/// Runs something, and returns how much work of this thread it was.
#[cfg(test)]
pub(crate) fn of(run: impl FnOnce()) -> usize {
    let before = so_far();
    run();
    so_far() - before
}

/// All the work of this thread until now.
#[cfg(test)]
pub(crate) fn so_far() -> usize {
    STEPS.get()
}

/// Asserts that four times as much takes about four times the work. `run` does so much, and returns what
/// it cost.
#[cfg(test)]
pub(crate) fn assert_linear(what: &str, run: impl Fn(usize) -> usize) {
    let (few, many) = (run(300), run(1_200));
    assert!(few >= 300, "{what}: it is not counted: {few}");
    assert!(many < few * 5, "{what}: {few} steps for 300, {many} for 1,200");
}

#[cfg(test)]
thread_local! {
    static STEPS: Cell<usize> = const { Cell::new(0) };
}
