//! Every text, byte for byte as kube-apiserver writes it. The status of a failure is 503.

use std::time::Duration;

use kunobi_ha::{
    health_probe::HealthProbe,
    leader::LeaderElection,
    readiness::{Health, LeaderGate},
};

use crate::wire::Served;

#[tokio::test]
async fn without_checks_there_is_a_ping() {
    let served = Served::plain().await;
    for word in ["livez", "healthz", "startupz"] {
        let text = format!("[+]ping ok\n{word} check passed\n");
        assert_eq!(served.probe(&format!("/{word}")).await, (200, "ok".into()));
        assert_eq!(served.probe(&format!("/{word}?verbose")).await, (200, text));
        assert_eq!(served.probe(&format!("/{word}/ping")).await, (200, "ok".into()));
    }
    let text = "[+]shutdown ok\nreadyz check passed\n";
    assert_eq!(served.probe("/readyz?verbose").await, (200, text.into()));
    assert_eq!(served.get("/readyz/ping").await.status, 404);
    assert_eq!(served.get("/leaderz").await.status, 404, "there is no election");
}

#[tokio::test]
async fn checks_are_listed_in_the_order_of_their_registration() {
    let mut health = Health::builder();
    for name in ["zebra", "alpha", "Mid_1.x-2"] {
        health.ready_flag(name).set(true);
    }
    let served = Served::new(health).await;
    let text = "[+]zebra ok\n[+]alpha ok\n[+]Mid_1.x-2 ok\n[+]shutdown ok\nreadyz check passed\n";
    for query in ["verbose", "verbose=1", "verbose=false", "timeout=1s&verbose"] {
        let answer = served.probe(&format!("/readyz?{query}")).await;
        assert_eq!(answer, (200, text.into()), "{query}");
    }
}

#[tokio::test]
async fn a_failure_is_a_503_that_names_the_check_and_not_the_reason() {
    let mut health = Health::builder();
    health.ready_flag("a").set(true);
    let b = health.ready_flag("b");
    let served = Served::new(health).await;
    let text = "[+]a ok\n[-]b failed: reason withheld\n[+]shutdown ok\nreadyz check failed\n";
    for path in ["/readyz", "/readyz?verbose"] {
        assert_eq!(served.probe(path).await, (503, text.into()), "{path}");
    }
    assert_eq!(served.probe("/livez").await, (200, "ok".into()));
    b.set(true);
    assert_eq!(served.probe("/readyz").await, (200, "ok".into()));
}

#[tokio::test]
async fn the_last_line_has_the_word_of_the_endpoint() {
    let mut health = Health::builder();
    let beat = health.live_heartbeat("loop", Duration::ZERO);
    let started = health.startup_flag("caches");
    let served = Served::new(health).await;
    let failed = |name: &str, word: &str| {
        (503, format!("[-]{name} failed: reason withheld\n{word} check failed\n"))
    };
    assert_eq!(served.probe("/livez").await, failed("loop", "livez"));
    assert_eq!(served.probe("/healthz").await, failed("loop", "healthz"));
    assert_eq!(served.probe("/startupz").await, failed("caches", "startupz"));
    let text = "[-]caches failed: reason withheld\n[+]shutdown ok\nreadyz check failed\n";
    assert_eq!(served.probe("/readyz").await, (503, text.into()));
    drop((beat, started));
}

#[tokio::test]
async fn checks_can_be_excluded_one_by_one() {
    let mut health = Health::builder();
    health.ready_flag("a").set(true);
    let _unset = (health.ready_flag("b"), health.ready_flag("c"));
    let served = Served::new(health).await;
    let text = "[+]a ok\n[+]b excluded: ok\n[+]c excluded: ok\n[+]shutdown ok\n";
    let both = "exclude=b&exclude=c";
    assert_eq!(served.probe(&format!("/readyz?{both}")).await, (200, "ok".into()));
    assert_eq!(
        served.probe(&format!("/readyz?verbose&{both}")).await,
        (200, format!("{text}readyz check passed\n"))
    );
    let text = "[+]a excluded: ok\n[+]b excluded: ok\n[-]c failed: reason withheld\n\
                [+]shutdown ok\nreadyz check failed\n";
    assert_eq!(served.probe("/readyz?exclude=a&exclude=b").await, (503, text.into()));
}

#[tokio::test]
async fn each_excluded_check_that_does_not_exist_is_named_once_in_order() {
    let served = Served::plain().await;
    let warning = "warn: some health checks cannot be excluded: no matches for";
    let cases = [
        ("exclude=etcd", r#""etcd""#),
        ("exclude=b&exclude=a&exclude=shutdown&exclude=b", r#""a", "b", "shutdown""#),
        ("exclude=a%20b", r#""a b""#),
        ("exclude=", r#""""#),
    ];
    for (query, names) in cases {
        assert_eq!(served.probe(&format!("/livez?{query}")).await, (200, "ok".into()));
        let text = format!("[+]ping ok\n{warning} {names}\nlivez check passed\n");
        assert_eq!(served.probe(&format!("/livez?verbose&{query}")).await, (200, text), "{query}");
    }
}

#[tokio::test]
async fn each_check_has_a_path_of_its_own() {
    let mut health = Health::builder();
    let flag = health.ready_flag("caches");
    let served = Served::new(health).await;
    let withheld = "internal server error: reason withheld\n";
    assert_eq!(served.probe("/readyz/caches").await, (503, withheld.into()));
    flag.set(true);
    assert_eq!(served.probe("/readyz/caches").await, (200, "ok".into()));
    assert_eq!(served.probe("/readyz/shutdown?verbose").await, (200, "ok".into()));
    for unknown in ["/readyz/etcd", "/livez/caches", "/startupz/caches"] {
        assert_eq!(served.probe(unknown).await, (404, "404 page not found\n".into()), "{unknown}");
    }
}

#[tokio::test]
async fn reasons_are_shown_only_if_they_are_exposed_and_only_at_the_path_of_the_check() {
    let mut health = Health::builder().expose_reasons(true);
    let _flag = health.ready_flag("caches");
    let served = Served::new(health).await;
    let text = "internal server error: it is not set\n";
    assert_eq!(served.probe("/readyz/caches").await, (503, text.into()));
    let text = "[-]caches failed: reason withheld\n[+]shutdown ok\nreadyz check failed\n";
    assert_eq!(served.probe("/readyz").await, (503, text.into()));
}

#[tokio::test]
async fn a_shutdown_fails_readiness_and_nothing_else() {
    let health = Health::builder().build().unwrap();
    let served = Served::of(HealthProbe::new(health.clone())).await;
    assert_eq!(served.probe("/readyz").await, (200, "ok".into()));
    health.begin_shutdown();
    let text = "[-]shutdown failed: reason withheld\nreadyz check failed\n";
    assert_eq!(served.probe("/readyz").await, (503, text.into()));
    for path in ["/livez", "/healthz", "/startupz"] {
        assert_eq!(served.probe(path).await, (200, "ok".into()), "{path}");
    }
}

#[tokio::test]
async fn startupz_goes_on_passing_once_all_flags_were_set() {
    let mut health = Health::builder();
    let flags = [health.startup_flag("caches"), health.startup_flag("webhook")];
    let served = Served::new(health).await;
    let text = "[-]caches failed: reason withheld\n[-]webhook failed: reason withheld\n\
                startupz check failed\n";
    assert_eq!(served.probe("/startupz").await, (503, text.into()));
    for flag in &flags {
        flag.set(true);
    }
    assert_eq!(served.probe("/startupz").await, (200, "ok".into()));
    for flag in &flags {
        flag.set(false);
    }
    let text = "[+]caches ok\n[+]webhook ok\nstartupz check passed\n";
    assert_eq!(served.probe("/startupz?verbose").await, (200, text.into()));
    assert_eq!(served.get("/readyz").await.status, 503);
}

#[tokio::test]
async fn leaderz_passes_on_the_leader_only() {
    let election = LeaderElection::standalone();
    let health = Health::builder().leader(&election.state(), LeaderGate::ElectionHealthy);
    let served = Served::new(health).await;
    let follower = "[-]leader failed: reason withheld\nleaderz check failed\n";
    assert_eq!(served.probe("/leaderz").await, (503, follower.into()));
    let guard = election.acquire().await.unwrap();
    assert_eq!(served.probe("/leaderz").await, (200, "ok".into()));
    assert_eq!(served.probe("/leaderz/leader").await, (200, "ok".into()));
    let text = "[+]leader ok\nleaderz check passed\n";
    assert_eq!(served.probe("/leaderz?verbose").await, (200, text.into()));
    let text = "[+]leader-election ok\nlivez check passed\n";
    assert_eq!(served.probe("/livez?verbose").await, (200, text.into()));
    let text = "[+]leader-election ok\n[+]shutdown ok\nreadyz check passed\n";
    assert_eq!(served.probe("/readyz?verbose").await, (200, text.into()));
    drop(guard);
    assert_eq!(served.probe("/leaderz").await, (503, follower.into()));
}
