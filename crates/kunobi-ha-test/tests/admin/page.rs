use http::header;
use k8s_openapi::api::core::v1::ConfigMap;
use kube::{Api, Client, api::WatchParams};
use kunobi_ha_test::{Fault, FaultRule, Faults, Matcher, Role, TestServer, WatchFault};
use serde_json::json;

use super::{ask, get};

const EVIL: &str = "<script>alert('\"&')</script>";

#[tokio::test(start_paused = true)]
async fn a_server_without_anything_says_so() {
    let server = TestServer::new();
    for uri in ["/_ha", "/_ha/"] {
        let page = get(&server, uri).await;
        assert_eq!(page.code, 200);
        assert_eq!(page.headers[header::CONTENT_TYPE], "text/html; charset=utf-8");
        let policy = page.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.contains("default-src 'none'") && !policy.contains("script-src"));
        for text in ["No watch is open.", "No client has faults.", "None has come yet", "v1.37.2"] {
            assert!(page.text.contains(text), "{text}: {}", page.text);
        }
        assert!(!page.text.contains("http-equiv"));
    }
}

#[tokio::test(start_paused = true)]
async fn the_page_shows_objects_watches_faults_and_requests() {
    let server = TestServer::new();
    let reads = FaultRule::new(Matcher::get("configmaps"), Fault::status(503)).nth(2);
    let stall = FaultRule::new(Matcher::watch("configmaps"), Fault::watch(0, WatchFault::Stall));
    let faults = Faults { rules: vec![reads, stall], hang_every: 7, ..Faults::default() };
    server.set_faults("me", faults);
    server.inject("deployments.apps default/web", json!({ "metadata": { "name": "web" } }));
    let maps: Api<ConfigMap> =
        Api::default_namespaced(Client::new(server.service("me"), "default"));
    for _ in 0..2 {
        assert!(maps.get("none").await.is_err());
    }
    let _watch = maps.watch(&WatchParams::default().labels("a=b"), "5").await.unwrap();
    let page = get(&server, "/_ha?refresh=2").await.text;
    for cells in [
        "<meta http-equiv=\"refresh\" content=\"2\">",
        "<a href=\"/_ha/objects?resource=deployments.apps\">deployments.apps</a></th>\
         <td class=\"number\">1</td>",
        "<th scope=\"row\">me</th><td>watch configmaps default/ ?labelSelector=a=b\
         &amp;resourceVersion=5</td>",
        "<td>nothing comes (stall after 0 events)</td>",
        "<td>status 503 for get configmaps, after the first 1, once</td><td class=\"number\">1</td>",
        "<td>stall after 0 events for watch configmaps</td><td class=\"number\">1</td>",
        "<td>one request in 7 hangs</td><td></td>",
        "<td>get configmaps default/none</td><td>503  fault: status 503</td>",
    ] {
        assert!(page.contains(cells), "{cells}: {page}");
    }
    let (newest, oldest) = (page.find("<td>503  fault"), page.find("<td>404</td>"));
    assert!(newest.is_some() && newest < oldest, "{page}");
}

#[tokio::test(start_paused = true)]
async fn no_text_of_others_becomes_markup() {
    let server = TestServer::new();
    let maps: Api<ConfigMap> =
        Api::default_namespaced(Client::new(server.service(EVIL), "default"));
    let evil_words = || vec![EVIL.to_owned()];
    let faults = Faults {
        rules: vec![FaultRule::new(Matcher::get(EVIL).name(EVIL).query(EVIL, EVIL), Fault::Hang)],
        role: Some(Role {
            verbs: [vec!["*".into()], evil_words()].concat(),
            resource_names: vec![],
        }),
        ..Faults::default()
    };
    server.set_faults(EVIL, faults);
    assert!(maps.get(EVIL).await.is_err());
    let parameters = WatchParams::default().labels(&format!("a in ({EVIL})"));
    assert!(maps.watch(&parameters, "5").await.is_err());
    let odd = "metadata.name=<script>";
    let _watch = maps.watch(&WatchParams::default().fields(odd), "5").await.unwrap();
    assert_eq!(server.watches().len(), 1);
    let page = get(&server, "/_ha").await.text;
    assert!(!page.contains("<script") && !page.contains("alert('"), "{page}");
    for text in [
        "<th scope=\"row\">&lt;script&gt;alert(&#39;&quot;&amp;&#39;)&lt;/script&gt;</th>",
        "fieldSelector=metadata.name=&lt;script&gt;",
        "hang for get &lt;script&gt;",
    ] {
        assert!(page.contains(text), "{text}: {page}");
    }
}

#[tokio::test]
async fn what_is_shown_is_bounded_and_headed() {
    let server = TestServer::new();
    for _ in 0..60 {
        get(&server, "/api/v1/nodes").await;
    }
    server.script("me", std::iter::repeat_n(Fault::Pass, 1000));
    let page = get(&server, "/_ha").await.text;
    assert_eq!(page.matches("<td>list nodes</td>").count(), 50);
    assert!(page.contains("and 990 more"), "{page}");
    let (tables, captions) = (page.matches("<table>").count(), page.matches("<caption>").count());
    assert_eq!((tables, captions), (3, 3));
    assert_eq!(page.matches("<th").count() - 1 - 2, page.matches("<th scope=").count(), "{page}");
}

#[tokio::test]
async fn a_head_is_a_page_without_its_text() {
    let server = TestServer::new();
    let page = ask(&server, "HEAD", "/_ha", "").await;
    assert_eq!((page.code, page.text.as_str()), (200, ""));
    assert!(page.headers.contains_key(header::CONTENT_SECURITY_POLICY));
    let length = page.headers[header::CONTENT_LENGTH].to_str().unwrap();
    assert!(length.parse::<usize>().unwrap() > 1_000);
    let post = ask(&server, "POST", "/_ha", "").await;
    assert_eq!((post.code, post.headers[header::ALLOW].to_str().unwrap()), (405, "GET, HEAD"));
}
