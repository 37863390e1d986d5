//! Three replicas elect, hand over and fail over. Each is a process; the API server is in this process.
//! It needs no cluster and no configuration, and takes less than a minute.
//!
//! ```text
//! cargo run --example failover [-- --svg timeline.svg [--dark]]
//! ```

mod fleet;
mod labels;
mod replica;
mod report;
mod scenario;
mod svg;
mod timeline;

use std::{error::Error, path::PathBuf, process::ExitCode, time::Duration};

use clap::Parser;
use rustix::time::{ClockId, clock_gettime};

/// The leases of this example are short, so that all of it takes less than a minute.
const LEASE_DURATION: Duration = Duration::from_secs(3);
const RENEW_DEADLINE: Duration = Duration::from_secs(2);
const RETRY_PERIOD: Duration = Duration::from_millis(500);

/// Three replicas elect, hand over and fail over, without a cluster.
#[derive(Parser)]
struct Options {
    /// Draw the timeline into this file.
    #[arg(long)]
    svg: Option<PathBuf>,
    /// Draw it for a dark page.
    #[arg(long, requires = "svg")]
    dark: bool,
    /// Be the replica of this name. The example starts itself with this option.
    #[arg(long, hide = true, requires = "kubeconfig")]
    replica: Option<String>,
    /// The kubeconfig of that replica.
    #[arg(long, hide = true)]
    kubeconfig: Option<String>,
}

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let options = Options::parse();
    if let (Some(name), Some(config)) = (options.replica, options.kubeconfig) {
        replica::run(&name, &config).await?;
        return Ok(ExitCode::SUCCESS);
    }
    let story = scenario::play().await?;
    let verdict = report::print(&story);
    if let Some(file) = options.svg {
        let theme = if options.dark { &svg::DARK } else { &svg::LIGHT };
        let subtitle = format!(
            "Lease {} s, renew deadline {} s, real processes",
            LEASE_DURATION.as_secs(),
            RENEW_DEADLINE.as_secs()
        );
        let picture =
            svg::draw(&story.timeline("Three replicas, one leader at a time", subtitle), theme);
        for fault in labels::faults(&picture.labels, picture.size) {
            eprintln!("In the picture: {fault}");
        }
        std::fs::write(&file, picture.svg)?;
        println!("The timeline is drawn in {}.", file.display());
    }
    Ok(verdict)
}

/// Reads the clock that all processes of a machine share, in nanoseconds.
fn now() -> u64 {
    #[cfg(any(target_os = "android", target_os = "linux"))]
    let clock = ClockId::Boottime;
    #[cfg(not(any(target_os = "android", target_os = "linux")))]
    let clock = ClockId::Monotonic;
    let time = clock_gettime(clock);
    u64::try_from(time.tv_sec).unwrap_or(0) * 1_000_000_000
        + u64::try_from(time.tv_nsec).unwrap_or(0)
}
