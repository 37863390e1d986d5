//! A right that is missing.

use std::fmt;

use super::Target;

/// What was refused with a 403, and what the server said.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Denied {
    pub(crate) target: Target,
    pub(crate) message: String,
}

impl Denied {
    /// Returns as whom the server knows the one who asked, if it says so.
    pub(crate) fn user(&self) -> Option<String> {
        let (_, rest) = self.message.split_once("User ")?;
        serde_json::Deserializer::from_str(rest).into_iter::<String>().next()?.ok()
    }

    /// Whether it is the right to ask as somebody else that is missing.
    pub(crate) fn is_of_impersonation(&self) -> bool {
        self.message.contains(" cannot impersonate")
    }
}

impl fmt::Display for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_of_impersonation() {
            return write!(f, "you may not ask as another user: {}", self.message);
        }
        let Target { verb, namespace, .. } = &self.target;
        let place = namespace
            .as_ref()
            .map_or_else(|| "in all namespaces".into(), |name| format!("in the namespace {name}"));
        write!(f, "you may not {verb} {} {place}: {}", self.target.resource(), self.message)
    }
}
