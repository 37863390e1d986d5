//! The query of a URL, read as Go reads it.

/// The parameters of a query in their order. A name may stand in it more than once.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    /// Go drops a pair that holds a semicolon or an escape which is not one, and reads the rest.
    pub(crate) fn parse(text: &str) -> Self {
        let pair = |pair: &str| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((unescape(name, Part::Query)?, unescape(value, Part::Query)?))
        };
        let pairs = text.split('&').filter(|pair| !pair.is_empty() && !pair.contains(';'));
        Self(pairs.filter_map(pair).collect())
    }

    pub(crate) fn first(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(is, _)| is == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn pairs(&self) -> &[(String, String)] {
        &self.0
    }
}

/// Which part of a URL a text comes from: only in a query does `+` stand for a space.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Part {
    Path,
    Query,
}

/// Replaces `%20` and the like; none if a `%` is not followed by two hexadecimal digits.
pub(crate) fn unescape(text: &str, part: Part) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        rest = tail;
        match (first, part) {
            (b'%', _) => {
                let (digits, tail) = tail.split_at_checked(2)?;
                bytes.push(hexadecimal(digits)?);
                rest = tail;
            }
            (b'+', Part::Query) => bytes.push(b' '),
            (byte, _) => bytes.push(*byte),
        }
    }
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

fn hexadecimal(digits: &[u8]) -> Option<u8> {
    // `from_str_radix` also takes a sign.
    let digits = std::str::from_utf8(digits).ok().filter(|text| !text.starts_with('+'))?;
    u8::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_read_as_go_reads_it() {
        let query = Query::parse("a=1&a=2&b&c=%2Fx+y&=v&bad=%zz&semi=a;b&short=%2&sign=%+1&%61=3");
        assert_eq!(query.all("a").collect::<Vec<_>>(), ["1", "2", "3"]);
        assert_eq!(query.first("a"), Some("1"));
        assert_eq!(query.first("b"), Some(""));
        assert_eq!(query.first("c"), Some("/x y"));
        assert_eq!(query.first(""), Some("v"));
        for dropped in ["bad", "semi", "short", "sign", "d"] {
            assert_eq!(query.first(dropped), None, "{dropped}");
        }
    }

    #[test]
    fn a_plus_is_a_space_in_a_query_only() {
        assert_eq!(unescape("a+b%2B", Part::Path).as_deref(), Some("a+b+"));
        assert_eq!(unescape("a+b%2B", Part::Query).as_deref(), Some("a b+"));
        assert_eq!(unescape("%ff", Part::Path).as_deref(), Some("\u{fffd}"));
    }
}
