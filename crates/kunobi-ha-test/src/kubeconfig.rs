//! The address of the server and the name of a client, as a kubeconfig.

use std::net::SocketAddr;

use serde_json::{Value, json};

/// Returns a kubeconfig (as JSON, which is YAML) with which a client of this name connects to a
/// server at this address. It says that no certificate is to be verified, as there is none over plain HTTP: otherwise
/// the client of Node connects over TLS only.
///
/// ```
/// let config = kunobi_ha_test::kubeconfig(([127, 0, 0, 1], 8001).into(), "me");
/// assert!(config.contains(r#""server": "http://127.0.0.1:8001""#));
/// assert!(config.contains(r#""token": "me""#));
/// ```
#[must_use]
pub fn kubeconfig(address: SocketAddr, client: &str) -> String {
    let server = format!("http://{address}");
    let cluster = json!({ "server": server, "insecure-skip-tls-verify": true });
    described(client, &cluster, &json!({ "token": client }))
}

/// A kubeconfig of one cluster and one user.
pub(crate) fn described(client: &str, cluster: &Value, user: &Value) -> String {
    let config = json!({
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{ "name": "test", "cluster": cluster }],
        "users": [{ "name": client, "user": user }],
        "contexts": [{
            "name": client,
            "context": { "cluster": "test", "user": client, "namespace": "default" },
        }],
        "current-context": client,
    });
    format!("{config:#}")
}
