//! `--tls`: a client has its name, and Roles decide.

use k8s_openapi::api::core::v1::ConfigMap;
use kube::{Api, Error, api::ListParams};

use crate::support::{Folder, Program};

#[tokio::test]
async fn clients_are_who_they_are_over_tls() {
    let folder = Folder::new("tls");
    let objects = folder.write("rights.yaml", RIGHTS);
    let file = folder.path("config");
    let program = Program::start(
        &[
            "--tls",
            "--rbac",
            "--clients=admin,alice,bob",
            "--objects",
            &objects,
            "--kubeconfig",
            &file,
        ],
        1,
    );
    assert!(program.url.starts_with("https://127.0.0.1:"), "{}", program.url);
    let list = async |context| {
        let client = crate::support::client(&program.kubeconfigs[0], context).await;
        let maps: Api<ConfigMap> = Api::default_namespaced(client);
        maps.list(&ListParams::default()).await.map(|maps| maps.items.len())
    };
    assert_eq!(list(None).await.unwrap(), 0);
    assert_eq!(list(Some("alice")).await.unwrap(), 0);
    let refused = list(Some("bob")).await.unwrap_err();
    assert!(matches!(refused, Error::Api(status) if status.code == 403
        && status.message.contains("User \"bob\" cannot list resource \"configmaps\"")));
    #[cfg(unix)]
    assert_eq!(program.end("-TERM").error, "", "nothing to warn of");
}

const RIGHTS: &str = "
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: alice, namespace: default }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view }
subjects: [{ apiGroup: rbac.authorization.k8s.io, kind: User, name: alice }]
";
