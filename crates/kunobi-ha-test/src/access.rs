//! Who asks, and what for. What is allowed is decided by the store, which has the roles.

mod attributes;
mod impersonation;
pub(crate) mod review;
mod rule;
mod token;
mod user;

pub use self::user::User;
pub(crate) use self::user::{NOBODY, service_account};
pub(crate) use self::{
    attributes::{Attributes, Object, Place},
    impersonation::{Impersonation, Mode},
    review::Review,
    rule::{Rule, missing, quoted_list},
    token::{AUDIENCE, Issued, Wanted, is_issued},
};
use crate::fault::Role;

/// On whose behalf a request is carried out.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asker {
    pub(crate) user: User,
    /// What a test has set for the client: it decides instead of the roles in the store.
    pub(crate) role: Option<Role>,
}

/// A request that is allowed.
#[derive(Clone, Debug)]
pub(crate) struct Admitted {
    pub(crate) who: Asker,
    pub(crate) asked: Attributes,
}

/// Whether a request is allowed.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Verdict {
    pub(crate) is_allowed: bool,
    /// By which role, or which roles could not be read.
    pub(crate) reason: String,
}

impl Verdict {
    pub(crate) fn allowed() -> Self {
        Self { is_allowed: true, reason: String::new() }
    }

    pub(crate) fn refused() -> Self {
        Self::default()
    }
}

impl Asker {
    /// What the role of the client says; none if it has none, or says nothing of this.
    pub(crate) fn by_role(&self, attributes: &Attributes) -> Option<Verdict> {
        let role = self.role.as_ref()?;
        let Object::Resource(place) = &attributes.object else {
            // A Role names no paths, and everybody may see which types there are.
            return None;
        };
        if place.is_about_oneself() {
            return None;
        }
        let name = (!place.name.is_empty()).then_some(place.name.as_str());
        let is_allowed = role.allows(&attributes.verb, name);
        Some(Verdict { is_allowed, reason: String::new() })
    }
}
