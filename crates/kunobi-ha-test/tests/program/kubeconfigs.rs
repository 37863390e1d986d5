//! The kubeconfigs that are written.

use std::path::{Path, PathBuf};

use k8s_openapi::api::authentication::v1::SelfSubjectReview;
use kube::{Api, api::PostParams};

use crate::support::{Folder, Program, client};

/// Who the server says that this is.
async fn who(kubeconfig: &Path, context: Option<&str>) -> String {
    let reviews: Api<SelfSubjectReview> = Api::all(client(kubeconfig, context).await);
    let review = reviews.create(&PostParams::default(), &SelfSubjectReview::default()).await;
    let status = review.expect("it is answered").status.expect("it is whole");
    status.user_info.expect("it is whole").username.expect("there is a name")
}

#[tokio::test]
async fn each_client_has_one_of_its_own() {
    let folder = Folder::new("each");
    let program = folder.start(&[]);
    let names: Vec<_> = program.kubeconfigs.iter().map(|file| file.file_name().unwrap()).collect();
    assert_eq!(names, ["me.kubeconfig", "you.kubeconfig"]);
    assert_eq!(who(&program.kubeconfigs[0], None).await, "me");
    assert_eq!(who(&program.kubeconfigs[1], None).await, "you");
}

#[tokio::test]
async fn a_service_account_has_a_file_that_a_shell_takes_for_one() {
    let folder = Folder::new("accounts");
    let account = "system:serviceaccount:team:operator";
    let names = format!(
        "{account},system-serviceaccount-team-operator,System:serviceaccount:team:operator"
    );
    let arguments = ["--clients", &names, "--kubeconfigs", &folder.path("with a space")];
    let program = Program::start(&arguments, 3);
    let files: Vec<&str> =
        program.kubeconfigs.iter().map(|file| file.to_str().expect("it is text")).collect();
    assert!(files[0].ends_with("/with a space/system-serviceaccount-team-operator.kubeconfig"));
    assert!(files[1].ends_with("/system-serviceaccount-team-operator-2.kubeconfig"));
    assert!(files[2].ends_with("/System-serviceaccount-team-operator-3.kubeconfig"));
    assert_eq!(who(&program.kubeconfigs[0], None).await, account);
}

#[tokio::test]
async fn one_file_has_a_context_for_each_client() {
    let folder = Folder::new("contexts");
    let file = folder.path("config");
    let arguments = ["--clients=me,you", "--kubeconfig", &file];
    let program = Program::start(&arguments, 1);
    assert_eq!(program.kubeconfigs, [PathBuf::from(&file)]);
    assert_eq!(who(Path::new(&file), None).await, "me", "the first is current");
    assert_eq!(who(Path::new(&file), Some("you")).await, "you");
    drop(program);
    // What it has written itself it may replace.
    let again = Program::start(&arguments, 1);
    assert_eq!(who(&again.kubeconfigs[0], None).await, "me");
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_else_may_read_them() {
    use std::os::unix::fs::PermissionsExt;

    let folder = Folder::new("modes");
    let (file, state) = (folder.path("config"), folder.path("state"));
    let program = folder.start(&["--kubeconfig", &file, "--state", &state]);
    for file in program.kubeconfigs.iter().chain([&PathBuf::from(state)]) {
        let mode = std::fs::metadata(file).expect("it is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", file.display());
    }
}
