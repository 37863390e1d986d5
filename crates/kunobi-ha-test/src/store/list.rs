//! Lists: whole or in pages, as they are or as they were.

use std::{collections::BTreeMap, sync::Arc};

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
                let token = Continue { revision: None, after: token.after.clone() };
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
        options: &ListOptions,
        revision: u64,
    ) -> Result<Vec<Entry<'a>>, Rejection> {
        let only = options.selector.name();
        let after = options.token.as_ref().map(|token| {
            let (namespace, name) = token.after.clone();
            Key { namespace, name, ..target.key() }
        });
        let is_wanted = |key: &Key| {
            after.as_ref().is_none_or(|after| key > after)
                && only.is_none_or(|only| key.name == only)
        };
        // What was there before the first change since then.
        let mut before: BTreeMap<&Key, Option<&Arc<Object>>> = BTreeMap::new();
        for change in self.changes().since(revision)? {
            if target.covers(&change.key) {
                before.entry(&change.key).or_insert(change.old.as_ref());
            }
        }
        let stored = self.covered(target).filter(|(key, _)| !before.contains_key(key));
        let mut entries: Vec<Entry> = stored.filter(|(key, _)| is_wanted(key)).collect();
        let before = before.iter().filter_map(|(key, old)| Some((*key, (*old)?)));
        entries.extend(before.filter(|(key, _)| is_wanted(key)));
        entries.sort_by_key(|(key, _)| *key);
        Ok(entries)
    }
}

fn page(entries: Vec<Entry>, options: &ListOptions, revision: u64) -> Page {
    let limit = options.limit.unwrap_or(usize::MAX);
    let mut entries = entries.into_iter();
    let mut objects = Vec::new();
    let mut last = None;
    while objects.len() < limit
        && let Some((key, object)) = entries.next()
    {
        if options.selector.matches(key, &object.value) {
            objects.push(Arc::clone(object));
            last = Some(key);
        }
    }
    // As there, a page that is full has another one after it, even if nothing in it is selected.
    let rest = entries.len();
    let last = last.filter(|_| rest > 0);
    Page {
        revision,
        objects,
        next: last.map(|key| {
            let after = (key.namespace.clone(), key.name.clone());
            Continue { revision: Some(revision), after }
        }),
        remaining: (last.is_some() && options.selector.is_empty()).then_some(rest),
    }
}

#[cfg(test)]
mod tests;
