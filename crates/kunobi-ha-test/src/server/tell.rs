//! The faults of clients, as a test sets them.

use super::TestServer;
use crate::fault::{ClientFaults, Fault, FaultRule, Faults};

impl TestServer {
    /// Sets what goes wrong for a client from now on, in place of what was set before.
    pub fn set_faults(&self, client: &str, faults: Faults) {
        self.state().clients.insert(client.into(), ClientFaults::new(faults));
        self.notify();
    }

    /// Returns what goes wrong for a client, with what is left of its script.
    #[must_use]
    pub fn faults(&self, client: &str) -> Faults {
        self.state().clients.get(client).map(|client| client.faults.clone()).unwrap_or_default()
    }

    /// Whether this goes wrong for a client.
    pub(super) fn suffers(&self, client: &str, what: impl FnOnce(&Faults) -> bool) -> bool {
        self.state().clients.get(client).is_some_and(|client| what(&client.faults))
    }

    /// Removes the faults of a client. A request that hangs already goes on hanging.
    pub fn heal(&self, client: &str) {
        self.state().clients.remove(client);
        self.notify();
    }

    /// Appends to the script of a client: what happens to its next requests, whatever they are. If there are others
    /// in between, such as watches and events, a [rule](Self::add_rule) hits what is meant.
    pub fn script(&self, client: &str, faults: impl IntoIterator<Item = Fault>) {
        self.state().clients.entry(client.into()).or_default().faults.script.extend(faults);
    }

    /// Adds a rule to the faults of a client: what happens to the requests that it means, from now on.
    pub fn add_rule(&self, client: &str, rule: FaultRule) {
        self.state().clients.entry(client.into()).or_default().add_rule(rule);
    }

    /// Returns the rules of a client that have not hit a request yet. A test that ends with
    /// `assert_eq!(server.unused_rules("me"), [])` knows that what it was written for has happened.
    #[must_use]
    pub fn unused_rules(&self, client: &str) -> Vec<FaultRule> {
        self.state().clients.get(client).map(ClientFaults::unused).unwrap_or_default()
    }
}
