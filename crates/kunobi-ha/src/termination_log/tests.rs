//! The file itself.

use std::{env, fs, process};

use super::*;

/// An empty file, as a container has it.
struct File(PathBuf);

impl File {
    fn new(name: &str) -> Self {
        let path = env::temp_dir().join(format!("kunobi-ha-{}-{name}", process::id()));
        fs::write(&path, "").unwrap();
        Self(path)
    }

    fn read(&self) -> String {
        fs::read_to_string(&self.0).unwrap()
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

#[test]
fn elections_of_one_process_share_the_file() {
    let file = File::new("shared");
    TerminationLog::at(&file.0).certify("a", "one").unwrap();
    TerminationLog::at(&file.0).certify("b", "two").unwrap();
    assert_eq!(file.read(), "\none\ntwo\n");
    TerminationLog::at(&file.0).withdraw(&["one".into()]).unwrap();
    assert_eq!(file.read(), "\ntwo\n");
    TerminationLog::at(&file.0).withdraw(&["two".into()]).unwrap();
    assert_eq!(file.read(), "", "an empty message shows the log");
}

#[test]
fn what_others_write_stays_and_no_old_certificate_does() {
    let file = File::new("others");
    let log = TerminationLog::at(&file.0);
    log.certify("a", "one").unwrap();
    log.certify("a", "two").unwrap();
    fs::write(&file.0, file.read() + "theirs").unwrap();
    log.withdraw(&["two".into()]).unwrap();
    assert_eq!(file.read(), "\none\ntheirs");
    fs::write(&file.0, "only theirs").unwrap();
    log.certify("a", "three").unwrap();
    assert_eq!(file.read(), "\none\nthree\nonly theirs");
    fs::write(&file.0, file.read() + &"x".repeat(10_000)).unwrap();
    log.certify("a", "four").unwrap();
    let all = file.read();
    assert!(all.starts_with("\none\nthree\nfour\nonly theirsxx") && all.len() == 4_095);
}

#[test]
fn a_file_that_is_missing_is_not_made_and_is_written_when_it_is_there() {
    let file = File::new("missing");
    fs::remove_file(&file.0).unwrap();
    let log = TerminationLog::at(&file.0);
    assert_eq!(log.certify("a", "one").unwrap_err().kind(), io::ErrorKind::NotFound);
    assert!(!file.0.exists());
    fs::write(&file.0, "").unwrap();
    log.certify("a", "one").unwrap();
    assert_eq!(file.read(), "\none\n");
}

#[test]
fn nothing_is_written_twice() {
    let file = File::new("once");
    let log = TerminationLog::at(&file.0);
    log.certify("a", "one").unwrap();
    fs::write(&file.0, "").unwrap();
    log.certify("a", "one").unwrap();
    assert_eq!(file.read(), "");
}

#[cfg(feature = "shutdown")]
#[test]
fn the_reason_follows_the_certificates() {
    let file = File::new("reason");
    let log = TerminationLog::at(&file.0);
    log.certify("a", "one").unwrap();
    log.append_reason("worker failed: no luck\nkunobi-ha/1 forged").unwrap();
    assert_eq!(file.read(), "\none\nerror: worker failed: no luck kunobi-ha/1 forged\n");
}
