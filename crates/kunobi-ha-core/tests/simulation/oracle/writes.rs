//! What the server accepted from an elector.
//!
//! rule 7: no write is accepted against another version
//! rule 16: every new term raises the transitions

use kunobi_ha_core::{LeaseRecord, Version};

use super::{Broken, Promise};
use crate::simulation::server::Stored;

/// A write that the server accepted must be a renewal, a takeover or a release, and nothing else.
pub(crate) fn check_written(
    before: &Stored,
    identity: &str,
    guard: Option<&Version>,
    new: &LeaseRecord,
) -> Result<(), Broken> {
    let broken = |what: &str| Err(Broken::new(Promise::Request, what));
    let Some((version, old)) = before else {
        return match guard {
            None => Ok(()),
            Some(_) => broken("an update created the Lease"),
        };
    };
    if guard != Some(version) {
        return broken("a write was accepted against another version");
    }
    if new.is_free() && old.holder.as_deref() != Some(identity) {
        return broken("what somebody else holds was released");
    }
    let renews = new.holder == old.holder && new.acquire_time == old.acquire_time;
    let kept = new.transitions() == old.transitions();
    let raised = new.transitions() == old.transitions().saturating_add(1);
    if new.strategy != old.strategy || new.preferred_holder != old.preferred_holder {
        return broken("a write lost a field that is not ours");
    }
    match (new.is_free(), renews) {
        (true, _) | (false, true) if kept => Ok(()),
        (false, false) if raised => Ok(()),
        (true | false, _) => {
            let (old, new) = (old.transitions(), new.transitions());
            broken(&format!("transitions went from {old} to {new}"))
        }
    }
}
