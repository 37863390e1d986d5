use std::future::pending;

use axum::routing::get;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    sync::oneshot,
    task::JoinHandle,
    time::sleep,
};

use super::*;

/// A server of these routes alone; it stops when it is told.
struct Served {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
}

#[tokio::test]
async fn answers_under_way_are_ended_before_the_end() {
    let (begun, mut beginnings) = tokio::sync::mpsc::unbounded_channel();
    let slow = get(async move || {
        begun.send(()).unwrap();
        sleep(Duration::from_millis(300)).await;
        "at last"
    });
    let Served { address, stop, serving } = Served::of(Router::new().route("/slow", slow));
    let mut asked = ask(address, "/slow").await;
    beginnings.recv().await.unwrap();
    drop(stop);
    let mut answer = String::new();
    asked.read_to_string(&mut answer).await.unwrap();
    assert!(answer.ends_with("\r\n\r\nat last"), "{answer:?}");
    serving.await.unwrap();
}

#[tokio::test]
async fn answers_that_never_come_delay_the_end_by_less_than_a_second_even_if_there_is_no_room_left()
{
    let stuck = Router::new().route("/stuck", get(pending::<&str>));
    let Served { address, stop, serving } = Served::of(stuck);
    let mut asked = Vec::new();
    for _ in 0..=CONNECTIONS {
        asked.push(ask(address, "/stuck").await);
        tokio::task::yield_now().await;
    }
    let stopped = Instant::now();
    drop(stop);
    let ended = timeout(Duration::from_secs(5), serving).await;
    ended.expect("it ends although no client leaves").unwrap();
    assert!(stopped.elapsed() < Duration::from_secs(1), "{:?}", stopped.elapsed());
}

impl Served {
    fn of(router: Router) -> Self {
        let listener = StdListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let health = Health::builder().build().unwrap();
        let bound = BoundProbe::new(listener, health, router).unwrap();
        let address = bound.local_addr();
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = tokio::spawn(bound.serve_until(async { drop(stopped.await) }));
        Self { address, stop, serving }
    }
}

async fn ask(address: SocketAddr, path: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: p\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}
