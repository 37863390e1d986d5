//! kube's own TLS against the test server, as its kubeconfigs say.

use std::error::Error;

use k8s_openapi::{
    api::{
        authentication::v1::{SelfSubjectReview, TokenRequest, UserInfo},
        core::v1::{ConfigMap, ServiceAccount},
    },
    apimachinery::pkg::apis::meta::v1::ObjectMeta,
};
use kube::{
    Api, Client, Config,
    api::{DeleteParams, ListParams, PostParams},
    config::{KubeConfigOptions, Kubeconfig},
};
use kunobi_ha_test::{TestServer, User};

#[tokio::test]
async fn a_kube_client_connects_with_a_token_and_with_a_certificate() -> Result<(), Box<dyn Error>>
{
    let server = TestServer::builder().with_rbac().build();
    let listener = server.listen_tls("127.0.0.1:0").await?;
    let me = client(&listener.kubeconfig("me")).await?;
    assert_eq!(who(me.clone()).await?.username.as_deref(), Some("me"));
    let refused = Api::<ConfigMap>::default_namespaced(me).list(&ListParams::default()).await;
    let refused = refused.expect_err("it has no rights").to_string();
    assert!(refused.contains("User \"me\" cannot list resource \"configmaps\""), "{refused}");

    let alice = User::new("alice").in_groups(["system:masters"]);
    let alice = client(&listener.kubeconfig_with_certificate(&alice)?).await?;
    let groups = who(alice.clone()).await?.groups.unwrap_or_default();
    assert_eq!(groups, ["system:masters", "system:authenticated"]);
    let metadata = ObjectMeta { name: Some("m".into()), ..ObjectMeta::default() };
    let map = ConfigMap { metadata, ..ConfigMap::default() };
    Api::<ConfigMap>::default_namespaced(alice).create(&PostParams::default(), &map).await?;
    assert!(server.get("/api/v1/namespaces/default/configmaps/m").is_some());
    Ok(())
}

#[tokio::test]
async fn the_token_of_a_service_account_is_accepted_as_long_as_it_exists()
-> Result<(), Box<dyn Error>> {
    let server = TestServer::builder().with_rbac().build();
    let listener = server.listen_tls("127.0.0.1:0").await?;
    let admin = client(&listener.kubeconfig("admin")).await?;
    let accounts = Api::<ServiceAccount>::default_namespaced(admin);
    let metadata = ObjectMeta { name: Some("op".into()), ..ObjectMeta::default() };
    let account = ServiceAccount { metadata, ..ServiceAccount::default() };
    accounts.create(&PostParams::default(), &account).await?;
    let (options, request) = (PostParams::default(), TokenRequest::default());
    let answer = accounts.create_token_request("op", &options, &request).await?;
    let token = answer.status.and_then(|status| status.token).ok_or("a token")?;
    let user = who(client(&listener.kubeconfig(&token)).await?).await?;
    assert_eq!(user.username.as_deref(), Some("system:serviceaccount:default:op"));
    assert!(user.extra.ok_or("its id")?.contains_key("authentication.kubernetes.io/credential-id"));
    assert_eq!(
        server.requests().last().map(|request| request.client.clone()).as_deref(),
        Some("system:serviceaccount:default:op")
    );

    accounts.delete("op", &DeleteParams::default()).await?;
    let refused = who(client(&listener.kubeconfig(&token)).await?).await;
    assert!(refused.is_err_and(|error| error.to_string().contains("Unauthorized")));
    Ok(())
}

async fn client(kubeconfig: &str) -> Result<Client, Box<dyn Error>> {
    let config = Kubeconfig::from_yaml(kubeconfig)?;
    let config = Config::from_custom_kubeconfig(config, &KubeConfigOptions::default()).await?;
    Ok(Client::try_from(config)?)
}

async fn who(client: Client) -> Result<UserInfo, Box<dyn Error>> {
    let review = Api::<SelfSubjectReview>::all(client)
        .create(&PostParams::default(), &SelfSubjectReview::default())
        .await?;
    let user = review.status.and_then(|status| status.user_info);
    Ok(user.ok_or("a review says who asks")?)
}
