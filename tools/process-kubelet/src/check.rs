//! One probe, as kubelet makes it: a connection of its own, and closed afterwards.

use bytes::Bytes;
use http::{Request, header};
use http_body_util::{BodyExt, Empty, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, time};

use super::{
    plan::{Action, Check},
    probe::Outcome,
};

type Failed = Box<dyn std::error::Error + Send + Sync>;

pub(crate) async fn check(check: &Check) -> Outcome {
    match time::timeout(check.timeout, attempt(check)).await {
        Ok(Ok(())) => Outcome::Success,
        Ok(Err(error)) => {
            tracing::debug!(host = check.host, port = check.port, error, "a probe failed");
            Outcome::Failure
        }
        Err(_) => {
            tracing::debug!(host = check.host, port = check.port, "a probe timed out");
            Outcome::Failure
        }
    }
}

async fn attempt(check: &Check) -> Result<(), Failed> {
    let stream = TcpStream::connect((check.host.as_str(), check.port)).await?;
    let Action::Http { path, headers } = &check.action else {
        return Ok(());
    };
    let mut request = Request::get(path)
        .header(header::HOST, format!("{}:{}", check.host, check.port))
        .header(header::USER_AGENT, "kube-probe/1.37")
        .header(header::ACCEPT, "*/*")
        .header(header::CONNECTION, "close");
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let exchange = async {
        let response = sender.send_request(request.body(Empty::<Bytes>::new())?).await?;
        let status = response.status().as_u16();
        // Kubelet reads this much of the answer; the probe is not over before.
        let _ = Limited::new(response.into_body(), LONGEST_BODY).collect().await;
        Ok::<_, Failed>(status)
    };
    let (status, _) = tokio::join!(exchange, connection);
    match status? {
        200..400 => Ok(()),
        code => Err(format!("status {code}").into()),
    }
}

const LONGEST_BODY: usize = 10 << 10;
