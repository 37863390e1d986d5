//! What each format of a string takes.

mod network;
mod time;

use std::sync::LazyLock;

pub(super) use self::network::is_uri;
use crate::crd::schema::Pattern;

/// The check of a format. Dashes in its name don't count.
pub(super) fn of(name: &str) -> Option<fn(&str) -> bool> {
    Some(match name.replace('-', "").as_str() {
        "bsonobjectid" => |text| text.len() == 24 && text.bytes().all(|b| b.is_ascii_hexdigit()),
        "uri" => is_uri,
        "email" => network::is_email,
        "hostname" => network::is_hostname,
        "ipv4" => network::is_ipv4,
        "ipv6" => network::is_ipv6,
        "cidr" => network::is_cidr,
        "mac" => network::is_mac,
        "uuid" => |text| UUID.is_match(text),
        "uuid3" => |text| UUID3.is_match(text),
        "uuid4" => |text| UUID4.is_match(text),
        "uuid5" => |text| UUID5.is_match(text),
        "isbn" => |text| is_isbn10(text) || is_isbn13(text),
        "isbn10" => is_isbn10,
        "isbn13" => is_isbn13,
        "creditcard" => is_credit_card,
        "ssn" => |text| text.len() == 11 && SSN.is_match(text),
        "hexcolor" => |text| HEX_COLOR.is_match(text),
        "rgbcolor" => |text| RGB_COLOR.is_match(text),
        "byte" => |text| BASE64.is_match(text),
        "password" => |_| true,
        "date" => time::is_date,
        "duration" => time::is_duration,
        "datetime" => time::is_date_time,
        "k8sshortname" => |text| text.len() <= 63 && SHORT_NAME.is_match(text),
        "k8slongname" => |text| text.len() <= 253 && LONG_NAME.is_match(text),
        _ => return None,
    })
}

macro_rules! patterns {
    ($($name:ident = $text:literal;)*) => {
        $(static $name: LazyLock<Pattern> = LazyLock::new(|| Pattern::new($text));)*
    };
}

patterns! {
    UUID = "(?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$";
    UUID3 = "(?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?3[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}$";
    UUID4 = "(?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?4[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$";
    UUID5 = "(?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?5[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$";
    SSN = r"^\d{3}[- ]?\d{2}[- ]?\d{4}$";
    HEX_COLOR = "^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$";
    RGB_COLOR = r"^rgb\(\s*(0|[1-9]\d?|1\d\d?|2[0-4]\d|25[0-5])(\s*,\s*(0|[1-9]\d?|1\d\d?|2[0-4]\d|25[0-5])){2}\s*\)$";
    BASE64 = "^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$";
    CREDIT_CARD = r"^(?:4[0-9]{12}(?:[0-9]{3})?|5[1-5][0-9]{14}|6(?:011|5[0-9][0-9])[0-9]{12}|3[47][0-9]{13}|3(?:0[0-5]|[68][0-9])[0-9]{11}|(?:2131|1800|35\d{3})\d{11})$";
    ISBN10 = "^(?:[0-9]{9}X|[0-9]{10})$";
    ISBN13 = "^(?:[0-9]{13})$";
    SHORT_NAME = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$";
    LONG_NAME = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$";
}

fn digits(text: &str) -> impl DoubleEndedIterator<Item = u32> {
    text.chars().map(|digit| digit.to_digit(10).unwrap_or(10))
}

fn without_separators(text: &str) -> String {
    text.chars().filter(|c| !c.is_ascii_whitespace() && *c != '-').collect()
}

fn is_isbn10(text: &str) -> bool {
    let text = without_separators(text);
    let sum: u32 = (1..).zip(digits(&text)).map(|(weight, digit): (u32, u32)| weight * digit).sum();
    ISBN10.is_match(&text) && sum.is_multiple_of(11)
}

fn is_isbn13(text: &str) -> bool {
    let text = without_separators(text);
    let weights = [1, 3].into_iter().cycle();
    let sum: u32 =
        weights.zip(digits(&text)).map(|(weight, digit): (u32, u32)| weight * digit).sum();
    ISBN13.is_match(&text) && sum.is_multiple_of(10)
}

fn is_credit_card(text: &str) -> bool {
    let text: String = text.chars().filter(char::is_ascii_digit).collect();
    let weights = [1, 2].into_iter().cycle();
    let sum: u32 = weights
        .zip(digits(&text).rev())
        .map(|(weight, digit): (u32, u32)| weight * digit)
        .map(|product| if product >= 10 { product - 9 } else { product })
        .sum();
    CREDIT_CARD.is_match(&text) && sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_format_takes_what_kubernetes_takes() {
        for (format, good, bad) in [
            (
                "uri",
                &["http://a.b/c?d#e", "mailto:x", "/a/b", "http://[::1]:80/"][..],
                &["", "a.b", "./a", "http://a b/", "/%zz", "http://a:x/"][..],
            ),
            ("email", &["a@b", "A B <a.b@c.d>"], &["", "a", "a@", "@b", "a b@c"]),
            ("hostname", &["a", "a-b.example.com", "localhost"], &["", "-a", "a_b.c", "a..b"]),
            (
                "ipv4",
                &["1.2.3.4", "01.2.3.4", "::ffff:1.2.3.4"],
                &["", "1.2.3", "256.1.1.1", "::1"],
            ),
            ("ipv6", &["::1", "fe80::1"], &["", "1.2.3.4", "fe80::1%eth0"]),
            ("cidr", &["10.0.0.0/8", "10.1.2.3/8", "::/0"], &["", "10.0.0.0", "10.0.0.0/33"]),
            (
                "mac",
                &["01:23:45:67:89:ab", "0123.4567.89ab"],
                &["", "01:23:45:67:89", "zz:23:45:67:89:ab"],
            ),
            ("uuid", &["F47AC10B-58CC-4372-A567-0E02B2C3D479"], &["", "f47ac10b"]),
            (
                "uuid4",
                &["f47ac10b-58cc-4372-a567-0e02b2c3d479"],
                &["f47ac10b-58cc-3372-a567-0e02b2c3d479"],
            ),
            ("isbn10", &["3836221195", "1-61729-085-8", "3 401 01319 X"], &["3836221194", ""]),
            ("isbn13", &["978-0321751041"], &["978-0321751042", ""]),
            ("creditcard", &["4220 8554 2622 2389"], &["4220855426213389", "x"]),
            ("ssn", &["111-11-1111"], &["111111111", ""]),
            ("hexcolor", &["#ff0", "CCccCC"], &["#ff", ""]),
            ("rgbcolor", &["rgb(0,  31, 255)"], &["rgb(1,349,275)", "rgb(01,31,255)"]),
            ("byte", &["TG9y", "TG8="], &["", "TG9", "T G9"]),
            ("password", &["", "x"], &[]),
            ("date", &["2024-02-29"], &["2023-02-29", "2024-2-9", "24-02-29", ""]),
            (
                "date-time",
                &["2014-12-15T19:30:20.000Z", "2014-12-15t19:30:20+01:00"],
                &["2014-12-15", "2014-12-15T25:30:20Z", "2014-12-15T19:30:20", ""],
            ),
            ("duration", &["1h30m", "0", "-1.5s", "22 ns", "3 days", "1w"], &["", "1x", "h"]),
            ("k8s-short-name", &["a-b"], &["A", "a.b", ""]),
            ("k8s-long-name", &["a-b.c"], &["A", "a..b", ""]),
            ("bsonobjectid", &["5a0b1c2d3e4f5a6b7c8d9e0f"], &["5a", ""]),
        ] {
            let check = of(format).expect(format);
            for text in good {
                assert!(check(text), "{format} {text:?}");
            }
            for text in bad {
                assert!(!check(text), "{format} {text:?}");
            }
        }
        assert!(of("foo").is_none());
    }
}
