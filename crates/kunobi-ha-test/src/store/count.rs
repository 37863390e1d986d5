//! How many objects there are.

use super::Store;

/// The objects of one type.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Count<'a> {
    pub(crate) group: &'a str,
    pub(crate) resource: &'a str,
    pub(crate) objects: usize,
}

impl Store {
    /// The types that have objects in a namespace, in their order; an empty namespace stands for all, and for none.
    pub(crate) fn counts(&self, namespace: &str) -> Vec<Count<'_>> {
        let mut counts: Vec<Count> = Vec::new();
        // The objects of a type follow each other.
        for key in self.objects.keys() {
            if !namespace.is_empty() && key.namespace != namespace {
                continue;
            }
            match counts.last_mut() {
                Some(last) if last.resource == key.resource && last.group == key.group => {
                    last.objects += 1;
                }
                Some(_) | None => {
                    counts.push(Count { group: &key.group, resource: &key.resource, objects: 1 });
                }
            }
        }
        counts
    }
}
