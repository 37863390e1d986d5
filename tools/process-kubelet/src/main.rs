//! Runs the pods of a cluster as local processes until it is interrupted.

use std::{net::Ipv4Addr, path::PathBuf, process::ExitCode, time::Duration};

use clap::Parser;
use kube::Client;
use process_kubelet::{Config, Kubelet};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

/// A kubelet whose containers are local processes. It finds the API server as kubectl does.
#[derive(Debug, Parser)]
#[command(name = "process-kubelet")]
struct Options {
    /// The name of its node.
    #[arg(long, default_value = "process-node")]
    node: String,
    /// Only take the pods of this namespace.
    #[arg(long)]
    namespace: Option<String>,
    /// The program that an image stands for; can be given again.
    #[arg(long = "image", value_name = "IMAGE=PROGRAM", value_parser = file)]
    images: Vec<(String, PathBuf)>,
    /// What every container has in its environment; can be given again.
    #[arg(long = "env", value_name = "NAME=VALUE", value_parser = pair)]
    environment: Vec<(String, String)>,
    /// The kubeconfig that a service account's pods find in KUBECONFIG; can be given again.
    #[arg(long = "kubeconfig-of", value_name = "[NAMESPACE/]ACCOUNT=FILE", value_parser = file)]
    kubeconfigs: Vec<(String, PathBuf)>,
    /// Every how many seconds it looks whether containers have started or ended.
    #[arg(long, value_name = "SECONDS", default_value = "1", value_parser = seconds)]
    relist_period: Duration,
    /// How many seconds the second restart of a container waits; each further one waits for twice
    /// as long.
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    restart_backoff: Duration,
    /// How many seconds a restart waits at most.
    #[arg(long, value_name = "SECONDS", default_value = "300", value_parser = seconds)]
    restart_backoff_max: Duration,
    /// The address of the first pod; the others follow.
    #[arg(long, value_name = "ADDRESS", default_value = "127.1.0.1")]
    first_address: Ipv4Addr,
    /// Make a Node object and renew its Lease.
    #[arg(long)]
    register_node: bool,
    /// Don't repeat what the pods write.
    #[arg(long)]
    quiet: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    match run(Options::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("process-kubelet: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: Options) -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::try_default().await?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let kubelet = Kubelet::start(client, options.config());
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    kubelet.stop().await;
    Ok(())
}

impl Options {
    fn config(self) -> Config {
        Config {
            node: self.node,
            namespace: self.namespace,
            images: self.images.into_iter().collect(),
            environment: self.environment,
            kubeconfigs: self.kubeconfigs.into_iter().collect(),
            relist_period: self.relist_period,
            restart_backoff: self.restart_backoff,
            restart_backoff_max: self.restart_backoff_max,
            first_address: self.first_address,
            register_node: self.register_node,
            echo: !self.quiet,
            ..Config::default()
        }
    }
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("there is no = in it")?;
    Ok((name.into(), value.into()))
}

fn file(text: &str) -> Result<(String, PathBuf), String> {
    let (name, path) = pair(text)?;
    let path = std::path::absolute(&path).map_err(|error| format!("{path}: {error}"))?;
    if path.is_file() { Ok((name, path)) } else { Err(format!("{}: no file", path.display())) }
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().map_err(|error| format!("{error}"))?;
    Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())
}
