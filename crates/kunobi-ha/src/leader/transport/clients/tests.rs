use std::sync::{
    atomic::{AtomicUsize, Ordering::SeqCst},
    mpsc as blocking,
};

use http::Response;
use http_body_util::{BodyExt, Empty};
use tokio::time::{Duration, sleep, timeout};

use super::*;
use crate::leader::transport::Answer;

#[tokio::test]
async fn a_new_connection_is_one_of_a_new_client_which_is_used_once_it_has_answered() {
    let factory = Factory::open();
    assert_eq!(factory.ask(Connection::Any).await, 1);
    assert_eq!(factory.ask(Connection::Any).await, 1);
    assert_eq!(factory.ask(Connection::New).await, 2);
    assert_eq!(factory.ask(Connection::Any).await, 2);
    assert_eq!(factory.begun(), 2);
}

#[tokio::test]
async fn an_outage_takes_one_new_client() {
    let factory = Factory::new();
    factory.permit(200);
    assert_eq!(factory.ask(Connection::Any).await, 1);
    factory.permit(HANG);
    for _ in 0..3 {
        let unanswered = factory.exchange(Connection::New);
        assert!(timeout(Duration::from_millis(20), unanswered).await.is_err());
    }
    assert_eq!(factory.begun(), 2);
    assert_eq!(factory.ask(Connection::Any).await, 1);
    factory.permit(200);
    assert_eq!(factory.ask(Connection::New).await, 3);
}

#[tokio::test]
async fn requests_that_come_while_the_first_client_is_made_wait_for_it() {
    let factory = Factory::new();
    let asked = [Connection::Any, Connection::Any, Connection::New].map(|connection| {
        let request = factory.exchange(connection);
        tokio::spawn(async move { number(request.await) })
    });
    until(|| factory.begun() == 1).await;
    factory.permit(200);
    for request in asked {
        assert_eq!(request.await.unwrap(), 1);
    }
}

#[tokio::test]
async fn a_client_whose_making_hangs_is_waited_for_by_one_request() {
    let factory = Factory::new();
    factory.permit(200);
    assert_eq!(factory.ask(Connection::Any).await, 1);
    let request = factory.exchange(Connection::New);
    let waiting = tokio::spawn(async move { number(request.await) });
    until(|| factory.begun() == 2).await;
    for connection in [Connection::New, Connection::Any, Connection::New] {
        assert_eq!(factory.ask(connection).await, 1);
    }
    assert_eq!(factory.begun(), 2);
    factory.permit(200);
    assert_eq!(waiting.await.unwrap(), 2);
}

#[tokio::test]
async fn a_client_that_was_made_for_a_request_that_is_gone_serves_the_next_one() {
    let factory = Factory::new();
    factory.permit(200);
    assert_eq!(factory.ask(Connection::Any).await, 1);
    factory.abandon().await;
    // Hanging, it is not waited for.
    assert_eq!(factory.ask(Connection::New).await, 1);
    factory.permit(200);
    factory.until_made().await;
    assert_eq!(factory.ask(Connection::New).await, 2);
    assert_eq!(factory.begun(), 2);
}

#[tokio::test]
async fn a_client_that_is_not_needed_is_not_kept_until_its_token_is_old() {
    let factory = Factory::new();
    factory.permit(200);
    assert_eq!(factory.ask(Connection::Any).await, 1);
    factory.abandon().await;
    factory.permit(200);
    factory.until_made().await;
    assert_eq!(factory.ask(Connection::Any).await, 1);
    factory.permit(200);
    assert_eq!(factory.ask(Connection::New).await, 3);
}

#[tokio::test]
async fn a_client_whose_credentials_are_refused_is_replaced() {
    let factory = Factory::new();
    factory.permit(401);
    assert_eq!(factory.ask(Connection::Any).await, 1);
    factory.permit(200);
    assert_eq!(factory.ask(Connection::Any).await, 2);
    assert_eq!(factory.ask(Connection::Any).await, 2);
}

#[tokio::test]
async fn a_client_that_can_not_be_made_fails_that_request_and_the_next_one_makes_it() {
    let factory = Factory::new();
    for (outcome, said) in [(ERROR, "no credentials"), (PANIC, "no crypto provider")] {
        factory.permit(outcome);
        let error = factory.exchange(Connection::Any).await.unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
    }
    factory.permit(200);
    assert_eq!(factory.ask(Connection::Any).await, 3);
}

#[tokio::test]
async fn a_request_that_panics_fails_alone() {
    let factory = Factory::new();
    factory.permit(BROKEN);
    for _ in 0..2 {
        let error = factory.exchange(Connection::Any).await.unwrap_err().to_string();
        assert!(error.contains("without an answer"), "{error}");
    }
    assert_eq!(factory.begun(), 1, "its client lives on");
}

#[tokio::test]
async fn a_request_that_is_dropped_is_dropped_on_the_thread_of_its_client() {
    let factory = Factory::new();
    factory.permit(HANG);
    let mut request = factory.exchange(Connection::Any);
    assert!(timeout(Duration::from_millis(50), &mut request).await.is_err());
    until(|| factory.hanging() == 1).await;
    drop(request);
    until(|| factory.hanging() == 0).await;
}

#[tokio::test]
async fn the_threads_of_an_election_end_with_it() {
    let factory = Factory::open();
    factory.ask(Connection::Any).await;
    factory.ask(Connection::New).await;
    until(|| factory.alive() == 1).await;
    let alive = Arc::clone(&factory.alive);
    drop(factory);
    until(|| Arc::strong_count(&alive) == 1).await;
}

/// Makes clients that answer with their number, each when it is permitted.
struct Factory {
    clients: Clients,
    begun: Arc<AtomicUsize>,
    alive: Arc<()>,
    hanging: Arc<()>,
    permits: blocking::Sender<u16>,
}

#[derive(Debug)]
struct Fake {
    number: usize,
    status: u16,
    hanging: Arc<()>,
    _alive: Arc<()>,
}

impl Factory {
    fn new() -> Self {
        let (permits, wait) = blocking::channel();
        let wait = Mutex::new(wait);
        let (begun, alive, hanging) = (Arc::default(), Arc::default(), Arc::default());
        let (count, living, hangs): (Arc<AtomicUsize>, _, Arc<()>) =
            (Arc::clone(&begun), Arc::clone(&alive), Arc::clone(&hanging));
        let make = move || -> Result<Arc<dyn Transport>, BoxError> {
            let number = count.fetch_add(1, SeqCst) + 1;
            let permit = lock(&wait).recv();
            match permit.unwrap_or(200) {
                ERROR => Err("no credentials".into()),
                PANIC => panic!("no crypto provider"),
                status => {
                    let hanging = Arc::clone(&hangs);
                    Ok(Arc::new(Fake { number, status, hanging, _alive: Arc::clone(&living) }))
                }
            }
        };
        Self { clients: Clients::new("fake", make), begun, alive, hanging, permits }
    }

    /// Permits everything.
    fn open() -> Self {
        let mut factory = Self::new();
        factory.permits = blocking::channel().0;
        factory
    }

    fn permit(&self, status: u16) {
        self.permits.send(status).unwrap();
    }

    fn exchange(&self, connection: Connection) -> Exchanging {
        self.clients.exchange(Request::new(Vec::new()), connection)
    }

    async fn ask(&self, connection: Connection) -> usize {
        number(timeout(Duration::from_secs(20), self.exchange(connection)).await.unwrap())
    }

    /// Asks for a new client, and gives up while it is made.
    async fn abandon(&self) {
        let before = self.begun();
        let mut request = self.exchange(Connection::New);
        assert!(timeout(Duration::from_millis(1), &mut request).await.is_err());
        until(|| self.begun() > before).await;
    }

    async fn until_made(&self) {
        until(|| {
            let making = self.clients.0.making.try_lock().unwrap();
            making.as_ref().is_some_and(|made| !made.is_empty())
        })
        .await;
    }

    fn begun(&self) -> usize {
        self.begun.load(SeqCst)
    }

    fn alive(&self) -> usize {
        // What makes them has one too.
        Arc::strong_count(&self.alive) - 2
    }

    fn hanging(&self) -> usize {
        // Each client has one too.
        Arc::strong_count(&self.hanging) - 3
    }
}

impl Transport for Fake {
    fn send(&self, _: Request<Vec<u8>>) -> Sending {
        let (number, status) = (self.number, self.status);
        let hanging = (status == HANG).then(|| Arc::clone(&self.hanging));
        Box::pin(async move {
            assert_ne!(status, BROKEN, "a bug in a client");
            if let Some(_hanging) = hanging {
                std::future::pending::<()>().await;
            }
            let body = Empty::new().map_err(|never| match never {}).boxed_unsync();
            // The one header that comes back carries the number.
            Ok(Response::builder().status(status).header("retry-after", number).body(body)?)
        })
    }
}

fn number(answer: Result<Answer, BoxError>) -> usize {
    let seconds = answer.unwrap().retry_after.unwrap().as_secs();
    usize::try_from(seconds).unwrap()
}

async fn until(is_so: impl Fn() -> bool) {
    let waiting = async {
        while !is_so() {
            sleep(Duration::from_millis(1)).await;
        }
    };
    timeout(Duration::from_secs(20), waiting).await.expect("it happens at last");
}

const ERROR: u16 = 1;
const PANIC: u16 = 2;
const HANG: u16 = 3;
const BROKEN: u16 = 4;
