//! What carries the requests of one process to the server, and the answers back.

mod body;
mod outstanding;
mod watch;

use std::{
    future::{Future, pending},
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response, StatusCode, Uri, header, request::Parts};
use http_body_util::{BodyExt, Full};
use kube::client::Body;
use kunobi_ha_test::ClientService;
use tokio::{sync::oneshot, time::sleep};
use tower_service::Service;

pub(crate) use self::body::WireBody;
use self::outstanding::Outstanding;
use crate::{
    checker::{Attempted, Witness},
    incarnation::Incarnation,
    link::{End, Fate, Link},
    promise::Planted,
    world::World,
};

/// The way of one process to the server, as a `tower::Service`.
#[derive(Clone)]
pub(crate) struct Wire {
    world: Arc<World>,
    link: Arc<Link>,
    server: ClientService,
    /// The process at this end; it is known once the process is.
    process: Arc<std::sync::OnceLock<Arc<Incarnation>>>,
}

type Answer = Result<Response<WireBody>, io::Error>;

impl Wire {
    pub(crate) fn new(world: &Arc<World>, replica: usize) -> Self {
        Self {
            world: Arc::clone(world),
            link: world.link(replica),
            server: world.server.service(&format!("r{replica}")),
            process: Arc::default(),
        }
    }

    /// Says whose requests these are.
    pub(crate) fn belongs_to(&self, process: &Arc<Incarnation>) {
        // It is called once for each process.
        let _ = self.process.set(Arc::clone(process));
    }

    async fn deliver(self, request: Request<Body>) -> Option<Answer> {
        let (parts, body) = request.into_parts();
        let body = match body.collect().await {
            Ok(body) => body.to_bytes(),
            Err(error) => return Some(Err(io::Error::other(error.to_string()))),
        };
        let process = Arc::clone(self.process.get()?);
        self.link.thawed().await;
        if !process.is_alive() {
            return None;
        }
        let watches = is_watch(&parts.uri);
        let write = if parts.method == http::Method::GET { None } else { Attempted::parse(&body) };
        let sent = process.clock.elapsed();
        if !watches {
            self.world.note_sent(&process, write.as_ref());
        }
        let fate = self.link.fate();
        sleep(fate.before).await;
        match fate.end {
            End::Lost => return None,
            End::Refused => return Some(Err(io::ErrorKind::ConnectionRefused.into())),
            End::Reset => return Some(Err(io::ErrorKind::ConnectionReset.into())),
            End::Status(code, retry_after) => {
                sleep(fate.after).await;
                return Some(Ok(failure(code, retry_after)));
            }
            End::Answered | End::Unanswered | End::ResetAfter => {}
        }
        if watches {
            let opened = self.server.clone().call(plain(&parts, body)).await;
            return self.follow(opened, fate).await;
        }
        let answer = self.handle(&process, &parts, &body, write.as_ref(), sent).await;
        if fate.doubled {
            self.repeat(&process, parts, body, write, sent);
        }
        self.bring_back(fate, answer).await
    }

    async fn bring_back(&self, fate: Fate, answer: Answer) -> Option<Answer> {
        if fate.end == End::Unanswered {
            return None;
        }
        sleep(fate.after).await;
        if fate.end == End::ResetAfter {
            return Some(Err(io::ErrorKind::ConnectionReset.into()));
        }
        if self.link.cuts_answers() {
            return None;
        }
        self.link.thawed().await;
        Some(answer)
    }

    /// Hands a request to the server, which handles it at once.
    async fn handle(
        &self,
        process: &Arc<Incarnation>,
        parts: &Parts,
        body: &Bytes,
        write: Option<&Attempted>,
        sent: Duration,
    ) -> Answer {
        let mut asked = body.clone();
        if self.world.has(Planted::BlindServer) && write.is_some() {
            asked = self.world.on_newest_version(&asked);
        }
        let mut server = self.server.clone();
        let response = server.call(plain(parts, asked)).await?;
        let (head, body) = response.into_parts();
        let body = body.collect().await?.to_bytes();
        let status = head.status.as_u16();
        self.world.note_handled(process, parts.method.as_str(), status);
        if let Some(write) = write
            && head.status.is_success()
        {
            self.world.note_applied(process, write, &body, sent);
        }
        Ok(Response::from_parts(head, WireBody::Whole(Full::new(body))))
    }

    /// The network delivers the request once more, and nobody waits for that answer.
    fn repeat(
        &self,
        process: &Arc<Incarnation>,
        parts: Parts,
        body: Bytes,
        write: Option<Attempted>,
        sent: Duration,
    ) {
        let (this, process, late) = (self.clone(), Arc::clone(process), self.link.one_way());
        tokio::spawn(async move {
            sleep(late * 2).await;
            let _ = this.handle(&process, &parts, &body, write.as_ref(), sent).await;
        });
    }
}

impl Service<Request<Body>> for Wire {
    type Response = Response<WireBody>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = Answer> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), io::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let (sender, answer) = oneshot::channel();
        let wire = self.clone();
        let outstanding = self.process.get().filter(|_| !is_watch(request.uri()));
        let outstanding = outstanding.map(|process| Outstanding::begin(&self.world, process));
        // A task of its own: a request that nobody waits for any more may still arrive.
        tokio::spawn(async move {
            if let Some(answer) = wire.deliver(request).await {
                // The client may have dropped it.
                let _ = sender.send(answer);
            }
        });
        let wire = self.clone();
        Box::pin(async move {
            let _outstanding = outstanding;
            match answer.await {
                Ok(answer) => {
                    // Who handles an answer reads the clock.
                    if let Some(process) = wire.process.get() {
                        wire.world.witness(process, Witness::reads_clock);
                    }
                    answer
                }
                Err(_) => pending().await,
            }
        })
    }
}

fn is_watch(uri: &Uri) -> bool {
    uri.query().is_some_and(|query| query.contains("watch=true"))
}

fn plain(parts: &Parts, body: Bytes) -> Request<Full<Bytes>> {
    let mut request = Request::new(Full::new(body));
    *request.method_mut() = parts.method.clone();
    *request.uri_mut() = parts.uri.clone();
    *request.headers_mut() = parts.headers.clone();
    request
}

fn failure(code: u16, retry_after: Option<u64>) -> Response<WireBody> {
    let body = format!(
        r#"{{"kind":"Status","apiVersion":"v1","metadata":{{}},"status":"Failure","message":"a fault","reason":"Fault","code":{code}}}"#
    );
    let mut response = Response::new(WireBody::Whole(Full::new(body.into())));
    *response.status_mut() = StatusCode::from_u16(code).unwrap_or(StatusCode::BAD_GATEWAY);
    let json = header::HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    if let Some(seconds) = retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    response
}
