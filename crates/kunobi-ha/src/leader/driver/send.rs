//! Sends what the machine wants to be sent.

use std::sync::Arc;

use http::{Method, Request};
use kunobi_ha_core::{Attempt, CreateVia, Verb};

use super::{
    Driver,
    in_flight::{InFlight, request},
    lease::{LeaseName, is_identity},
    report::printable,
};
use crate::journal::info;

impl Driver {
    /// Sets whom the next release names: nobody, if no candidate can be called so.
    pub(in crate::leader) fn name_successor(&mut self, successor: Option<String>) {
        let own = self.elector.identity();
        self.successor = successor.filter(|name| is_identity(name) && name != own);
        if let Some(name) = &self.successor {
            self.span.in_scope(|| info!("named {} as successor", printable(name)));
        }
    }

    pub(super) fn launch(&mut self, attempt: Attempt) {
        use kunobi_ha_core::Request as Wanted;

        let Attempt { id, request, connection } = attempt;
        let verb = request.verb();
        let (method, named, body) = match &request {
            Wanted::Read => (Method::GET, true, Vec::new()),
            Wanted::Create { record, via } => {
                // rule 7: a create is a PUT, or a POST where the server does not create on PUT.
                let (method, named) = match via {
                    CreateVia::Put => (Method::PUT, true),
                    CreateVia::Post => (Method::POST, false),
                };
                (method, named, self.lease.write(None, None, record, None))
            }
            Wanted::Update { version, record } => {
                // rule P1: a release names the successor.
                let successor = self.successor.as_deref().filter(|_| record.holder.is_none());
                let served = self.object.as_ref();
                let body = self.lease.write(served, Some(version), record, successor);
                (Method::PUT, true, body)
            }
        };
        // rule C1: the certificate is in the file before the first write of the takeover is sent.
        let certified = match &request {
            Wanted::Read => None,
            Wanted::Create { record, .. } | Wanted::Update { record, .. } => self.certify(record),
        };
        let transport = Arc::clone(&self.transport);
        let request = self.request(method, named, body);
        let answer = Box::pin(async move {
            if let Some(mut certified) = certified {
                // Without its writer, nothing will be written.
                let _ = certified.wait_for(|done| *done).await;
            }
            transport.exchange(request?, connection).await
        });
        let renews = self.renews(verb);
        if self.term_span.is_some() && verb == Verb::Get {
            self.candidacy.election().stats.took_slow_path();
        }
        let sent = self.clock.now();
        self.in_flight.push(InFlight { id, verb, sent, renews, answer });
    }

    /// Tells whether such a request renews a term.
    fn renews(&self, verb: Verb) -> bool {
        match verb {
            Verb::Create | Verb::Update => self.term_span.is_some(),
            Verb::Get => false,
        }
    }

    fn request(
        &self,
        method: Method,
        named: bool,
        body: Vec<u8>,
    ) -> Result<Request<Vec<u8>>, http::Error> {
        let LeaseName { namespace, name, .. } = &self.lease;
        let mut uri = format!("/apis/coordination.k8s.io/v1/namespaces/{namespace}/leases");
        if named {
            uri = format!("{uri}/{name}");
        }
        request(method, &uri, body)
    }
}
