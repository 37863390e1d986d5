//! Certifies which term this process begins, before that is written to the Lease (rule C1).

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use kunobi_ha_core::{LeaseRecord, LeaseTime};
use tokio::{
    runtime::Handle as Runtime,
    sync::watch::{Receiver, channel},
    time::timeout,
};

use super::{Driver, lease::LeaseName};
use crate::{
    journal::warn,
    leader::{
        candidacy::Candidacy,
        certificates::{Certificate, Certificates},
    },
    termination_log::TerminationLog,
};

/// Writes the certificates of this elector.
pub(super) struct Author {
    log: Arc<TerminationLog>,
    /// Those that may be in the file, the newest one first.
    written: Vec<Box<str>>,
    /// The newest one, and whether it is waited for no longer.
    newest: Option<(Certificate, Receiver<bool>)>,
    /// The last write has failed.
    failing: Arc<AtomicBool>,
}

impl Author {
    /// Returns `None` if followers could not find a certificate of this identity.
    pub(super) fn new(
        certificates: &Certificates,
        identity: &str,
        candidacy: &Candidacy,
    ) -> Option<Self> {
        let has_pod = certificates.pod_of(identity).is_some();
        if !has_pod {
            candidacy.election().stats.certificate_failed();
            warn!(
                "nobody will know at once if this process dies, because its identity is no name of a \
                 pod: set POD_NAME, or DeathCertificates::pod_name"
            );
        }
        // On other systems, the end of a container is not that of its processes.
        if has_pod && !cfg!(target_os = "linux") {
            warn!(
                "nobody will know at once if this process dies: certificates are written on Linux only"
            );
        }
        (has_pod && cfg!(target_os = "linux")).then(|| Self {
            log: Arc::clone(&certificates.log),
            written: Vec::new(),
            newest: None,
            failing: Arc::default(),
        })
    }
}

impl Driver {
    /// Begins to write the certificate of the term that this record shows, unless that was done
    /// before. Returns what to wait for before the record is sent.
    pub(super) fn certify(&mut self, record: &LeaseRecord) -> Option<Receiver<bool>> {
        let author = self.author.as_mut().filter(|author| author.log.is_trusted())?;
        let (Some(holder), LeaseTime::At(acquired)) = (&record.holder, &record.acquire_time) else {
            return None;
        };
        let certificate = Certificate::of(&self.lease, holder, *acquired)?;
        if let Some((newest, done)) = &author.newest
            && *newest == certificate
        {
            return Some(done.clone());
        }
        let (end, done) = channel(false);
        author.newest = Some((certificate.clone(), done.clone()));
        author.written.insert(0, certificate.as_str().into());
        author.written.truncate(MOST_WRITTEN);
        let (log, failing) = (Arc::clone(&author.log), Arc::clone(&author.failing));
        let LeaseName { namespace, name, .. } = &self.lease;
        let subject = format!("{namespace}/{name}");
        let patience = self.elector.timing().config().retry_period / 4;
        let (span, candidacy) = (self.span.clone(), self.candidacy.clone());
        Runtime::try_current().ok()?.spawn(async move {
            let failed = write(log, subject, certificate, patience).await.err();
            end.send_replace(true);
            let failed_before = failing.swap(failed.is_some(), Ordering::Relaxed);
            let Some(why) = failed else { return };
            candidacy.election().stats.certificate_failed();
            if !failed_before {
                span.in_scope(|| {
                    warn!("nobody will know at once if this process dies: {why}");
                });
            }
        });
        Some(done)
    }

    /// Removes the certificates of terms that were given back: their deaths are of no interest.
    pub(super) fn withdraw_certificates(&mut self) {
        let (Some(author), Ok(runtime)) = (&mut self.author, Runtime::try_current()) else {
            return;
        };
        let (log, written) = (Arc::clone(&author.log), std::mem::take(&mut author.written));
        author.newest = None;
        if !written.is_empty() {
            // If it fails, they stay, and say nothing that is wrong.
            runtime.spawn_blocking(move || log.withdraw(&written));
        }
    }
}

/// Writes a certificate. It may be waited for only so long (rule C1), and is true also if it comes late.
async fn write(
    log: Arc<TerminationLog>,
    subject: String,
    certificate: Certificate,
    patience: Duration,
) -> Result<(), String> {
    let path = log.path().display().to_string();
    let writing = tokio::task::spawn_blocking(move || log.certify(&subject, certificate.as_str()));
    match timeout(patience, writing).await {
        Ok(Ok(Ok(()))) => Ok(()),
        Ok(Ok(Err(error))) => Err(format!("{path}: {error}")),
        Ok(Err(error)) => Err(format!("{path}: {error}")),
        Err(_) => Err(format!("{path} was not written within {patience:?}")),
    }
}

/// More than one file holds.
const MOST_WRITTEN: usize = 16;
