//! The formats that kube-apiserver checks. It ignores all others.

mod checks;

use super::Kind;

/// A format that is checked.
#[derive(Clone, Debug)]
pub(in crate::crd) enum Format {
    Int32,
    Int64,
    Float,
    Double,
    Text {
        /// As it stands in the schema.
        name: String,
        check: fn(&str) -> bool,
    },
}

impl Format {
    /// None if kube-apiserver ignores it.
    pub(in crate::crd) fn of(kind: Kind, name: &str) -> Option<Self> {
        match (kind, name) {
            (Kind::Integer, "int32") => Some(Self::Int32),
            (Kind::Integer, "int64") => Some(Self::Int64),
            (Kind::Number, "float") => Some(Self::Float),
            (Kind::Number, "double") => Some(Self::Double),
            (Kind::Any | Kind::String | Kind::IntOrString, _) => {
                checks::of(name).map(|check| Self::Text { name: name.to_owned(), check })
            }
            (Kind::Array | Kind::Boolean | Kind::Integer | Kind::Number | Kind::Object, _) => None,
        }
    }

    /// A URI with a scheme, or an absolute path.
    pub(in crate::crd) fn is_uri(text: &str) -> bool {
        checks::is_uri(text)
    }

    pub(in crate::crd) fn name(&self) -> &str {
        match self {
            Self::Int32 => "int32",
            Self::Int64 => "int64",
            Self::Float => "float",
            Self::Double => "double",
            Self::Text { name, .. } => name,
        }
    }
}
