//! The definition of the custom type, which the operator brings along.

use std::{error::Error, time::Duration};

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::{
    Api, Client, ResourceExt,
    api::{Patch, PatchParams},
    runtime::{conditions::is_crd_established, wait::await_condition},
};
use tokio::time::timeout;

use crate::controller::MANAGER;

/// Applies a definition, and waits until the type is served.
pub(crate) async fn install(
    client: &Client,
    definition: &CustomResourceDefinition,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    let definitions: Api<CustomResourceDefinition> = Api::all(client.clone());
    let name = definition.name_any();
    let ours = PatchParams::apply(MANAGER).force();
    definitions.patch(&name, &ours, &Patch::Apply(definition)).await?;
    timeout(PATIENCE, await_condition(definitions, &name, is_crd_established())).await??;
    Ok(())
}

const PATIENCE: Duration = Duration::from_secs(30);
