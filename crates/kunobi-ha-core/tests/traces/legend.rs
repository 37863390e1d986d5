//! The tags of a record, version 1.
//!
//! A record is text: a line for each call of an elector, and words in it, each a tag of letters
//! with numbers after it. A number that is measured from another one is written with its sign.
//!
//! | part of a line | what it is |
//! | --- | --- |
//! | `0` | which elector |
//! | `t` | its monotonic clock, in ns since its last call |
//! | `w`, `d` | wall clock (µs off the same time) and random digits, unless they went on as usual |
//! | one or two words | what it was told |
//! | `>` | from here on: what it does, and what it says of itself where that has changed |
//!
//! `v1.7` is resourceVersion 7 of the first uid, `o3` the third record of the run. Where a record
//! comes for the first time, its fields follow that are not those of the record before it. Instants
//! are in ns from now on. A new elector begins with `NEW`.

/// Everything that a record can say.
pub(crate) const LEGEND: [(&str, &str); 87] = [
    ("NEW", "an elector begins: name, L, D, R, T, observe, grace, release, seed"),
    ("t", "monotonic clock"),
    ("w", "wall clock"),
    ("d", "digits"),
    // What it is told.
    ("AQ", "acquire"),
    ("SD", "step down"),
    ("ST", "stop"),
    ("WK", "wake"),
    ("OF", "watch: found"),
    ("OX", "watch: deleted"),
    ("HD", "the process of a holder has ended: of that acquire time"),
    ("AN", "answer to attempt"),
    ("fo", "found"),
    ("ab", "absent"),
    ("wr", "written"),
    ("cr", "created"),
    ("cf", "conflict"),
    ("mn", "method not allowed"),
    ("rff", "refused: forbidden"),
    ("rfi", "refused: invalid"),
    ("rfn", "refused: no namespace"),
    ("rfl", "refused: no lease"),
    ("rfu", "refused: unauthorized"),
    ("rj", "rejected, retry after"),
    ("un", "unknown, retry after"),
    // Versions and records.
    ("v", "version"),
    ("o", "record"),
    ("oh", "holder"),
    ("od", "duration"),
    ("oa", "acquire time"),
    ("on", "renew time"),
    ("ot", "transitions"),
    ("os", "strategy"),
    ("op", "preferred holder"),
    // What it publishes.
    ("pf", "follows"),
    ("pl", "leads: fence, transitions, acquire time, until"),
    ("pec", "term ended: cancelled"),
    ("pek", "term ended: clock went back"),
    ("peh", "term ended: holder changed"),
    ("per", "term ended: re-creation lost"),
    ("ped", "term ended: deadline"),
    ("pew", "term ended: rewound"),
    ("prn", "release: not held"),
    ("pro", "release: not ours"),
    ("prr", "release: released"),
    ("prs", "release: still held until"),
    ("pxo", "failed: observe timeout"),
    ("pxr", "failed: refused"),
    ("pw", "withdrawn"),
    // What it reports.
    ("na", "notice: altered"),
    ("no", "notice: create overwrote"),
    ("nf", "notice: failing"),
    ("nh", "notice: follows"),
    ("nl", "notice: lapsed"),
    ("ni", "notice: identity collision"),
    ("nbc", "notice: a term began, created"),
    ("nbd", "notice: a term began, the holder has died"),
    ("nbe", "notice: a term began, the record had its age"),
    ("nbf", "notice: a term began, the Lease was free"),
    ("nbr", "notice: a term began, retaken"),
    ("nd", "notice: told of its own death"),
    ("nn", "notice: nothing written"),
    ("nr", "notice: refused"),
    ("nw", "notice: rewound, from and to"),
    // Verbs and setbacks of notices and failures.
    ("yc", "create"),
    ("yg", "get"),
    ("yu", "update"),
    ("za", "absent"),
    ("zc", "conflict"),
    ("zm", "method not allowed"),
    ("zr", "refused"),
    ("zj", "rejected"),
    ("zn", "unanswered"),
    ("zu", "unknown"),
    ("zx", "unfit"),
    // What it sends and drops.
    ("x", "drop"),
    ("sg", "send a get"),
    ("sc", "send a create by PUT"),
    ("sp", "send a create by POST"),
    ("su", "send an update"),
    ("sn", "over a new connection"),
    ("k", "wake at"),
    // What it says of itself.
    ("gv", "its version"),
    ("gh", "it saw a holder at"),
    ("gb", "flap backoff"),
    ("gf", "is failing"),
    (">", "and so"),
];

/// Returns the tag of a word: what stands before its numbers.
pub(crate) fn tag(word: &str) -> &str {
    let end = word.find(|c: char| !c.is_ascii_alphabetic() && c != '>');
    &word[..end.unwrap_or(word.len())]
}

/// Writes a line of a record out.
pub(crate) fn explain(line: &str) -> String {
    let words = line.split(' ').map(|word| {
        let tag = tag(word);
        match LEGEND.iter().find(|(known, _)| *known == tag) {
            Some((_, meaning)) => format!("{meaning} {}", &word[tag.len()..]).trim().to_owned(),
            None => format!("elector {word}"),
        }
    });
    words.collect::<Vec<_>>().join("; ")
}
