//! What programs do, well or badly.

use std::{thread, time::Duration};

use k8s_openapi_0_29::api::core::v1::ConfigMap;
use kube::{
    Api,
    api::{ObjectMeta, PostParams},
};
use kunobi_ha::{
    BoxError, LeaderState,
    operator::{Context, LeaderContext},
};
use tokio::{
    io::AsyncReadExt,
    net::TcpListener,
    time::{interval, sleep},
};

use crate::world::now;

/// A server that stops accepting in time.
pub(super) async fn serve(context: Context) -> Result<(), BoxError> {
    context.draining().await;
    Ok(())
}

/// A server that waits for each request to its end, as axum does.
pub(super) async fn answer(context: Context) -> Result<(), BoxError> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("serving at {}", listener.local_addr()?);
    let stop = context.cancel_token();
    while let Some(accepted) = stop.run_until_cancelled(listener.accept()).await {
        let (mut stream, _) = accepted?;
        println!("a request begins");
        context.spawn("request", async move {
            stream.read_to_end(&mut Vec::new()).await?;
            println!("a request ends");
            Ok(())
        });
    }
    Ok(())
}

/// Writes until it is told to stop, and checks before each write.
pub(super) async fn controllers(maps: Api<ConfigMap>, lead: LeaderContext) -> Result<(), BoxError> {
    println!("works in term {}", lead.term().fence());
    let stop = lead.cancel_token();
    let mut ticks = interval(Duration::from_millis(100));
    while stop.run_until_cancelled(ticks.tick()).await.is_some() {
        lead.ensure()?;
        write(&maps).await?;
    }
    println!("controllers end");
    Ok(())
}

/// Ten writes in two seconds, come what may.
pub(super) async fn reconcile(maps: Api<ConfigMap>) {
    for number in 1..=10 {
        write(&maps).await.unwrap();
        println!("writing {number}");
        sleep(BETWEEN_WRITES).await;
    }
    println!("reconcile done");
}

pub(super) async fn endless_reconcile(maps: Api<ConfigMap>) {
    loop {
        write(&maps).await.unwrap();
        println!("writing");
        sleep(BETWEEN_WRITES).await;
    }
}

pub(super) async fn blocking_reconcile() {
    block_for_ever()
}

pub(super) fn block_for_ever() -> ! {
    println!("blocking");
    loop {
        thread::sleep(BETWEEN_WRITES);
    }
}

/// Says that it is there, and when, until it is aborted.
pub(super) async fn tick(lead: LeaderContext) -> Result<(), BoxError> {
    println!("works in term {}", lead.term().fence());
    write_for_ever("leader", Some(lead)).await
}

pub(super) async fn write_for_ever(who: &str, lead: Option<LeaderContext>) -> Result<(), BoxError> {
    let mut ticks = interval(Duration::from_millis(50));
    loop {
        ticks.tick().await;
        let holds = lead.as_ref().is_some_and(|lead| lead.ensure().is_ok());
        println!("{who} (leads: {holds}) tick at {}", now().as_nanos());
    }
}

/// Waits until somebody is known to lead.
pub(super) async fn followed(mut state: LeaderState) {
    while state.leader_identity().is_none() {
        state.changed().await;
    }
}

async fn write(maps: &Api<ConfigMap>) -> kube::Result<()> {
    let metadata = ObjectMeta { generate_name: Some("work-".into()), ..ObjectMeta::default() };
    let map = ConfigMap { metadata, ..ConfigMap::default() };
    maps.create(&PostParams::default(), &map).await.map(|_| ())
}

const BETWEEN_WRITES: Duration = Duration::from_millis(200);
