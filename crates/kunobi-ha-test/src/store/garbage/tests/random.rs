use std::collections::{BTreeMap, BTreeSet};

use super::*;

/// One of eight names, so that objects meet each other.
fn name(random: &mut fastrand::Rng) -> String {
    char::from(b'a' + random.u8(..8)).to_string()
}

fn at(name: &str) -> String {
    format!("{MAPS}/{name}")
}

fn uid(api: &Api, name: &str) -> String {
    let object = api.get(&at(name)).map(|it| it.value["metadata"]["uid"].clone());
    object.and_then(|uid| uid.as_str().map(ToOwned::to_owned)).unwrap_or_else(|| "gone".into())
}

fn step(api: &mut Api, random: &mut fastrand::Rng) {
    let name = name(random);
    let path = at(&name);
    let owners: Vec<Value> = (0..random.usize(..3))
        .map(|_| {
            let owner = self::name(random);
            let uid = uid(api, &owner);
            if random.bool() { blocking(&owner, &uid) } else { super::owner(&owner, &uid) }
        })
        .collect();
    let Some(stored) = api.get(&path) else {
        let finalizers: &[&str] = if random.u8(..4) == 0 { &["a/b"] } else { &[] };
        let metadata = json!({ "name": name, "ownerReferences": owners, "finalizers": finalizers });
        api.create(MAPS, json!({ "metadata": metadata }));
        return;
    };
    match random.u8(..4) {
        0 => {
            let mut value = stored.value.clone();
            value["metadata"]["ownerReferences"] = owners.into();
            api.put(&path, value).unwrap();
        }
        1 => api.finalizers(&path, &[]),
        _ => {
            let all = [
                None,
                Some(Propagation::Background),
                Some(Propagation::Foreground),
                Some(Propagation::Orphan),
            ];
            api.delete(&path, all[random.usize(..all.len())]);
        }
    }
}

/// By the uid of an owner, who names it: found by a search through everything.
fn expected(api: &Api) -> BTreeMap<String, BTreeSet<String>> {
    let mut expected: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (key, object) in &api.0.objects {
        for owner in object.value["metadata"]["ownerReferences"].as_array().into_iter().flatten() {
            let uid = owner["uid"].as_str().unwrap().to_owned();
            expected.entry(uid).or_default().insert(key.name.clone());
        }
    }
    expected
}

#[test]
fn whatever_is_written_nothing_without_owners_is_left() {
    for seed in 0..200 {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut api = Api::new();
        for number in 0..60 {
            step(&mut api, &mut random);
            api.settle();
            let expected = expected(&api);
            for (uid, names) in &expected {
                let known = api.0.garbage.dependents(uid).map(|key| key.name.clone());
                let known: BTreeSet<String> = known.collect();
                assert_eq!(*names, known, "seed {seed}, step {number}");
            }
            for (key, object) in &api.0.objects {
                let value = &object.value;
                assert!(!is_left(&api, value), "seed {seed}, step {number}: {} {value}", key.name);
            }
        }
    }
}

/// Returns whether the garbage collector has forgotten an object.
fn is_left(api: &Api, value: &Value) -> bool {
    let metadata = &value["metadata"];
    let owners = |value: &Value| value["metadata"]["ownerReferences"].as_array().cloned();
    if metadata.get("deletionTimestamp").is_none() {
        let is_there = |owner: &Value| owner["uid"] == uid(api, owner["name"].as_str().unwrap());
        let waits = |owner: &Value| {
            let owner = api.get(&at(owner["name"].as_str().unwrap()));
            owner.is_some_and(|owner| crate::store::garbage::item::waits(&owner.value))
        };
        let is_kept = |owner: &Value| is_there(owner) && !waits(owner);
        return owners(value).is_some_and(|owners| !owners.iter().all(is_kept));
    }
    let finalizers = metadata["finalizers"].as_array().unwrap();
    let has = |name: &str| finalizers.iter().any(|it| it == name);
    let blocks =
        |owner: &Value| owner["uid"] == metadata["uid"] && owner["blockOwnerDeletion"] == true;
    let is_blocked = api
        .0
        .objects
        .values()
        .any(|object| owners(&object.value).is_some_and(|owners| owners.iter().any(blocks)));
    has("orphan") || (has("foregroundDeletion") && !is_blocked)
}
