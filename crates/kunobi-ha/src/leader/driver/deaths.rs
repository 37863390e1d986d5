//! What is known of the death of the leader (rules C2, C3 and C5).

use std::sync::Arc;

use kunobi_ha_core::{Input, Leadership, LeaseRecord, LeaseTime, Takeover};

use super::{
    Driver,
    lease::LeaseName,
    pod_watch::{PodEvent, PodWatch},
    report::printable,
    watch::Watch,
};
use crate::{
    journal::warn,
    leader::certificates::{Certificate, Certificates, Ends, Evidence, Verdict},
};

/// Watches the Pod of the holder while this replica contends.
pub(super) struct Deaths {
    certificates: Certificates,
    contends: bool,
    pod: Option<WatchedPod>,
    /// The term of which the machine was told, and by what its death is known.
    told: Option<(Certificate, Evidence)>,
    /// The term whose certificate is not believed.
    doubted: Option<Certificate>,
    /// A missing right was said.
    complained: bool,
}

struct WatchedPod {
    name: String,
    watch: Watch<PodEvent>,
    ends: Ends,
}

impl Deaths {
    pub(super) const fn new(certificates: Certificates) -> Self {
        Self {
            certificates,
            contends: false,
            pod: None,
            told: None,
            doubted: None,
            complained: false,
        }
    }

    /// Only a candidate follows anybody.
    pub(super) fn published(&mut self, leadership: &Leadership) {
        self.contends = match leadership {
            Leadership::Following { .. } => true,
            Leadership::Leading { .. }
            | Leadership::Ended { .. }
            | Leadership::Failed(_)
            | Leadership::Released(_)
            | Leadership::Withdrawn => false,
        };
    }

    /// Waits for what the Pod of the holder shows; `None` if its watch is over.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe.
    pub(super) async fn next(&mut self) -> Option<PodEvent> {
        self.pod.as_mut()?.watch.next().await
    }

    pub(super) const fn is_watching(&self) -> bool {
        self.pod.is_some()
    }

    /// Returns whose Pod is to be watched.
    fn pod_of(&self, record: Option<&LeaseRecord>) -> Option<String> {
        let holder = record?.holder.as_deref().filter(|_| self.contends)?;
        self.certificates.pod_of(holder).filter(|_| self.certificates.log.is_trusted())
    }
}

impl Driver {
    /// rule C2: watches the Pod of this record's holder, and no other. Returns what it says of that
    /// holder, once.
    pub(super) fn look_for_death(&mut self) -> Option<Input> {
        let deaths = self.deaths.as_mut()?;
        let record = self.record.as_ref().filter(|_| self.elector.version().is_some());
        let name = deaths.pod_of(record);
        if name.as_ref() != deaths.pod.as_ref().map(|pod| &pod.name) {
            let pause = self.elector.timing().config().retry_period;
            let Certificates { namespace, container, .. } = &deaths.certificates;
            deaths.pod = name.map(|name| {
                let (namespace, container) = (Arc::clone(namespace), Arc::clone(container));
                let watched = PodWatch { namespace, name: name.clone(), container };
                let watch = Watch::open(Arc::clone(&self.transport), watched, pause);
                WatchedPod { name, watch, ends: Ends::default() }
            });
        }
        let (certificate, died) = term_of(&self.lease, record?)?;
        deaths.told.take_if(|(told, _)| *told != certificate);
        match deaths.pod.as_ref()?.ends.of(&certificate) {
            Verdict::Dead(evidence) if deaths.told.is_none() => {
                deaths.told = Some((certificate, evidence.clone()));
                Some(died)
            }
            Verdict::Doubtful(why, evidence) if deaths.doubted.as_ref() != Some(&certificate) => {
                self.candidacy.election().stats.certificate_failed();
                self.span.in_scope(|| {
                    warn!("{evidence}, which does not show that the leader is dead: {why}");
                });
                deaths.doubted = Some(certificate);
                None
            }
            Verdict::Dead(_) | Verdict::Doubtful(..) | Verdict::Unknown => None,
        }
    }

    /// Takes what the watch of a Pod has brought.
    pub(super) fn pod_showed(&mut self, event: Option<PodEvent>) {
        let Some(deaths) = &mut self.deaths else { return };
        let Some(pod) = &mut deaths.pod else { return };
        match event {
            Some(PodEvent::Shown(ends)) => pod.ends = ends,
            Some(PodEvent::Failed { is_refusal, why }) => {
                let namespace = &deaths.certificates.namespace;
                let needed = if is_refusal { RULE } else { "" };
                let name = printable(&pod.name);
                self.candidacy.election().stats.certificate_failed();
                let said = deaths.complained && is_refusal;
                deaths.complained |= is_refusal;
                if !said {
                    self.span.in_scope(|| {
                        warn!(
                            "pod {namespace}/{name} can't be watched, so that the lease is waited \
                             out if its process dies: {why}{needed}"
                        );
                    });
                }
            }
            None => deaths.pod = None,
        }
    }

    /// A term was won: notes by what the death before it is known.
    pub(super) fn took_over(&mut self, how: Takeover) {
        let told = self.deaths.as_ref().and_then(|deaths| deaths.told.as_ref());
        self.taken_over = match how {
            Takeover::Died => told.map(|(_, evidence)| evidence.clone()),
            _ => None,
        };
    }

    /// Says how this replica became leader.
    pub(super) fn became_leader(&self) -> String {
        match &self.taken_over {
            Some(evidence) => format!("became leader, taken over from a dead process: {evidence}"),
            None => "became leader".into(),
        }
    }

    /// rule C4: nothing that Pods say of deaths is believed by this process any more.
    pub(super) fn distrust_certificates(&mut self) {
        if let Some(deaths) = &mut self.deaths {
            deaths.certificates.log.distrust();
            deaths.pod = None;
        }
    }
}

/// Returns the certificate of the term that a record shows, and the news of its death.
fn term_of(lease: &LeaseName, record: &LeaseRecord) -> Option<(Certificate, Input)> {
    let (Some(holder), LeaseTime::At(acquire_time)) = (&record.holder, &record.acquire_time) else {
        return None;
    };
    let acquire_time = *acquire_time;
    let certificate = Certificate::of(lease, holder, acquire_time)?;
    Some((certificate, Input::HolderDied { holder: holder.clone(), acquire_time }))
}

const RULE: &str = "; a Role in that namespace needs the rule {apiGroups: [\"\"], resources: \
                    [pods], verbs: [get, watch]}";
