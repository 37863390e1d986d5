//! The libraries that are compared.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// A library, and the program that is written with it.
#[derive(Clone, Debug)]
pub struct Peer {
    /// Its folder below `peers/`, and its name on the command line.
    pub folder: &'static str,
    /// The first line of its column.
    pub title: &'static str,
    /// The package in its lock file; of Go, the module.
    package: &'static str,
    /// The client that it is built on.
    client: &'static str,
    /// Its settings, in words.
    pub settings: &'static str,
    /// Whether its documentation asks the user to create the Lease.
    pub needs_lease: bool,
    /// The program.
    pub program: PathBuf,
    /// What only this program takes, in each run.
    pub options: &'static [&'static str],
    /// What only this program takes when replicas are to have the same identity.
    pub exact: &'static [&'static str],
}

/// All, in the order of the columns; `compare` is the folder that has `peers/` and `target/`.
#[must_use]
pub fn all(compare: &Path) -> Vec<Peer> {
    let program = |name: &str| compare.join("target").join(name);
    let rust = |folder, title, package, client, settings| Peer {
        folder,
        title,
        package,
        client,
        settings,
        needs_lease: folder == "kubert",
        program: program(&format!("debug/peer-{}", str::replace(folder, ".", "-"))),
        options: &[],
        exact: &[],
    };
    vec![
        rust("kunobi-ha", "kunobi-ha", "kunobi-ha", "kube", "lease 15 s, deadline 10 s, retry 2 s"),
        rust(
            "kunobi-ha-0.6.1",
            "kunobi-ha 0.6.1",
            "kunobi-ha",
            "kube",
            "lease 15 s, deadline 10 s, retry 2 s",
        ),
        rust("kubert", "kubert", "kubert", "kube-client", "lease 15 s, grace 1 s (its default)"),
        rust(
            "kube-lease-manager",
            "kube-lease-manager",
            "kube-lease-manager",
            "kube",
            "lease 15 s, grace 5 s (its default)",
        ),
        rust(
            "kube-leader-election",
            "kube-leader-election",
            "kube-leader-election",
            "kube",
            "lease 15 s, asked every 5 s (its README)",
        ),
        rust(
            "kube-coordinate",
            "kube-coordinate",
            "kube-coordinate",
            "kube",
            "lease 15 s, deadline 10 s, retry 2 s, request 5 s (its default)",
        ),
        Peer {
            folder: "client-go",
            title: "client-go",
            package: "k8s.io/client-go",
            client: "k8s.io/apimachinery",
            settings: "lease 15 s, deadline 10 s, retry 2 s, request 5 s, ReleaseOnCancel",
            needs_lease: false,
            program: program("client-go"),
            options: &[],
            exact: &["--exact-identity"],
        },
    ]
}

impl Peer {
    /// A program that is not among [`all`].
    #[must_use]
    pub fn planted(program: &Path) -> Self {
        Self {
            folder: "planted",
            title: "planted",
            package: "",
            client: "",
            settings: "",
            needs_lease: false,
            program: program.to_owned(),
            options: &[],
            exact: &[],
        }
    }

    /// The version that is compared, and that of the client below it, as the lock file has them.
    pub fn versions(&self, compare: &Path) -> Result<(String, String), String> {
        let folder = compare.join("peers").join(self.folder);
        let is_go = self.folder == "client-go";
        let file = folder.join(if is_go { "go.mod" } else { "Cargo.lock" });
        let text = fs::read_to_string(&file).map_err(|why| format!("{}: {why}", file.display()))?;
        let find = |package: &str| {
            if is_go { in_go_mod(&text, package) } else { in_lock(&text, package) }
                .ok_or_else(|| format!("{}: there is no {package}", file.display()))
        };
        Ok((find(self.package)?, format!("{} {}", self.client, find(self.client)?)))
    }
}

/// The newest, if there are several: that is the one which the default features choose.
fn in_lock(lock: &str, package: &str) -> Option<String> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines();
    let mut found = None;
    while lines.by_ref().any(|line| line == name) {
        found = lines.next()?.strip_prefix("version = \"")?.strip_suffix('"').map(str::to_owned);
    }
    found
}

fn in_go_mod(text: &str, module: &str) -> Option<String> {
    let mut words = text.lines().map(|line| line.split_whitespace());
    words.find_map(|mut line| (line.next()? == module).then(|| line.next())?.map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_lock_files() {
        let lock = "[[package]]\nname = \"kube\"\nversion = \"4.2.0\"\n\n[[package]]\nname = \"kube\"\nversion = \"5.0.0\"\n";
        assert_eq!(in_lock(lock, "kube").as_deref(), Some("5.0.0"));
        assert_eq!(in_lock(lock, "kub"), None);
        let module = "require (\n\tk8s.io/api v0.1.0\n\tk8s.io/client-go v0.37.2\n)\n";
        assert_eq!(in_go_mod(module, "k8s.io/client-go").as_deref(), Some("v0.37.2"));
        assert_eq!(in_go_mod(module, "k8s.io/client"), None);
    }
}
