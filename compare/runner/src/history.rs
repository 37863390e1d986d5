//! What the history of a Lease says.

/// How often the Lease got another holder than the one before, in the writes from that with this number on, given its
/// holder after each write; none stands for an empty one, and for a Lease that is gone. A holder that releases the
/// Lease and gets it back is no change.
#[must_use]
pub fn changes(holders: &[Option<String>], from: usize) -> usize {
    let (before, holders) = holders.split_at(from.min(holders.len()));
    let mut last = before.last().and_then(Option::as_deref);
    let mut changes = 0;
    for holder in holders.iter().filter_map(Option::as_deref) {
        if last.is_some_and(|last| last != holder) {
            changes += 1;
        }
        last = Some(holder);
    }
    changes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn renewals_and_releases_are_no_changes() {
        let holders = ["a", "a", "", "a", "b", "", "c"]
            .map(|holder| (!holder.is_empty()).then(|| holder.to_owned()));
        assert_eq!(changes(&holders, 0), 2);
        assert_eq!(changes(&holders, 1), 2, "a keeps it");
        assert_eq!(changes(&holders, 3), 2, "nobody has it, and a gets it");
        assert_eq!(changes(&holders, 5), 1);
        assert_eq!(changes(&holders, 7), 0);
        assert_eq!(changes(&[], 0), 0);
    }
}
