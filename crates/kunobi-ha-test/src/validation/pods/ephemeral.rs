//! Containers that are added to a pod to debug it.

use crate::{
    go,
    validation::{checks::same, field::Field, internal},
};

/// Those that a pod has stay as they are.
pub(super) fn check(spec: &Field, was: &Field) {
    let (containers, old) = (spec.get("ephemeralContainers"), was.get("ephemeralContainers"));
    for old in old.items() {
        let name = old.get("name");
        let quoted = go::quoted(name.text());
        match containers.items().find(|new| new.get("name").text() == name.text()) {
            None => containers
                .forbidden(&format!("existing ephemeral containers {quoted} may not be removed\n")),
            Some(new) if !same(new.value(), old.value()) => {
                let difference =
                    internal::difference("EphemeralContainer", old.value(), new.value());
                containers.forbidden(&format!(
                    "existing ephemeral containers {quoted} may not be changed\n{difference}"
                ));
            }
            Some(_) => {}
        }
    }
}
