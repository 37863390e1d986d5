//! The program: HTTPS with a certificate of an authority of its own.

use std::{
    collections::BTreeMap,
    convert::Infallible,
    future,
    sync::{Arc, Mutex},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto, pki_types::PrivateKeyDer},
};

use crate::behaviour::{self, Behaviour};

/// What the webhooks of a row were shown, in the order in which they were.
pub(crate) type Shown = Arc<Mutex<BTreeMap<String, Vec<Value>>>>;

pub(crate) struct Program {
    pub(crate) port: u16,
    /// In base64, as configurations have it.
    pub(crate) ca_bundle: String,
    pub(crate) other_ca_bundle: String,
    pub(crate) shown: Shown,
}

impl Program {
    pub(crate) async fn start() -> Self {
        let (issuer, ca_bundle) = authority("ours");
        let (_, other_ca_bundle) = authority("another");
        let key = KeyPair::generate().unwrap();
        let names = vec!["127.0.0.1".to_owned(), "hook.hooks.svc".to_owned()];
        let certificate = CertificateParams::new(names).unwrap().signed_by(&key, &issuer).unwrap();
        let provider = Arc::new(crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
            )
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let shown = Shown::default();
        tokio::spawn(accept(listener, TlsAcceptor::from(Arc::new(config)), Arc::clone(&shown)));
        Self { port, ca_bundle, other_ca_bundle, shown }
    }
}

fn authority(name: &str) -> (Issuer<'static, KeyPair>, String) {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let certificate = params.self_signed(&key).unwrap();
    (Issuer::new(params, key), BASE64_STANDARD.encode(certificate.pem()))
}

async fn accept(listener: TcpListener, acceptor: TlsAcceptor, shown: Shown) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let (acceptor, shown) = (acceptor.clone(), Arc::clone(&shown));
        tokio::spawn(async move {
            // A client that does not trust the certificate ends here.
            let Ok(stream) = acceptor.accept(stream).await else { return };
            let service = service_fn(move |request| answer(Arc::clone(&shown), request));
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn answer(
    shown: Shown,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let path = request.uri().path().to_owned();
    let (row, name) = path.trim_start_matches('/').split_once('/').unwrap();
    let bytes = request.into_body().collect().await.unwrap().to_bytes();
    let review: Value = serde_json::from_slice(&bytes).unwrap();
    let seen = json!({ "webhook": name, "review": review });
    shown.lock().unwrap().entry(row.to_owned()).or_default().push(seen);
    let (code, body) = match behaviour::of(name, &review) {
        Behaviour::Raw(code, body) => (code, body),
        Behaviour::Review(mut response) => {
            response["uid"] = review["request"]["uid"].clone();
            let review = json!({ "apiVersion": review["apiVersion"], "kind": "AdmissionReview",
                                 "response": response });
            (200, review.to_string())
        }
        Behaviour::Hang => future::pending().await,
    };
    let response = Response::builder().status(code).header("content-type", "application/json");
    Ok(response.body(Full::new(body.into())).unwrap())
}
