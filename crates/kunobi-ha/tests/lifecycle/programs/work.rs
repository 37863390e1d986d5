//! Work of the programs, correct and faulty.

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
use tokio::time::{interval, sleep};

use crate::world::now;

/// A server that stops accepting in time.
pub(super) async fn serve(context: Context) -> Result<(), BoxError> {
    context.draining().await;
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

/// Makes ten writes in two seconds, whatever happens.
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

/// Prints that it runs, and when, until it is aborted.
pub(super) async fn tick(lead: LeaderContext) -> Result<(), BoxError> {
    println!("works in term {}", lead.term().fence());
    let mut ticks = interval(Duration::from_millis(50));
    loop {
        ticks.tick().await;
        println!("leads: {} tick at {}", lead.ensure().is_ok(), now().as_nanos());
    }
}

/// Waits until a leader is known.
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
