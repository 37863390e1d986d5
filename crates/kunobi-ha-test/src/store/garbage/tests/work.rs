//! No work grows with the square of the number of objects.

use super::*;
use crate::{
    request::{At, ListOptions},
    selector::Selector,
    store::steps::{self, assert_linear},
};

fn with_maps(count: usize, finalizers: &[&str]) -> Api {
    let mut api = Api::new();
    api.create("/api/v1/namespaces", json!({ "metadata": { "name": "x" } }));
    for number in 0..count {
        let metadata = json!({ "name": format!("m{number}"), "finalizers": finalizers });
        api.create(MAPS, json!({ "metadata": metadata }));
    }
    api.settle();
    api
}

/// A map, and others that it owns.
fn with_dependents(count: usize, finalizers: &[&str]) -> Api {
    let mut api = Api::new();
    let uid = api.map("owner", &[]);
    for number in 0..count {
        let metadata = json!({ "name": format!("m{number}"), "finalizers": finalizers,
                               "ownerReferences": [blocking("owner", &uid)] });
        api.create(MAPS, json!({ "metadata": metadata }));
    }
    api.settle();
    api
}

/// Takes the finalizers as clients do: object by object.
fn release(api: &mut Api, count: usize) {
    for number in 0..count {
        api.finalizers(&format!("{MAPS}/m{number}"), &[]);
        api.settle();
    }
}

#[test]
fn a_namespace_that_ends_looks_at_each_object_a_few_times() {
    assert_linear("at once", |count| {
        let mut api = with_maps(count, &[]);
        let steps = steps::of(|| {
            api.delete("/api/v1/namespaces/x", None);
            api.settle();
        });
        assert!(api.get("/api/v1/namespaces/x").is_none());
        steps
    });
    assert_linear("when finalizers go one by one", |count| {
        let mut api = with_maps(count, &["a/b"]);
        let steps = steps::of(|| {
            api.delete("/api/v1/namespaces/x", None);
            api.settle();
            release(&mut api, count);
        });
        assert!(api.get("/api/v1/namespaces/x").is_none());
        steps
    });
}

#[test]
fn garbage_is_collected_dependent_by_dependent() {
    for propagation in [Propagation::Background, Propagation::Foreground, Propagation::Orphan] {
        assert_linear(&format!("{propagation:?}"), |count| {
            let mut api = with_dependents(count, &[]);
            let steps = steps::of(|| {
                api.delete(&format!("{MAPS}/owner"), Some(propagation));
                api.settle();
            });
            assert!(!api.has("owner"));
            assert_eq!(api.has("m0"), propagation == Propagation::Orphan);
            steps
        });
    }
    assert_linear("in the foreground, when finalizers go one by one", |count| {
        let mut api = with_dependents(count, &["a/b"]);
        let steps = steps::of(|| {
            api.delete(&format!("{MAPS}/owner"), Some(Propagation::Foreground));
            api.settle();
            release(&mut api, count);
        });
        assert!(!api.has("owner"));
        steps
    });
}

#[test]
fn pages_and_deletions_of_a_collection_go_through_it_once() {
    let options = |store: &Store, limit| {
        let resource = store.types.find("", "v1", "configmaps").unwrap();
        let selector = Selector::parse(None, None, &resource).unwrap();
        ListOptions { selector, at: At::Latest, limit, token: None }
    };
    assert_linear("pages", |count| {
        let api = with_maps(count, &[]);
        let (mut options, mut seen) = (options(&api.0, Some(10)), 0);
        let steps = steps::of(|| {
            loop {
                let page = api.0.list(&Target::parse(MAPS).unwrap(), &options).unwrap();
                seen += page.objects.len();
                options.token = page.next;
                if options.token.is_none() {
                    break;
                }
            }
        });
        assert_eq!(seen, count);
        steps
    });
    assert_linear("deletions", |count| {
        let mut api = with_maps(count, &[]);
        let options = options(&api.0, None);
        steps::of(|| {
            api.call(MAPS, |store, call| {
                let mut collection = store.select(call, &options)?;
                store.delete_collection(call, &DeleteOptions::default(), &mut collection);
                assert_eq!(collection.done.len(), count);
                Ok(())
            })
            .unwrap();
            api.settle();
        })
    });
}

#[test]
fn a_write_looks_at_no_other_object() {
    assert_linear("creations", |count| steps::of(|| drop(with_maps(count, &[]))));
}
