//! Which API server is asked, as errors name it.

use std::{borrow::Cow, fmt, sync::Arc};

use crate::cli::Access;

/// An API server, and how kubectl asks the same one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Server {
    /// Its address, and where that was found.
    place: Arc<str>,
    /// The options that lead to it.
    options: Arc<str>,
}

impl Server {
    /// Names a server of which nothing is known but the options.
    pub(super) fn of_options(access: &Access) -> Self {
        Self::new(access, "")
    }

    /// Names the server of a context.
    pub(super) fn of_context(access: &Access, url: &impl fmt::Display, context: &str) -> Self {
        let url = url.to_string();
        Self::new(access, &format!(" {} of the context {context}", url.trim_end_matches('/')))
    }

    /// Names the server of the cluster in which the program runs as a pod.
    pub(super) fn of_pod(access: &Access, url: &impl fmt::Display) -> Self {
        let url = url.to_string();
        Self::new(access, &format!(" {} of this pod's cluster", url.trim_end_matches('/')))
    }

    /// Returns a command of kubectl that asks this server, as the same user.
    pub(crate) fn command(&self, words: &str) -> String {
        format!("`kubectl {words}{}`", self.options)
    }

    fn new(access: &Access, place: &str) -> Self {
        Self { place: place.into(), options: options(access).into() }
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the API server{}", self.place)
    }
}

/// Returns the options that were given, each after a space.
fn options(access: &Access) -> String {
    let kubeconfig = access.kubeconfig.as_deref().map(|path| path.to_string_lossy());
    let one = [
        ("context", access.context.as_deref()),
        ("kubeconfig", kubeconfig.as_deref()),
        ("as", access.user.as_deref()),
    ];
    let groups = access.groups.iter().map(|group| ("as-group", Some(group.as_str())));
    let given = one.into_iter().chain(groups).filter_map(|(name, value)| {
        let value = value.filter(|value| !value.is_empty())?;
        Some(format!(" --{name} {}", word(value)))
    });
    given.collect::<Vec<_>>().concat()
}

/// Writes text as one word of a shell.
fn word(text: &str) -> Cow<'_, str> {
    let is_plain = |char: char| char.is_ascii_alphanumeric() || "-_./:@%+=,".contains(char);
    if text.chars().all(is_plain) {
        return text.into();
    }
    format!("'{}'", text.replace('\'', r"'\''")).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_has_the_options_that_were_given_and_no_other() {
        assert_eq!(
            Server::of_options(&Access::default()).command("get pods"),
            "`kubectl get pods`"
        );
        let access = Access {
            context: Some("my prod".into()),
            kubeconfig: Some("/it's/here".into()),
            user: Some("system:admin".into()),
            groups: vec!["a".into(), "b".into()],
            ..Access::default()
        };
        let wanted = r"`kubectl auth whoami --context 'my prod' --kubeconfig '/it'\''s/here' --as system:admin --as-group a --as-group b`";
        assert_eq!(Server::of_options(&access).command("auth whoami"), wanted);
        let empty = Access { context: Some(String::new()), ..Access::default() };
        assert_eq!(Server::of_options(&empty), Server::of_options(&Access::default()));
    }
}
