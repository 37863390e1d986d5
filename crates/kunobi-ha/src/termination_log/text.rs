//! What a termination message says: certificates first, then why the process ended.

use std::fmt;

/// What is to be in the file.
#[derive(Debug, Default)]
pub(super) struct Text {
    /// From the oldest to the newest.
    certificates: Vec<Certificate>,
    reason: Option<String>,
}

#[derive(Debug)]
struct Certificate {
    /// What it is about.
    subject: Box<str>,
    line: Box<str>,
}

/// A certificate is longer than all certificates may be.
#[derive(Debug, thiserror::Error)]
#[error("a certificate of {0} bytes is too long: the Lease or the identity needs a shorter name")]
pub(super) struct TooLong(usize);

impl Text {
    /// Adds a certificate; older ones give way to it.
    pub(super) fn certify(&mut self, subject: &str, line: &str) -> Result<(), TooLong> {
        if length_of([line]) > LONGEST_CERTIFICATES {
            return Err(TooLong(line.len()));
        }
        if self.certificates.iter().any(|certificate| &*certificate.line == line) {
            return Ok(());
        }
        self.certificates.push(Certificate { subject: subject.into(), line: line.into() });
        while length_of(self.lines()) > LONGEST_CERTIFICATES {
            self.certificates.remove(self.least_needed());
        }
        Ok(())
    }

    pub(super) fn withdraw(&mut self, lines: &[Box<str>]) {
        self.certificates.retain(|certificate| !lines.contains(&certificate.line));
    }

    #[cfg(feature = "shutdown")]
    pub(super) fn append_reason(&mut self, reason: &str) {
        // The word before it keeps it from being a certificate.
        self.reason.get_or_insert_with(|| format!("error: {}", on_one_line(reason)));
    }

    /// The oldest one whose subject has a newer one, else the oldest: a candidate that tries again
    /// and again takes no certificate from the leader of another Lease.
    fn least_needed(&self) -> usize {
        let outdated = |(index, certificate): (usize, &Certificate)| {
            let newer = &self.certificates[index + 1..];
            newer.iter().any(|newer| newer.subject == certificate.subject)
        };
        self.certificates.iter().enumerate().position(outdated).unwrap_or(0)
    }

    fn lines(&self) -> impl Iterator<Item = &str> {
        self.certificates.iter().map(|certificate| &*certificate.line)
    }
}

/// The text of the file: nothing, or certificates after an empty line, then the reason.
///
/// rule C1: what a container runtime puts in front of it ends at the empty line.
impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut length = 0;
        if !self.certificates.is_empty() {
            f.write_str("\n")?;
            length = length_of(self.lines());
        }
        for line in self.lines() {
            writeln!(f, "{line}")?;
        }
        if let Some(reason) = &self.reason {
            writeln!(f, "{}", cut(reason, LONGEST - length - 1))?;
        }
        Ok(())
    }
}

/// The length of certificates, each with the end of its line, after an empty line.
fn length_of<'a>(lines: impl IntoIterator<Item = &'a str>) -> usize {
    1 + lines.into_iter().map(|line| line.len() + 1).sum::<usize>()
}

/// rule C8: nothing in the text begins a line or ends one.
#[cfg(feature = "shutdown")]
fn on_one_line(text: &str) -> String {
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        for char in word.chars() {
            if char.is_control() {
                line.extend(char.escape_debug());
            } else {
                line.push(char);
            }
        }
        // Not more than is needed of a text that may be endless.
        if line.len() > LONGEST {
            break;
        }
    }
    line
}

fn cut(text: &str, length: usize) -> &str {
    let end = (0..=length.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    &text[..end.unwrap_or(0)]
}

/// In bytes: the kubelet keeps this much of each message in a Pod of 24 containers.
const LONGEST_CERTIFICATES: usize = 12_288 / 24;
/// In bytes: of a longer file, the kubelet reads the end.
pub(super) const LONGEST: usize = 4_095;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certificates_follow_an_empty_line_one_a_line() {
        let mut text = Text::default();
        assert_eq!(text.to_string(), "");
        for line in ["one", "two", "one"] {
            text.certify("a", line).unwrap();
        }
        assert_eq!(text.to_string(), "\none\ntwo\n");
        text.withdraw(&["one".into(), "three".into()]);
        assert_eq!(text.to_string(), "\ntwo\n");
        text.withdraw(&["two".into()]);
        assert_eq!(text.to_string(), "", "so that the kubelet falls back to the log");
    }

    #[test]
    fn the_newest_certificates_of_each_subject_stay_within_512_bytes() {
        let mut text = Text::default();
        let line = |name: &str| format!("{name:-<99}");
        for (subject, name) in
            [("a", "a1"), ("b", "b1"), ("b", "b2"), ("c", "c1"), ("b", "b3"), ("b", "b4")]
        {
            text.certify(subject, &line(name)).unwrap();
        }
        let expected: String =
            ["a1", "b2", "c1", "b3", "b4"].iter().map(|name| line(name) + "\n").collect();
        assert_eq!(text.to_string(), format!("\n{expected}"));
        for subject in ["d", "e", "f", "g", "h"] {
            text.certify(subject, &line(subject)).unwrap();
        }
        let all = text.to_string();
        assert!(all.ends_with(&(line("h") + "\n")) && all.len() == 501, "{all}");
        assert!(!all.contains("b3") && all.contains("d-"), "{all}");
    }

    #[test]
    fn a_certificate_that_is_too_long_is_refused_and_the_others_stay() {
        let mut text = Text::default();
        text.certify("a", "one").unwrap();
        text.certify("b", &"x".repeat(511)).unwrap_err();
        assert_eq!(text.to_string(), "\none\n");
        text.certify("b", &"x".repeat(510)).unwrap();
        assert_eq!(text.to_string().len(), 512);
    }

    #[cfg(feature = "shutdown")]
    #[test]
    fn a_reason_can_not_forge_a_line_and_the_first_one_stays() {
        let mut text = Text::default();
        text.certify("a", "one").unwrap();
        text.append_reason("work panicked: at \"x\"\r\ntwo\n\u{85}three\u{2028}four\u{b}\u{1b}[0m");
        text.append_reason("another");
        let said = "error: work panicked: at \"x\" two three four \\u{1b}[0m";
        assert_eq!(text.to_string(), format!("\none\n{said}\n"));
        let mut text = Text::default();
        text.append_reason("one");
        assert_eq!(text.to_string(), "error: one\n");
    }

    #[cfg(feature = "shutdown")]
    #[test]
    fn the_whole_text_is_shorter_than_4096_bytes() {
        for (certificates, expected) in [(0, 4_095), (1, 4_095), (5, 4_095)] {
            let mut text = Text::default();
            for index in 0..certificates {
                text.certify(&index.to_string(), &format!("{index:-<99}")).unwrap();
            }
            text.append_reason(&"x".repeat(10_000));
            assert_eq!(text.to_string().len(), expected);
            assert!(text.to_string().ends_with("x\n"));
        }
        let mut text = Text::default();
        text.append_reason(&"é".repeat(10_000));
        assert_eq!(text.to_string().len(), 4_094, "no character is cut in two");
    }
}
