//! A process that has no file descriptor left.
#![cfg(target_os = "linux")]

use std::{
    env, fs,
    io::{ErrorKind, Read, Write},
    net::{SocketAddr, TcpStream},
    os::fd::AsRawFd,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use kunobi_ha::{health_probe::HealthProbe, readiness::Health};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::runtime::Builder;

#[test]
fn silent_connections_give_their_file_descriptors_to_a_kubelet() {
    if env::var_os(ALONE).is_none() {
        // The limit holds for the whole process, so the test gets a process of its own.
        let name = "descriptors::silent_connections_give_their_file_descriptors_to_a_kubelet";
        let mut test = Command::new(env::current_exe().unwrap());
        let output = test.args(["--exact", name, "--nocapture"]).env(ALONE, "1").output().unwrap();
        let told = [output.stdout, output.stderr].concat();
        let told = String::from_utf8_lossy(&told);
        assert!(output.status.success() && told.contains("1 passed"), "{told}");
        return;
    }
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let address = runtime.block_on(async {
        let probe = HealthProbe::new(Health::builder().build().unwrap());
        let bound = probe.bind("127.0.0.1:0").await.unwrap();
        let address = bound.local_addr();
        tokio::spawn(bound.serve_until(std::future::pending()));
        address
    });
    let before = open_files();
    let _silent: Vec<_> = (0..SILENT).map(|_| TcpStream::connect(address).unwrap()).collect();
    let deadline = Instant::now() + Duration::from_secs(10);
    // Both ends of each connection are in this process.
    while open_files() < before + 2 * SILENT {
        assert!(Instant::now() < deadline, "they were not accepted");
        thread::sleep(Duration::from_millis(5));
    }
    leave_one_file();
    let asked = Instant::now();
    let answer = ask(address);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer:?}");
    assert!(asked.elapsed() < Duration::from_secs(1), "{:?}", asked.elapsed());
}

fn ask(address: SocketAddr) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(2))).unwrap();
    stream.write_all(b"GET /livez HTTP/1.1\r\nHost: probe\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    if let Err(error) = stream.read_to_string(&mut answer) {
        assert_eq!(error.kind(), ErrorKind::WouldBlock);
    }
    answer
}

fn open_files() -> usize {
    fs::read_dir("/proc/self/fd").unwrap().count()
}

/// Leaves one file descriptor: for the client's end of a connection.
fn leave_one_file() {
    let next = fs::File::open("/dev/null").unwrap().as_raw_fd();
    let current = u64::try_from(next).unwrap() + 1;
    let limit = Rlimit { current: Some(current), ..getrlimit(Resource::Nofile) };
    setrlimit(Resource::Nofile, limit).unwrap();
}

const ALONE: &str = "KUNOBI_HA_TEST_ALONE";
const SILENT: usize = 8;
