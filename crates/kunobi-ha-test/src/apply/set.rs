//! Sets of fields.

use std::collections::BTreeMap;

use super::{element::Element, types};
use crate::shape::Form;

/// Fields of a value, each by its path.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Set(BTreeMap<Element, Node>);

/// A field and what of its value belongs to the set. One of both is there.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Node {
    /// The field itself is in the set: it is owned as a whole, or its being there is.
    pub(super) is_member: bool,
    pub(super) children: Set,
}

impl Node {
    pub(super) const MEMBER: Self = Self { is_member: true, children: Set(BTreeMap::new()) };

    fn is_empty(&self) -> bool {
        !self.is_member && self.children.is_empty()
    }

    fn meets(&self, other: &Self) -> bool {
        self.is_member && other.is_member || self.children.meets(&other.children)
    }

    fn intersection(&self, other: &Self) -> Self {
        Self {
            is_member: self.is_member && other.is_member,
            children: self.children.intersection(&other.children),
        }
    }

    fn subtract(&mut self, other: &Self) {
        self.is_member &= !other.is_member;
        self.children.subtract(&other.children);
    }
}

impl Set {
    /// The fields at the ends of paths.
    pub(super) fn of(paths: &[&[&str]]) -> Self {
        let mut set = Self::default();
        for path in paths {
            let path: Vec<Element> =
                path.iter().map(|name| Element::Field((*name).into())).collect();
            set.insert(&path);
        }
        set
    }

    /// Fields that an endpoint does not write, each as `status` or `metadata.labels`.
    pub(super) fn resets(fields: &[&str]) -> Self {
        let paths: Vec<Vec<&str>> = fields.iter().map(|path| path.split('.').collect()).collect();
        Self::of(&paths.iter().map(Vec::as_slice).collect::<Vec<_>>())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&Element, &Node)> {
        self.0.iter()
    }

    pub(super) fn get(&self, element: &Element) -> Option<&Node> {
        self.0.get(element)
    }

    pub(super) fn insert(&mut self, path: &[Element]) {
        if let Some((first, rest)) = path.split_first() {
            let node = self.0.entry(first.clone()).or_default();
            if rest.is_empty() {
                node.is_member = true;
            } else {
                node.children.insert(rest);
            }
        }
    }

    /// Adds a node, unless it is empty.
    pub(super) fn put(&mut self, element: impl FnOnce() -> Element, node: Node) {
        if !node.is_empty() {
            self.add(element(), node);
        }
    }

    fn add(&mut self, element: Element, node: Node) {
        let known = self.0.entry(element).or_default();
        known.is_member |= node.is_member;
        known.children.unite(node.children);
    }

    pub(super) fn unite(&mut self, other: Self) {
        if self.is_empty() {
            *self = other;
            return;
        }
        for (element, node) in other.0 {
            self.add(element, node);
        }
    }

    pub(super) fn meets(&self, other: &Self) -> bool {
        self.0.iter().any(|(element, node)| other.get(element).is_some_and(|o| node.meets(o)))
    }

    /// Whether all fields of the other set are in this one.
    pub(super) fn covers(&self, other: &Self) -> bool {
        other.0.iter().all(|(element, other)| {
            self.get(element).is_some_and(|node| {
                (node.is_member || !other.is_member) && node.children.covers(&other.children)
            })
        })
    }

    pub(super) fn intersection(&self, other: &Self) -> Self {
        let mut both = Self::default();
        for (element, node) in &self.0 {
            if let Some(other) = other.get(element) {
                both.put(|| element.clone(), node.intersection(other));
            }
        }
        both
    }

    /// Removes the fields that the other set has. What is below a field stays.
    pub(super) fn subtract(&mut self, other: &Self) {
        if other.is_empty() {
            return;
        }
        self.0.retain(|element, node| {
            if let Some(other) = other.get(element) {
                node.subtract(other);
            }
            !node.is_empty()
        });
    }

    /// Removes the fields that the other set has, and what is below them.
    pub(super) fn cut(&mut self, other: &Self) {
        if other.is_empty() {
            return;
        }
        self.0.retain(|element, node| {
            let Some(other) = other.get(element) else {
                return true;
            };
            node.children.cut(&other.children);
            !other.is_member && !node.is_empty()
        });
    }

    pub(super) fn has(&self, path: &[Element]) -> bool {
        match path {
            [] => false,
            [last] => self.get(last).is_some_and(|node| node.is_member),
            [first, rest @ ..] => self.get(first).is_some_and(|node| node.children.has(rest)),
        }
    }

    /// The paths of all fields: those of one level before those below.
    pub(super) fn paths(&self) -> Vec<Vec<Element>> {
        let mut paths = Vec::new();
        self.collect(&mut Vec::new(), &mut paths);
        paths
    }

    fn collect(&self, above: &mut Vec<Element>, paths: &mut Vec<Vec<Element>>) {
        let members = self.0.iter().filter(|(_, node)| node.is_member);
        paths.extend(members.map(|(element, _)| {
            let mut path = above.clone();
            path.push(element.clone());
            path
        }));
        for (element, node) in &self.0 {
            above.push(element.clone());
            node.children.collect(above, paths);
            above.pop();
        }
    }

    /// Adds the fields of structs below which something is in the set.
    pub(super) fn with_named_fields(mut self, form: &Form) -> Self {
        self.0 = self
            .0
            .into_iter()
            .map(|(element, node)| {
                let below = types::below(form, &element);
                let is_named = types::is_named(form, &element);
                let children = match below {
                    Some(below) => node.children.with_named_fields(below),
                    None => node.children,
                };
                let is_member = node.is_member || is_named && !children.is_empty();
                (element, Node { is_member, children })
            })
            .collect();
        self
    }

    /// What has become a value that is owned as a whole, by a change of the type, is owned as such.
    pub(super) fn reconcile(&mut self, form: &Form) {
        if matches!(form, Form::Any) {
            return;
        }
        for (element, node) in &mut self.0 {
            match types::below(form, element) {
                Some(below) if types::is_atomic(below) && !node.children.is_empty() => {
                    *node = Node::MEMBER;
                }
                Some(below) => node.children.reconcile(below),
                None => {}
            }
        }
    }
}

#[cfg(test)]
mod tests;
