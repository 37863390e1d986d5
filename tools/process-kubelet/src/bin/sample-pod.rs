//! A program whose health the tests of the kubelet decide.
//!
//! `/is/NAME` is 200 or, after `/off/NAME`, 503 until `/on/NAME`. It listens on `POD_IP` and prints
//! what it is told to with `--print`. What it leaves in `TERMINATION_LOG`, `--message` or `/say/TEXT` say.

use std::{
    collections::BTreeSet,
    env, fs,
    io::{self, Write},
    process::ExitCode,
    time::Duration,
};

use clap::Parser;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    signal::unix::{SignalKind, signal},
    time,
};

#[derive(Debug, Parser)]
struct Options {
    #[arg(long)]
    port: u16,
    /// Printed at the start.
    #[arg(long)]
    print: Option<String>,
    /// Written into the termination message file at the start.
    #[arg(long)]
    message: Option<String>,
    /// How often the message is written, each time with a line break.
    #[arg(long, default_value_t = 1)]
    times: usize,
    /// End at once with this code.
    #[arg(long)]
    crash: Option<u8>,
    /// The names that are unhealthy from the start.
    #[arg(long)]
    off: Vec<String>,
    /// For how many milliseconds it goes on after SIGTERM.
    #[arg(long, default_value_t = 0)]
    linger: u64,
    /// Ignore SIGTERM.
    #[arg(long)]
    ignore_sigterm: bool,
    /// Start a process that outlives this one unless somebody ends both.
    #[arg(long)]
    child: bool,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let options = Options::parse();
    if let Some(text) = &options.print {
        println!("{text}");
    }
    if let Some(message) = &options.message {
        let said = say(&format!("{message}\n").repeat(options.times));
        println!("said {said:?}");
    }
    if let Some(code) = options.crash {
        eprintln!("crashing with {code}");
        return ExitCode::from(code);
    }
    match run(options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("sample-pod: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Appends to the termination message file.
fn say(text: &str) -> io::Result<()> {
    let path = env::var("TERMINATION_LOG").map_err(io::Error::other)?;
    fs::OpenOptions::new().append(true).open(path)?.write_all(text.as_bytes())
}

async fn run(options: Options) -> io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let address = env::var("POD_IP").unwrap_or_else(|_| "127.0.0.1".into());
    let listener = TcpListener::bind((address.as_str(), options.port)).await?;
    println!("listening on {}", listener.local_addr()?);
    if options.child {
        let child = tokio::process::Command::new("sleep").arg("600").spawn()?;
        println!("child {}", child.id().unwrap_or_default());
    }
    let mut off: BTreeSet<String> = options.off.into_iter().collect();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let (stream, peer) = accepted?;
                let answered = answer(stream, &mut off);
                if time::timeout(Duration::from_secs(1), answered).await.is_err() {
                    eprintln!("{peer} said nothing");
                }
            }
            _ = terminate.recv() => {
                println!("SIGTERM");
                if !options.ignore_sigterm {
                    time::sleep(Duration::from_millis(options.linger)).await;
                    println!("done");
                    return Ok(());
                }
            }
        }
    }
}

async fn answer(mut stream: TcpStream, off: &mut BTreeSet<String>) -> io::Result<()> {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        if stream.read_buf(&mut request).await? == 0 {
            return Ok(());
        }
    }
    let request = String::from_utf8_lossy(&request);
    let path = request.split(' ').nth(1).unwrap_or_default();
    let status = match path.trim_start_matches('/').split_once('/') {
        Some(("is", name)) if off.contains(name) => "503 Service Unavailable",
        Some(("off", name)) => {
            off.insert(name.into());
            "200 OK"
        }
        Some(("on", name)) => {
            off.remove(name);
            "200 OK"
        }
        Some(("say", text)) => match say(text) {
            Ok(()) => "200 OK",
            Err(_) => "500 Internal Server Error",
        },
        Some(("is", _)) => "200 OK",
        Some(_) | None => "404 Not Found",
    };
    let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    stream.write_all(answer.as_bytes()).await
}
