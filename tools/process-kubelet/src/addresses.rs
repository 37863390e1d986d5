//! Loopback addresses, one a pod.

use std::{collections::BTreeSet, net::Ipv4Addr};

/// The addresses from a first one to the end of its /24. One that was given back is the last to
/// be taken again, because connections to the pod before may still linger there.
#[derive(Debug)]
pub(crate) struct Addresses {
    first: Ipv4Addr,
    next: Ipv4Addr,
    taken: BTreeSet<Ipv4Addr>,
}

impl Addresses {
    pub(crate) fn new(first: Ipv4Addr) -> Self {
        Self { first, next: first, taken: BTreeSet::new() }
    }

    pub(crate) fn take(&mut self) -> Option<Ipv4Addr> {
        for _ in self.first.octets()[3]..=LAST {
            let address = self.next;
            let [a, b, c, d] = address.octets();
            self.next = if d < LAST { Ipv4Addr::new(a, b, c, d + 1) } else { self.first };
            if self.taken.insert(address) {
                return Some(address);
            }
        }
        None
    }

    pub(crate) fn give_back(&mut self, address: Ipv4Addr) {
        self.taken.remove(&address);
    }
}

const LAST: u8 = 254;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_was_given_back_comes_up_after_all_others() {
        let mut addresses = Addresses::new(Ipv4Addr::new(127, 1, 0, 252));
        let first = addresses.take().unwrap();
        assert_eq!(first, Ipv4Addr::new(127, 1, 0, 252));
        addresses.give_back(first);
        assert_eq!(addresses.take(), Some(Ipv4Addr::new(127, 1, 0, 253)));
        assert_eq!(addresses.take(), Some(Ipv4Addr::new(127, 1, 0, 254)));
        assert_eq!(addresses.take(), Some(first));
        assert_eq!(addresses.take(), None);
    }
}
