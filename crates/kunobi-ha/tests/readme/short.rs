//! The short program stays short.

use std::{fs, path::Path};

#[test]
fn the_body_of_the_example_operator_fits() {
    let lines = body_lines(include_str!("../../examples/operator/main.rs"), "main").unwrap();
    assert!((5..=MOST_LINES).contains(&lines), "its main has {lines} lines");
}

#[test]
fn the_short_programs_of_the_documents_fit() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let repository = root.join("../..");
    let mut found = 0;
    let mut documents = vec![root.join("README.md"), repository.join("README.md")];
    for folder in [root.join("docs"), repository.join("docs")] {
        documents
            .extend(fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path()));
    }
    for path in documents.iter().filter(|path| path.extension().is_some_and(|end| end == "md")) {
        let Ok(text) = fs::read_to_string(path) else { continue };
        for program in programs(&text).filter(|program| program.contains("Operator::new")) {
            let Some(lines) = body_lines(&program, "main") else { continue };
            println!("{}: {lines} lines", path.display());
            let fits = (5..=MOST_LINES).contains(&lines);
            assert!(fits, "{}: main has {lines} lines\n{program}", path.display());
            found += 1;
        }
    }
    assert!(found > 0, "the README has a short program");
}

#[test]
fn lines_are_counted_between_the_braces_of_a_function() {
    let source = r#"
fn helper() {
    fn main() {}
}

#[tokio::main]
async fn main() -> Result<Report, BoxError> {
    let stop = Shutdown::builder().install()?; // With "}" in a comment.

    let text = "a { in a string";
    Ok(Operator::new(election)
        .lead("controllers", |lead| async move {
            lead.stopped().await;
            Ok(())
        })
        .run()
        .await)
}

fn after() {
    println!("not counted");
}
"#;
    assert_eq!(body_lines(source, "main"), Some(9));
    assert_eq!(body_lines(source, "after"), Some(1));
    assert_eq!(body_lines(source, "helper"), Some(1));
    assert_eq!(body_lines(source, "absent"), None);
}

/// Counts the lines that are not blank between the braces of a function that begins a line, as
/// rustfmt writes it.
fn body_lines(source: &str, name: &str) -> Option<usize> {
    let begins = |line: &str| {
        let line = line.strip_prefix("pub ").unwrap_or(line);
        let line = line.strip_prefix("async ").unwrap_or(line);
        line.strip_prefix("fn ").is_some_and(|rest| rest.starts_with(&format!("{name}(")))
    };
    let mut lines = source.lines().skip_while(|line| !begins(line));
    // The head may take several lines.
    lines.by_ref().find(|line| line.ends_with('{'))?;
    let body = lines.take_while(|line| *line != "}");
    Some(body.filter(|line| !line.trim().is_empty()).count())
}

/// Returns the Rust programs of a document, without the lines that rustdoc hides.
fn programs(text: &str) -> impl Iterator<Item = String> {
    text.split("```").skip(1).step_by(2).filter_map(|block| {
        let (language, source) = block.split_once('\n')?;
        let shown = source.lines().filter(|line| !line.starts_with("# ") && *line != "#");
        language.starts_with("rust").then(|| shown.collect::<Vec<_>>().join("\n"))
    })
}

/// What a user writes, at most.
const MOST_LINES: usize = 15;
