//! What the server's history of a Lease says.

/// How often the Lease got another holder than the one before, given its holder after each write; none stands for an
/// empty one, and for a Lease that is gone. To let go and to get back what one has had is no change.
#[must_use]
pub fn changes(before: Option<&str>, holders: &[Option<String>]) -> usize {
    let mut last = before;
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
        assert_eq!(changes(Some("a"), &holders), 2);
        assert_eq!(changes(None, &holders), 2);
        assert_eq!(changes(Some("z"), &holders), 3);
        assert_eq!(changes(Some("z"), &[]), 0);
    }
}
