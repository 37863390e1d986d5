//! Users.

use std::collections::BTreeMap;

/// Who a client is: its name, and the groups that Roles may be bound to.
///
/// `system:authenticated` comes by itself. So do the groups of a service account, whose name is
/// `system:serviceaccount:NAMESPACE:NAME`. A user in `system:masters` may do everything.
///
/// ```
/// use kunobi_ha_test::User;
///
/// let alice = User::new("alice").in_groups(["developers"]);
/// assert_eq!(alice.groups(), ["developers", "system:authenticated"]);
/// let account = User::new("system:serviceaccount:default:operator");
/// assert_eq!(account.groups()[0], "system:serviceaccounts");
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct User {
    pub(crate) name: String,
    pub(crate) uid: String,
    pub(crate) groups: Vec<String>,
    pub(crate) extra: BTreeMap<String, Vec<String>>,
}

impl User {
    /// Returns a user without groups of its own.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let groups = service_account(name).map(|(namespace, _)| groups_of(namespace));
        let mut user =
            Self { name: name.into(), groups: groups.unwrap_or_default(), ..Self::default() };
        user.complete();
        user
    }

    /// Adds groups.
    #[must_use]
    pub fn in_groups<G: Into<String>>(mut self, groups: impl IntoIterator<Item = G>) -> Self {
        let given = self.groups.iter().position(|group| WELL_KNOWN.contains(&group.as_str()));
        let at = given.unwrap_or(self.groups.len());
        self.groups.splice(at..at, groups.into_iter().map(Into::into));
        self
    }

    /// Sets the uid, which is empty otherwise.
    #[must_use]
    pub fn with_uid(mut self, uid: &str) -> Self {
        self.uid = uid.into();
        self
    }

    /// Returns its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns its groups, with those that come by themselves.
    #[must_use]
    pub fn groups(&self) -> &[String] {
        &self.groups
    }

    /// The user of a client of which nothing else is known.
    pub(crate) fn of_client(client: &str) -> Self {
        match client {
            NOBODY => Self::new(ANONYMOUS),
            ADMIN => Self::new(client).in_groups([MASTERS]),
            _ => Self::new(client),
        }
    }

    pub(crate) fn is_in(&self, group: &str) -> bool {
        self.groups.iter().any(|is| is == group)
    }

    pub(crate) fn is_master(&self) -> bool {
        self.is_in(MASTERS)
    }

    /// Adds the group of all who are, or are not, authenticated.
    pub(crate) fn complete(&mut self) {
        let group = if self.name == ANONYMOUS { UNAUTHENTICATED } else { AUTHENTICATED };
        if !self.is_in(group) && !self.is_in(UNAUTHENTICATED) {
            self.groups.push(group.into());
        }
    }
}

/// The namespace and the name of a service account.
pub(crate) fn service_account(user: &str) -> Option<(&str, &str)> {
    let (namespace, name) = user.strip_prefix("system:serviceaccount:")?.split_once(':')?;
    let is_name = |name: &str| {
        let is_known = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let ends = [name.bytes().next(), name.bytes().next_back()];
        ends.into_iter().all(|end| end.is_some_and(is_known))
            && name.bytes().all(|byte| is_known(byte) || matches!(byte, b'-' | b'.'))
    };
    (is_name(namespace) && !namespace.contains('.') && is_name(name)).then_some((namespace, name))
}

/// The groups of the service accounts of a namespace.
pub(super) fn groups_of(namespace: &str) -> Vec<String> {
    vec!["system:serviceaccounts".into(), format!("system:serviceaccounts:{namespace}")]
}

/// The client that sends no credentials.
pub(crate) const NOBODY: &str = "anonymous";
const ADMIN: &str = "admin";
const ANONYMOUS: &str = "system:anonymous";
const MASTERS: &str = "system:masters";
const AUTHENTICATED: &str = "system:authenticated";
const UNAUTHENTICATED: &str = "system:unauthenticated";
const WELL_KNOWN: [&str; 2] = [AUTHENTICATED, UNAUTHENTICATED];
