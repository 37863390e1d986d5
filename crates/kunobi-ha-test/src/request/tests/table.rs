use super::*;

/// Every query parameter in the `OpenAPI` document of Kubernetes, and those that kube-apiserver reads
/// besides, with the verbs that must read it. Others must ignore it: so does kube-apiserver.
const ALL: &[(&str, &[Verb])] = &[
    ("allowWatchBookmarks", &[Verb::Watch]),
    ("continue", LISTS),
    ("dryRun", &[Verb::Create, Verb::Update, Verb::Patch, Verb::Delete, Verb::DeleteCollection]),
    ("export", &[Verb::Get]),
    ("fieldManager", WRITES),
    ("fieldSelector", LISTS),
    ("fieldValidation", WRITES),
    ("force", &[Verb::Patch]),
    ("gracePeriodSeconds", DELETES),
    ("ignoreStoreReadErrorWithClusterBreakingPotential", DELETES),
    ("labelSelector", LISTS),
    ("limit", LISTS),
    ("orphanDependents", DELETES),
    ("propagationPolicy", DELETES),
    (
        "resourceVersion",
        &[Verb::Get, Verb::List, Verb::Watch, Verb::Delete, Verb::DeleteCollection],
    ),
    ("resourceVersionMatch", LISTS),
    ("sendInitialEvents", LISTS),
    (
        "timeout",
        &[
            Verb::Get,
            Verb::List,
            Verb::Create,
            Verb::Update,
            Verb::Patch,
            Verb::Delete,
            Verb::DeleteCollection,
        ],
    ),
    ("timeoutSeconds", LISTS),
    ("uid", DELETES),
    // It makes a list a watch. At the deletion of a collection it changes what may stand beside it.
    ("watch", &[Verb::List]),
    // Of how an answer looks: `media::encoding`.
    ("pretty", &[]),
    // Of a feature that is off (ShardedListAndWatch).
    ("shardSelector", &[]),
    // Of a table: `formats.rs`.
    ("includeObject", &[]),
    // Of subresources that are refused as a whole.
    ("command", &[]),
    ("container", &[]),
    ("follow", &[]),
    ("insecureSkipTLSVerifyBackend", &[]),
    ("limitBytes", &[]),
    ("path", &[]),
    ("ports", &[]),
    ("previous", &[]),
    ("sinceSeconds", &[]),
    ("sinceTime", &[]),
    ("stderr", &[]),
    ("stdin", &[]),
    ("stdout", &[]),
    ("stream", &[]),
    ("tailLines", &[]),
    ("timestamps", &[]),
    ("tty", &[]),
    // What nobody knows.
    ("foo", &[]),
];
const LISTS: &[Verb] = &[Verb::List, Verb::Watch, Verb::DeleteCollection];
const WRITES: &[Verb] = &[Verb::Create, Verb::Update, Verb::Patch];
const DELETES: &[Verb] = &[Verb::Delete, Verb::DeleteCollection];
const PROBES: [&str; 6] = ["", "x!", "true", "5", "Orphan", "All"];

#[test]
fn no_parameter_is_silent() {
    for (name, readers) in ALL {
        for verb in Verb::ALL {
            let without = answer(&Sent::of(verb, ""));
            let makes_a_difference = PROBES
                .iter()
                .any(|probe| answer(&Sent::of(verb, &format!("{name}={probe}"))) != without);
            assert_eq!(makes_a_difference, readers.contains(&verb), "{name} of {verb:?}");
        }
    }
}

#[test]
fn every_value_of_every_parameter_has_an_answer() {
    let odd = [
        "-1",
        "0",
        "9223372036854775807",
        "-9223372036854775808",
        "18446744073709551616",
        "1e9",
        "%00",
        "%ff",
        "%F0%9F%98%80",
        "..",
        "a,b",
        "!",
        "=",
    ];
    for (name, _) in ALL {
        for verb in Verb::ALL {
            for probe in PROBES.iter().chain(&odd) {
                for other in ["", "&resourceVersion=5", "&sendInitialEvents=0", "&limit=1"] {
                    let sent = Sent::of(verb, &format!("{name}={probe}{other}"));
                    if let Err(rejection) = sent.parse() {
                        let code = rejection.code.as_u16();
                        assert!([400, 422, 500, 501].contains(&code), "{sent:?}: {rejection:?}");
                    }
                }
            }
        }
    }
}

fn answer(sent: &Sent) -> String {
    format!("{:?}", sent.parse())
}
