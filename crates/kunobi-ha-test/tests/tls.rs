//! Clients over TLS, and what certificates say of them.
#![expect(clippy::unwrap_used, reason = "a test that can not go on has failed")]

use std::sync::Arc;

use base64::{Engine, prelude::BASE64_STANDARD as BASE64};
use bytes::Bytes;
use http::{HeaderValue, Request, header};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use kunobi_ha_test::{Listener, TestServer, User};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_rustls::{
    TlsConnector,
    rustls::{
        ClientConfig, RootCertStore,
        crypto::ring,
        pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject},
    },
};

const WHO: &str = "/apis/authentication.k8s.io/v1/selfsubjectreviews";

#[tokio::test]
async fn a_client_is_its_token_its_certificate_or_nobody() {
    let server = TestServer::builder().with_rbac().build();
    let listener = server.listen_tls("127.0.0.1:0").await.unwrap();
    let (status, me) = ask(&listener, &listener.kubeconfig("me")).await.unwrap();
    assert_eq!((status, &me["status"]["userInfo"]["username"]), (201, &"me".into()));

    let alice = User::new("alice").in_groups(["developers", "testers"]).with_uid("u-1");
    let config = listener.kubeconfig_with_certificate(&alice).unwrap();
    let (_, answer) = ask(&listener, &config).await.unwrap();
    let user = &answer["status"]["userInfo"];
    assert_eq!((&user["username"], &user["uid"]), (&"alice".into(), &"u-1".into()));
    let groups = ["developers", "testers", "system:authenticated"];
    assert_eq!(user["groups"], Value::from(groups.to_vec()));
    assert_eq!(server.requests().last().unwrap().client, "alice");

    let nobody = listener.kubeconfig("").replace("\"token\": \"\"", "\"none\": \"\"");
    let (status, answer) = ask(&listener, &nobody).await.unwrap();
    let message = answer["message"].as_str().unwrap();
    assert_eq!((status, message.contains("User \"system:anonymous\"")), (403, true), "{message}");
}

#[tokio::test]
async fn authorities_do_not_know_each_other() {
    let server = TestServer::new();
    let (one, two) = tokio::join!(server.listen_tls("127.0.0.1:0"), server.listen_tls("[::1]:0"));
    let (one, two) = (one.unwrap(), two.unwrap());
    assert!(ask(&two, &two.kubeconfig("me")).await.is_some(), "an address of version 6, too");
    assert!(ask(&one, &two.kubeconfig("me")).await.is_none(), "the client does not trust it");
    let alice = one.kubeconfig_with_certificate(&User::new("alice")).unwrap();
    let mut config: Value = serde_json::from_str(&alice).unwrap();
    let ca = BASE64.encode(two.authority().unwrap());
    config["clusters"][0]["cluster"]["certificate-authority-data"] = ca.into();
    assert!(ask(&two, &config.to_string()).await.is_none(), "the server does not trust it");
}

#[tokio::test]
async fn without_tls_there_are_no_certificates() {
    let listener = TestServer::new().listen("127.0.0.1:0").await.unwrap();
    assert!(listener.authority().is_none());
    let error = listener.kubeconfig_with_certificate(&User::new("alice")).unwrap_err();
    assert!(error.to_string().contains("listen_tls"), "{error}");
}

/// Asks who this is, as a kubeconfig says; none: they do not trust each other.
async fn ask(listener: &Listener, config: &str) -> Option<(u16, Value)> {
    let config: Value = serde_json::from_str(config).unwrap();
    let (cluster, user) = (&config["clusters"][0]["cluster"], &config["users"][0]["user"]);
    let pem = |value: &Value| BASE64.decode(value.as_str().unwrap()).unwrap();
    let mut roots = RootCertStore::empty();
    let authority = pem(&cluster["certificate-authority-data"]);
    roots.add(CertificateDer::from_pem_slice(&authority).unwrap()).unwrap();
    let client = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots);
    let client = if user["client-key-data"].is_null() {
        client.with_no_client_auth()
    } else {
        let certificate = CertificateDer::from_pem_slice(&pem(&user["client-certificate-data"]));
        let key = PrivateKeyDer::from_pem_slice(&pem(&user["client-key-data"]));
        client.with_client_auth_cert(vec![certificate.unwrap()], key.unwrap()).unwrap()
    };
    let stream = TcpStream::connect(listener.address()).await.unwrap();
    let name = ServerName::from(listener.address().ip());
    let stream = TlsConnector::from(Arc::new(client)).connect(name, stream).await.ok()?;
    let handshake = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = handshake.unwrap();
    let connection = tokio::spawn(connection);
    let mut request = Request::post(WHO).body(Full::new(Bytes::from_static(b"{}"))).unwrap();
    if let Some(token) = user["token"].as_str() {
        let bearer = HeaderValue::from_str(&format!("Bearer {token}")).unwrap();
        request.headers_mut().insert(header::AUTHORIZATION, bearer);
    }
    let answer = sender.send_request(request).await.ok()?;
    let status = answer.status().as_u16();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    connection.abort();
    Some((status, serde_json::from_slice(&body).unwrap_or_default()))
}
