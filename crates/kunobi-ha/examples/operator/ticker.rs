//! Counts in the `ConfigMap` `ticks`, as often as `TICK_HZ` says. It is leader-only work of which
//! every write can be checked: each is a compare-and-swap that adds one and names its term.

use std::{collections::BTreeMap, env, num::ParseIntError, time::Duration};

use k8s_openapi::{api::core::v1::ConfigMap, apimachinery::pkg::apis::meta::v1::ObjectMeta};
use kube::{Api, api::PostParams};
use kunobi_ha::{BoxError, operator::LeaderContext};
use tokio::time::{MissedTickBehavior, interval, timeout_at};
use tracing::warn;

use crate::greeter::Work;

/// Returns the work, which is called once for each term.
pub(crate) fn on(objects: Api<ConfigMap>) -> impl Fn(LeaderContext) -> Work + Send + Sync {
    move |lead| Box::pin(run(objects.clone(), lead))
}

async fn run(objects: Api<ConfigMap>, lead: LeaderContext) -> Result<(), BoxError> {
    let Some(period) = period()? else {
        lead.stopped().await;
        return Ok(());
    };
    let mut clock = interval(period);
    clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let stop = lead.cancel_token();
    let mut last: Option<ConfigMap> = None;
    while stop.run_until_cancelled(clock.tick()).await.is_some() {
        if last.is_none() {
            let Some(found) = heard("read", objects.get_opt(NAME).await) else { continue };
            last = found;
        }
        let next = following(last.take(), lead.term().fence())?;
        let parameters = PostParams::default();
        lead.ensure()?;
        // An answer that comes later counts as none: the write may have been applied or not.
        let until = lead.valid_until().into();
        let written = if next.metadata.resource_version.is_some() {
            timeout_at(until, objects.replace(NAME, &parameters, &next)).await
        } else {
            timeout_at(until, objects.create(&parameters, &next)).await
        };
        last = written.ok().and_then(|written| heard("written", written));
    }
    Ok(())
}

/// Returns the object with one more tick, written in this term.
fn following(last: Option<ConfigMap>, term: u64) -> Result<ConfigMap, BoxError> {
    let metadata = ObjectMeta { name: Some(NAME.into()), ..ObjectMeta::default() };
    let mut next = last.unwrap_or_else(|| ConfigMap { metadata, ..ConfigMap::default() });
    let data = next.data.get_or_insert_default();
    let theirs = number(data, "term")?;
    if theirs > term {
        return Err(format!("term {theirs} has counted already, which is later than {term}").into());
    }
    let count = number(data, "count")? + 1;
    data.insert("count".into(), count.to_string());
    data.insert("term".into(), term.to_string());
    Ok(next)
}

fn number(data: &BTreeMap<String, String>, key: &str) -> Result<u64, ParseIntError> {
    data.get(key).map_or(Ok(0), |text| text.parse())
}

/// Treats a refusal as a missed tick: after a conflict, the object has to be read again.
fn heard<T>(what: &str, answer: kube::Result<T>) -> Option<T> {
    answer.inspect_err(|error| warn!("{NAME} could not be {what}: {error}")).ok()
}

fn period() -> Result<Option<Duration>, BoxError> {
    let Ok(text) = env::var("TICK_HZ") else { return Ok(None) };
    let hertz: f64 = text.parse().map_err(|_| format!("TICK_HZ is {text:?}, not a number"))?;
    if hertz == 0.0 {
        return Ok(None);
    }
    let period = Duration::try_from_secs_f64(hertz.recip());
    Ok(Some(period.map_err(|_| format!("TICK_HZ is {text:?}, not a frequency"))?))
}

const NAME: &str = "ticks";
