use std::collections::BTreeMap;

use serde_json::Value;

use crate::rendering::Rendering;

/// Returns the objects by kind and name, without the labels that name the installer.
fn comparable(rendering: &str) -> BTreeMap<String, Value> {
    let named = Rendering::named(rendering).objects.into_iter().map(|mut object| {
        let labels = object["metadata"]["labels"].as_object_mut().unwrap();
        labels.remove("app.kubernetes.io/managed-by");
        labels.remove("app.kubernetes.io/version");
        labels.remove("helm.sh/chart");
        (format!("{} {}", object["kind"], object["metadata"]["name"]), object)
    });
    named.collect()
}

#[test]
fn helm_and_kustomize_make_the_same_objects() {
    agree("defaults", "base", 5);
    agree("monitoring", "monitored", 8);
}

fn agree(helm: &str, kustomize: &str, objects: usize) {
    let (helm, kustomize) = (comparable(helm), comparable(kustomize));
    assert_eq!(helm.len(), objects);
    assert_eq!(helm.keys().collect::<Vec<_>>(), kustomize.keys().collect::<Vec<_>>());
    for (name, object) in &helm {
        let [helm, kustomize] =
            [object, &kustomize[name]].map(|it| serde_json::to_string_pretty(it).unwrap());
        assert_eq!(helm, kustomize, "{name}");
    }
}
