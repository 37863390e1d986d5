//! The README's program, as a process with exactly what a rendered pod gives it.

use std::{
    collections::BTreeMap,
    env, fs,
    path::PathBuf,
    process::{Child, Command, ExitStatus, Stdio},
    time::Duration,
};

use k8s_openapi_0_29::api::rbac::v1;
use kunobi_ha_test::{Faults, Listener, Role, TestServer};
use rustix::process::{Pid, Signal, kill_process};
use tokio::time::{sleep, timeout};

use crate::{constants::CERTIFICATES_VARIABLE, rendering::Rendering, workload::Workload};

/// A pod's process; it is killed when this is dropped.
struct Pod(Child);

#[tokio::test(flavor = "multi_thread")]
async fn the_readmes_program_leads_with_the_environment_and_the_role_of_each_rendering_and_release()
{
    for rendering in ["defaults", "everything", "documented", "base", "production"] {
        leads_and_releases(&Rendering::named(rendering)).await;
    }
}

/// The server allows nothing but the rule for Leases.
#[tokio::test(flavor = "multi_thread")]
async fn without_the_rights_on_pods_the_program_leads_and_releases_all_the_same() {
    for rendering in ["fast-failover", "one-handover", "both", "fast"] {
        leads_and_releases(&Rendering::named(rendering)).await;
    }
}

async fn leads_and_releases(rendering: &Rendering) {
    let name = &rendering.name;
    let workload = Workload::of(rendering);
    let namespace = workload.deployment.metadata.namespace.clone().unwrap();
    let lease =
        format!("/apis/coordination.k8s.io/v1/namespaces/{namespace}/leases/{}", workload.lease());
    let server = TestServer::builder().with_namespaces([namespace.as_str()]).build();
    let role = role(rendering);
    let writes = role.resource_names.clone();
    server.set_faults("pod", Faults { role: Some(role), ..Faults::default() });
    let listener = server.listen("127.0.0.1:0").await.unwrap();
    let pod = "operator-7d4f-x2x9b";
    let mut variables = environment(&workload, pod, &namespace);
    if workload.variable(CERTIFICATES_VARIABLE).is_some() {
        // The real path may be the file of a container in which this test runs.
        variables.insert("HA_TERMINATION_LOG".into(), termination_log(name));
    }
    let mut process = Pod::start(&variables, &listener);
    until(name, || holder(&server, &lease).as_deref() == Some(pod)).await;

    assert_eq!(writes, [workload.lease()], "{name}");
    let written: Vec<_> = server.history().iter().map(|write| write.path.clone()).collect();
    assert!(written.iter().all(|path| *path == lease), "{name}: {written:?}");
    process.terminate();
    assert_eq!(process.end().await.code(), Some(0), "{name}");
    assert_eq!(holder(&server, &lease), None, "{name}: released");
}

/// Returns the variables that the kubelet would set in the container of a pod of this name.
fn environment(workload: &Workload, pod: &str, namespace: &str) -> BTreeMap<String, String> {
    let variables = workload.container.env.iter().flatten().map(|variable| {
        let field = variable.value_from.as_ref().and_then(|from| from.field_ref.as_ref());
        let value = match field.map(|field| field.field_path.as_str()) {
            None => variable.value.clone().unwrap(),
            Some("metadata.name") => pod.into(),
            Some("metadata.namespace") => namespace.into(),
            Some("status.podIP") => "127.0.0.1".into(),
            Some(other) => panic!("{}: {other}", variable.name),
        };
        (variable.name.clone(), value)
    });
    variables.collect()
}

/// Makes the file that the kubelet would mount.
fn termination_log(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.termination-log"));
    fs::write(&path, "").unwrap();
    path.into_os_string().into_string().unwrap()
}

/// The rule for Leases of the rendered Role.
fn role(rendering: &Rendering) -> Role {
    let rules = rendering.all::<v1::Role>().into_iter().flat_map(|role| role.rules.unwrap());
    let mut rules = rules.filter(|rule| rule.resources == Some(vec!["leases".into()]));
    let rule = rules.next().unwrap();
    assert_eq!(rules.next(), None, "{}: one rule for leases", rendering.name);
    Role { verbs: rule.verbs, resource_names: rule.resource_names.unwrap() }
}

fn holder(server: &TestServer, lease: &str) -> Option<String> {
    let holder = server.get(lease)?["spec"]["holderIdentity"].as_str()?.to_owned();
    Some(holder).filter(|holder| !holder.is_empty())
}

async fn until(what: &str, happened: impl Fn() -> bool) {
    let waiting = async {
        while !happened() {
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(Duration::from_secs(60), waiting)
        .await
        .unwrap_or_else(|_| panic!("{what}: not in 60 s"));
}

impl Pod {
    /// Starts a program with these variables, and with a kubeconfig in place of the mounted account.
    fn start(variables: &BTreeMap<String, String>, listener: &Listener) -> Self {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
        let config = folder.join(format!("pod-{}.kubeconfig", listener.address().port()));
        fs::write(&config, listener.kubeconfig("pod")).unwrap();
        let test = env::current_exe().unwrap();
        let path = test.ancestors().nth(2).unwrap().join("examples/leader");
        assert!(path.exists(), "build it before: cargo build -p kunobi-ha --example leader");
        let child = Command::new(path)
            .env_clear()
            .envs(variables)
            .env("KUBECONFIG", config)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        Self(child.unwrap())
    }

    fn terminate(&self) {
        kill_process(Pid::from_child(&self.0), Signal::TERM).unwrap();
    }

    async fn end(&mut self) -> ExitStatus {
        let exited = async {
            loop {
                match self.0.try_wait().unwrap() {
                    Some(status) => return status,
                    None => sleep(Duration::from_millis(20)).await,
                }
            }
        };
        timeout(Duration::from_secs(60), exited).await.expect("it ends within 60 s")
    }
}

impl Drop for Pod {
    fn drop(&mut self) {
        // It may have exited already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
