//! What the chart refuses in words of its own, as `scripts/deploy.sh` has seen it.

use crate::{
    constants::{CERTIFICATES_PATH, CERTIFICATES_VARIABLE, LEASE_VARIABLE, SUCCESSOR_VARIABLE},
    rendering::file,
};

/// Values that were refused, and the message.
struct Refusal {
    values: String,
    message: String,
}

const FAST_FAILOVER: &str = "leader.fastFailover";
const ONE_HANDOVER: &str = "rollout.oneHandover";

/// What is switched on, what breaks an assumption of it, and what is said about that.
const BROKEN: [(&str, &str, &str); 9] = [
    (FAST_FAILOVER, "shareProcessNamespace=true", "not with shareProcessNamespace,"),
    (FAST_FAILOVER, "hostNetwork=true", "not with hostNetwork,"),
    (FAST_FAILOVER, "mountPath=/dev/termination-log", "extraVolumeMounts at /dev/termination-log,"),
    (FAST_FAILOVER, "mountPath=/dev", "extraVolumeMounts at /dev,"),
    (FAST_FAILOVER, "mountPath=/", "extraVolumeMounts at /,"),
    (FAST_FAILOVER, r#""HA_TERMINATION_LOG","value":"/tmp/words"}]"#, "HA_TERMINATION_LOG in"),
    (FAST_FAILOVER, r"nodeSelector.kubernetes\.io/os=windows", "windows in nodeSelector,"),
    (FAST_FAILOVER, r#""values":["windows"]"#, "windows among the values of kubernetes.io/os"),
    (ONE_HANDOVER, "hostNetwork=true", "not with hostNetwork,"),
];

fn refusals() -> Vec<Refusal> {
    let text = file("rendered/refusals.txt");
    let parse = |section: &str| {
        let (values, message) = section.split_once('\n').unwrap();
        Refusal { values: values.into(), message: message.trim_end().into() }
    };
    text.split("# refused: ").filter(|it| !it.is_empty()).map(parse).collect()
}

#[test]
fn what_breaks_an_assumption_is_refused_with_what_to_do() {
    let refusals = refusals();
    for (switch, values, words) in BROKEN {
        let breaks = |it: &&Refusal| {
            it.values.contains(&format!("{switch}=true"))
                && (it.values.ends_with(values) || it.values.contains(&format!("{values}}}")))
        };
        let Refusal { message, .. } = refusals.iter().find(breaks).expect(values);
        assert!(message.starts_with(&format!("{switch}: not with ")), "{message}");
        assert!(message.contains(words), "{message}");
        let what_to_do = ["turn one of the two off", &format!("turn {switch} off")];
        assert!(what_to_do.iter().any(|it| message.ends_with(it)), "{message}");
        if values.starts_with("mountPath") {
            assert!(message.contains(&format!("hides {CERTIFICATES_PATH},")), "{message}");
        }
    }
}

#[test]
fn each_message_is_one_line() {
    for Refusal { values, message } in refusals() {
        assert_eq!(message.lines().count(), 1, "{values}: {message}");
    }
}

#[test]
fn a_variable_of_the_chart_is_not_set_besides() {
    let template = file("helm/kunobi-operator/templates/deployment.yaml");
    let check = file("helm/kunobi-operator/templates/_checks.tpl");
    let set = template.lines().filter_map(|line| line.trim().strip_prefix("- name: "));
    let set: Vec<_> = set.filter(|it| it.starts_with("HA_") || it.starts_with("POD_")).collect();
    for variable in [LEASE_VARIABLE, CERTIFICATES_VARIABLE, SUCCESSOR_VARIABLE] {
        assert!(set.contains(&variable), "{variable}");
    }
    for variable in set {
        assert!(check.contains(&format!("{variable:?}")), "{variable}");
    }
}

#[test]
fn the_readme_says_what_is_refused_with_which_value() {
    let readme = file("README.md");
    let named = [
        "`shareProcessNamespace`",
        "`hostPID`",
        "`hostNetwork`",
        "`nodeSelector`",
        "`extraVolumeMounts`",
        "`HA_TERMINATION_LOG`",
    ];
    let section = readme.split("\n## ").find(|it| it.starts_with(SECTION)).expect(SECTION);
    for words in named.into_iter().chain([FAST_FAILOVER, ONE_HANDOVER, CERTIFICATES_PATH]) {
        assert!(section.contains(words), "{words}");
    }
}

const SECTION: &str = "Fast failover and one handover";
