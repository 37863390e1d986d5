//! Hints move nobody who is not to be moved.
//!
//! rule P2: a free Lease that names somebody else is seen for 1.5 R before it is taken
//! rule P3: a wish is told once a term, not within L of its begin, and not one from before it

use kunobi_ha_core::{Instant, LeaseTime, Notice};

use super::{Broken, Promise, Scene, Witness, waits::Seen};

/// What the term of this elector has been told of wishes.
#[derive(Debug, Default)]
pub(super) struct Wishes {
    term: Option<OfTerm>,
}

#[derive(Debug)]
struct OfTerm {
    began: Instant,
    older: Option<Box<str>>,
    is_told: bool,
}

impl Witness {
    pub(super) fn check_hints(&mut self, scene: &Scene) -> Result<(), Broken> {
        let wish = scene.hints.and_then(|hints| hints.wish.as_deref());
        if self.belief.is_none() {
            self.wishes.term = None;
        } else {
            let older = || wish.map(Into::into);
            let new = || OfTerm { began: scene.now, older: older(), is_told: false };
            self.wishes.term.get_or_insert_with(new);
        }
        for notice in &scene.step.notices {
            match notice {
                Notice::Wished { successor } => self.check_wish(scene, successor, wish)?,
                Notice::SuccessorAbsent { successor } => {
                    let named = scene.hints.and_then(|hints| hints.successor.as_ref());
                    let wrong = **successor == *scene.identity
                        || named.is_none_or(|named| named.identity != *successor);
                    self.watched
                        .deny(Promise::News, wrong, || format!("waited for {successor}"))?;
                }
                _ => {}
            }
        }
        if let Some(term) = self.wishes.term.as_mut().filter(|_| wish.is_none()) {
            term.older = None;
        }
        Ok(())
    }

    fn check_wish(
        &mut self,
        scene: &Scene,
        successor: &str,
        wish: Option<&str>,
    ) -> Result<(), Broken> {
        let right = self.wishes.term.as_mut().is_some_and(|term| {
            let again = std::mem::replace(&mut term.is_told, true);
            let old = scene.now >= term.began.after(scene.config.lease_duration);
            !again && old && term.older.as_deref() != Some(successor)
        });
        let wrong = !right || successor == scene.identity || wish != Some(successor);
        self.watched.deny(Promise::News, wrong, || {
            format!("a wish for {successor} was told, of {wish:?} and {:?}", self.wishes.term)
        })
    }
}

/// Returns from when on this free Lease may be taken, if it names somebody else.
pub(super) fn yields_until(scene: &Scene, seen: &Seen) -> Option<Instant> {
    let named = scene.hints?.successor.as_ref()?;
    let counts = seen.record.acquire_time == LeaseTime::At(named.released);
    let other = *named.identity != *scene.identity;
    (counts && other).then(|| seen.term_since.after(scene.config.retry_period * 3 / 2))
}
