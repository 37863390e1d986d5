//! `kubectl ha get`.

mod details;
mod events;

use serde::Serialize;
use tokio::time::Instant;

use self::events::LeaseEvent;
use super::list::Row;
use crate::{
    api::{Cluster, Kind, Target},
    cli::{Access, Format, GetOptions},
    console::Console,
    exit::Exit,
    failure::Failure,
    holder::{HolderPod, Holders},
    observe::Observed,
    output::{LeaseDocument, PodDocument, SCHEMA},
    pod::Pod,
    time::ServerTime,
};

/// All that is known of a Lease.
struct Known {
    row: Row,
    /// The Pods with the same owner as the holder's; `None` if they are not known.
    candidates: Option<Vec<Pod>>,
    /// The last one first; `None` if they are not known.
    events: Option<Vec<LeaseEvent>>,
    time: ServerTime,
}

/// The same as an object.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    api_version: &'static str,
    kind: &'static str,
    #[serde(flatten)]
    lease: LeaseDocument,
    candidates: Option<Vec<PodDocument>>,
    events: Option<Vec<LeaseEvent>>,
}

/// Shows the Leases that the options name.
pub(crate) async fn run(
    access: &Access,
    options: &GetOptions,
    console: &mut Console,
) -> Result<Exit, Failure> {
    let cluster = Cluster::connect(access, console).await?;
    for (number, name) in options.leases.iter().enumerate() {
        let known = known(&cluster, &name.0, console).await?;
        match options.output {
            None | Some(Format::Wide) => {
                if number > 0 {
                    console.line("")?;
                }
                details::print(&known, options.output.is_some(), console)?;
            }
            Some(Format::Json) => console.json(&known.document())?,
            Some(Format::Yaml) if options.leases.len() > 1 => {
                console.yaml_document(&known.document())?;
            }
            Some(Format::Yaml) => console.yaml(&known.document())?,
            Some(Format::Name) => console.line(known.row.reference())?,
        }
    }
    Ok(Exit::Fine)
}

async fn known(cluster: &Cluster, name: &str, console: &mut Console) -> Result<Known, Failure> {
    let namespace = cluster.namespace();
    let answer = cluster.lease(namespace, name).await?;
    let (lease, time) = (answer.value, answer.time);
    let holders = Holders::look_up(cluster, Some(namespace), [&lease]).await;
    if let Some(trouble) = holders.trouble() {
        console.note(format!("`?` means unknown: {trouble}"));
    }
    let pod = holders.of(&lease);
    let candidates = match &pod {
        HolderPod::Found(pod) => or_note(candidates(cluster, pod).await, console),
        HolderPod::None => Some(Vec::new()),
        HolderPod::Unknown => None,
    };
    let events = or_note(events::of(cluster, namespace, name).await, console);
    let now = Instant::now();
    let row = Row::new(Observed::new(lease, now), time, now, pod);
    Ok(Known { row, candidates, events, time })
}

/// Lists the Pods that have the same owner as the holder's.
async fn candidates(cluster: &Cluster, holder: &Pod) -> Result<Vec<Pod>, Failure> {
    if holder.owner.is_none() {
        return Ok(Vec::new());
    }
    let target = Target::list(Kind::PODS, Some(&holder.namespace));
    let keep = |text: &str| Some(Pod::parse(text)).filter(|pod| pod.is_sibling_of(holder));
    Ok(cluster.list(&target, &[], keep).await?.items.into_iter().flatten().collect())
}

/// What could not be asked for is told, and the rest is shown.
fn or_note<T>(asked: Result<T, Failure>, console: &mut Console) -> Option<T> {
    match asked {
        Ok(found) => Some(found),
        Err(failure) => {
            console.note(format!("`?` means unknown: {}", failure.first_line()));
            None
        }
    }
}

impl Known {
    fn document(&self) -> Document {
        Document {
            api_version: SCHEMA,
            kind: "Lease",
            lease: self.row.document(),
            candidates: self
                .candidates
                .as_ref()
                .map(|pods| pods.iter().map(PodDocument::new).collect()),
            events: self.events.clone(),
        }
    }
}
