//! Reviews: whether somebody may do something, and who somebody is.

use std::sync::Arc;

use http::{Response, StatusCode};
use serde_json::{Value, json};

use super::{ResponseBody, Route};
use crate::{
    access::{
        Asker, Review, Rule, Verdict,
        review::{attributes, causes, described, evaluation_error, listed, subject},
    },
    apply::{self, Operation},
    decode,
    request::{WriteOptions, body},
    server::{State, access::AUDIENCE, answer},
    status::Rejection,
    store::{Authorization, Call, Object},
};

impl Route<'_> {
    pub(super) fn answer_review(
        &self,
        review: Review,
        content: body::Content,
        options: &WriteOptions,
    ) -> Result<Response<ResponseBody>, Rejection> {
        let (mut value, warnings) = decode::object(self.resource, content, options.validation)?;
        let call = self.call(options.is_dry_run);
        call.check_namespace_of(&mut value)?;
        let manager = call.manager(options, Operation::Update);
        apply::record(self.resource.shape(), None, &mut value, &manager, &[]);
        let causes = causes(review, &value);
        if !causes.is_empty() {
            return Err(Rejection::invalid_object("", &self.resource.group, "", &causes));
        }
        self.server.state().review(review, &call, &mut value)?;
        let mut response = self.object(StatusCode::CREATED, &Arc::new(Object::other(value)))?;
        answer::warn(&mut response, &warnings);
        Ok(response)
    }
}

impl State {
    fn review(&self, review: Review, call: &Call, value: &mut Value) -> Result<(), Rejection> {
        let Some(who) = call.by.map(|by| &by.who) else {
            return Ok(());
        };
        match review {
            Review::SelfAccess => value["status"] = self.access(who, &value["spec"]),
            Review::Access | Review::LocalAccess => {
                let user = subject(&value["spec"]);
                let role = self.role(user.name());
                value["status"] = self.access(&Asker { user, role }, &value["spec"]);
            }
            Review::SelfRules => {
                let status = self.rules(who, value["spec"]["namespace"].as_str())?;
                *value = bare(value, &json!({}));
                value["spec"] = json!({});
                value["status"] = status;
            }
            Review::SelfSubject => {
                *value = bare(value, &json!({ "creationTimestamp": call.time() }));
                value["status"] = json!({ "userInfo": described(&who.user) });
            }
            Review::Token => value["status"] = self.token(&value["spec"])?,
        }
        Ok(())
    }

    fn access(&self, who: &Asker, spec: &Value) -> Value {
        let Verdict { is_allowed, reason } = self.store.decide(who, &attributes(spec));
        let mut status = json!({ "allowed": is_allowed });
        for (field, text) in [("reason", reason), ("evaluationError", evaluation_error(spec))] {
            if !text.is_empty() {
                status[field] = text.into();
            }
        }
        status
    }

    fn rules(&self, who: &Asker, namespace: Option<&str>) -> Result<Value, Rejection> {
        let namespace = namespace.filter(|namespace| !namespace.is_empty());
        let namespace =
            namespace.ok_or_else(|| Rejection::bad_request("no namespace on request"))?;
        let all = json!({ "verbs": ["*"], "apiGroups": ["*"], "resources": ["*"] });
        let paths = json!({ "verbs": ["*"], "nonResourceURLs": ["*"] });
        if let Some(role) = &who.role {
            let rule = json!({ "verbs": role.verbs, "apiGroups": ["*"], "resources": ["*"],
                               "resourceNames": role.resource_names });
            return Ok(listed(&[Rule(&rule), Rule(&paths)], None));
        }
        if self.store.settings.authorization == Authorization::AlwaysAllow {
            return Ok(listed(&[Rule(&all), Rule(&paths)], None));
        }
        let rights = self.store.rights(&who.user, namespace);
        Ok(listed(&rights.rules, rights.why_incomplete(None).as_deref()))
    }

    fn token(&self, spec: &Value) -> Result<Value, Rejection> {
        let token = spec["token"].as_str().unwrap_or_default();
        if token.is_empty() {
            let why = "token is required for TokenReview in authentication";
            return Err(Rejection::bad_request(why));
        }
        let audiences = spec["audiences"].as_array();
        let is_ours = audiences.is_none_or(|all| all.is_empty() || all.contains(&AUDIENCE.into()));
        Ok(if is_ours {
            json!({ "authenticated": true, "user": described(&self.who(token).user),
                    "audiences": [AUDIENCE] })
        } else {
            json!({ "user": {}, "error": "invalid bearer token" })
        })
    }
}

/// An answer that repeats nothing of the question.
fn bare(value: &Value, metadata: &Value) -> Value {
    json!({ "kind": value["kind"], "apiVersion": value["apiVersion"], "metadata": metadata })
}
