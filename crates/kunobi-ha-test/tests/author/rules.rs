use std::time::Duration;

use kube::{
    Api, Error,
    api::{DeleteParams, ListParams},
};
use kunobi_ha_test::{Fault, FaultRule, Faults, Matcher, TestServer};
use tokio::time::timeout;

use super::{create, panic_of, start};

#[tokio::test(start_paused = true)]
async fn a_rule_hits_what_it_means_and_nothing_else() {
    let (server, maps) = start();
    let gets = Matcher::get("configmaps").namespace("default").name("b");
    server.add_rule("me", FaultRule::new(gets, Fault::status(503)));
    assert!(!server.unused_rules("me").is_empty());
    create(&maps, "a").await.unwrap();
    create(&maps, "b").await.unwrap();
    assert!(maps.get("a").await.is_ok());
    assert!(maps.list(&ListParams::default()).await.is_ok());
    assert_eq!(code(maps.get("b").await), 503);
    assert_eq!(code(maps.get("b").await), 503);
    assert!(super::maps(&server, "other").get("b").await.is_ok(), "it is of another client");
    assert_eq!(server.unused_rules("me"), []);
    let request = server.requests_matching(Matcher::get("*").status(503)).swap_remove(0);
    assert_eq!(request.fault, Some(Fault::status(503)));
    server.heal("me");
    assert!(maps.get("b").await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn skip_times_and_nth_count_only_what_matches() {
    let (server, maps) = start();
    let creates = || FaultRule::new(Matcher::create("configmaps"), Fault::status(500));
    server.add_rule("me", creates().skip(1).times(2));
    server.add_rule("me", creates().nth(5));
    let mut codes = Vec::new();
    for number in 0..6 {
        codes.push(create(&maps, &format!("m{number}")).await.map_or_else(code_of, |_| 201));
        maps.list(&ListParams::default()).await.unwrap();
    }
    assert_eq!(codes, [201, 500, 500, 201, 500, 201]);
}

#[tokio::test(start_paused = true)]
async fn the_first_rule_decides_and_all_of_them_count() {
    let (server, maps) = start();
    let gets = |code| FaultRule::new(Matcher::get("configmaps"), Fault::status(code));
    let rules = vec![gets(500).times(1), gets(503).nth(2), gets(429).nth(1)];
    server.set_faults("me", Faults { rules, ..Faults::default() });
    let mut codes = Vec::new();
    for _ in 0..3 {
        codes.push(code(maps.get("a").await));
    }
    assert_eq!(codes, [500, 503, 404]);
    assert_eq!(server.unused_rules("me"), [gets(429).nth(1)]);
}

#[tokio::test(start_paused = true)]
async fn what_a_rule_hits_takes_nothing_from_the_script() {
    let (server, maps) = start();
    server.script("me", [Fault::status(500)]);
    server.add_rule("me", FaultRule::new(Matcher::get("*").name("a"), Fault::Pass));
    assert_eq!(code(maps.get("a").await), 404);
    assert_eq!(code(maps.get("b").await), 500);
    assert_eq!(code(maps.get("b").await), 404);
}

#[tokio::test(start_paused = true)]
async fn a_rule_tells_the_object_and_its_subresources_apart() {
    let server = TestServer::new();
    let client = kube::Client::new(server.service("me"), "default");
    let nodes: Api<k8s_openapi::api::core::v1::Node> = Api::all(client);
    let statuses = Matcher::patch("nodes/status");
    server.add_rule("me", FaultRule::new(statuses, Fault::status(409)).times(1));
    server.add_rule("me", FaultRule::new(Matcher::patch("nodes"), Fault::status(429)).times(1));
    let patch = kube::api::Patch::Merge(serde_json::json!({}));
    let parameters = kube::api::PatchParams::default();
    assert_eq!(code(nodes.patch_status("n", &parameters, &patch).await), 409);
    assert_eq!(code(nodes.patch("n", &parameters, &patch).await), 429);
    assert_eq!(code(nodes.patch_status("n", &parameters, &patch).await), 404);
    assert_eq!(server.unused_rules("me"), []);
}

#[tokio::test(start_paused = true)]
async fn every_fault_can_be_in_a_rule() {
    let (server, maps) = start();
    let deletes = Matcher::delete("configmaps");
    let mut rules: Vec<FaultRule> = Vec::new();
    let faults = [Fault::LoseReply, Fault::Hang, Fault::Delay { before_ms: 9_000, after_ms: 0 }];
    for (index, fault) in faults.into_iter().enumerate() {
        rules.push(FaultRule::new(deletes.clone(), fault).nth(index as u64 + 1));
    }
    server.set_faults("me", Faults { rules, ..Faults::default() });
    create(&maps, "a").await.unwrap();
    let delete = async || maps.delete("a", &DeleteParams::default()).await;
    assert!(delete().await.is_err());
    assert!(server.get("configmaps default/a").is_none(), "only the answer was lost");
    assert!(timeout(Duration::from_secs(600), delete()).await.is_err());
    let began = tokio::time::Instant::now();
    assert!(delete().await.is_err());
    assert_eq!(began.elapsed().as_secs(), 9);
}

#[tokio::test(start_paused = true)]
async fn latencies_and_shares_apply_to_what_a_rule_lets_pass() {
    let (server, maps) = start();
    let rules = vec![FaultRule::new(Matcher::get("*"), Fault::Pass)];
    server.set_faults(
        "me",
        Faults { rules, latency_before_ms: 70, refuse: true, ..Faults::default() },
    );
    let began = tokio::time::Instant::now();
    assert!(matches!(maps.get("a").await, Err(Error::Service(_))));
    assert_eq!(began.elapsed().as_millis(), 70);
}

#[tokio::test(start_paused = true)]
async fn a_rule_on_a_status_is_refused() {
    let rule = async { FaultRule::new(Matcher::get("pods").status(200), Fault::Hang) };
    let words = panic_of(rule).await;
    assert!(words.contains("the status of the answer is not known"), "{words}");
    let json = r#"{ "rules": [{ "on": { "status": 200 }, "fault": "hang" }] }"#;
    let error = serde_json::from_str::<Faults>(json).unwrap_err().to_string();
    assert!(error.contains("the status of the answer is not known"), "{error}");
    for unknown in [
        r#"{ "on": { "verb": "get" }, "fault": "hang" }"#,
        r#"{ "on": {}, "fault": "hang", "n": 1 }"#,
    ] {
        let json = format!(r#"{{ "rules": [{unknown}] }}"#);
        assert!(
            serde_json::from_str::<Faults>(&json)
                .unwrap_err()
                .to_string()
                .contains("unknown field")
        );
    }
}

#[tokio::test(start_paused = true)]
async fn faults_come_back_from_json_as_they_were() {
    let rule =
        FaultRule::new(Matcher::writes("leases.coordination.k8s.io").query("a", "b"), Fault::Reset);
    let rules = vec![rule.clone().nth(3), rule];
    let faults = Faults { rules, ..Faults::default() };
    let json = serde_json::to_string(&faults).unwrap();
    assert_eq!(serde_json::from_str::<Faults>(&json).unwrap(), faults);
}

fn code(answer: kube::Result<impl Sized>) -> u16 {
    answer.map_or_else(code_of, |_| 200)
}

fn code_of(error: Error) -> u16 {
    match error {
        Error::Api(status) => status.code,
        other => panic!("{other}"),
    }
}
