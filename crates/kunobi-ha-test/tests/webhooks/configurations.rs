//! What configurations may say. The texts are those of kube-apiserver 1.37.2; `e2e` compares more of them.

use serde_json::{Value, json};

use super::support::{allowed, configure, hook, server};

#[tokio::test]
async fn defaults_are_filled_in() {
    let (server, _) = server(|_, _| allowed());
    let answer = configure(&server, "Mutating", "m", &[hook("one", Value::Null)]).await;
    let hook = &answer.body["webhooks"][0];
    for (field, value) in [
        ("failurePolicy", json!("Fail")),
        ("matchPolicy", json!("Equivalent")),
        ("namespaceSelector", json!({})),
        ("objectSelector", json!({})),
        ("reinvocationPolicy", json!("Never")),
        ("timeoutSeconds", json!(10)),
    ] {
        assert_eq!(hook[field], value, "{field}");
    }
    assert_eq!(hook["clientConfig"]["service"]["port"], 443);
    assert_eq!(hook["rules"][0]["scope"], "*");
}

#[tokio::test]
async fn what_is_wrong_is_told() {
    let (server, _) = server(|_, _| allowed());
    let url = |url: &str| json!({ "clientConfig": { "url": url } });
    for (more, expected) in [
        (
            json!({ "name": "x" }),
            "webhooks[0].name: Invalid value: \"x\": should be a domain with at \
          least three segments separated by dots",
        ),
        (
            json!({ "sideEffects": "Some" }),
            "webhooks[0].sideEffects: Unsupported value: \"Some\": \
          supported values: \"None\", \"NoneOnDryRun\"",
        ),
        (
            json!({ "sideEffects": null }),
            "webhooks[0].sideEffects: Required value: must specify one \
          of None, NoneOnDryRun",
        ),
        (
            json!({ "admissionReviewVersions": ["v2"] }),
            "webhooks[0].admissionReviewVersions: Invalid \
          value: [\"v2\"]: must include at least one of v1, v1beta1",
        ),
        (
            json!({ "timeoutSeconds": 31 }),
            "webhooks[0].timeoutSeconds: Invalid value: 31: the timeout \
          value must be between 1 and 30 seconds",
        ),
        (
            json!({ "clientConfig": {} }),
            "webhooks[0].clientConfig: Required value: exactly one of url \
          or service is required",
        ),
        (
            url("http://a"),
            "webhooks[0].clientConfig.url: Invalid value: \"http\": 'https' is the only \
          allowed URL scheme; desired format: https://host[/path]",
        ),
        (
            json!({ "failurePolicy": "Retry" }),
            "webhooks[0].failurePolicy: Unsupported value: \
          \"Retry\": supported values: \"Fail\", \"Ignore\"",
        ),
    ] {
        let answer = configure(&server, "Validating", "v", &[hook("one", more)]).await;
        let message = answer.message();
        let why = format!(
            "ValidatingWebhookConfiguration.admissionregistration.k8s.io \"v\" is invalid: {expected}"
        );
        assert_eq!((answer.code, message), (422, why.as_str()));
    }
    let twice = [hook("one", Value::Null), hook("one", Value::Null)];
    let answer = configure(&server, "Validating", "v", &twice).await;
    assert!(answer.message().ends_with("webhooks[1].name: Duplicate value: \"one.example.com\""));
}

#[cfg(not(feature = "cel"))]
#[tokio::test]
async fn conditions_that_cant_be_evaluated_are_refused() {
    let (server, _) = server(|_, _| allowed());
    let more = json!({ "matchConditions": [{ "name": "a", "expression": "true" }] });
    let answer = configure(&server, "Validating", "v", &[hook("one", more)]).await;
    assert_eq!(answer.code, 422);
    assert!(answer.message().contains("its feature `cel`"), "{}", answer.message());
}
