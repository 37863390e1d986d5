//! Objects that a test needs on the API server.

use std::time::{Duration, Instant};

use http::{Request, header::CONTENT_TYPE};
use kube::Client;
use serde_json::{Value, json};
use tokio::time::sleep;

/// Creates an object, given the path of its list.
///
/// # Errors
///
/// It was not created within a minute: default roles and namespaces come a little after the server is
/// ready.
pub async fn create(client: &Client, path: &str, object: &Value) -> kube::Result<()> {
    let end = Instant::now() + PATIENCE;
    loop {
        let request = Request::post(path).header(CONTENT_TYPE, "application/json");
        let request = request.body(object.to_string().into_bytes());
        let request = request.map_err(kube::Error::HttpError)?;
        match client.request::<Value>(request).await {
            Ok(_) => return Ok(()),
            Err(error) if Instant::now() > end => return Err(error),
            Err(_) => sleep(Duration::from_millis(100)).await,
        }
    }
}

/// Creates a namespace in which these users may do what the rules say, and nothing else.
///
/// # Errors
///
/// As of [`create`].
pub async fn create_namespace(
    client: &Client,
    namespace: &str,
    users: &[&str],
    rules: &Value,
) -> kube::Result<()> {
    let metadata = json!({ "metadata": { "name": namespace } });
    create(client, "/api/v1/namespaces", &metadata).await?;
    let rbac = format!("/apis/rbac.authorization.k8s.io/v1/namespaces/{namespace}");
    let role = json!({ "metadata": { "name": "candidate" }, "rules": rules });
    create(client, &format!("{rbac}/roles"), &role).await?;
    let subjects: Vec<_> =
        users.iter().map(|name| json!({ "kind": "User", "name": name })).collect();
    let group = "rbac.authorization.k8s.io";
    let binding = json!({
        "metadata": { "name": "candidates" },
        "roleRef": { "apiGroup": group, "kind": "Role", "name": "candidate" },
        "subjects": subjects,
    });
    create(client, &format!("{rbac}/rolebindings"), &binding).await
}

const PATIENCE: Duration = Duration::from_secs(60);
