//! A [`TestServer`] on a port, with a kubeconfig for each client.

use std::{env, error::Error, fs, io, path::PathBuf, process::ExitCode};

use kunobi_ha_test::{Listener, TestServer};

struct Options {
    listen: String,
    clients: Vec<String>,
    directory: PathBuf,
    log_capacity: usize,
    rbac: bool,
    tls: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("ha-test-server: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let Some(options) = parse(env::args().skip(1))? else {
        print!("{USAGE}");
        return Ok(());
    };
    let builder = TestServer::builder().log_capacity(options.log_capacity);
    let server = if options.rbac { builder.with_rbac() } else { builder }.build();
    let listener = listen(&server, &options)
        .await
        .map_err(|error| format!("can't listen on {}: {error}", options.listen))?;
    let scheme = if options.tls { "https" } else { "http" };
    println!("listening on {scheme}://{}", listener.address());
    fs::create_dir_all(&options.directory)?;
    for client in &options.clients {
        let file = options.directory.join(format!("{client}.kubeconfig"));
        fs::write(&file, listener.kubeconfig(client))?;
        println!("export KUBECONFIG={}", file.display());
    }
    tokio::signal::ctrl_c().await?;
    Ok(())
}

async fn listen(server: &TestServer, options: &Options) -> io::Result<Listener> {
    if !options.tls {
        return server.listen(&options.listen).await;
    }
    #[cfg(feature = "tls")]
    return server.listen_tls(&options.listen).await;
    #[cfg(not(feature = "tls"))]
    Err(io::Error::other("this program was built without its feature `tls`"))
}

fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Option<Options>, String> {
    let mut options = Options {
        listen: "127.0.0.1:8001".into(),
        clients: vec!["a".into(), "b".into(), "c".into()],
        directory: env::temp_dir().join("ha-test-server"),
        log_capacity: 100_000,
        rbac: false,
        tls: false,
    };
    while let Some(flag) = arguments.next() {
        if matches!(flag.as_str(), "-h" | "--help") {
            return Ok(None);
        }
        match flag.as_str() {
            "--rbac" => {
                options.rbac = true;
                continue;
            }
            "--tls" => {
                options.tls = true;
                continue;
            }
            _ => {}
        }
        let value = arguments.next().ok_or_else(|| format!("{flag} needs a value\n{USAGE}"))?;
        match flag.as_str() {
            "--listen" => options.listen = value,
            "--clients" => options.clients = value.split(',').map(ToOwned::to_owned).collect(),
            "--kubeconfigs" => options.directory = value.into(),
            "--log" => {
                options.log_capacity =
                    value.parse().map_err(|_| format!("--log takes a number, not {value}"))?;
            }
            _ => return Err(format!("no such option: {flag}\n{USAGE}")),
        }
    }
    Ok(Some(options))
}

const USAGE: &str = "\
A Kubernetes API server for tests: in memory, a client's token is its name.

Usage: ha-test-server [OPTIONS]

  --listen ADDRESS      where to listen [127.0.0.1:8001]; port 0 picks a free one
  --clients A,B,...     for whom to write a kubeconfig [a,b,c]
  --kubeconfigs FOLDER  where to write them [ha-test-server in the temporary folder]
  --rbac                Roles and bindings decide; the client admin may do everything
  --tls                 HTTPS, with an authority of its own (needs the feature tls)
  --log N               how many requests and writes to remember [100000]

Over HTTP: PUT and DELETE /_ha/faults/CLIENT, GET /_ha/faults, /_ha/requests, /_ha/history,
POST /_ha/compact.
";
