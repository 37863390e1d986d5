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

/// Returns the names that the Pod of the holder can have, the likeliest one first.
pub(crate) fn pod_names(lease: &Lease) -> Vec<String> {
    let names = |holder: &String| names_of(&lease.namespace, &lease.name, holder);
    lease.holder.as_ref().map(names).unwrap_or_default()
}

/// Returns the names that the Pod of this holder of a Lease can have, the likeliest one first: the identity itself, or what
/// it has before a character that no name of a Pod has (client-go puts a `_` after the host's name, which in a Pod is the
/// name of the Pod); of that, what is before a UUID, before cert-manager's `-external-`, and before the domain of a full
/// host name; and with the host's network the name of a static Pod. Other parts are no names of its Pod: a Pod `orders` is
/// not the leader `orders-1`.
pub(crate) fn names_of(namespace: &str, lease: &str, holder: &str) -> Vec<String> {
    let host = holder.split(['_', '/', ':', '@']).next().unwrap_or_default();
    let parts = [
        Some(host),
        before_uuid(host, '-'),
        host.split_once("-external-").map(|(pod, _)| pod),
        host.split_once('.').map(|(pod, _)| pod),
    ];
    let mut names: Vec<_> = parts.into_iter().flatten().map(str::to_owned).collect();
    if namespace == "kube-system" && host != holder {
        names.push(format!("{lease}-{host}"));
    }
    names.retain(|name| is_name(name));
    names
}

/// Returns the host in an identity as controller-runtime and Kubernetes' own programs make it: what is before `_` and a UUID.
pub(crate) fn host_of(identity: &str) -> Option<&str> {
    before_uuid(identity, '_')
}

/// Returns what is before this character and a UUID at the end.
fn before_uuid(text: &str, separator: char) -> Option<&str> {
    let (before, uuid) = text.split_at_checked(text.len().checked_sub(UUID)?)?;
    let groups: Vec<_> = uuid.split('-').map(str::len).collect();
    let is_uuid =
        groups == [8, 4, 4, 4, 12] && uuid.bytes().all(|it| it == b'-' || it.is_ascii_hexdigit());
    before.strip_suffix(separator).filter(|before| is_uuid && !before.is_empty())
}

/// Whether a Pod can have this name.
fn is_name(text: &str) -> bool {
    let ends = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let fits = |byte: u8| ends(byte) || matches!(byte, b'-' | b'.');
    let (first, last) = (text.bytes().next(), text.bytes().next_back());
    first.is_some_and(ends) && last.is_some_and(ends) && text.len() <= 253 && text.bytes().all(fits)
}

/// How long a UUID is.
const UUID: usize = 36;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_that_the_pod_of_a_holder_can_have() {
        assert_eq!(pod_names(&held("shop", "orders-1")), ["orders-1"]);
        assert_eq!(pod_names(&held("shop", "orders-1_3f2a")), ["orders-1"]);
        assert_eq!(pod_names(&held("shop", "a-0-external-a")), ["a-0-external-a", "a-0"]);
        assert_eq!(pod_names(&held("kube-system", "node-1_3f2a")), ["node-1", "scheduler-node-1"]);
        let uuid = "0b1e4d3c-94ba-4d41-9f0c-2f1ab3b1d5aa";
        let held_after_uuid = held("shop", &format!("orders-1-{uuid}"));
        assert_eq!(pod_names(&held_after_uuid)[1..], ["orders-1"]);
        assert_eq!(pod_names(&held("shop", "orders-1/main")), ["orders-1"]);
        let full = "db-0.db.shop.svc";
        assert_eq!(pod_names(&held("shop", full)), [full, "db-0"]);
        assert!(pod_names(&held("shop", "Laptop")).is_empty());
        assert!(pod_names(&held("shop", "../x")).is_empty());
        assert!(pod_names(&Lease::default()).is_empty());
    }

    #[test]
    fn the_host_is_found_in_an_identity_of_controller_runtime() {
        let uuid = "06c639a5-efae-4674-b556-d08f3dc1ac4d";
        assert_eq!(host_of(&format!("my_pod-1_{uuid}")), Some("my_pod-1"));
        let others = [format!("_{uuid}"), format!("a-{uuid}"), format!("a_{}", "g".repeat(36))];
        for other in ["", "a", "a_b", "日本日本日本日本日本日本日本"]
            .into_iter()
            .chain(others.iter().map(|it| &**it))
        {
            assert_eq!(host_of(other), None, "{other}");
        }
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
