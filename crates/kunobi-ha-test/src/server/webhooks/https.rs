//! Webhooks in other processes, called over HTTPS.

use std::{error::Error as _, io, net::SocketAddr, sync::Arc};

use bytes::Bytes;
use http::{
    HeaderValue, Request, Response, Uri, header,
    uri::{Authority, PathAndQuery},
};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio_rustls::{
    TlsConnector,
    client::TlsStream,
    rustls::{
        CertificateError, ClientConfig, Error, RootCertStore, crypto,
        pki_types::{CertificateDer, ServerName, pem::PemObject},
    },
};

/// Sends a request to the host of its URL, or to another address that answers for it. Trusts what `ca_bundle` has
/// signed. The error is that of Go's client.
pub(super) async fn send(
    mut request: Request<Full<Bytes>>,
    ca_bundle: &[u8],
    address: Option<SocketAddr>,
) -> Result<Response<Bytes>, String> {
    let url = request.uri().clone();
    let stream = connect(&url, address).await?;
    let stream = encrypt(stream, &url, ca_bundle).await?;
    let broken = |error: hyper::Error| {
        // What is below says more than hyper: the connection was reset, or closed.
        error.source().map_or_else(|| error.to_string(), ToString::to_string)
    };
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
    // It ends with the sender.
    tokio::spawn(connection);
    let authority = url.authority().map(Authority::as_str).unwrap_or_default();
    let host = HeaderValue::from_str(authority).map_err(|error| error.to_string())?;
    request.headers_mut().insert(header::HOST, host);
    let path = url.path_and_query().map_or("/", PathAndQuery::as_str);
    *request.uri_mut() = path.parse().map_err(|error| format!("{error}"))?;
    let response = sender.send_request(request).await.map_err(broken)?;
    let (parts, body) = response.into_parts();
    let body = body.collect().await.map_err(broken)?;
    Ok(Response::from_parts(parts, body.to_bytes()))
}

async fn connect(url: &Uri, address: Option<SocketAddr>) -> Result<TcpStream, String> {
    let host = url.host().unwrap_or_default();
    let port = url.port_u16().unwrap_or(443);
    let connected = match address {
        Some(address) => TcpStream::connect(address).await,
        None => TcpStream::connect((host.trim_matches(['[', ']']), port)).await,
    };
    connected.map_err(|error| {
        let shown = address.map_or_else(|| format!("{host}:{port}"), |it| it.to_string());
        match error.kind() {
            io::ErrorKind::ConnectionRefused => {
                format!("dial tcp {shown}: connect: connection refused")
            }
            _ => format!("dial tcp {shown}: {error}"),
        }
    })
}

async fn encrypt(
    stream: TcpStream,
    url: &Uri,
    ca_bundle: &[u8],
) -> Result<TlsStream<TcpStream>, String> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(ca_bundle) {
        let certificate = certificate.map_err(|error| format!("caBundle: {error:?}"))?;
        roots.add(certificate).map_err(|error| format!("caBundle: {error}"))?;
    }
    let provider = Arc::new(crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let host = url.host().unwrap_or_default().trim_matches(['[', ']']).to_owned();
    let name = ServerName::try_from(host.clone()).map_err(|error| error.to_string())?;
    let connected = TlsConnector::from(Arc::new(config)).connect(name, stream).await;
    connected.map_err(|error| {
        let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
        match inner {
            Some(Error::InvalidCertificate(why)) => {
                format!("tls: failed to verify certificate: x509: {}", untrusted(why, &host))
            }
            Some(_) | None => error.to_string(),
        }
    })
}

fn untrusted(why: &CertificateError, host: &str) -> String {
    match why {
        CertificateError::UnknownIssuer => "certificate signed by unknown authority".into(),
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "certificate has expired or is not yet valid".into()
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            format!("certificate is not valid for {host}")
        }
        other => other.to_string(),
    }
}
