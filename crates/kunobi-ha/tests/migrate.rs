//! Checks that the pages of `docs/migrate/` show programs that are compiled: those after the migration are the example
//! `migrate`, those before it are compiled in `compare/`, and that of 0.6 is compiled here as it was.

/// The README of 0.6 was a promise.
#[expect(dead_code, reason = "it is written as a program, whose main nothing calls here")]
mod as_in_0_6 {
    include!("../../../compare/migrate/kunobi-ha-0.6/before.rs");
}

macro_rules! text {
    ($file:literal) => {
        include_str!(concat!("../../../", $file))
    };
}

struct Page {
    text: &'static str,
    before: &'static str,
    after: &'static str,
}

const PAGES: [Page; 4] = [
    Page {
        text: text!("docs/migrate/kube-leader-election.md"),
        before: text!("compare/migrate/kube-leader-election/before.rs"),
        after: include_str!("../examples/migrate/from_kube_leader_election.rs"),
    },
    Page {
        text: text!("docs/migrate/kube-lease-manager.md"),
        before: text!("compare/migrate/kube-lease-manager/before.rs"),
        after: include_str!("../examples/migrate/from_kube_lease_manager.rs"),
    },
    Page {
        text: text!("docs/migrate/kubert.md"),
        before: text!("compare/migrate/kubert/before.rs"),
        after: include_str!("../examples/migrate/from_kubert.rs"),
    },
    Page {
        text: text!("docs/migrate/kunobi-ha-0.6.md"),
        before: text!("compare/migrate/kunobi-ha-0.6/before.rs"),
        after: include_str!("../examples/migrate/from_kunobi_ha_0_6.rs"),
    },
];

const CLIENT_GO: &str = text!("docs/migrate/client-go.md");
const INDEX: &str = text!("docs/migrate/README.md");

#[test]
fn each_diff_leads_from_a_program_to_a_program() {
    for page in PAGES {
        let diff = blocks(page.text, "diff").pop().expect("a diff of the program");
        assert_eq!(side(&diff, '-'), page.before);
        assert_eq!(side(&diff, '+'), page.after);
    }
}

#[test]
fn the_page_for_client_go_shows_both_programs() {
    let go = text!("compare/peers/client-go/before/main.go");
    assert_eq!(blocks(CLIENT_GO, "go"), [go]);
    let rust = include_str!("../examples/migrate/from_client_go.rs");
    assert_eq!(blocks(CLIENT_GO, "rust"), [rust]);
}

#[test]
fn each_page_has_all_parts_and_measured_figures() {
    let texts = PAGES.map(|page| page.text);
    for page in texts.iter().chain([&CLIENT_GO]) {
        let parts =
            ["The program", "What changes", "Side by side", "Step by step", "What you lose"];
        for part in parts {
            assert!(page.contains(&format!("\n## {part}\n")), "{part}");
        }
        assert!(page.contains("\n**Back:**"));
        assert!(page.contains("\n| what happens | two believers"));
    }
    let linked = |name: &str| INDEX.contains(&format!("]({name}.md)"));
    for name in
        ["kube-leader-election", "kube-lease-manager", "kubert", "kunobi-ha-0.6", "client-go"]
    {
        assert!(linked(name), "{name}");
    }
}

#[test]
fn the_versions_of_the_pages_are_those_of_the_manifest() {
    let version = env!("CARGO_PKG_VERSION");
    let shown = PAGES.iter().flat_map(|page| page.text.split("kunobi-ha = { version = \"").skip(1));
    let shown: Vec<_> = shown.filter_map(|rest| rest.split('"').next()).collect();
    assert!(shown.len() > 2);
    assert!(shown.iter().all(|shown| *shown == version || *shown == "0.6.1"), "{shown:?}");
}

#[test]
fn a_side_of_a_diff_is_a_whole_program() {
    assert_eq!(side("@@\n a\n-b\n+c\n\n", '-'), "a\nb\n\n");
    assert_eq!(side("@@\n a\n-b\n+c\n\n", '+'), "a\nc\n\n");
}

fn blocks(page: &str, language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    let after = page.split(&fence).skip(1);
    after.filter_map(|rest| Some(rest.split_once("```\n")?.0.to_owned())).collect()
}

/// Returns one side of a diff that shows all lines.
fn side(diff: &str, sign: char) -> String {
    let lines = diff.strip_prefix("@@\n").expect("a diff").split_inclusive('\n');
    // An empty line stands for one of the context, whose blank editors remove.
    lines
        .filter_map(|line| line.strip_prefix([' ', sign]).or(Some(line).filter(|l| *l == "\n")))
        .collect()
}
