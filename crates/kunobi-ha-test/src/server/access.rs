//! Who sends a request, whom it stands for, and whether that one may do it: before anything else of the
//! request is looked at.

use http::{HeaderMap, StatusCode, request::Parts};
use jiff::Timestamp;

use super::{
    State, TestServer,
    handler::{Caller, Credentials},
};
use crate::{
    access::{
        AUDIENCE, Admitted, Asker, Attributes, Impersonation, NOBODY, User, is_issued,
        service_account,
    },
    request::{
        path::Key,
        query::{Part, unescape},
    },
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

    /// Who sends the requests of a connection: a certificate comes before a token.
    pub(super) fn caller(
        &self,
        certified: Option<User>,
        token: Option<&str>,
        connection: u64,
    ) -> Caller {
        let (client, credentials) = match (certified, token) {
            (Some(user), _) => (user.name().to_owned(), Credentials::Certificate(user)),
            (None, Some(token)) if is_issued(token) => {
                let owner = self.state().tokens.get(token).map(|issued| issued.user.name().into());
                let client = owner.unwrap_or_else(|| NOBODY.to_owned());
                (client, Credentials::Token(token.to_owned()))
            }
            (None, token) => (token.unwrap_or(NOBODY).to_owned(), Credentials::Name),
        };
        Caller { client, credentials, connection }
    }

    /// Returns who may be asked for: the client, or whom it impersonates.
    pub(super) fn admit(&self, caller: &Caller, parts: &Parts) -> Result<Admitted, Rejection> {
        let query = parts.uri.query().unwrap_or_default();
        let asked = unescape(parts.uri.path(), Part::Path)
            .and_then(|path| Attributes::of(&parts.method, &path, query));
        let mut state = self.state();
        let who = match &caller.credentials {
            Credentials::Name => state.who(&caller.client),
            Credentials::Certificate(user) => state.known(user.clone()),
            Credentials::Token(token) => {
                let user = state.bearer(token, &[AUDIENCE], self.now());
                let refused = || Rejection::fault(StatusCode::UNAUTHORIZED, None);
                state.known(user.ok_or_else(refused)?)
            }
        };
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

    fn known(&self, user: User) -> Asker {
        let role = self.role(user.name());
        Asker { user, role }
    }

    /// Whose token this is; none if it was not issued for one of these audiences, or is not valid now.
    pub(super) fn bearer(&self, token: &str, audiences: &[&str], now: Timestamp) -> Option<User> {
        let issued = self.tokens.get(token).filter(|issued| issued.is_for(audiences, now))?;
        let (namespace, name) = service_account(issued.user.name())?;
        let key = Key {
            group: String::new(),
            resource: "serviceaccounts".into(),
            namespace: namespace.into(),
            name: name.into(),
        };
        let account = self.store.find(&key)?;
        (account.value["metadata"]["uid"] == issued.user.uid).then(|| issued.user.clone())
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
