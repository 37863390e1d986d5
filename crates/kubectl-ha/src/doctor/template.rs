//! What the template of a workload says of its election.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::Container;

use super::workload::Workload;

impl<'a> Workload<'a> {
    /// Returns the Leases that it may contend for, by namespace and name: those that it wants, and in its own namespace
    /// whatever else the variable of kunobi-ha and options about leaders or leases say.
    pub(crate) fn contends(&self) -> BTreeSet<(&'a str, &'a str)> {
        let here = self.meta.namespace.as_deref().unwrap_or_default();
        let wanted = self.wants();
        let about = |option: &str| ["lease", "leader"].iter().any(|word| option.contains(word));
        let named = self.options().filter(|(option, _)| about(option)).map(|(_, value)| value);
        let named = named.chain(self.variable("HA_LEASE"));
        let others = named.filter(|name| wanted.iter().all(|(_, wanted)| wanted != name));
        others.map(|name| (here, name)).chain(wanted.iter().copied()).collect()
    }

    /// Returns the containers that elect, as far as the template tells which ones do.
    pub(crate) fn electing(&self) -> Vec<&'a str> {
        let is_meant = |container: &Container| {
            let mut variables = container.env.iter().flatten();
            variables.any(|it| it.name == "HA_LEASE")
                || arguments(container).any(|word| {
                    let option = words(word.split('=').next().unwrap_or_default());
                    elects(&option) || leases(&option)
                })
        };
        self.containers().filter(|it| is_meant(it)).map(|it| it.name.as_str()).collect()
    }

    /// Returns the options that give all its pods one value which may be their identity.
    pub(crate) fn identities(&self) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
        let about = |option: &str| option.contains("identity") || option.ends_with("-id");
        self.options().filter(move |(option, _)| about(option) && !is_name(option))
    }

    /// Returns the Leases that it surely wants, by namespace and name: that of `HA_LEASE`, and those of options like
    /// `--leader-election-id`, unless another option turns the election off, or
    /// elects with something else.
    pub(crate) fn wants(&self) -> Vec<(&'a str, &'a str)> {
        let here = self.meta.namespace.as_deref().unwrap_or_default();
        let is_off = |(option, value): (&str, &str)| {
            is_switch(option) && value == "false"
                || words(option).ends_with("resourcelock") && !value.contains("leases")
        };
        if self.options().any(is_off) {
            return Vec::new();
        }
        let mut places = self.options().filter(|it| is_namespace(it.0)).map(|it| it.1);
        let place = places.find(|it| is_plain(it)).unwrap_or(here);
        let named = self.options().filter(|it| is_name(it.0)).map(|it| (place, it.1));
        let ours = self.variable("HA_LEASE").map(|name| (here, name));
        named.chain(ours).filter(|it| is_plain(it.1)).collect()
    }

    /// The options of its commands: `--option=value`, and `--option` with a value after it.
    fn options(&self) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
        self.containers().flat_map(|container| {
            let words: Vec<&'a str> = arguments(container).collect();
            let after = words.iter().copied().skip(1).map(Some).chain([None]);
            let pairs: Vec<_> = words
                .iter()
                .copied()
                .zip(after)
                .filter_map(|(word, after)| {
                    let value = || after.filter(|it| word.starts_with('-') && !it.starts_with('-'));
                    word.split_once('=').or_else(|| Some((word, value()?)))
                })
                .collect();
            pairs
        })
    }
}

fn arguments(container: &Container) -> impl Iterator<Item = &str> {
    container.command.iter().chain(&container.args).flatten().map(String::as_str)
}

/// Whether the value of this option is the name of a Lease, and not an identity, a namespace or a time.
fn is_name(option: &str) -> bool {
    let option = words(option);
    let ends = |word| option.ends_with(word);
    let other = ["namespace", "identity", "holder"].iter().any(|word| option.contains(word));
    !other && (elects(&option) && (ends("name") || ends("id")) || leases(&option) && ends("name"))
}

fn is_namespace(option: &str) -> bool {
    let option = words(option);
    (elects(&option) || leases(&option)) && option.ends_with("namespace")
}

fn is_switch(option: &str) -> bool {
    let option = words(option);
    elects(&option) && (option.ends_with("elect") || option.ends_with("election"))
}

fn elects(option: &str) -> bool {
    ["election", "leaderelect"].iter().any(|word| option.contains(word))
}

fn leases(option: &str) -> bool {
    option.replace("release", "").contains("lease")
}

/// An option without what programs write differently; nothing if it is none, as in a script.
fn words(option: &str) -> String {
    let is_option = option.starts_with('-') && !option.contains(' ');
    let letters = option.chars().filter(|it| is_option && !matches!(it, '-' | '_' | '.'));
    letters.flat_map(char::to_lowercase).collect()
}

/// Whether it is the name of an object, and not a variable for example.
fn is_plain(name: &str) -> bool {
    let fits = |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit() || b"-.".contains(&it);
    !name.is_empty() && name.bytes().all(fits)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{
        super::facts::{Cluster, Elsewhere},
        *,
    };

    #[test]
    fn an_option_names_a_lease_or_something_else() {
        for option in [
            "--leader-election-id",
            "--leader-elect-resource-name",
            "--leaderElectionID",
            "-lease-lock-name",
            "--lease-name",
            "--leader-election-lease-name",
        ] {
            assert!(is_name(option), "{option}");
        }
        for option in [
            "--leader-elect",
            "--leader-elect-lease-duration",
            "--leader-election-namespace",
            "--lease-lock-namespace",
            "--lease-holder-name",
            "--leader-id",
            "--release-name",
            "--node-selector-name",
            "exec run --lease-name",
            "LEASE_NAME",
        ] {
            assert!(!is_name(option), "{option}");
        }
    }

    #[test]
    fn a_template_wants_the_leases_that_its_options_name() {
        for (args, wanted) in [
            ("--leader-election-id=orders", "shop/orders"),
            ("--leader-elect --lease-name orders", "shop/orders"),
            ("--leader-election-id=orders --leader-election-namespace=ha", "ha/orders"),
            ("--leader-elect=false --leader-election-id=orders", ""),
            ("--leader-elect-resource-lock=configmaps --leader-elect-resource-name=orders", ""),
            (
                "--leader-elect-resource-lock=leases --leader-elect-resource-name=orders",
                "shop/orders",
            ),
            ("--leader-election-id=$(NAME)", ""),
            ("--lease-name --lease-duration=15s", ""),
        ] {
            let args: Vec<_> = args.split(' ').collect();
            let deployment = json!({
                "metadata": { "namespace": "shop", "name": "orders" },
                "spec": { "selector": {}, "template": { "spec": { "containers": [{ "name": "c", "args": args }] } } },
            });
            let cluster = Cluster {
                pods: Ok(Vec::new()),
                deployments: Ok(vec![serde_json::from_value(deployment).unwrap()]),
                stateful_sets: Ok(Vec::new()),
                daemon_sets: Ok(Vec::new()),
                nodes: Ok(Vec::new()),
                budgets: Ok(Vec::new()),
                events: Ok(Vec::new()),
                elsewhere: Elsewhere::default(),
            };
            let wants = Workload::all(&cluster).unwrap()[0].wants();
            let wants: Vec<_> =
                wants.iter().map(|(place, name)| format!("{place}/{name}")).collect();
            assert_eq!(wants.join(" "), wanted, "{args:?}");
        }
    }
}
