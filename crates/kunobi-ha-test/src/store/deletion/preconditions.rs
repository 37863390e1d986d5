//! What a DELETE wants the object to be.

use crate::{
    crd,
    request::DeleteOptions,
    status::Rejection,
    store::{Call, Object, metadata},
};

/// 409, unless the object is the one that is meant. The types with a deletion of their own have other words.
pub(in crate::store) fn check(
    call: &Call,
    old: &Object,
    options: &DeleteOptions,
) -> Result<(), Rejection> {
    let is_uid = metadata::text(&old.value, "uid").unwrap_or_default();
    let is_version = old.revision.to_string();
    let wrong = |sent: &Option<String>, is: &str| sent.clone().filter(|sent| sent != is);
    if let Some(sent) = wrong(&options.uid, is_uid) {
        let why = format!(
            "the UID in the precondition ({sent}) does not match the UID in record ({is_uid}). \
             The object might have been deleted and then recreated"
        );
        return Err(conflict(call, &why, ("UID", &sent, is_uid)));
    }
    if let Some(sent) = wrong(&options.resource_version, &is_version) {
        let why = format!(
            "the ResourceVersion in the precondition ({sent}) does not match the ResourceVersion \
             in record ({is_version}). The object might have been modified"
        );
        return Err(conflict(call, &why, ("ResourceVersion", &sent, &is_version)));
    }
    Ok(())
}

fn conflict(call: &Call, why: &str, (what, sent, is): (&str, &str, &str)) -> Rejection {
    let resource = call.resource;
    let failed = if call.is("", "namespaces") {
        "Precondition failed"
    } else if call.is(crd::GROUP, crd::PLURAL) {
        "precondition failed"
    } else {
        return Rejection::conflict(&resource.group, &resource.kind, &call.target.name, why);
    };
    let why = format!("{failed}: {what} in precondition: {sent}, {what} in object meta: {is}");
    Rejection::conflict(&resource.group, &resource.plural, &call.target.name, &why)
}
