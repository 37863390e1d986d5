//! Subresources and reviews of other types than pods.

use e2e::suites::Column;
use k8s_openapi::api::{
    apps::v1::Deployment,
    authentication::v1::{TokenRequest, TokenReview},
    authorization::v1::SelfSubjectAccessReview,
    autoscaling::v1::ScaleSpec,
    certificates::v1::CertificateSigningRequest,
    core::v1::ServiceAccount,
};
use kube::{
    Api, Client,
    api::{DeleteParams, Patch, PatchParams},
};
use serde_json::json;

use super::{Outcome, ensure, object, objects::create, patches::deployment, refused};

pub(super) async fn steps(column: &mut Column, client: &Client) {
    let deployments: Api<Deployment> = Api::default_namespaced(client.clone());
    column.step("status: get, replace, patch", status(&deployments)).await;
    column.step("scale: get, replace, patch", scale(&deployments)).await;
    column.step("restart, as kubectl does", restart(&deployments)).await;
    column.step("deployment: a selector that misses its pods", selector(&deployments)).await;
    column.step("certificate request: approval", approval(client)).await;
    column.step("service account: a token, reviewed", token(client)).await;
    column.step("SelfSubjectAccessReview", review(client)).await;
}

async fn status(deployments: &Api<Deployment>) -> Outcome {
    let mut created = deployments.create(&create(), &deployment("status")).await?;
    created.status = Some(object(json!({ "replicas": 1, "observedGeneration": 1 })));
    created.spec.paused = Some(true);
    let replaced = deployments.replace_status("status", &create(), &created).await?;
    let is_paused = replaced.spec.paused;
    ensure!(is_paused != Some(true), "the spec is written, too");
    let patch = Patch::Merge(json!({ "status": { "readyReplicas": 1 } }));
    deployments.patch_status("status", &PatchParams::default(), &patch).await?;
    let status = deployments.get_status("status").await?.status.unwrap_or_default();
    let counts = (status.replicas, status.ready_replicas);
    ensure!(counts == (Some(1), Some(1)), "{counts:?}");
    Ok(())
}

async fn scale(deployments: &Api<Deployment>) -> Outcome {
    deployments.create(&create(), &deployment("scaled")).await?;
    let mut scale = deployments.get_scale("scaled").await?;
    scale.spec = Some(ScaleSpec { replicas: Some(2) });
    deployments.replace_scale("scaled", &create(), &scale).await?;
    let patch = Patch::Merge(json!({ "spec": { "replicas": 3 } }));
    let scaled = deployments.patch_scale("scaled", &PatchParams::default(), &patch).await?;
    let replicas = scaled.spec.and_then(|spec| spec.replicas);
    ensure!(replicas == Some(3), "{replicas:?}");
    let generation = deployments.get("scaled").await?.metadata.generation;
    ensure!(generation == Some(3), "generation {generation:?}");
    Ok(())
}

async fn restart(deployments: &Api<Deployment>) -> Outcome {
    deployments.create(&create(), &deployment("restarted")).await?;
    deployments.restart("restarted").await?;
    let spec = deployments.get("restarted").await?.spec;
    let annotations = spec.template.metadata.and_then(|metadata| metadata.annotations);
    let at = annotations.unwrap_or_default();
    ensure!(at.contains_key("kube.kubernetes.io/restartedAt"), "{at:?}");
    Ok(())
}

async fn selector(deployments: &Api<Deployment>) -> Outcome {
    let mut wrong = deployment("selector");
    wrong.spec.selector.match_labels = Some([("app".into(), "another".into())].into());
    let status = refused(deployments.create(&create(), &wrong).await, 422)?;
    let why = "`selector` does not match template `labels`";
    ensure!(status.message.contains(why), "{}", status.message);
    Ok(())
}

async fn approval(client: &Client) -> Outcome {
    let requests: Api<CertificateSigningRequest> = Api::all(client.clone());
    let request = json!({
        "metadata": { "name": "suite-kube-rs" },
        "spec": {
            "request": REQUEST,
            "signerName": "kubernetes.io/kube-apiserver-client",
            "usages": ["client auth"],
        },
    });
    requests.create(&create(), &object(request)).await?;
    let conditions = json!([{
        "type": "Approved", "status": "True", "reason": "Suite", "message": "by the suite",
    }]);
    let patch = Patch::Merge(json!({ "status": { "conditions": conditions } }));
    requests.patch_approval("suite-kube-rs", &PatchParams::default(), &patch).await?;
    let approved = requests.get_approval("suite-kube-rs").await?;
    let conditions = approved.status.and_then(|status| status.conditions).unwrap_or_default();
    ensure!(conditions.len() == 1 && conditions[0].type_ == "Approved", "{conditions:?}");
    ensure!(conditions[0].last_transition_time.is_some(), "{conditions:?}");
    requests.delete("suite-kube-rs", &DeleteParams::default()).await?;
    Ok(())
}

async fn token(client: &Client) -> Outcome {
    let accounts: Api<ServiceAccount> = Api::default_namespaced(client.clone());
    let account = json!({ "metadata": { "name": "with-token" } });
    accounts.create(&create(), &object(account)).await?;
    let request: TokenRequest = object(json!({ "spec": { "audiences": ["suite"] } }));
    let issued = accounts.create_token_request("with-token", &create(), &request).await?;
    let token = issued.status.map(|status| status.token).unwrap_or_default();
    let review = json!({ "spec": { "token": token, "audiences": ["suite"] } });
    let reviews: Api<TokenReview> = Api::all(client.clone());
    let status = reviews.create(&create(), &object(review)).await?.status.unwrap_or_default();
    let user = status.user.and_then(|user| user.username).unwrap_or_default();
    let account = format!("system:serviceaccount:{}:with-token", client.default_namespace());
    ensure!((status.authenticated, &user) == (Some(true), &account), "{user}: {:?}", status.error);
    Ok(())
}

async fn review(client: &Client) -> Outcome {
    let attributes = json!({ "verb": "list", "resource": "pods", "namespace": "default" });
    let review = json!({ "spec": { "resourceAttributes": attributes } });
    let reviews: Api<SelfSubjectAccessReview> = Api::all(client.clone());
    let status = reviews.create(&create(), &object(review)).await?.status;
    ensure!(status.as_ref().is_some_and(|status| status.allowed), "{status:?}");
    Ok(())
}

/// A certificate signing request for `CN=suite`, made by `openssl req`.
const REQUEST: &str = "\
    LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlIS01ISUNBUUF3RURFT01Bd0dBMVVFQXd3RmMzVn\
    BkR1V3V1RBVEJnY3Foa2pPUFFJQkJnZ3Foa2pPUFFNQgpCd05DQUFTc2E3djZDM0ZuSW14Z1J2eTNQcFhUNnZ4S1hy\
    MTJSRFYrSlhRbDN1a0pBSFhmMHR2Qzh2Z1lqZEdDCnBNWWR6d0RBK1FXVTEySk8rcFBNNGJ6MzFrckFvQUF3Q2dZSU\
    tvWkl6ajBFQXdJRFNBQXdSUUloQU9pMHhJankKSEpPZnVMcW9RSlpTdjdLM3kzdTM4eVFtenMreGV4SXRiQ1p0QWlB\
    b3pSbE1tbDZ3Y1I0M3dtVUYwcVJNaklmLwoxcnJ0RjRGeW5xbnJvZ25CWmc9PQotLS0tLUVORCBDRVJUSUZJQ0FURS\
    BSRVFVRVNULS0tLS0K";
