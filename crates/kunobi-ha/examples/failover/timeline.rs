//! What a picture of some elections shows. All times are seconds since the beginning.

/// Some replicas, and what happened to them.
pub(crate) struct Timeline {
    pub(crate) title: String,
    pub(crate) subtitle: String,
    pub(crate) replicas: Vec<String>,
    pub(crate) terms: Vec<Term>,
    pub(crate) events: Vec<Event>,
    pub(crate) end: f64,
}

/// A time in which a replica believes that it leads.
pub(crate) struct Term {
    pub(crate) replica: String,
    pub(crate) from: f64,
    pub(crate) to: f64,
}

/// Something that happens to a replica.
pub(crate) struct Event {
    pub(crate) at: f64,
    pub(crate) replica: String,
    pub(crate) what: Happening,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Happening {
    Connected,
    Crashes,
    CutOff,
    GoesOn,
    StartsAgain,
    StepsDown,
    Stopped,
}

/// A time between two terms, in which nobody leads.
pub(crate) struct Gap {
    pub(crate) from: f64,
    pub(crate) to: f64,
    /// What has ended the term before.
    pub(crate) cause: Option<Happening>,
}

/// A time in which a replica is down, stopped or cut off.
pub(crate) struct Absence<'a> {
    pub(crate) replica: &'a str,
    pub(crate) from: f64,
    pub(crate) to: f64,
}

impl Timeline {
    /// Returns the times between one term and the next.
    pub(crate) fn gaps(&self) -> Vec<Gap> {
        let mut terms: Vec<&Term> = self.terms.iter().collect();
        terms.sort_by(|one, other| one.from.total_cmp(&other.from));
        let pairs = terms.iter().zip(terms.iter().skip(1));
        pairs
            .map(|(one, next)| {
                let causes = self.events.iter().filter(|event| {
                    event.replica == one.replica && event.at >= one.from && event.at <= next.from
                });
                let cause = causes.map(|event| event.what).rfind(|what| what.ends_a_term());
                Gap { from: one.to, to: next.from, cause }
            })
            .collect()
    }

    /// Returns when replicas are away.
    pub(crate) fn absences(&self) -> Vec<Absence<'_>> {
        let starts = self.events.iter().enumerate().filter(|(_, event)| event.what.is_away());
        starts
            .map(|(index, event)| {
                let mut later = self.events.iter().skip(index + 1);
                let back =
                    later.find(|other| other.replica == event.replica && other.what.is_back());
                let to = back.map_or(self.end, |back| back.at);
                Absence { replica: &event.replica, from: event.at, to }
            })
            .collect()
    }
}

impl Happening {
    /// As the end of a sentence that begins with the replica.
    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::Connected => "is connected again",
            Self::Crashes => "crashes",
            Self::CutOff => "is cut off",
            Self::GoesOn => "goes on",
            Self::StartsAgain => "is started again",
            Self::StepsDown => "steps down",
            Self::Stopped => "is stopped",
        }
    }

    /// As the name of what follows.
    pub(crate) const fn noun(self) -> &'static str {
        match self {
            Self::Connected => "connection",
            Self::Crashes => "crash",
            Self::CutOff => "cut off",
            Self::GoesOn => "resumption",
            Self::StartsAgain => "start",
            Self::StepsDown => "release",
            Self::Stopped => "stop",
        }
    }

    const fn ends_a_term(self) -> bool {
        match self {
            Self::Crashes | Self::CutOff | Self::StepsDown | Self::Stopped => true,
            Self::Connected | Self::GoesOn | Self::StartsAgain => false,
        }
    }

    const fn is_away(self) -> bool {
        match self {
            Self::Crashes | Self::CutOff | Self::Stopped => true,
            Self::Connected | Self::GoesOn | Self::StartsAgain | Self::StepsDown => false,
        }
    }

    /// What ends an absence shows in its end, and needs no label.
    pub(crate) const fn is_back(self) -> bool {
        match self {
            Self::Connected | Self::GoesOn | Self::StartsAgain => true,
            Self::Crashes | Self::CutOff | Self::StepsDown | Self::Stopped => false,
        }
    }
}
