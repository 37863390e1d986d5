//! TLS with a certificate authority of its own, and clients that identify themselves by certificates.

use std::{
    collections::BTreeMap,
    io,
    net::{SocketAddr, ToSocketAddrs},
    sync::{Arc, Mutex, PoisonError},
};

use base64::{Engine, prelude::BASE64_STANDARD as BASE64};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose,
};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        RootCertStore, ServerConfig,
        crypto::ring,
        pki_types::{CertificateDer, PrivateKeyDer},
        server::WebPkiClientVerifier,
    },
    server::TlsStream,
};

use super::{Listener, TestServer, Transport, bind};
use crate::{access::User, kubeconfig};

/// What a listener needs to speak TLS. Clones issue certificates of the same authority.
#[derive(Clone)]
pub(super) struct Tls {
    authority: Arc<CertifiedIssuer<'static, KeyPair>>,
    acceptor: TlsAcceptor,
    /// Whom each certificate was issued to.
    clients: Arc<Mutex<BTreeMap<Vec<u8>, User>>>,
}

/// A certificate with its key, both as PEM.
struct Credentials {
    certificate: String,
    key: String,
}

impl TestServer {
    /// Listens on an address as [`listen`](Self::listen) does, and speaks TLS there, with a certificate of an
    /// authority that is made for this listener. [`Listener::kubeconfig`] tells clients to trust it.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// use kunobi_ha_test::{TestServer, User};
    ///
    /// let server = TestServer::builder().with_rbac().build();
    /// let listener = server.listen_tls("127.0.0.1:0").await?;
    /// assert!(listener.kubeconfig("me").contains("certificate-authority-data"));
    /// let alice = User::new("alice").in_groups(["developers"]);
    /// assert!(listener.kubeconfig_with_certificate(&alice)?.contains("client-key-data"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The address can't be bound, or no certificate can be made.
    pub async fn listen_tls(&self, address: impl ToSocketAddrs) -> io::Result<Listener> {
        let listener = bind(address).await?;
        let tls = Tls::new(listener.local_addr()?)?;
        self.serve(listener, Transport::Tls(tls))
    }
}

impl Listener {
    /// Returns the certificate of the authority, as PEM; none if it speaks plain HTTP.
    #[must_use]
    pub fn authority(&self) -> Option<String> {
        match &self.transport {
            Transport::Plain => None,
            Transport::Tls(tls) => Some(tls.authority.pem()),
        }
    }

    /// Returns a kubeconfig with a certificate that says who the client is: its common name is that of the
    /// user, its organization the first group. The listener remembers all groups and the uid.
    ///
    /// # Errors
    ///
    /// The listener speaks plain HTTP, or no certificate can be made.
    pub fn kubeconfig_with_certificate(&self, user: &User) -> io::Result<String> {
        match &self.transport {
            Transport::Plain => {
                let why = "a listener without TLS sees no certificates: use `listen_tls`";
                Err(io::Error::new(io::ErrorKind::Unsupported, why))
            }
            Transport::Tls(tls) => {
                let Credentials { certificate, key } = tls.issue(user).map_err(io::Error::other)?;
                let credentials = json!({ "client-certificate-data": BASE64.encode(certificate),
                                          "client-key-data": BASE64.encode(key) });
                Ok(tls.described(self.address, user.name(), &credentials))
            }
        }
    }
}

impl Tls {
    pub(super) fn new(address: SocketAddr) -> io::Result<Self> {
        let authority = authority().map_err(io::Error::other)?;
        let mut names = NAMES.map(ToOwned::to_owned).to_vec();
        names.push(address.ip().to_string());
        let server = params("kube-apiserver", names, ExtendedKeyUsagePurpose::ServerAuth);
        let (certificate, key) =
            server.and_then(|server| issue(&authority, &server)).map_err(io::Error::other)?;
        let acceptor = acceptor(&authority, &certificate, &key).map_err(io::Error::other)?;
        Ok(Self { authority: Arc::new(authority), acceptor, clients: Arc::default() })
    }

    pub(super) fn kubeconfig(&self, address: SocketAddr, client: &str) -> String {
        self.described(address, client, &json!({ "token": client }))
    }

    fn described(&self, address: SocketAddr, client: &str, credentials: &Value) -> String {
        let cluster = json!({
            "server": format!("https://{address}"),
            "certificate-authority-data": BASE64.encode(self.authority.pem()),
        });
        kubeconfig::described(client, &cluster, credentials)
    }

    fn issue(&self, user: &User) -> Result<Credentials, rcgen::Error> {
        let mut wanted = params(user.name(), Vec::new(), ExtendedKeyUsagePurpose::ClientAuth)?;
        if let Some(group) = user.groups().first() {
            wanted.distinguished_name.push(DnType::OrganizationName, group.as_str());
        }
        let (certificate, key) = issue(&self.authority, &wanted)?;
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        clients.insert(certificate.der().to_vec(), user.clone());
        Ok(Credentials { certificate: certificate.pem(), key: key.serialize_pem() })
    }

    /// Agrees with a client on keys. Returns whom its certificate names, if it has one.
    pub(super) async fn accept(
        &self,
        stream: TcpStream,
    ) -> io::Result<(TlsStream<TcpStream>, Option<User>)> {
        let stream = self.acceptor.accept(stream).await?;
        let sent = stream.get_ref().1.peer_certificates().and_then(|chain| chain.first().cloned());
        let clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        let user = sent.and_then(|sent| clients.get(sent.as_ref()).cloned());
        drop(clients);
        Ok((stream, user))
    }
}

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tls").finish_non_exhaustive()
    }
}

fn authority() -> Result<CertifiedIssuer<'static, KeyPair>, rcgen::Error> {
    let mut params = CertificateParams::new(Vec::new())?;
    params.distinguished_name.push(DnType::CommonName, "kunobi-ha-test");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
    CertifiedIssuer::self_signed(params, KeyPair::generate()?)
}

fn params(
    name: &str,
    names: Vec<String>,
    purpose: ExtendedKeyUsagePurpose,
) -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::new(names)?;
    params.distinguished_name.push(DnType::CommonName, name);
    params.extended_key_usages = vec![purpose];
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    Ok(params)
}

fn issue(
    authority: &CertifiedIssuer<'static, KeyPair>,
    params: &CertificateParams,
) -> Result<(rcgen::Certificate, KeyPair), rcgen::Error> {
    let key = KeyPair::generate()?;
    let certificate = params.signed_by(&key, authority)?;
    Ok((certificate, key))
}

fn acceptor(
    authority: &CertifiedIssuer<'static, KeyPair>,
    certificate: &rcgen::Certificate,
    key: &KeyPair,
) -> Result<TlsAcceptor, Box<dyn std::error::Error + Send + Sync>> {
    let provider = Arc::new(ring::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(authority.der().to_vec()))?;
    // A client without a certificate has a token, or is nobody.
    let verifier = WebPkiClientVerifier::builder_with_provider(roots.into(), Arc::clone(&provider))
        .allow_unauthenticated()
        .build()?;
    let key = PrivateKeyDer::try_from(key.serialize_der())?;
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_client_cert_verifier(verifier)
        .with_single_cert(vec![certificate.der().clone()], key)?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// By which clients may call the server, beside the address that it listens on.
const NAMES: [&str; 7] = [
    "127.0.0.1",
    "::1",
    "kubernetes",
    "kubernetes.default",
    "kubernetes.default.svc",
    "kubernetes.default.svc.cluster.local",
    "localhost",
];
