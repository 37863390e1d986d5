//! Reviews: whether somebody may do something, and who somebody is.

use std::sync::Arc;

use http::{Response, StatusCode};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{ResponseBody, Route};
use crate::{
    access::{
        AUDIENCE, Asker, Review, Rule, Verdict, is_issued,
        review::{attributes, causes, described, evaluation_error, listed, subject},
    },
    apply::{self, Operation},
    decode,
    request::{WriteOptions, body},
    server::{State, answer},
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
            Review::Token => value["status"] = self.token(&value["spec"], call.now)?,
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

    fn token(&self, spec: &Value, now: Timestamp) -> Result<Value, Rejection> {
        let token = spec["token"].as_str().unwrap_or_default();
        if token.is_empty() {
            let why = "token is required for TokenReview in authentication";
            return Err(Rejection::bad_request(why));
        }
        let asked = spec["audiences"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let mut audiences: Vec<&str> = asked.collect();
        if audiences.is_empty() {
            audiences.push(AUDIENCE);
        }
        let issued = self.tokens.get(token).map(|issued| issued.audiences.clone());
        let user = match &issued {
            Some(_) => self.bearer(token, &audiences, now),
            None if is_issued(token) || !audiences.contains(&AUDIENCE) => None,
            None => Some(self.who(token).user),
        };
        let Some(user) = user else {
            return Ok(json!({ "user": {}, "error": "invalid bearer token" }));
        };
        let mut known = issued.unwrap_or_else(|| vec![AUDIENCE.to_owned()]);
        known.retain(|audience| audiences.contains(&audience.as_str()));
        Ok(json!({ "authenticated": true, "user": described(&user), "audiences": known }))
    }
}

/// An answer that repeats nothing of the question.
fn bare(value: &Value, metadata: &Value) -> Value {
    json!({ "kind": value["kind"], "apiVersion": value["apiVersion"], "metadata": metadata })
}
