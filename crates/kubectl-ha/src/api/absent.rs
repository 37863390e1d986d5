//! What is not there, in words that say where else to look.

use super::{Cluster, Kind, Target};
use crate::{cli::Scope, failure::Failure, lease::Lease};

impl Cluster {
    /// Says that there is no such Lease, and which ones of the namespace exist, if they may be listed.
    pub(crate) async fn no_such_lease(&self, namespace: &str, name: &str) -> Failure {
        let known = match self.leases(Some(namespace), None).await {
            Err(_) => String::new(),
            Ok(listing) if listing.items.is_empty() => {
                if self.has_namespace(namespace).await {
                    let all = self.command_for_all("ha list -A");
                    format!("; that namespace has none ({all} lists those of all)")
                } else {
                    let all = self.command_for_all("get namespaces");
                    format!("; that namespace does not exist ({all} lists all)")
                }
            }
            Ok(listing) => format!("; there are: {}", names(&listing.items)),
        };
        Failure::NotFound(format!("there is no Lease {name} in the namespace {namespace}{known}"))
    }

    /// Says that the options name no Lease, and what of them is the reason. So many were left out, because they elect nobody.
    pub(crate) async fn no_leases(&self, scope: &Scope, hidden: usize) -> String {
        let labels = scope.selector.as_deref().filter(|labels| !labels.is_empty());
        let labels = labels.map(|labels| format!(" with the labels {labels}")).unwrap_or_default();
        let place = if scope.all_namespaces {
            "in all namespaces".into()
        } else {
            format!("in the namespace {}", self.namespace)
        };
        if hidden > 0 {
            let left_out = if hidden == 1 {
                "1 Lease that elects nobody is left out; --all shows it".to_owned()
            } else {
                format!("{hidden} Leases that elect nobody are left out; --all shows them")
            };
            return format!("No elections found{labels} {place}: {left_out}.");
        }
        if !scope.all_namespaces && !self.has_namespace(&self.namespace).await {
            return format!(
                "There is no namespace {}; {} lists all.",
                self.namespace,
                self.command_for_all("get namespaces")
            );
        }
        let elsewhere = if scope.all_namespaces { "" } else { "; -A looks in all" };
        format!("No Leases found{labels} {place}{elsewhere}.")
    }

    /// Whether it exists, as far as one may know.
    async fn has_namespace(&self, name: &str) -> bool {
        let target =
            Target { namespace: None, ..Target::get(Kind::new("", "namespaces"), "", name) };
        !matches!(self.get(&target).await, Err(Failure::NotFound(_)))
    }
}

fn names(leases: &[Lease]) -> String {
    let names: Vec<&str> = leases.iter().map(|lease| lease.name.as_str()).take(MOST).collect();
    let names = names.join(", ");
    match leases.len().saturating_sub(MOST) {
        0 => names,
        more => format!("{names}, and {more} more"),
    }
}

/// How many names an error lists.
const MOST: usize = 10;
