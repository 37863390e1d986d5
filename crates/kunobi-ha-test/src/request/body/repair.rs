//! Text that is not UTF-8: as in Go's decoder, U+FFFD stands for each byte and each escape that is none.

/// Returns the JSON with what is not UTF-8 replaced, unless all of it is.
pub(super) fn repaired(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut json = Vec::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        json.extend_from_slice(chunk.valid().as_bytes());
        for _ in chunk.invalid() {
            json.extend_from_slice("\u{fffd}".as_bytes());
        }
    }
    let json = without_lone_surrogates(&json);
    (json != bytes).then_some(json)
}

fn without_lone_surrogates(json: &[u8]) -> Vec<u8> {
    let mut repaired = Vec::with_capacity(json.len());
    let mut rest = json;
    while let Some((first, after)) = rest.split_first() {
        let escape = if *first == b'\\' { rest.split_at_checked(ESCAPE) } else { None };
        let (taken, next) = match escape.and_then(|(escape, next)| Some((unit(escape)?, next))) {
            // A pair stands for one character.
            Some((HIGH_FIRST..=HIGH_LAST, next))
                if next
                    .get(..ESCAPE)
                    .and_then(unit)
                    .is_some_and(|unit| (LOW_FIRST..=LOW_LAST).contains(&unit)) =>
            {
                rest.split_at(ESCAPE * 2)
            }
            Some((HIGH_FIRST..=LOW_LAST, next)) => (&b"\\ufffd"[..], next),
            Some((_, next)) => (rest.get(..ESCAPE).unwrap_or_default(), next),
            // Any other escape is of two bytes: the second may be a backslash itself.
            None if *first == b'\\' => rest.split_at(rest.len().min(2)),
            None => (std::slice::from_ref(first), after),
        };
        repaired.extend_from_slice(taken);
        rest = next;
    }
    repaired
}

/// The number of an escape: `\ud83d`.
fn unit(escape: &[u8]) -> Option<u16> {
    let digits = std::str::from_utf8(escape.strip_prefix(b"\\u")?).ok()?;
    let is_hexadecimal = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    is_hexadecimal.then(|| u16::from_str_radix(digits, 16).ok())?
}

/// The length of an escape by number.
const ESCAPE: usize = 6;
const HIGH_FIRST: u16 = 0xd800;
const HIGH_LAST: u16 = 0xdbff;
const LOW_FIRST: u16 = 0xdc00;
const LOW_LAST: u16 = 0xdfff;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_character_is_replaced_byte_by_byte_and_escape_by_escape() {
        for (sent, read) in [
            (&br#""\ud800""#[..], "\u{fffd}"),
            (br#""\udc00\ud800""#, "\u{fffd}\u{fffd}"),
            (br#""a\uD83Db""#, "a\u{fffd}b"),
            (br#""\ud83d\ud83d\ude00""#, "\u{fffd}\u{1f600}"),
            (br#""\\ud800\ud800""#, "\\ud800\u{fffd}"),
            (b"\"a\xffb\"", "a\u{fffd}b"),
            (b"\"\xe2\x82\"", "\u{fffd}\u{fffd}"),
        ] {
            let json = repaired(sent).unwrap();
            assert_eq!(serde_json::from_slice::<String>(&json).unwrap(), read, "{sent:?}");
        }
        for right in
            [&br#""\ud83d\ude00""#[..], br#""\\ud800""#, b"", b"\\", b"\"\\u12", b"\\u+123"]
        {
            assert_eq!(repaired(right), None);
        }
    }
}
