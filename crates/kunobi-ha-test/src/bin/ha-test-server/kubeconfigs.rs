//! Which kubeconfigs are written, and where.

use std::{env, fs, path::PathBuf};

use kunobi_ha_test::Listener;
use serde_json::Value;

use crate::{clients, failure::Failure, files, options::Options};

/// The files to write, once it is known where the server listens.
#[derive(Debug)]
pub(crate) struct Kubeconfigs {
    folder: Option<PathBuf>,
    files: Vec<Planned>,
}

#[derive(Debug)]
struct Planned {
    path: PathBuf,
    /// The option that asks for it.
    option: &'static str,
    /// The first one is that of the current context.
    clients: Vec<String>,
}

impl Kubeconfigs {
    /// Checks that no file is lost.
    pub(crate) fn plan(options: &Options) -> Result<Self, Failure> {
        let Options { clients, kubeconfig, .. } = options;
        let folder = match (&options.kubeconfigs, kubeconfig) {
            (Some(folder), _) => Some(folder.clone()),
            (None, Some(_)) => None,
            (None, None) => Some(env::temp_dir().join("ha-test-server")),
        };
        let mut files = Vec::new();
        if let Some(path) = kubeconfig.clone() {
            files.push(Planned { path, option: "--kubeconfig", clients: clients.clone() });
        }
        if let Some(folder) = &folder {
            let names = clients::file_names(clients).into_iter();
            files.extend(names.zip(clients).map(|(name, client)| Planned {
                path: folder.join(format!("{name}.kubeconfig")),
                option: "--kubeconfigs",
                clients: vec![client.clone()],
            }));
        }
        for file in &files {
            file.check()?;
        }
        Ok(Self { folder, files })
    }

    /// Returns where they are.
    pub(crate) fn write(&self, listener: &Listener) -> Result<Vec<PathBuf>, Failure> {
        if let Some(folder) = &self.folder {
            fs::create_dir_all(folder).map_err(|error| {
                Failure::Usage(format!("--kubeconfigs {}: {error}", folder.display()))
            })?;
        }
        for file in &self.files {
            let config = merged(listener, &file.clients);
            files::replace(&file.path, &config)
                .map_err(|error| file.refused(&format!("can't be written: {error}")))?;
        }
        Ok(self.files.iter().map(|file| file.path.clone()).collect())
    }
}

impl Planned {
    fn check(&self) -> Result<(), Failure> {
        if env::join_paths([&self.path]).is_err() {
            return Err(self.refused("KUBECONFIG takes this path for several: name another one"));
        }
        match files::read(&self.path) {
            Ok(None) => Ok(()),
            Ok(Some(text)) if is_ours(&text) => Ok(()),
            Ok(Some(_)) => Err(self.refused(
                "there is a kubeconfig that this program has not written, and it would be lost: \
                 name another file, or remove it",
            )),
            Err(error) => Err(self.refused(&error.to_string())),
        }
    }

    fn refused(&self, why: &str) -> Failure {
        Failure::Usage(format!("{} {}: {why}", self.option, self.path.display()))
    }
}

/// Those of a cluster are YAML, and name it otherwise.
fn is_ours(text: &str) -> bool {
    let Ok(config) = serde_json::from_str::<Value>(text) else { return false };
    let clusters = config["clusters"].as_array().map(Vec::as_slice).unwrap_or_default();
    matches!(clusters, [cluster] if cluster["name"] == "test")
}

/// A kubeconfig with a context for each client.
fn merged(listener: &Listener, clients: &[String]) -> String {
    let mut configs = clients.iter().map(|client| {
        serde_json::from_str::<Value>(&listener.kubeconfig(client)).unwrap_or_default()
    });
    let mut merged = configs.next().unwrap_or_default();
    for mut config in configs {
        for list in ["users", "contexts"] {
            if let (Value::Array(all), Value::Array(more)) =
                (&mut merged[list], config[list].take())
            {
                all.extend(more);
            }
        }
    }
    format!("{merged:#}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_this_program_writes_is_its_own() {
        let config = kunobi_ha_test::kubeconfig(([127, 0, 0, 1], 1).into(), "me");
        assert!(is_ours(&config));
        assert!(!is_ours(&config.replace("\"test\"", "\"production\"")));
        for other in ["", "apiVersion: v1\nkind: Config\n", "{}", r#"{"clusters":[]}"#] {
            assert!(!is_ours(other), "{other}");
        }
    }
}
