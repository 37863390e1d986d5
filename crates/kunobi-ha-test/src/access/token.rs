//! Tokens of service accounts, as `serviceaccounts/NAME/token` issues them.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::User;
use crate::status::{Cause, Rejection};

/// What the server remembers of a token that it has issued.
#[derive(Clone, Debug)]
pub(crate) struct Issued {
    pub(crate) user: User,
    pub(crate) audiences: Vec<String>,
    pub(crate) expires: Timestamp,
}

/// A request for a token, with what is not stated.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    audiences: Vec<String>,
    seconds: i64,
}

impl Wanted {
    /// Fills in what a request leaves out, and refuses what kube-apiserver refuses.
    pub(crate) fn of(request: &mut Value) -> Result<Self, Rejection> {
        if !request["spec"]["boundObjectRef"].is_null() {
            let feature =
                "boundObjectRef of a TokenRequest: the token is bound to its account alone";
            return Err(Rejection::not_supported(feature));
        }
        let audiences = request["spec"]["audiences"].as_array().into_iter().flatten();
        let audiences: Vec<String> =
            audiences.filter_map(Value::as_str).map(ToOwned::to_owned).collect();
        let audiences = if audiences.is_empty() { vec![AUDIENCE.to_owned()] } else { audiences };
        let seconds = request["spec"]["expirationSeconds"].as_i64().unwrap_or_default();
        let why = match seconds {
            ..SHORTEST => "may not specify a duration less than 10 minutes",
            SHORTEST..=LONGEST => return Ok(Self { audiences, seconds }),
            _ => "may not specify a duration larger than 2^32 seconds",
        };
        let cause = Cause::invalid("spec.expirationSeconds", &seconds.into(), why);
        Err(Rejection::invalid_object("TokenRequest", GROUP, "", &[cause]))
    }

    /// Makes a token, and completes the request to the answer. `id` is unlike that of every other token.
    pub(crate) fn issue(
        self,
        request: &mut Value,
        user: User,
        id: &str,
        now: Timestamp,
    ) -> (String, Issued) {
        let lifetime = SignedDuration::from_secs(self.seconds);
        let expires = now.checked_add(lifetime).unwrap_or(Timestamp::MAX);
        let metadata = &request["metadata"];
        let account = json!({ "name": metadata["name"], "uid": metadata["uid"] });
        let claims = json!({
            "aud": self.audiences, "iss": AUDIENCE, "sub": user.name(), "jti": id,
            "iat": now.as_second(), "nbf": now.as_second(), "exp": expires.as_second(),
            "kubernetes.io": { "namespace": metadata["namespace"], "serviceaccount": account },
        });
        // Nobody but the server verifies it, which remembers the whole token.
        let header = json!({ "alg": "ES256", "kid": "kunobi-ha-test" });
        let parts = [header.to_string(), claims.to_string(), format!("signature of {id}")];
        let token = parts.map(|part| BASE64.encode(part)).join(".");
        request["spec"]["audiences"] = self.audiences.clone().into();
        request["spec"]["boundObjectRef"] = Value::Null;
        request["status"] =
            json!({ "token": token, "expirationTimestamp": format!("{expires:.0}") });
        let mut user = user;
        let credential = format!("JTI={id}");
        user.extra.insert("authentication.kubernetes.io/credential-id".into(), vec![credential]);
        (token, Issued { user, audiences: self.audiences, expires })
    }
}

impl Issued {
    /// Whether it is good for one of these audiences now.
    pub(crate) fn is_for(&self, audiences: &[&str], now: Timestamp) -> bool {
        now < self.expires && self.audiences.iter().any(|is| audiences.contains(&is.as_str()))
    }
}

/// Whether it can only be a token that a server has issued, not the name of a client.
pub(crate) fn is_issued(token: &str) -> bool {
    token.starts_with("eyJ") && token.split('.').count() == 3
}

/// What tokens are for, unless they say otherwise: the API.
pub(crate) const AUDIENCE: &str = "https://kubernetes.default.svc";
const GROUP: &str = "authentication.k8s.io";
/// In seconds.
const SHORTEST: i64 = 600;
const LONGEST: i64 = 1 << 32;
