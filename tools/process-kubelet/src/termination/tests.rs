use std::path::PathBuf;

use super::*;

/// A file of its own for each test.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str, text: &[u8]) -> Self {
        let path = std::env::temp_dir().join(format!("termination-{name}-{}", std::process::id()));
        std::fs::write(&path, text).unwrap();
        Self(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        std::fs::remove_file(&self.0).unwrap();
    }
}

fn numbered(bytes: usize) -> Vec<u8> {
    (0..bytes / 8).flat_map(|number| format!("{:07}\n", number * 8).into_bytes()).collect()
}

fn lines(all: impl IntoIterator<Item = String>) -> VecDeque<String> {
    all.into_iter().collect()
}

#[test]
fn of_a_file_the_last_4096_bytes_count() {
    let file = Scratch::new("tail", &numbered(5000));
    let text = written(Some(&file.0), None);
    assert_eq!(text, numbered(5000)[5000 - 4096..]);
    let file = Scratch::new("whole", &numbered(4096));
    assert_eq!(written(Some(&file.0), None), numbered(4096));
}

#[test]
fn of_these_the_first_12288_by_the_number_of_containers_are_kept() {
    let tail = &numbered(5000)[5000 - 4096..];
    for (containers, kept) in [(1, 4096), (3, 4096), (4, 3072), (7, 1755), (24, 512)] {
        let message = message(None, tail, containers).unwrap();
        assert_eq!(message.as_bytes(), &tail[..kept], "{containers} containers");
    }
}

#[test]
fn the_runtime_comes_first_on_the_same_line_and_counts() {
    assert_eq!(message(Some("OOM"), b"a\nb", 1).unwrap(), "OOM: a\nb");
    assert_eq!(message(Some("OOM"), b"", 1).unwrap(), "OOM");
    assert_eq!(message(Some(""), b"a", 1).unwrap(), "a");
    assert_eq!(message(None, b"", 1), None);
    let long = message(Some("OOM"), &numbered(4096), 24).unwrap();
    assert_eq!(long.as_bytes(), [b"OOM: ", &numbered(4096)[..507]].concat());
}

#[test]
fn a_cut_within_a_character_leaves_a_mark_for_each_byte() {
    // The tail begins with two bytes of a euro sign, the head ends with two of another.
    let text = ["€".as_bytes(), "x".repeat(507).as_bytes(), "€€".as_bytes()].concat();
    let message = message(None, &text[1..], 24).unwrap();
    assert_eq!(message, format!("\u{fffd}\u{fffd}{}€", "x".repeat(507)));
    let split = super::message(None, &text[2..], 24).unwrap();
    assert_eq!(split, format!("\u{fffd}{}€\u{fffd}", "x".repeat(507)));
}

#[test]
fn the_log_is_read_if_the_file_is_empty_or_missing() {
    let log = lines(["one".into(), "two".into()]);
    let empty = Scratch::new("empty", b"");
    assert_eq!(written(Some(&empty.0), Some(&log)), b"one\ntwo\n");
    assert_eq!(written(Some(Path::new("/nowhere/at/all")), Some(&log)), b"one\ntwo\n");
    assert_eq!(written(None, Some(&log)), b"one\ntwo\n");
    assert_eq!(written(Some(&empty.0), None), b"");
    let full = Scratch::new("full", b"why");
    assert_eq!(written(Some(&full.0), Some(&log)), b"why");
}

#[test]
fn of_the_log_80_lines_and_then_2048_bytes_are_kept() {
    let short = lines((0..100).map(|number| number.to_string()));
    let text = String::from_utf8(written(None, Some(&short))).unwrap();
    assert_eq!((text.lines().next(), text.lines().count()), (Some("20"), 80));
    let long = lines((0..100).map(|number| format!("{number:099}")));
    let text = written(None, Some(&long));
    assert_eq!(text.len(), 2048);
    assert!(text.ends_with(b"099\n"));
}

#[test]
fn a_file_that_can_not_be_read_is_told() {
    let directory = std::env::temp_dir();
    let text = String::from_utf8(written(Some(&directory), Some(&lines(["x".into()])))).unwrap();
    assert!(text.starts_with("Error on reading termination log "), "{text}");
}
