//! Who sends a request, whom it stands for, and whether that one may do it: before anything else of the
//! request is looked at.

use http::{HeaderMap, request::Parts};

use super::{State, TestServer, handler::Caller};
use crate::{
    access::{Admitted, Asker, Attributes, Impersonation, User},
    request::query::{Part, unescape},
    status::Rejection,
};

impl TestServer {
    /// Sets which groups the client of this name is in, from now on.
    ///
    /// A client is the user of its name; this is needed only if roles are bound to groups.
    ///
    /// ```
    /// use kunobi_ha_test::{TestServer, User};
    ///
    /// let server = TestServer::builder().with_rbac().build();
    /// server.set_user(User::new("alice").in_groups(["developers"]));
    /// let alice = server.service("alice");
    /// ```
    pub fn set_user(&self, user: User) {
        self.state().users.insert(user.name().to_owned(), user);
    }

    /// Returns who may be asked for: the client, or whom it impersonates.
    pub(super) fn admit(&self, caller: &Caller, parts: &Parts) -> Result<Admitted, Rejection> {
        let mut state = self.state();
        let who = match &caller.certified {
            Some(user) => Asker { user: user.clone(), role: state.role(user.name()) },
            None => state.who(&caller.client),
        };
        let query = parts.uri.query().unwrap_or_default();
        let asked = unescape(parts.uri.path(), Part::Path)
            .and_then(|path| Attributes::of(&parts.method, &path, query));
        // What is no path at all is refused as such.
        let Some(asked) = asked else {
            return Ok(Admitted { who, asked: Attributes::nothing() });
        };
        let who = state.impersonated(who, &parts.headers, &asked)?;
        state.store.check(&who, &asked)?;
        Ok(Admitted { who, asked })
    }
}

impl State {
    pub(super) fn who(&self, client: &str) -> Asker {
        let known = self.users.get(client).cloned();
        let user = known.unwrap_or_else(|| User::of_client(client));
        Asker { user, role: self.role(client) }
    }

    fn impersonated(
        &mut self,
        who: Asker,
        headers: &HeaderMap,
        asked: &Attributes,
    ) -> Result<Asker, Rejection> {
        let Some(wanted) = Impersonation::of(headers)? else {
            return Ok(who);
        };
        let by = who.user.name();
        let last = self.impersonations.get(by).copied();
        let decide = |asked: &Attributes| self.store.decide(&who, asked);
        let (user, mode) = wanted.admitted(&who.user, asked, last, decide)?;
        self.impersonations.insert(by.to_owned(), mode);
        let role = self.role(user.name());
        Ok(Asker { user, role })
    }

    pub(super) fn role(&self, client: &str) -> Option<crate::Role> {
        self.clients.get(client).and_then(|client| client.faults.role.clone())
    }
}

/// What tokens are for, unless they say otherwise: the API.
pub(super) const AUDIENCE: &str = "https://kubernetes.default.svc";
