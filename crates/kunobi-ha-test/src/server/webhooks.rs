//! Calls webhooks, and gathers what they say.

mod call;
#[cfg(feature = "webhooks")]
mod https;
mod known;
mod public;

use std::{collections::BTreeSet, sync::Arc};

use serde_json::Value;
use tokio::task::JoinSet;

pub(super) use self::known::Known;
use super::TestServer;
use crate::{
    access::User,
    status::Rejection,
    webhook::{Due, FailurePolicy, Hook, Invocation, Review, Said, Stage, Verdict},
};

/// What came of a review.
#[derive(Debug)]
pub(super) struct Reviewed {
    /// What became of the object.
    pub(super) outcome: Result<Option<Value>, Rejection>,
    /// Of the webhooks, for the client.
    pub(super) warnings: Vec<String>,
}

/// Why a webhook has not allowed a request.
#[derive(Debug)]
enum Failure {
    /// It was not asked, or has not answered as webhooks do.
    Call(String),
    /// Nobody has said how to call it.
    Unknown(String),
    Refusal(Rejection),
}

impl TestServer {
    /// Asks the webhooks that are due, without the lock.
    pub(super) async fn review(&self, due: Due, user: &User, options: &Value) -> Reviewed {
        let mut warnings = Vec::new();
        let Due { stage, hooks, attributes, object } = due;
        let review = Review { attributes: &attributes, user, options };
        let outcome = match stage {
            Stage::Mutating => self.mutate(&hooks, object, review, &mut warnings).await,
            Stage::Validating => {
                let object = object.as_ref();
                self.validate(&hooks, object, review, &mut warnings).await.map(|()| None)
            }
        };
        Reviewed { outcome, warnings }
    }

    /// Asks one webhook after the other. What one has changed may be shown again to those before it, once.
    async fn mutate(
        &self,
        hooks: &[Arc<Hook>],
        mut object: Option<Value>,
        review: Review<'_>,
        warnings: &mut Vec<String>,
    ) -> Result<Option<Value>, Rejection> {
        // Positions in `hooks`: those that may be called again, and those that will be.
        let (mut asked, mut again) = (BTreeSet::new(), BTreeSet::new());
        let mut is_changed = false;
        for is_reinvocation in [false, true] {
            if is_reinvocation && !is_changed {
                break;
            }
            for (position, hook) in hooks.iter().enumerate() {
                let Some(invocation) = hook.invocation(&review, object.as_ref())? else {
                    continue;
                };
                if is_reinvocation && !again.contains(&position) {
                    continue;
                }
                let sent = object.as_ref().map(|object| review.converted(&invocation, object));
                let patched = self.ask(hook, &review, &invocation, sent, warnings).await?;
                if let Some(patched) = patched {
                    is_changed = true;
                    object = Some(review.restored(&patched));
                    again.append(&mut asked);
                }
                if hook.is_reinvoked {
                    asked.insert(position);
                }
            }
        }
        Ok(object)
    }

    /// Returns the object if the webhook has changed it.
    async fn ask(
        &self,
        hook: &Hook,
        review: &Review<'_>,
        invocation: &Invocation,
        object: Option<Value>,
        warnings: &mut Vec<String>,
    ) -> Result<Option<Value>, Rejection> {
        let called = self.call(hook, Stage::Mutating, review, invocation, object.as_ref()).await;
        let Some(operations) = settled(hook, called, warnings)? else {
            return Ok(None);
        };
        if operations.is_empty() {
            return Ok(None);
        }
        let part = invocation.resource.part(&review.attributes.subresource);
        let kind = part.as_ref().filter(|_| !review.attributes.is_whole());
        let patched =
            hook.patched(&operations, object.as_ref(), kind.unwrap_or(&invocation.resource))?;
        Ok((object.as_ref() != Some(&patched)).then_some(patched))
    }

    /// Asks all webhooks at once. The first that does not allow it decides.
    async fn validate(
        &self,
        hooks: &[Arc<Hook>],
        object: Option<&Value>,
        review: Review<'_>,
        warnings: &mut Vec<String>,
    ) -> Result<(), Rejection> {
        let mut calls = JoinSet::new();
        for hook in hooks {
            let Some(invocation) = hook.invocation(&review, object)? else {
                continue;
            };
            let object = object.map(|object| review.converted(&invocation, object));
            let (server, hook) = (self.clone(), Arc::clone(hook));
            let (attributes, user, options) =
                (review.attributes.clone(), review.user.clone(), review.options.clone());
            calls.spawn(async move {
                let review = Review { attributes: &attributes, user: &user, options: &options };
                let stage = Stage::Validating;
                let called = server.call(&hook, stage, &review, &invocation, object.as_ref()).await;
                (hook, called)
            });
        }
        let mut outcome = Ok(());
        while let Some(joined) = calls.join_next().await {
            // A webhook in this process may panic: that is no answer.
            let Ok((hook, called)) = joined else {
                let why = "a webhook has panicked";
                outcome = outcome.and(Err(Rejection::internal_error(why)));
                continue;
            };
            outcome = outcome.and(settled(&hook, called, warnings).map(drop));
        }
        outcome
    }
}

/// What a call means under the policy of the webhook: the operations of its patch, or nothing if its failure is ignored.
fn settled(
    hook: &Hook,
    called: Result<Said, Failure>,
    warnings: &mut Vec<String>,
) -> Result<Option<Vec<Value>>, Rejection> {
    match called {
        Ok(said) => {
            warnings.extend(said.warnings);
            match said.verdict {
                Verdict::Allowed(operations) => Ok(Some(operations)),
                Verdict::Denied(rejection) => Err(rejection),
            }
        }
        Err(Failure::Refusal(rejection)) => Err(rejection),
        Err(Failure::Unknown(why)) if hook.failure == FailurePolicy::Ignore => {
            warnings.push(format!("webhook {} is ignored: {why}", hook.name));
            Ok(None)
        }
        Err(Failure::Call(why) | Failure::Unknown(why)) => match hook.failure {
            FailurePolicy::Fail => Err(Rejection::uncalled(&hook.name, &why)),
            FailurePolicy::Ignore => Ok(None),
        },
    }
}
