//! A quiet minute: what an election costs while nothing happens.

use std::{fs, time::Duration};

use rustix::{param::clock_ticks_per_second, process::Pid};

use crate::{cell::World, peer::Peer, process::Replica, server::Server};

/// What a replica costs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cost {
    /// Requests per minute. A watch is one, when it begins.
    pub requests: f64,
    /// CPU time per minute, in milliseconds.
    pub cpu: f64,
    /// Resident memory, in MiB.
    pub memory: f64,
}

/// Those of the leader and of the follower.
pub async fn measure(server: &Server, peer: &Peer, minute: Duration) -> Result<[Cost; 2], String> {
    let world = World::start(server, peer).await?;
    // It is hardly ever asked, as asking costs time as well.
    let first = world.replica("a", "a", 1000, None)?;
    tokio::time::sleep(Duration::from_secs(5)).await;
    let second = world.replica("b", "b", 1000, None)?;
    tokio::time::sleep(Duration::from_secs(15)).await;
    if !first.leads() || second.leads() {
        return Err(format!("there is no leader and follower: {}", first.complaint()));
    }
    let asked = |client| world.api.requests(client);
    let asked_before = [asked("a"), asked("b")];
    let before = [cpu(&first)?, cpu(&second)?];
    tokio::time::sleep(minute).await;
    let after = [cpu(&first)?, cpu(&second)?];
    let asked_after = [asked("a"), asked("b")];
    let per_minute = 60.0 / minute.as_secs_f64();
    let cost = |index: usize, replica: &Replica| -> Result<Cost, String> {
        #[expect(clippy::cast_precision_loss, reason = "a minute has few requests")]
        let mine = (asked_after[index] - asked_before[index]) as f64;
        Ok(Cost {
            requests: mine * per_minute,
            cpu: (after[index] - before[index]) * per_minute,
            memory: memory(replica)?,
        })
    };
    Ok([cost(0, &first)?, cost(1, &second)?])
}

/// In milliseconds, since it was started.
fn cpu(replica: &Replica) -> Result<f64, String> {
    let stat = read(replica, "stat")?;
    // The name of the program, in parentheses, may have spaces.
    let fields = stat.rsplit_once(')').map(|(_, rest)| rest).unwrap_or_default();
    let ticks: f64 = fields
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|ticks| ticks.parse::<f64>().ok())
        .sum();
    #[expect(clippy::cast_precision_loss, reason = "it is 100")]
    Ok(ticks * 1000.0 / clock_ticks_per_second() as f64)
}

fn memory(replica: &Replica) -> Result<f64, String> {
    let status = read(replica, "status")?;
    let kibibytes =
        status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.split_whitespace().next());
    let kibibytes: Option<f64> = kibibytes.and_then(|number| number.parse().ok());
    Ok(kibibytes.ok_or("it has no VmRSS")? / 1024.0)
}

fn read(replica: &Replica, file: &str) -> Result<String, String> {
    let pid = replica.pid().map(Pid::as_raw_nonzero).ok_or("it has ended")?;
    let path = format!("/proc/{pid}/{file}");
    fs::read_to_string(&path).map_err(|why| format!("{path}: {why}"))
}
