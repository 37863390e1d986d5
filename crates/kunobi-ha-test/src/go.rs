//! Values as Go reads and writes them: clients see its words when a parameter is wrong.

pub(crate) mod printed;

use std::time::Duration;

use serde_json::Value;

/// `strconv.ParseInt` with 64 bits.
pub(crate) fn integer(text: &str) -> Result<i64, String> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    check_digits("ParseInt", text, digits)?;
    text.parse().map_err(|_| out_of_range("ParseInt", text))
}

/// `strconv.ParseUint` with 64 bits.
pub(crate) fn unsigned(text: &str) -> Result<u64, String> {
    check_digits("ParseUint", text, text)?;
    text.parse().map_err(|_| out_of_range("ParseUint", text))
}

fn check_digits(function: &str, text: &str, digits: &str) -> Result<(), String> {
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(format!("strconv.{function}: parsing {}: invalid syntax", quoted(text)));
    }
    Ok(())
}

fn out_of_range(function: &str, text: &str) -> String {
    format!("strconv.{function}: parsing {}: value out of range", quoted(text))
}

/// A parameter that is there is true, unless it says `0` or `false`.
pub(crate) fn boolean(text: &str) -> bool {
    text != "0" && !text.eq_ignore_ascii_case("false")
}

/// `strconv.ParseBool`, where what is neither is false.
pub(crate) fn truth(text: &str) -> bool {
    matches!(text, "1" | "t" | "T" | "TRUE" | "true" | "True")
}

/// `time.ParseDuration`; what is negative is zero.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let invalid = || format!("time: invalid duration {}", quoted(text));
    let mut rest = text.strip_prefix(['+', '-']).unwrap_or(text);
    if rest == "0" {
        return Ok(Duration::ZERO);
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut nanoseconds = 0_f64;
    while !rest.is_empty() {
        let is_number = |c: char| c.is_ascii_digit() || c == '.';
        let end = rest.find(|c| !is_number(c)).unwrap_or(rest.len());
        let (number, tail) = rest.split_at(end);
        let whole = number.split('.').next().filter(|digits| !digits.is_empty());
        if whole.is_some_and(|digits| digits.parse::<u64>().is_err()) {
            return Err(invalid());
        }
        let value: f64 = number.parse().map_err(|_| invalid())?;
        let end = tail.find(is_number).unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(end);
        nanoseconds += value
            * match unit {
                "" => return Err(format!("time: missing unit in duration {}", quoted(text))),
                "ns" => 1.0,
                "us" | "µs" | "μs" => 1e3,
                "ms" => 1e6,
                "s" => 1e9,
                "m" => 60e9,
                "h" => 3600e9,
                unit => {
                    let unit = quoted(unit);
                    return Err(format!("time: unknown unit {unit} in duration {}", quoted(text)));
                }
            };
        rest = tail;
    }
    // The largest number of nanoseconds in 64 bits.
    if nanoseconds > 9_223_372_036_854_775_807.0 {
        return Err(invalid());
    }
    let is_positive = !text.starts_with('-');
    Ok(if is_positive { Duration::from_secs_f64(nanoseconds / 1e9) } else { Duration::ZERO })
}

/// `strconv.Quote`.
pub(crate) fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\u{7}' => quoted.push_str("\\a"),
            '\u{8}' => quoted.push_str("\\b"),
            '\t' => quoted.push_str("\\t"),
            '\n' => quoted.push_str("\\n"),
            '\u{b}' => quoted.push_str("\\v"),
            '\u{c}' => quoted.push_str("\\f"),
            '\r' => quoted.push_str("\\r"),
            c if is_printable(c) => quoted.push(c),
            c => quoted.push_str(&escaped(c)),
        }
    }
    quoted.push('"');
    quoted
}

fn escaped(c: char) -> String {
    match u32::from(c) {
        code @ (0..0x20 | 0x7f) => format!("\\x{code:02x}"),
        code @ 0..0x1_0000 => format!("\\u{code:04x}"),
        code => format!("\\U{code:08x}"),
    }
}

/// `unicode.IsPrint`. Rust's table of what it escapes is made from the same categories, but it
/// escapes a mark at the beginning of a text, too: hence the letter before it.
pub(crate) fn is_printable(c: char) -> bool {
    match c {
        ' '..='~' => true,
        '\0'..'\u{a0}' => false,
        c => format!("a{c}").escape_debug().eq(['a', c]),
    }
}

/// `json.Marshal`, but for the form of numbers: the text may stand in HTML.
pub(crate) fn json(value: &Value) -> String {
    let text = value.to_string();
    text.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}

/// The kind of a value as Go names it.
pub(crate) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        assert_eq!(integer("-5"), Ok(-5));
        assert_eq!(integer("+5"), Ok(5));
        assert_eq!(integer("9223372036854775807"), Ok(i64::MAX));
        for (text, why) in [
            ("", "invalid syntax"),
            ("-", "invalid syntax"),
            ("1.5", "invalid syntax"),
            ("1_0", "invalid syntax"),
            (" 1", "invalid syntax"),
            ("9223372036854775808", "value out of range"),
        ] {
            let expected = format!("strconv.ParseInt: parsing \"{text}\": {why}");
            assert_eq!(integer(text), Err(expected));
        }
        assert_eq!(unsigned("18446744073709551615"), Ok(u64::MAX));
        let expected = "strconv.ParseUint: parsing \"-1\": invalid syntax";
        assert_eq!(unsigned("-1"), Err(expected.into()));
        let expected = "strconv.ParseUint: parsing \"18446744073709551616\": value out of range";
        assert_eq!(unsigned("18446744073709551616"), Err(expected.into()));
    }

    #[test]
    fn booleans() {
        assert!(["true", "1", "", "no"].into_iter().all(boolean));
        assert!(!["false", "False", "0"].into_iter().any(boolean));
    }

    #[test]
    fn durations() {
        for right in ["0", "5s", "1.5h", "1h2m3.5s", "-3ms", "+.5us", "1µs"] {
            assert!(duration(right).is_ok(), "{right}");
        }
        for (wrong, why) in [
            ("", "invalid duration \"\""),
            ("abc", "invalid duration \"abc\""),
            (".s", "invalid duration \".s\""),
            ("5", "missing unit in duration \"5\""),
            ("5x", "unknown unit \"x\" in duration \"5x\""),
            ("99999999999999999999", "invalid duration \"99999999999999999999\""),
            ("3000000h", "invalid duration \"3000000h\""),
        ] {
            assert_eq!(duration(wrong), Err(format!("time: {why}")), "{wrong}");
        }
    }

    #[test]
    fn quotes() {
        assert_eq!(quoted("a\"\\b"), r#""a\"\\b""#);
        assert_eq!(quoted("\u{7}\t\u{1}\u{7f}é\u{200b}\u{e000}"), r#""\a\t\x01\x7fé\u200b\ue000""#);
        assert_eq!(quoted("\u{301}\u{e0001}"), "\"\u{301}\\U000e0001\"");
    }

    #[test]
    fn what_html_would_read_is_escaped_in_json() {
        let value = serde_json::json!({ "<a>": ["b & \"c\"", 1.5, null] });
        let expected = r#"{"\u003ca\u003e":["b \u0026 \"c\"",1.5,null]}"#;
        assert_eq!(json(&value), expected);
    }
}
