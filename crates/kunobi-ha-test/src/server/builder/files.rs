//! Files of objects.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::{
    crd,
    load::{LoadError, Wanted},
};

/// The objects of a file, or of all files of a folder that may have some.
pub(super) fn read(path: &Path) -> Result<Vec<Wanted>, LoadError> {
    let mut objects = Vec::new();
    for file in manifests(path)? {
        let text = fs::read_to_string(&file).map_err(|error| unread(&file, &error))?;
        let documents = crd::documents(&text).map_err(|error| LoadError::File {
            path: file.clone(),
            why: format!("it is not YAML: {error}"),
        })?;
        let in_file = |value| Wanted { value, file: Some(file.clone()) };
        objects.extend(documents.into_iter().map(in_file));
    }
    Ok(objects)
}

fn manifests(path: &Path) -> Result<Vec<PathBuf>, LoadError> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let files = fs::read_dir(path).and_then(|entries| {
        let files = entries.map(|entry| Ok(entry?.path()));
        files.collect::<io::Result<Vec<_>>>()
    });
    let mut files = files.map_err(|error| unread(path, &error))?;
    files.retain(|file| {
        let extension = file.extension().and_then(|extension| extension.to_str());
        matches!(extension, Some("json" | "yaml" | "yml"))
    });
    if files.is_empty() {
        let why = "no file in this folder ends in .yaml, .yml or .json".to_owned();
        return Err(LoadError::File { path: path.to_owned(), why });
    }
    files.sort();
    Ok(files)
}

fn unread(path: &Path, error: &io::Error) -> LoadError {
    LoadError::File { path: path.to_owned(), why: error.to_string() }
}
