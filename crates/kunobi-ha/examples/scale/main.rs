//! Measures many elections in one process, against the test server in another process: how long it
//! takes until all lead, and what they cost.
//!
//! ```text
//! cargo run --release --example scale -- --electors 5000
//! ```

mod usage;

use std::{
    error::Error,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use clap::Parser;
use kube::{
    Client, Config,
    config::{KubeConfigOptions, Kubeconfig},
};
use kunobi_ha::leader::{LeaderElection, LeaderGuard};
use kunobi_ha_test::{TestServer, kubeconfig};
use tokio::task::JoinSet;
use usage::Usage;

/// Many elections in one process.
#[derive(Parser)]
struct Options {
    /// How many elections.
    #[arg(long, default_value_t = 1_000)]
    electors: u32,
    /// How long to measure after all lead, in seconds.
    #[arg(long, default_value_t = 20)]
    seconds: u32,
    /// Over how many milliseconds to spread the starts, and with them the renewals. Requests that are
    /// under way at the same time need a connection each.
    #[arg(long, default_value_t = 1_000)]
    ramp: u32,
    /// Be the server. The example starts itself with this option.
    #[arg(long, hide = true)]
    server: bool,
}

// One thread is enough for all elections.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::parse();
    if options.server {
        return serve().await;
    }
    let (_server, address) = start_server()?;
    let config = Kubeconfig::from_yaml(&kubeconfig(address.parse()?, "scale"))?;
    let config = Config::from_custom_kubeconfig(config, &KubeConfigOptions::default()).await?;
    // With a `Config` in its place, each election would have a client and a thread of its own.
    let client = Client::try_from(config)?;

    let began = Instant::now();
    let guards = elect(&client, &options).await?;
    println!("{} elections lead after {:.2?}", guards.len(), began.elapsed());

    let before = Usage::read()?;
    tokio::time::sleep(Duration::from_secs(options.seconds.into())).await;
    let after = Usage::read()?;
    let leading = guards.iter().filter(|guard| guard.is_leader()).count();
    let seconds = f64::from(options.seconds);
    let cpu = after.cpu.saturating_sub(before.cpu).as_secs_f64();
    // Each leader renews once per retry period, of 2 s, and there are no followers.
    let requests = f64::from(options.electors) / 2.0;
    println!("{leading} still lead after {seconds} s more");
    println!("requests per second      {requests:.0}");
    println!("CPU seconds per minute   {:.2}", cpu * 60.0 / seconds);
    println!("CPU per request          {:.1} µs", cpu * 1e6 / (requests * seconds));
    println!("resident memory          {} MiB", after.resident >> 20);
    println!("resident at the peak     {} MiB", after.peak >> 20);
    if u32::try_from(leading)? == options.electors {
        Ok(())
    } else {
        Err("some elections were lost".into())
    }
}

async fn elect(client: &Client, options: &Options) -> Result<Vec<LeaderGuard>, Box<dyn Error>> {
    let mut contending = JoinSet::new();
    let ramp = Duration::from_millis(options.ramp.into());
    for number in 0..options.electors {
        let election =
            LeaderElection::builder(client.clone(), "default", format!("scale-{number}"))
                .identity("scale")
                .build();
        let pause = ramp * number / options.electors;
        contending.spawn(async move {
            tokio::time::sleep(pause).await;
            election.acquire().await
        });
    }
    let mut guards = Vec::new();
    while let Some(guard) = contending.join_next().await {
        guards.push(guard??);
    }
    Ok(guards)
}

async fn serve() -> Result<(), Box<dyn Error>> {
    let server = TestServer::builder().log_capacity(0).build();
    let listener = server.listen("127.0.0.1:0").await?;
    println!("{}", listener.address());
    // This returns when the parent closes its end.
    tokio::task::spawn_blocking(|| std::io::stdin().read_line(&mut String::new())).await??;
    Ok(())
}

fn start_server() -> Result<(Server, String), Box<dyn Error>> {
    use std::io::{BufRead, BufReader};

    let mut child = Command::new(std::env::current_exe()?)
        .arg("--server")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let output = child.stdout.take().ok_or("no standard output")?;
    let mut address = String::new();
    BufReader::new(output).read_line(&mut address)?;
    Ok((Server(child), address.trim().to_owned()))
}

struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        // The process may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
