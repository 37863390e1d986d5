//! The one table of query parameters: which verb reads which.

use super::{query::Query, verb::Verb};

/// A query parameter that some verb reads.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Parameter {
    AllowWatchBookmarks,
    Continue,
    DryRun,
    Export,
    FieldManager,
    FieldSelector,
    FieldValidation,
    Force,
    GracePeriodSeconds,
    IgnoreStoreReadError,
    IncludeObject,
    LabelSelector,
    Limit,
    OrphanDependents,
    PropagationPolicy,
    ResourceVersion,
    ResourceVersionMatch,
    SendInitialEvents,
    Timeout,
    TimeoutSeconds,
    Uid,
    Watch,
}

/// The parameters of one request.
#[derive(Clone, Debug)]
pub(super) struct Parameters {
    verb: Verb,
    query: Query,
}

impl Parameters {
    pub(super) fn new(verb: Verb, query: Query) -> Self {
        Self { verb, query }
    }

    pub(super) fn verb(&self) -> Verb {
        self.verb
    }

    /// The first value of a parameter, if the verb reads it.
    pub(super) fn text(&self, parameter: Parameter) -> Option<&str> {
        self.all(parameter).next()
    }

    /// The first value, if it is not empty: for most parameters an empty one is as good as none.
    pub(super) fn filled(&self, parameter: Parameter) -> Option<&str> {
        self.text(parameter).filter(|text| !text.is_empty())
    }

    pub(super) fn all(&self, parameter: Parameter) -> impl Iterator<Item = &str> {
        let (name, verbs) = parameter.row();
        let is_read = verbs.contains(&self.verb);
        self.query.all(name).filter(move |_| is_read)
    }
}

impl Parameter {
    pub(super) fn name(self) -> &'static str {
        self.row().0
    }

    /// The name, and the verbs that read it. Every other verb ignores it, and so does kube-apiserver;
    /// it also ignores every parameter that is not here.
    fn row(self) -> (&'static str, &'static [Verb]) {
        match self {
            Self::AllowWatchBookmarks => ("allowWatchBookmarks", &[Verb::Watch]),
            Self::Continue => ("continue", LISTS),
            Self::DryRun => ("dryRun", &CHANGES),
            Self::Export => ("export", &[Verb::Get]),
            Self::FieldManager => ("fieldManager", WRITES),
            Self::FieldSelector => ("fieldSelector", LISTS),
            Self::FieldValidation => ("fieldValidation", WRITES),
            Self::Force => ("force", &[Verb::Patch]),
            Self::GracePeriodSeconds => ("gracePeriodSeconds", DELETES),
            Self::IgnoreStoreReadError => {
                ("ignoreStoreReadErrorWithClusterBreakingPotential", DELETES)
            }
            Self::IncludeObject => ("includeObject", &ALL),
            Self::LabelSelector => ("labelSelector", LISTS),
            Self::Limit => ("limit", LISTS),
            Self::OrphanDependents => ("orphanDependents", DELETES),
            Self::PropagationPolicy => ("propagationPolicy", DELETES),
            Self::ResourceVersion => ("resourceVersion", &VERSIONED),
            Self::ResourceVersionMatch => ("resourceVersionMatch", LISTS),
            Self::SendInitialEvents => ("sendInitialEvents", LISTS),
            Self::Timeout => ("timeout", &SHORT),
            Self::TimeoutSeconds => ("timeoutSeconds", LISTS),
            Self::Uid => ("uid", DELETES),
            Self::Watch => ("watch", LISTS),
        }
    }
}

/// The parameters that the `OpenAPI` documents tell of: the name and the type of each that a verb reads.
pub(crate) fn documented(verb: Verb) -> impl Iterator<Item = (&'static str, &'static str)> {
    // A list becomes a watch by a parameter.
    let verbs = if verb == Verb::List { vec![verb, Verb::Watch] } else { vec![verb] };
    let is_read = move |(parameter, _): &(Parameter, &str)| {
        let is_read = parameter.row().1.iter().any(|reads| verbs.contains(reads));
        // These are read there, too, and not told of.
        let is_hidden = match verb {
            Verb::Get | Verb::Delete => *parameter == Parameter::ResourceVersion,
            Verb::DeleteCollection => *parameter == Parameter::Watch,
            Verb::List | Verb::Watch | Verb::Create | Verb::Update | Verb::Patch => false,
        };
        is_read && !is_hidden
    };
    let all = DOCUMENTED.into_iter().filter(is_read);
    all.map(|(parameter, kind)| (parameter.name(), kind))
}

const DOCUMENTED: [(Parameter, &str); 18] = [
    (Parameter::AllowWatchBookmarks, "boolean"),
    (Parameter::Continue, "string"),
    (Parameter::DryRun, "string"),
    (Parameter::FieldManager, "string"),
    (Parameter::FieldSelector, "string"),
    (Parameter::FieldValidation, "string"),
    (Parameter::Force, "boolean"),
    (Parameter::GracePeriodSeconds, "integer"),
    (Parameter::IgnoreStoreReadError, "boolean"),
    (Parameter::LabelSelector, "string"),
    (Parameter::Limit, "integer"),
    (Parameter::OrphanDependents, "boolean"),
    (Parameter::PropagationPolicy, "string"),
    (Parameter::ResourceVersion, "string"),
    (Parameter::ResourceVersionMatch, "string"),
    (Parameter::SendInitialEvents, "boolean"),
    (Parameter::TimeoutSeconds, "integer"),
    (Parameter::Watch, "boolean"),
];
const LISTS: &[Verb] = &[Verb::List, Verb::Watch, Verb::DeleteCollection];
const WRITES: &[Verb] = &[Verb::Create, Verb::Update, Verb::Patch];
const DELETES: &[Verb] = &[Verb::Delete, Verb::DeleteCollection];
const CHANGES: [Verb; 5] =
    [Verb::Create, Verb::Update, Verb::Patch, Verb::Delete, Verb::DeleteCollection];
const VERSIONED: [Verb; 5] =
    [Verb::Get, Verb::List, Verb::Watch, Verb::Delete, Verb::DeleteCollection];
/// Of how an answer looks.
const ALL: [Verb; 8] = Verb::ALL;
/// All that do not stay open.
const SHORT: [Verb; 7] = [
    Verb::Get,
    Verb::List,
    Verb::Create,
    Verb::Update,
    Verb::Patch,
    Verb::Delete,
    Verb::DeleteCollection,
];
