//! The log has one line with the reason for each change, because a kubelet shows no reasons.

use std::time::Duration;

use kunobi_ha::{metrics::Collector, readiness::Health};
use prometheus_client::{encoding::text::encode, registry::Registry};
use tokio::time::sleep;

use crate::{log::Log, wire::Served};

#[tokio::test]
async fn each_change_is_logged_once_with_its_reason() {
    let log = Log::capture();
    let mut health = Health::builder();
    let flag = health.ready_flag("caches");
    let served = Served::new(health).await;
    for well in [false, true, false] {
        flag.set(well);
        for path in ["/readyz", "/readyz?verbose", "/readyz/caches", "/readyz"] {
            served.get(path).await;
        }
    }
    let fails = "WARN check fails: it is not set endpoint=\"readyz\" check=caches";
    let passes = "INFO check passes endpoint=\"readyz\" check=caches";
    assert_eq!(log.lines("check=caches"), [fails, passes, fails]);
    assert_eq!(log.lines("check=shutdown").len(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_reason_is_what_the_check_said() {
    let log = Log::capture();
    let mut health = Health::builder()
        .ready_check("database", async || Err("connection refused".into()))
        .ready_check("queue", std::future::pending);
    let _beat = health.live_heartbeat("loop", Duration::from_secs(30));
    let health = health.build().unwrap();
    health.start();
    let readyz = || health.probe("/readyz").unwrap().status;
    assert_eq!(readyz(), 503);
    sleep(Duration::from_secs(45)).await;
    assert_eq!(readyz(), 503);
    assert_eq!(health.probe("/livez").unwrap().status, 503);
    assert_eq!(log.lines("check=database").len(), 1, "it fails as before");
    assert!(log.lines("check=database")[0].contains("it was not checked yet"));
    let late = "WARN check fails: the last beat was 45s ago, more than 30s endpoint=\"livez\"";
    assert!(log.lines("check=loop")[0].starts_with(late), "{:?}", log.lines("check=loop"));
    health.begin_shutdown();
    readyz();
    assert!(log.lines("check=shutdown")[1].contains("check fails: a shutdown was asked for"));
}

#[test]
fn a_scrape_does_not_count_as_a_probe() {
    let log = Log::capture();
    let mut health = Health::builder();
    let flag = health.ready_flag("caches");
    let health = health.build().unwrap();
    let mut registry = Registry::default();
    registry.register_collector(Box::new(Collector::new().health(&health)));
    let scrape = || {
        let mut text = String::new();
        encode(&mut text, &registry).unwrap();
        text
    };
    let metric = "kunobi_ha_check_status{kind=\"readyz\",check=\"caches\"}";
    flag.set(true);
    assert_eq!(health.probe("/readyz").unwrap().status, 200);
    flag.set(false);
    assert!(scrape().contains(&format!("{metric} 0\n")));
    assert!(health.checks().iter().any(|check| check.status.is_err()));
    assert_eq!(log.lines("check=caches").len(), 1, "no probe was answered with it");
    assert_eq!(health.probe("/readyz").unwrap().status, 503);
    flag.set(true);
    assert!(scrape().contains(&format!("{metric} 1\n")));
    assert_eq!(log.lines("check=caches").len(), 2, "the scrapes took no change away");
}

#[tokio::test(start_paused = true)]
async fn what_time_alone_changes_is_logged_by_the_next_probe_that_sees_it() {
    let log = Log::capture();
    let mut health = Health::builder();
    let beat = health.live_heartbeat("loop", Duration::from_secs(30));
    let health = health.build().unwrap();
    let livez = || health.probe("/livez").unwrap().status;
    assert_eq!(livez(), 200);
    sleep(Duration::from_secs(31)).await;
    assert!(health.checks()[0].status.is_err());
    beat.beat();
    assert_eq!(livez(), 200, "it came back between two probes");
    sleep(Duration::from_secs(45)).await;
    assert_eq!((livez(), livez()), (503, 503));
    beat.beat();
    assert_eq!(livez(), 200);
    let levels: Vec<_> = log.lines("check=loop").iter().map(|line| line[..4].to_owned()).collect();
    assert_eq!(levels, ["INFO", "WARN", "INFO"]);
    assert!(log.lines("check=loop")[1].contains("the last beat was 45s ago, more than 30s"));
}
