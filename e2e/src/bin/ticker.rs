//! An operator whose work can be checked: its leader raises a counter, by compare-and-swap.
//!
//! The counter is the config map `ticks`. Each of its versions names the term and the pod that wrote
//! it. The program prints what it does on standard output, one JSON object a line, with the time of
//! the machine's boot clock in nanoseconds.
//!
//! | variable | |
//! | --- | --- |
//! | `HA_LEASE`, `POD_NAMESPACE`, `POD_NAME`, `POD_IP`, `HA_*` | what the shipped chart sets |
//! | `LEASE_SECONDS`, `RENEW_SECONDS`, `RETRY_SECONDS` | the timing of the election; default 3, 2, 0.5 |
//! | `TICK_HZ` | how often it counts; default 20 |
//! | `VERSION` | what it says that it is |
//! | `READINESS` | `leader-only`: only the leader is ready |
//! | `CRASH` | `start`: ends at once with code 1; `leading`: panics whenever it leads |

use std::{collections::BTreeMap, env, process::exit, str::FromStr, time::Duration};

use k8s_openapi::api::core::v1::ConfigMap;
use kube::{Api, Client, ResourceExt, api::PostParams};
use kunobi_ha::{
    BoxError,
    leader::{LeaderElection, pod_namespace},
    operator::{LeaderContext, Operator},
    readiness::{Health, LeaderGate},
    shutdown::{Report, Shutdown},
};
use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};
use tokio::time::{self, MissedTickBehavior};
use tracing_subscriber::EnvFilter;

#[tokio::main]
async fn main() -> Result<Report, BoxError> {
    let stop = Shutdown::builder().from_env().install()?;
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    say("started", &json!({ "at": now() }));
    let crash = variable("CRASH");
    if crash == "start" {
        exit(1);
    }
    let client = Client::try_default().await?;
    let namespace = pod_namespace()?;
    let ticks = Api::namespaced(client.clone(), &namespace);
    let election = LeaderElection::from_env(client)?
        .lease_duration(seconds("LEASE_SECONDS", 3.0)?)
        .renew_deadline(seconds("RENEW_SECONDS", 2.0)?)
        .retry_period(seconds("RETRY_SECONDS", 0.5)?)
        .build();
    let gate = match variable("READINESS").as_str() {
        "leader-only" => LeaderGate::LeaderOnly,
        _ => LeaderGate::ElectionHealthy,
    };
    let health = Health::builder().leader(&election.state(), gate);
    let period = Duration::try_from_secs_f64(1.0 / number("TICK_HZ", 20.0)?)?;
    Ok(Operator::new(election)
        .shutdown(stop)
        .probes(format!("{}:8081", variable("POD_IP")), health)
        .lead("ticks", move |lead| {
            let (counter, crash) = (Counter::new(ticks.clone(), &lead), crash.clone());
            async move {
                let fence = lead.term().fence();
                say("leads", &json!({ "at": now(), "fence": fence }));
                assert_ne!(crash, "leading", "told to");
                let done = counter.count(&lead, period).await;
                say("done", &json!({ "at": now(), "fence": fence }));
                done
            }
        })
        .run()
        .await)
}

/// The counter, as this term knows it.
struct Counter {
    api: Api<ConfigMap>,
    fence: u64,
    pod: String,
    version: String,
    known: Option<ConfigMap>,
}

impl Counter {
    fn new(api: Api<ConfigMap>, lead: &LeaderContext) -> Self {
        let (pod, version) = (variable("POD_NAME"), variable("VERSION"));
        Self { api, fence: lead.term().fence(), pod, version, known: None }
    }

    async fn count(mut self, lead: &LeaderContext, period: Duration) -> Result<(), BoxError> {
        let mut rhythm = time::interval(period);
        rhythm.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut stopped = std::pin::pin!(lead.stopped());
        self.known = self.api.get_opt(NAME).await?;
        loop {
            tokio::select! {
                biased;
                () = &mut stopped => return Ok(()),
                _ = rhythm.tick() => {}
            }
            // The end of a term is not a failure of this work, which is asked to stop in a moment.
            if lead.ensure().is_ok() {
                self.raise().await?;
            }
        }
    }

    async fn raise(&mut self) -> Result<(), BoxError> {
        let next = self.next();
        let count = count_of(&next);
        let parameters = PostParams::default();
        let sent = now();
        let written = match self.known {
            Some(_) => self.api.replace(NAME, &parameters, &next).await,
            None => self.api.create(&parameters, &next).await,
        };
        let mut line = json!({ "count": count, "fence": self.fence, "sent": sent, "at": now() });
        match written {
            Ok(written) => {
                self.known = Some(written);
                say("wrote", &line);
            }
            Err(kube::Error::Api(status)) if status.code == 409 => {
                say("refused", &line);
                self.known = self.api.get_opt(NAME).await?;
            }
            Err(error) => {
                line["error"] = error.to_string().into();
                self.known = self.api.get_opt(NAME).await?;
                let stored = self.known.as_ref().is_some_and(|known| known.data == next.data);
                say(if stored { "wrote" } else { "failed" }, &line);
            }
        }
        Ok(())
    }

    fn next(&self) -> ConfigMap {
        let mut next = self.known.clone().unwrap_or_default();
        let count = count_of(&next) + 1;
        next.metadata.name = Some(NAME.into());
        let data = [
            ("count", count.to_string()),
            ("fence", self.fence.to_string()),
            ("pod", self.pod.clone()),
            ("version", self.version.clone()),
        ];
        let data: BTreeMap<_, _> =
            data.into_iter().map(|(key, value)| (key.into(), value)).collect();
        next.data = Some(data);
        debug_assert!(self.known.is_none() || next.resource_version().is_some());
        next
    }
}

fn count_of(map: &ConfigMap) -> u64 {
    let count = map.data.as_ref().and_then(|data| data.get("count"));
    count.and_then(|count| count.parse().ok()).unwrap_or(0)
}

fn say(event: &str, more: &Value) {
    let mut line = more.clone();
    line["event"] = event.into();
    line["version"] = variable("VERSION").into();
    println!("{line}");
}

fn now() -> u64 {
    let now = clock_gettime(ClockId::Boottime);
    let since = Duration::try_from(now).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_default()
}

fn seconds(name: &str, default: f64) -> Result<Duration, BoxError> {
    Ok(Duration::try_from_secs_f64(number(name, default)?)?)
}

fn number(name: &str, default: f64) -> Result<f64, BoxError> {
    match env::var(name) {
        Ok(text) => Ok(f64::from_str(&text).map_err(|error| format!("{name}: {error}"))?),
        Err(_) => Ok(default),
    }
}

const NAME: &str = "ticks";
