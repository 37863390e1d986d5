//! The files that the page is about.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::source::Source;

/// The files of the core, and those of the library and the documents where they are there.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    pub(crate) files: Vec<File>,
    /// Other pages, with their texts.
    pub(crate) pages: Vec<(String, String)>,
    /// Whether this is the repository: a package has the core only.
    pub(crate) is_whole: bool,
}

/// A source file.
#[derive(Debug)]
pub(crate) struct File {
    /// Relative to the core.
    pub(crate) path: String,
    pub(crate) place: Place,
    pub(crate) source: Source,
}

/// What a citation in a file counts as.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Place {
    /// The rule is carried out here.
    Code,
    /// The rule is tested here.
    Test,
    /// The rule is carried out by the library, if the page says so; a file there has tests as well.
    Library,
    LibraryTest,
    /// It must exist, and counts as nothing.
    Elsewhere,
}

impl Tree {
    pub(crate) fn read() -> Self {
        let mut tree =
            Self { is_whole: root().join("../kunobi-ha/src").is_dir(), ..Self::default() };
        tree.add("src", Place::Code);
        tree.add("tests", Place::Test);
        tree.add("../kunobi-ha/src", Place::Library);
        tree.add("../kunobi-ha/tests", Place::LibraryTest);
        for folder in ["benches", "fuzz"] {
            tree.add(folder, Place::Elsewhere);
        }
        for page in ["README.md", "../../README.md", "../../DESIGN.md", "../../docs/guide.md"] {
            let text = fs::read_to_string(root().join(page));
            tree.pages.extend(text.map(|text| (page.into(), text)));
        }
        tree
    }

    fn add(&mut self, folder: &str, place: Place) {
        let entries = fs::read_dir(root().join(folder)).into_iter().flatten();
        for entry in entries.filter_map(Result::ok) {
            let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
            // What this test says of rules are examples.
            if path.starts_with("tests/protocol") || path == "fuzz/target" {
                continue;
            }
            if entry.path().is_dir() {
                self.add(&path, place);
            } else if Path::new(&path).extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(entry.path()).expect("it is readable");
                self.files.push(File { path, place, source: Source::new(&text) });
            }
        }
    }
}

pub(crate) fn root() -> PathBuf {
    env!("CARGO_MANIFEST_DIR").into()
}
