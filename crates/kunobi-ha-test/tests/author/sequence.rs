use std::time::Duration;

use kube::api::{ListParams, WatchParams};
use kunobi_ha_test::{Fault, FaultRule, Matcher};
use tokio::time::{sleep, timeout};

use super::{create, start};

#[tokio::test(start_paused = true)]
async fn each_request_is_a_line_with_what_became_of_it() {
    let (server, maps) = start();
    let creates =
        FaultRule::new(Matcher::create("*"), Fault::Delay { before_ms: 30, after_ms: 10 });
    server.add_rule("me", creates);
    server.add_rule("me", FaultRule::new(Matcher::get("*"), Fault::Hang));
    create(&maps, "a").await.unwrap();
    sleep(Duration::from_secs(2)).await;
    let watch = maps.watch(&WatchParams::default(), "0").await.unwrap();
    let mut watch = Box::pin(watch);
    let event =
        std::future::poll_fn(|context| futures_core::Stream::poll_next(watch.as_mut(), context));
    event.await.unwrap().unwrap();
    assert!(timeout(Duration::from_secs(5), maps.get("a")).await.is_err());
    maps.list(&ListParams::default().labels("a=b")).await.unwrap();
    let expected = "     0.000 s  me  create configmaps default/a                 201  after 40 ms  fault: delay of 30+10 ms
     2.040 s  me  watch configmaps default/ ?resourceVersion=0  200  1 event, open
     2.040 s  me  get configmaps default/a                    no answer  fault: hang
     7.040 s  me  list configmaps default/ ?labelSelector=a=b  200
";
    let squeezed = |text: String| {
        text.lines()
            .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect::<Vec<_>>()
    };
    assert_eq!(squeezed(server.sequence().to_string()), squeezed(expected.into()));
    drop(watch);
    sleep(Duration::from_secs(1)).await;
    let watches = server.sequence().matching(Matcher::watch("*")).to_string();
    assert!(watches.contains("1 event, ended 5000 ms later\n"), "{watches}");
}

#[tokio::test(start_paused = true)]
async fn the_columns_are_below_each_other_and_what_is_left_out_is_told() {
    let (server, maps) = start();
    create(&maps, "a").await.unwrap();
    create(&super::maps(&server, "another"), "a-long-name").await.unwrap();
    create(&maps, "b").await.unwrap();
    assert_eq!(
        server.sequence().last(2).to_string(),
        "(1 earlier requests are left out)
     0.000 s  another  create configmaps default/a-long-name  201
     0.000 s  me       create configmaps default/b            201
"
    );
    assert_eq!(server.sequence().last(0).to_string(), "(no requests)\n");
}

/// Only a panic of another process shows what is printed.
#[test]
fn the_log_is_printed_if_the_test_panics_and_only_then() {
    let printed = |name: &str| {
        let test = std::env::current_exe().unwrap();
        let arguments = ["--ignored", "--exact", "--nocapture", name];
        let output = std::process::Command::new(test).args(arguments).output().unwrap();
        String::from_utf8(output.stderr).unwrap()
    };
    let failed = printed("sequence::a_test_that_fails");
    assert!(
        failed.contains("the requests of the test server:\n     0.000 s  me  create"),
        "{failed}"
    );
    assert!(!printed("sequence::a_test_that_passes").contains("the requests"));
}

#[tokio::test(start_paused = true)]
#[ignore = "it is run by the test above, and fails"]
async fn a_test_that_fails() {
    let (server, maps) = start();
    let _log = server.print_on_panic();
    create(&maps, "a").await.unwrap();
    panic!("as it should");
}

#[tokio::test(start_paused = true)]
#[ignore = "it is run by the test above"]
async fn a_test_that_passes() {
    let (server, maps) = start();
    let _log = server.print_on_panic();
    create(&maps, "a").await.unwrap();
}
