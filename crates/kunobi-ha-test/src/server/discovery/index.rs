//! `/`: the paths that are served.

use serde::Serialize;

use super::health::Probe;
use crate::types::{Types, api_version};

#[derive(Serialize)]
pub(super) struct RootPaths {
    paths: Vec<String>,
}

pub(super) fn paths(types: &Types) -> RootPaths {
    let mut paths: Vec<String> =
        ["/api", "/api/v1", "/apis", "/apis/", "/version"].map(String::from).to_vec();
    for group in types.groups().iter().filter(|group| !group.name.is_empty()) {
        paths.push(format!("/apis/{}", group.name));
        paths.extend(
            group
                .versions
                .iter()
                .map(|served| format!("/apis/{}", api_version(group.name, served.version))),
        );
    }
    for probe in Probe::ALL {
        paths.push(format!("/{}", probe.name()));
        paths.extend(probe.checks().iter().map(|check| format!("/{}/{check}", probe.name())));
    }
    paths.sort_unstable();
    RootPaths { paths }
}
