//! Networks under which two client-go candidates lead at once, and what ours do under them.
//!
//! All run with the defaults of Kubernetes, 15 s / 10 s / 2 s, with perfect clocks and without a pause:
//! `a` leads, and its requests or their answers come late. Four others wait. `E2E_SCOPE=part` runs each
//! once; otherwise each runs three times.

mod network;
mod run;

use std::{env, error::Error};

use control_plane::{Plane, PlaneOptions};
use e2e::{candidate::Maker, history::milliseconds};
use futures::future::try_join_all;
use kube::{Api, api::PostParams};

use crate::{
    network::Network,
    run::{Experiment, Row},
};

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

const NAMESPACE: &str = "experiments";

#[tokio::test(flavor = "multi_thread")]
async fn ours_never_lead_together_where_client_go_does() -> Outcome {
    let plane = Plane::start(&PlaneOptions::default())?;
    let client = plane.client("admin").await?;
    let body = serde_json::from_value(serde_json::json!({ "metadata": { "name": NAMESPACE } }))?;
    let namespaces: Api<k8s_openapi::api::core::v1::Namespace> = Api::all(client.clone());
    namespaces.create(&PostParams::default(), &body).await?;

    let rounds = if env::var("E2E_SCOPE").is_ok_and(|scope| scope == "part") { 1 } else { 3 };
    let mut rows = Vec::new();
    for round in 0..rounds {
        let experiments = experiments(round);
        let running = experiments.iter().map(|experiment| experiment.run(&plane, &client));
        rows.extend(try_join_all(running).await?);
    }
    println!("Kubernetes and client-go of {}, leases of 15 s / 10 s / 2 s", plane.version());
    side_by_side(&rows);
    erased(&rows);
    for row in rows.iter().filter(|row| row.others == Maker::Kunobi) {
        assert!(row.report.faults.is_empty(), "{}: {:#?}", row.name, row.report.faults);
        if let Some(limit) = row.limit {
            assert!(row.overlap() <= limit, "{}: {}", row.name, milliseconds(row.overlap()));
        } else {
            assert_eq!(row.overlap(), 0, "{}: {:#?}", row.name, row.report.client_go);
        }
        assert!(row.report.terms > 1, "{}: nobody took over", row.name);
    }
    Ok(())
}

/// The five experiments with both libraries, and the last one with our candidates where client-go
/// would erase their Lease.
fn experiments(round: usize) -> Vec<Experiment> {
    let mut experiments = Vec::new();
    for network in Network::ALL {
        for maker in [Maker::ClientGo, Maker::Kunobi] {
            experiments.push(Experiment::alike(network, maker, round));
        }
    }
    experiments.push(Experiment::beside(false, round));
    experiments.push(Experiment::beside(true, round));
    experiments
}

/// Prints the overlaps of both libraries.
fn side_by_side(rows: &[Row]) {
    println!("| | network | client-go leads twice for | kunobi-ha leads twice for |");
    println!("|---|---|---:|---:|");
    for network in Network::ALL {
        let overlaps = |maker| {
            let of = rows.iter().filter(|row| row.is(network, maker));
            let shown = of.map(|row| match row.overlap() {
                0 if maker == Maker::ClientGo => "not this time".into(),
                length => milliseconds(length),
            });
            shown.collect::<Vec<_>>().join(", ")
        };
        let (theirs, ours) = (overlaps(Maker::ClientGo), overlaps(Maker::Kunobi));
        println!("| {network:?} | {} | {theirs} | {ours} |", network.describe());
    }
    let smallest = |maker| {
        let of = rows.iter().filter(|row| row.leader == maker && row.others == maker);
        of.filter_map(|row| row.report.gaps.get(&(maker, maker))).min().copied()
    };
    println!(
        "smallest time between two beliefs of ours: {}",
        milliseconds(smallest(Maker::Kunobi).unwrap_or(0))
    );
}

/// Prints what happens to our candidates when client-go erases their Lease.
fn erased(rows: &[Row]) {
    println!("| H3, a by client-go, the others by us | two of ours lead for |");
    println!("|---|---:|");
    for watch in ["polling", "watching"] {
        let of = rows.iter().filter(|row| row.limit.is_some() && row.name.contains(watch));
        let shown = of.map(|row| {
            let erased = row.report.client_go.iter().any(|own| own.contains("erased"));
            let note = if erased { "" } else { " (not erased)" };
            milliseconds(row.overlap()) + note
        });
        println!("| {watch} | {} |", shown.collect::<Vec<_>>().join(", "));
    }
}
