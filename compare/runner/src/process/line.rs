//! A line of a program.

use crate::belief::Event;

/// What it says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Line {
    Started {
        monotonic: u64,
        /// Nanoseconds since 1970.
        wall: u64,
    },
    Event(Event),
}

impl Line {
    pub(super) fn parse(line: &str) -> Option<Self> {
        let mut words = line.split(' ');
        let (word, first) = (words.next()?, words.next()?.parse().ok()?);
        let second = words.next().and_then(|word| word.parse().ok());
        match (word, second, words.next()) {
            ("started", Some(wall), None) => Some(Self::Started { monotonic: first, wall }),
            ("leads", None, None) => Some(Self::Event(Event::Leads { at: first })),
            ("follows", Some(last_yes), None) => Some(Self::Event(Event::Follows { last_yes })),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_lines_of_the_candidate_are_read() {
        assert_eq!(Line::parse("leads 7"), Some(Line::Event(Event::Leads { at: 7 })));
        let follows = Line::Event(Event::Follows { last_yes: 8 });
        assert_eq!(Line::parse("follows 9 8"), Some(follows));
        assert_eq!(Line::parse("started 1 2"), Some(Line::Started { monotonic: 1, wall: 2 }));
        for other in ["", "leads", "leads x", "follows 9", "leads 7 8 9", "leading 7"] {
            assert_eq!(Line::parse(other), None, "{other:?}");
        }
    }
}
