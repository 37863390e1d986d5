//! What to do when somebody wishes that another replica leads.

/// What to do when somebody wishes that another replica leads.
///
/// Whoever may write annotations of the Lease can wish:
/// `kubectl annotate lease my-operator kunobi.ninja/wish=my-operator-1`, with the identity of a
/// replica. The wish counts if it appears while this replica leads, if it names another one, and once
/// this replica has led for a lease duration; once in a term. Each takeover removes it, and so does
/// each release of this library.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "a third choice would be a silent one")]
pub enum OnWish {
    /// Hands over: this replica stops its leader work as for a shutdown, releases the Lease, names the
    /// one that is wished for as its successor, and contends again. `always` work goes on, and so do
    /// other elections.
    ///
    /// # What is guaranteed
    ///
    /// - The order is that of a shutdown. Leader work is told to stop and has the drain budget to end,
    ///   while this replica leads on; what it tracks is waited for. Only then the Lease is released, and
    ///   only if all of it ended by itself. Work that fails meanwhile ends the program.
    /// - This replica contends again 2 `retry_period` after the release. A handover is no failure: it
    ///   changes no exit code.
    ///
    /// # What is not
    ///
    /// - Work that does not end within the drain budget is aborted. The Lease is not released then:
    ///   nobody leads before it has run out, and any other replica may lead then. This one contends
    ///   again a little later. Work that can't be aborted ends the program with code 1.
    /// - Nobody knows whether the one that is wished for is there. If not, the others take the Lease
    ///   after 1.5 `retry_period`, and warn.
    /// - Work of [`always_before_release`](super::Operator::always_before_release) ends with the
    ///   program only. While some of it runs, a wish is not obeyed, and the log says so.
    #[default]
    Handover,
    /// Leads on. The log tells of the wish.
    Ignore,
}
