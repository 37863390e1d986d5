//! The entries of updates are not more than ten: older ones become one.

use super::{Entry, Managers};
use crate::apply::{Manager, Operation};

const MOST_UPDATERS: usize = 10;

impl Managers {
    /// Joins the oldest entries of updates, of one version each, until few enough are left.
    pub(in crate::apply) fn cap(&mut self) {
        let of_updates = |entry: &&Entry| entry.manager.operation == Operation::Update;
        let mut updaters: Vec<Manager> =
            self.0.iter().filter(of_updates).map(|entry| entry.manager.clone()).collect();
        let mut count = updaters.len();
        if count <= MOST_UPDATERS {
            return;
        }
        updaters.sort_by(|one, other| {
            one.time.cmp(&other.time).then_with(|| one.identity().cmp(&other.identity()))
        });
        let mut first_of_version: Vec<Manager> = Vec::new();
        for manager in updaters {
            if count <= MOST_UPDATERS {
                break;
            }
            let is_version = |first: &&Manager| first.api_version == manager.api_version;
            match first_of_version.iter().find(is_version).cloned() {
                None => first_of_version.push(manager),
                Some(first) => {
                    self.join(&first, &manager);
                    count = count.saturating_sub(1);
                }
            }
        }
    }

    /// Joins an entry with those that were joined before, or with the first of its version.
    fn join(&mut self, first: &Manager, manager: &Manager) {
        let bucket = Manager {
            name: "ancient-changes".into(),
            operation: Operation::Update,
            api_version: manager.api_version.clone(),
            subresource: String::new(),
            time: manager.time.clone(),
        };
        let before = self.remove(&bucket).or_else(|| self.remove(first));
        let mut fields = before.map(|entry| entry.fields).unwrap_or_default();
        if let Some(entry) = self.remove(manager) {
            fields.unite(entry.fields);
        }
        self.put(Entry { manager: bucket, fields });
    }
}
