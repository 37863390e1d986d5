//! DELETE: removes an object, or marks it for deletion.

use std::{collections::BTreeSet, sync::Arc};

use serde_json::Value;

use super::{
    Call, Page, Store, Written, definitions,
    deletion::{self, GRACE, Grace, TIMESTAMP},
    metadata, namespaces,
    write::Decision,
};
use crate::{
    crd,
    request::{
        DeleteOptions, ListOptions,
        path::{Key, Target},
    },
    status::Rejection,
};

impl Store {
    /// DELETE of one object.
    pub(crate) fn delete(
        &mut self,
        call: &Call,
        options: &DeleteOptions,
    ) -> Result<Written, Rejection> {
        let old = Arc::clone(self.get(call.target)?);
        deletion::check_preconditions(call, &old, options)?;
        namespaces::check_mortal(call)?;
        let old = &old.value;
        let is_first = !deletion::is_marked(old);
        if is_first || !call.is("", "namespaces") || !namespaces::has_finalizers(old) {
            self.review_deletion(call, old, options)?;
        }
        let decision = if call.is("", "namespaces") && is_first {
            Decision::Change(namespaces::mark(call, old, options))
        } else if call.is("", "namespaces") && namespaces::has_finalizers(old) {
            Decision::Keep
        } else if call.is(crd::GROUP, crd::PLURAL) && is_first {
            Decision::Change(definitions::mark(call, old))
        } else {
            decide(call, old, options)
        };
        self.carry_out_deletion(call, options, decision)
    }

    /// Nobody is asked about a deletion that goes on already.
    fn review_deletion(
        &self,
        call: &Call,
        old: &Value,
        options: &DeleteOptions,
    ) -> Result<(), Rejection> {
        if !self.has_webhooks() || Grace::of(call, old, options.grace_seconds) == Grace::Pending {
            return Ok(());
        }
        self.admit_deletion(call, &call.as_served(old))
    }

    fn carry_out_deletion(
        &mut self,
        call: &Call,
        options: &DeleteOptions,
        decision: Decision,
    ) -> Result<Written, Rejection> {
        let warning = deletion::warning(call, options);
        let written = self.carry_out(call, call.target.key(), decision);
        let written = written.ok_or_else(|| call.target.not_found())?;
        Ok(written.warn(warning.into_iter().collect()))
    }

    /// Selects what a DELETE of a collection deletes.
    pub(crate) fn select(
        &self,
        call: &Call,
        selected: &ListOptions,
    ) -> Result<Collection, Rejection> {
        let page = self.list(call.target, selected)?;
        Ok(Collection { page, next: 0, done: Vec::new(), failed: None })
    }

    /// Deletes what is left of a collection. As there, all types follow the same rules in it: a definition does not
    /// take its objects with it.
    pub(crate) fn delete_collection(
        &mut self,
        call: &Call,
        options: &DeleteOptions,
        collection: &mut Collection,
    ) {
        collection.failed = None;
        while let Some(object) = collection.page.objects.get(collection.next) {
            let text = |field| metadata::text(&object.value, field).unwrap_or_default();
            let target = Target {
                namespace: text("namespace").into(),
                name: text("name").into(),
                ..call.target.clone()
            };
            let call = Call { target: &target, ..call.clone() };
            match self.delete_selected(&call, options) {
                Ok(None) => {}
                Ok(Some(written)) => collection.done.push((target.key(), written)),
                Err(rejection) => {
                    collection.failed = Some(rejection);
                    return;
                }
            }
            collection.next += 1;
        }
    }

    /// None: it is gone already.
    fn delete_selected(
        &mut self,
        call: &Call,
        options: &DeleteOptions,
    ) -> Result<Option<Written>, Rejection> {
        let Some(object) = self.find(&call.target.key()).cloned() else {
            return Ok(None);
        };
        deletion::check_preconditions(call, &object, options)?;
        self.review_deletion(call, &object.value, options)?;
        let decision = decide(call, &object.value, options);
        self.carry_out_deletion(call, options, decision).map(Some)
    }
}

/// The deletion of a collection.
#[derive(Debug)]
pub(crate) struct Collection {
    /// What was selected, as it was.
    pub(crate) page: Page,
    /// The first object of it that is still to be deleted.
    next: usize,
    pub(crate) done: Vec<(Key, Written)>,
    /// Why it did not go on. What is done stays done.
    pub(crate) failed: Option<Rejection>,
}

/// What the rules for every type make of a deletion.
fn decide(call: &Call, old: &Value, options: &DeleteOptions) -> Decision {
    let grace = Grace::of(call, old, options.grace_seconds);
    if grace == Grace::Pending {
        return Decision::Keep;
    }
    let finalizers = deletion::finalizers(call, old, options);
    let (had, has): (BTreeSet<&str>, BTreeSet<&str>) =
        (metadata::finalizers(old).into_iter().collect(), finalizers.iter().copied().collect());
    let mut value = old.clone();
    if had != has {
        deletion::set_finalizers(&mut value, &finalizers);
    }
    match grace {
        Grace::None | Grace::Pending if finalizers.is_empty() => {
            return Decision::Remove(old.clone());
        }
        Grace::None | Grace::Pending => {
            let is_over = metadata::text(old, TIMESTAMP)
                .and_then(|text| text.parse::<jiff::Timestamp>().ok())
                .is_some_and(|end| end <= call.now);
            if !is_over {
                metadata::set(&mut value, TIMESTAMP, Some(call.time().into()));
            }
            metadata::set(&mut value, GRACE, Some(0.into()));
        }
        Grace::Until { end, seconds } => {
            metadata::set(&mut value, TIMESTAMP, Some(format!("{end:.0}").into()));
            metadata::set(&mut value, GRACE, Some(seconds.into()));
        }
    }
    let generation = metadata::generation(old).filter(|_| !deletion::is_marked(old));
    if let Some(generation) = generation {
        metadata::set(&mut value, "generation", Some(generation.saturating_add(1).into()));
    }
    if deletion::is_due(call, &value) {
        Decision::MarkAndRemove(value)
    } else if value == *old {
        Decision::Keep
    } else {
        Decision::Change(value)
    }
}
