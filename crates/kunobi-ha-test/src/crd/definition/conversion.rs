//! How objects get from one version to another.

use serde_json::{Map, Value};

use super::check_choice;
use crate::{
    crd::{names, path::Path, raw},
    status::Cause,
};

pub(super) fn set_defaults(spec: &mut Map<String, Value>) {
    let service = spec
        .get_mut("conversion")
        .and_then(|conversion| conversion.pointer_mut("/webhook/clientConfig/service"))
        .and_then(Value::as_object_mut);
    if let Some(service) = service {
        service.entry("port").or_insert_with(|| 443.into());
    }
}

/// Objects are never converted here: a webhook is accepted only where it has nothing to do.
pub(super) fn check(spec: &Value, path: &Path<'_>, causes: &mut Vec<Cause>) {
    let Some(conversion) = raw::object(spec, "conversion") else { return };
    let path = path.child("conversion");
    let strategy = raw::text(conversion, "strategy");
    check_choice(strategy, &["None", "Webhook"], &path.child("strategy"), causes);
    let webhook = raw::object(conversion, "webhook");
    let config = webhook.and_then(|webhook| raw::object(webhook, "clientConfig"));
    let config_path = path.child("webhookClientConfig");
    let reviews = webhook.is_some_and(|it| !raw::list(it, "conversionReviewVersions").is_empty());
    let reviews_path = path.child("conversionReviewVersions");
    if strategy != "Webhook" {
        let why = "should not be set when strategy is not set to Webhook";
        if config.is_some() {
            causes.push(Cause::forbidden(config_path, why));
        }
        if reviews {
            causes.push(Cause::forbidden(reviews_path, why));
        }
        return;
    }
    if let Some(config) = config {
        check_config(config, &config_path, causes);
    } else {
        let why = "required when strategy is set to Webhook";
        causes.push(Cause::required(config_path, why));
    }
    check_reviews(webhook.unwrap_or(&Value::Null), &reviews_path, causes);
    if raw::list(spec, "versions").len() > 1 {
        let why = "kunobi-ha-test does not call conversion webhooks: define one version, or \
                   conversion None";
        causes.push(Cause::forbidden(path.child("strategy"), why));
    }
}

fn check_config(config: &Value, path: &Path<'_>, causes: &mut Vec<Cause>) {
    const FORM: &str = "; desired format: https://host[/path]";
    match (raw::some(config, "url"), raw::object(config, "service")) {
        (Some(url), None) => {
            let path = path.child("url");
            let url = url.as_str().unwrap_or_default();
            let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
            let host = rest.split('/').next().unwrap_or_default();
            if scheme != "https" {
                let why = format!("'https' is the only allowed URL scheme{FORM}");
                causes.push(Cause::invalid(path, &scheme.into(), &why));
            }
            if host.is_empty() || scheme.is_empty() {
                let why = format!("host must be specified{FORM}");
                causes.push(Cause::invalid(path, &"".into(), &why));
            }
        }
        (None, Some(service)) => {
            let path = path.child("service");
            for field in ["name", "namespace"] {
                if raw::text(service, field).is_empty() {
                    causes.push(Cause::required(path.child(field), ""));
                }
            }
        }
        (Some(_), Some(_)) | (None, None) => {
            causes.push(Cause::required(path, "exactly one of url or service is required"));
        }
    }
}

fn check_reviews(webhook: &Value, path: &Path<'_>, causes: &mut Vec<Cause>) {
    let reviews = raw::list(webhook, "conversionReviewVersions");
    for (index, review) in reviews.iter().enumerate() {
        if reviews.iter().take(index).any(|before| before == review) {
            causes.push(Cause::invalid(path.index(index), review, "duplicate version"));
        } else if let Some(why) = names::label_error(review.as_str().unwrap_or_default()) {
            causes.push(Cause::invalid(path.index(index), review, &why));
        }
    }
    if reviews.is_empty() {
        causes.push(Cause::required(path, ""));
    } else if !reviews.iter().any(|review| review == "v1" || review == "v1beta1") {
        let all = Value::from(reviews);
        causes.push(Cause::invalid(path, &all, "must include at least one of v1, v1beta1"));
    }
}
