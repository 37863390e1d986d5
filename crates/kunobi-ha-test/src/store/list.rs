//! Lists: whole or in pages, as they are or as they were.

use std::{collections::BTreeMap, iter, sync::Arc};

use super::{Object, Store};
use crate::{
    request::{
        At, Continue, ListOptions,
        path::{Key, Target},
    },
    status::Rejection,
};

/// A part of a list, or all of it. The objects are shared with the store, so that the answer can be
/// written when the store is not locked any more.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    /// The version of which this is a list.
    pub(crate) revision: u64,
    pub(crate) objects: Vec<Arc<Object>>,
    /// Where the next page begins; none after the last one.
    pub(crate) next: Option<Continue>,
    /// How many objects follow, if that is known.
    pub(crate) remaining: Option<usize>,
}

type Entry<'a> = (&'a Key, &'a Arc<Object>);

impl Store {
    /// Fails if an answer of this age can't be had.
    pub(crate) fn check_age(&self, at: At) -> Result<(), Rejection> {
        match at {
            At::Latest | At::Any => Ok(()),
            At::NotOlder(revision) | At::Exact(revision) => self.check_is_past(revision),
        }
    }

    fn check_is_past(&self, revision: u64) -> Result<(), Rejection> {
        if revision > self.revision() {
            return Err(Rejection::too_large_version(revision, self.revision()));
        }
        Ok(())
    }

    pub(crate) fn list(&self, target: &Target, options: &ListOptions) -> Result<Page, Rejection> {
        self.check_age(options.at)?;
        let token = options.token.as_ref();
        let revision = match (token, options.at) {
            // What may be of any age comes from a cache, as it is now.
            (Some(Continue { revision: Some(revision), .. }), At::Latest) => *revision,
            (None, At::Exact(revision)) => revision,
            (Some(_), _) | (None, At::Latest | At::Any | At::NotOlder(_)) => self.revision(),
        };
        self.check_is_past(revision)?;
        let entries = self.entries_at(target, options, revision).map_err(|_| match token {
            Some(token) => {
                let token = Continue { revision: None, left: None, ..token.clone() };
                Rejection::forgotten_page(token.text(target))
            }
            None => Rejection::forgotten_list(),
        })?;
        Ok(page(entries, options, revision))
    }

    /// The objects that a list goes through, in order, as they were at a version.
    fn entries_at<'a>(
        &'a self,
        target: &'a Target,
        options: &'a ListOptions,
        revision: u64,
    ) -> Result<impl Iterator<Item = Entry<'a>>, Rejection> {
        let only = options.selector.name();
        let after = options.token.as_ref().map(|token| {
            let (namespace, name) = token.after.clone();
            Key { namespace, name, ..target.key() }
        });
        // What was there before the first change since then.
        let mut before: BTreeMap<&Key, Option<&Arc<Object>>> = BTreeMap::new();
        for change in self.changes().since(revision)? {
            if target.covers(&change.key) && after.as_ref().is_none_or(|after| change.key > *after)
            {
                before.entry(&change.key).or_insert(change.old.as_ref());
            }
        }
        let then: Vec<Entry> =
            before.iter().filter_map(|(key, old)| Some((*key, (*old)?))).collect();
        let stored = self.covered_after(target, after.as_ref());
        let stored = stored.filter(move |(key, _)| !before.contains_key(key));
        let entries = merged(stored, then.into_iter());
        Ok(entries.filter(move |(key, _)| only.is_none_or(|only| key.name == only)))
    }
}

/// Both in one order.
fn merged<'a>(
    some: impl Iterator<Item = Entry<'a>>,
    others: impl Iterator<Item = Entry<'a>>,
) -> impl Iterator<Item = Entry<'a>> {
    let (mut some, mut others) = (some.peekable(), others.peekable());
    iter::from_fn(move || match (some.peek(), others.peek()) {
        (Some((key, _)), Some((other, _))) if other < key => others.next(),
        (Some(_), _) => some.next(),
        (None, _) => others.next(),
    })
}

fn page<'a>(
    entries: impl Iterator<Item = Entry<'a>>,
    options: &ListOptions,
    revision: u64,
) -> Page {
    let limit = options.limit.unwrap_or(usize::MAX);
    let mut entries = entries.peekable();
    let (mut objects, mut last, mut seen) = (Vec::new(), None, 0);
    while objects.len() < limit
        && let Some((key, object)) = entries.next()
    {
        seen += 1;
        if options.selector.matches(key, &object.value) {
            objects.push(Arc::clone(object));
            last = Some(key);
        }
    }
    // As there, a page that is full has another one after it, even if nothing in it is selected.
    let last = last.filter(|_| entries.peek().is_some());
    let is_told = last.is_some() && options.selector.is_empty();
    // Counted once: the other pages are told by the token of the one before.
    let token = options.token.as_ref().filter(|token| token.revision == Some(revision));
    let told = token.and_then(|token| token.left);
    let remaining = is_told.then(|| match told.and_then(|left| left.checked_sub(seen)) {
        Some(left) => left,
        None => entries.count(),
    });
    let next = last.map(|key| {
        let after = (key.namespace.clone(), key.name.clone());
        Continue { revision: Some(revision), after, left: remaining }
    });
    Page { revision, objects, next, remaining }
}

#[cfg(test)]
mod tests;
