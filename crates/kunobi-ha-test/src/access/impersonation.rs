//! A client that acts as somebody else.

use std::collections::BTreeMap;

use http::HeaderMap;

use super::{
    Attributes, Place, User, Verdict,
    user::{groups_of, service_account},
};
use crate::{
    go,
    request::query::{Part, unescape},
    status::Rejection,
};

/// Whom the headers of a request name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Impersonation {
    user: String,
    uid: String,
    groups: Vec<String>,
    extra: BTreeMap<String, Vec<String>>,
}

/// How it may be allowed: by a verb of its own for what is impersonated and what is done then, or, as
/// it always was, by `impersonate` for everything.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Mode {
    ArbitraryNode,
    ServiceAccount,
    UserInfo,
    Legacy,
}

impl Impersonation {
    /// None: the request says nothing of it.
    pub(crate) fn of(headers: &HeaderMap) -> Result<Option<Self>, Rejection> {
        let text = |name: &str| {
            let value = headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()));
            value.map(std::borrow::Cow::into_owned).unwrap_or_default()
        };
        let mut wanted = Self {
            user: text("impersonate-user"),
            uid: text("impersonate-uid"),
            ..Self::default()
        };
        for (name, value) in headers {
            let value = || String::from_utf8_lossy(value.as_bytes()).into_owned();
            if name == "impersonate-group" {
                wanted.groups.push(value());
            } else if let Some(key) = name.as_str().strip_prefix("impersonate-extra-") {
                let key = unescape(key, Part::Path).unwrap_or_else(|| key.to_owned());
                wanted.extra.entry(key).or_default().push(value());
            }
        }
        let is_only_user = wanted.is_only_user();
        if wanted.user.is_empty() {
            return if is_only_user { Ok(None) } else { Err(wanted.nobody()) };
        }
        Ok(Some(wanted))
    }

    /// Returns the user, if the asker may act as it for this request, and the mode that allows it. The mode
    /// that did so last is tried first.
    pub(crate) fn admitted(
        &self,
        by: &User,
        asked: &Attributes,
        last: Option<Mode>,
        decide: impl Fn(&Attributes) -> Verdict,
    ) -> Result<(User, Mode), Rejection> {
        let last = self.modes().find(|mode| Some(*mode) == last);
        let others = self.modes().filter(|mode| Some(*mode) != last);
        let mut first = None;
        for mode in last.into_iter().chain(others) {
            match self.check(mode, by, asked, &decide) {
                Ok(()) => return Ok((self.acting(mode), mode)),
                Err(rejection) => {
                    first.get_or_insert(rejection);
                }
            }
        }
        Err(first.unwrap_or_else(|| asked.forbidden(&by.name, "")))
    }

    fn is_only_user(&self) -> bool {
        self.uid.is_empty() && self.groups.is_empty() && self.extra.is_empty()
    }

    fn nobody(&self) -> Rejection {
        let texts = |texts: &[String]| match texts {
            [] => "[]string(nil)".to_owned(),
            texts => {
                let quoted: Vec<String> = texts.iter().map(|text| go::quoted(text)).collect();
                format!("[]string{{{}}}", quoted.join(", "))
            }
        };
        let extra: Vec<String> = self
            .extra
            .iter()
            .map(|(key, values)| format!("{}:{}", go::quoted(key), texts(values)))
            .collect();
        let extra = match extra.as_slice() {
            [] => "(nil)".to_owned(),
            extra => format!("{{{}}}", extra.join(", ")),
        };
        Rejection::bad_request(format!(
            "requested &user.DefaultInfo{{Name:\"\", UID:{}, Groups:{}, Extra:map[string][]string{extra}}} \
             without impersonating a user name",
            go::quoted(&self.uid),
            texts(&self.groups),
        ))
    }

    fn modes(&self) -> impl Iterator<Item = Mode> {
        let is_node = node(&self.user).is_some();
        let is_account = service_account(&self.user).is_some();
        let own = match (is_node, is_account) {
            (true, _) => self.is_only_user().then_some(Mode::ArbitraryNode),
            (_, true) => self.is_only_user().then_some(Mode::ServiceAccount),
            (false, false) => Some(Mode::UserInfo),
        };
        own.into_iter().chain([Mode::Legacy])
    }

    fn check(
        &self,
        mode: Mode,
        by: &User,
        asked: &Attributes,
        decide: &impl Fn(&Attributes) -> Verdict,
    ) -> Result<(), Rejection> {
        let check = |asked: &Attributes| match decide(asked) {
            Verdict { is_allowed: true, .. } => Ok(()),
            Verdict { reason, .. } => Err(asked.forbidden(&by.name, &reason)),
        };
        let verb = match mode.name() {
            None => "impersonate".to_owned(),
            Some(name) => {
                let verb = format!("impersonate-on:{name}:{}", asked.verb);
                check(&Attributes { verb, object: asked.object.clone() })?;
                format!("impersonate:{name}")
            }
        };
        let on = |group: &str, resource: &str, name: &str| Place {
            group: group.into(),
            resource: resource.into(),
            name: name.into(),
            ..Place::default()
        };
        // It was the core group before there was a verb for each kind of user.
        let group = if mode == Mode::Legacy { "" } else { AUTHENTICATION };
        let mut user = on(group, "users", &self.user);
        if let Some(name) = node(&self.user).filter(|_| mode != Mode::Legacy) {
            user = on(group, "nodes", name);
        } else if let Some((namespace, name)) = service_account(&self.user) {
            user = on(group, "serviceaccounts", name);
            user.namespace = namespace.into();
        }
        check(&Attributes::on(&verb, user))?;
        if !self.uid.is_empty() {
            check(&Attributes::on(&verb, on(AUTHENTICATION, "uids", &self.uid)))?;
        }
        if mode != Mode::Legacy && self.groups.iter().any(|group| group == "system:masters") {
            let asked = Attributes::on(&verb, on(group, "groups", "system:masters"));
            let why = "impersonating the system:masters group is not allowed";
            return Err(asked.forbidden(&by.name, why));
        }
        for name in &self.groups {
            check(&Attributes::on(&verb, on(group, "groups", name)))?;
        }
        for (key, value) in
            self.extra.iter().flat_map(|(key, all)| all.iter().map(move |v| (key, v)))
        {
            let mut extra = on(AUTHENTICATION, "userextras", value);
            extra.subresource.clone_from(key);
            check(&Attributes::on(&verb, extra))?;
        }
        Ok(())
    }

    fn acting(&self, mode: Mode) -> User {
        let mut user = User {
            name: self.user.clone(),
            uid: self.uid.clone(),
            groups: self.groups.clone(),
            extra: self.extra.clone(),
        };
        if let Some((namespace, _)) = service_account(&user.name).filter(|_| user.groups.is_empty())
        {
            user.groups = groups_of(namespace);
        }
        if mode == Mode::ArbitraryNode {
            user.groups = vec!["system:nodes".into()];
        }
        user.complete();
        user
    }
}

impl Mode {
    fn name(self) -> Option<&'static str> {
        match self {
            Self::ArbitraryNode => Some("arbitrary-node"),
            Self::ServiceAccount => Some("serviceaccount"),
            Self::UserInfo => Some("user-info"),
            Self::Legacy => None,
        }
    }
}

fn node(user: &str) -> Option<&str> {
    user.strip_prefix("system:node:").filter(|name| !name.is_empty())
}

const AUTHENTICATION: &str = "authentication.k8s.io";
