//! From a holder to its Pod.

mod lookup;

pub(crate) use self::lookup::Holders;
use crate::{lease::Lease, pod::Pod};

/// What is known of the Pod of a holder.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum HolderPod {
    /// This is it.
    Found(Box<Pod>),
    /// The holder has not the name of a Pod of this namespace, or nobody holds the Lease.
    None,
    /// It may not be asked for, or the answer did not come.
    Unknown,
}

impl HolderPod {
    pub(crate) fn pod(&self) -> Option<&Pod> {
        match self {
            Self::Found(pod) => Some(pod),
            Self::None | Self::Unknown => None,
        }
    }
}

/// Returns the names that the Pod of the holder can have, the likeliest one first: the identity itself, what
/// client-go puts before a `_` (the host's name, which in a Pod is the name of the Pod), what cert-manager puts before
/// `-external-`, and with the host's network the name of a static Pod.
pub(crate) fn pod_names(lease: &Lease) -> Vec<String> {
    let Some(holder) = &lease.holder else {
        return Vec::new();
    };
    let host = holder.split('_').next().unwrap_or_default();
    let mut names = vec![host.to_owned()];
    names.extend(host.split_once("-external-").map(|(pod, _)| pod.to_owned()));
    if lease.namespace == "kube-system" && host != holder {
        names.push(format!("{}-{host}", lease.name));
    }
    names.retain(|name| is_name(name));
    names
}

/// Whether a Pod can have this name.
fn is_name(text: &str) -> bool {
    let fits = |byte: u8| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.')
    };
    !text.is_empty() && text.len() <= 253 && text.bytes().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_that_the_pod_of_a_holder_can_have() {
        assert_eq!(pod_names(&held("shop", "orders-1")), ["orders-1"]);
        assert_eq!(pod_names(&held("shop", "orders-1_3f2a")), ["orders-1"]);
        assert_eq!(pod_names(&held("shop", "a-0-external-a")), ["a-0-external-a", "a-0"]);
        assert_eq!(pod_names(&held("kube-system", "node-1_3f2a")), ["node-1", "scheduler-node-1"]);
        assert!(pod_names(&held("shop", "../x")).is_empty());
        assert!(pod_names(&Lease::default()).is_empty());
    }

    fn held(namespace: &str, holder: &str) -> Lease {
        Lease {
            namespace: namespace.into(),
            name: "scheduler".into(),
            holder: Some(holder.into()),
            ..Lease::default()
        }
    }
}
