//! Watches: the objects that exist, then each change, with bookmarks in between.

mod event;
mod line;

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::mpsc::{self, Sender},
    time::{self, Instant},
};

use self::event::{Event, Kind};
pub(super) use self::{event::error, line::Line};
use super::{ResponseBody, TestServer, form::Form};
use crate::{
    fault::Faults,
    request::{As, Start, WatchOptions, path::Target},
    selector::Selector,
    status::Rejection,
    store::Store,
    types::{Origin, Resource},
};

struct Watch {
    server: TestServer,
    client: String,
    target: Target,
    resource: Arc<Resource>,
    selector: Selector,
    wanted: As,
    /// Nothing was sent yet.
    is_silent: bool,
    /// Everything up to this version was sent.
    sent: u64,
    /// Nothing is sent before the server has this version, which the client has seen elsewhere.
    begins_at: u64,
    /// How often the store had gone back when the last event was sent.
    restores: u64,
    events: Sender<Line>,
}

/// What there is to send.
#[derive(Default)]
struct News {
    /// Each with the version in which it happened.
    events: Vec<(u64, Event)>,
    /// Nothing can follow.
    is_last: bool,
}

/// When bookmarks are due: once a minute, and shortly before the end.
struct Bookmarks {
    next: Option<Instant>,
    end: Instant,
}

impl TestServer {
    pub(super) fn watch(
        &self,
        client: &str,
        target: &Target,
        resource: &Arc<Resource>,
        options: WatchOptions,
        wanted: As,
    ) -> ResponseBody {
        let (events, receiver) = mpsc::channel(64);
        if options.timeout.is_zero() {
            return ResponseBody::stream(receiver, 0);
        }
        let mut watch = Watch {
            server: self.clone(),
            client: client.into(),
            target: target.clone(),
            resource: Arc::clone(resource),
            selector: options.selector,
            wanted,
            is_silent: true,
            sent: 0,
            begins_at: 0,
            restores: 0,
            events,
        };
        // The first events describe the objects as they are now, even if they are sent later.
        let first = watch.first(options.start, options.not_older_than);
        let version = watch.sent;
        let end = Instant::now().checked_add(options.timeout);
        let end = end.unwrap_or_else(|| Instant::now() + LONGEST);
        let bookmarks = Bookmarks::new(options.bookmarks, end);
        tokio::spawn(async move {
            if time::timeout_at(end, watch.run(first, bookmarks)).await.is_err() {
                watch.end_uncut().await;
            }
        });
        ResponseBody::stream(receiver, version)
    }
}

impl Watch {
    /// Ends when the client is gone, or after an error.
    async fn run(&mut self, mut unsent: News, mut bookmarks: Bookmarks) {
        let server = self.server.clone();
        loop {
            let changed = server.shared.changed.notified();
            let is_cut = self.is_cut();
            if !is_cut {
                if self.send(std::mem::take(&mut unsent)).await.is_err() {
                    return;
                }
                let news = self.news();
                if self.send(news).await.is_err() {
                    return;
                }
                if bookmarks.are_due() && self.send(self.bookmark()).await.is_err() {
                    return;
                }
            }
            tokio::select! {
                // The order is fixed, so that equal runs of a simulation are equal.
                biased;
                () = changed => {}
                () = self.events.closed() => return,
                // What is due while the client is cut off comes when it is back.
                () = bookmarks.wait(), if !is_cut => {}
            }
        }
    }

    /// A cut hides the end, too. What has changed during it is left to the next watch.
    async fn end_uncut(self) {
        loop {
            let changed = self.server.shared.changed.notified();
            if !self.is_cut() {
                return;
            }
            tokio::select! {
                biased;
                () = changed => {}
                () = self.events.closed() => return,
            }
        }
    }

    fn is_cut(&self) -> bool {
        self.server.suffers(&self.client, Faults::silences_watches)
    }

    /// Fails when the watch is over.
    async fn send(&mut self, news: News) -> Result<(), ()> {
        let mut events = news.events.into_iter().peekable();
        while let Some((version, event)) = events.next() {
            let now = self.server.now();
            let form = Form::of(&self.wanted, &self.resource, "", now).map_err(drop)?;
            let bytes = event.line(&self.resource, &form, self.is_silent);
            drop(form);
            self.is_silent = false;
            let is_bookmark = matches!(event, Event::Bookmark { .. });
            let version = if events.peek().is_some() { version } else { self.sent };
            let line = Line { bytes, is_bookmark, version };
            self.events.send(line).await.map_err(drop)?;
        }
        if news.is_last { Err(()) } else { Ok(()) }
    }

    /// What the watch begins with.
    fn first(&mut self, start: Start, not_older_than: Option<u64>) -> News {
        let state = self.server.state();
        let revision = state.store.revision();
        if let Some(asked) = not_older_than.filter(|asked| *asked > revision) {
            return News::last(Rejection::too_large_version(asked, revision));
        }
        let mut news = News::default();
        if matches!(start, Start::Existing | Start::ExistingThenBookmark) {
            let wanted = state.store.covered(&self.target);
            let wanted = wanted.filter(|(key, object)| self.selector.matches(key, &object.value));
            news.events
                .extend(wanted.map(|(_, object)| (revision, Event::new(Kind::Added, object))));
        }
        if start == Start::ExistingThenBookmark {
            news.events.push((revision, Event::Bookmark { revision, is_initial: true }));
        }
        self.restores = state.restores;
        drop(state);
        self.sent = match start {
            Start::After(version) => version,
            Start::Existing | Start::ExistingThenBookmark | Start::Now => revision,
        };
        self.begins_at = self.sent;
        news
    }

    /// What has happened since the last time.
    fn news(&mut self) -> News {
        let state = self.server.state();
        let revision = state.store.revision();
        if state.restores != self.restores {
            self.restores = state.restores;
            self.sent = self.sent.min(state.restored_at);
        }
        if revision < self.begins_at {
            return News::default();
        }
        let news = self.news_from(&state.store);
        drop(state);
        // The version of a server that is restored from a backup may be lower, later.
        self.begins_at = 0;
        self.sent = revision;
        news
    }

    fn news_from(&self, store: &Store) -> News {
        match store.changes().since(self.sent) {
            Ok(changes) => {
                let changes = changes.filter(|change| self.target.covers(&change.key));
                let selector = &self.selector;
                let events = changes
                    .filter_map(|change| Some((change.revision, Event::of(change, selector)?)));
                let events = events.collect();
                News { events, is_last: self.is_undefined(store) }
            }
            Err(rejection) => News::last(rejection),
        }
    }

    /// Returns whether the definition of the type is gone.
    fn is_undefined(&self, store: &Store) -> bool {
        let Resource { group, version, plural, origin, .. } = &*self.resource;
        match origin {
            Origin::BuiltIn { .. } => false,
            Origin::Custom(_) => store.types.find(group, version, plural).is_none(),
        }
    }

    fn bookmark(&self) -> News {
        // A version that the client knows and the server does not is none to remember.
        let is_known = self.begins_at == 0;
        let event = (self.sent, Event::Bookmark { revision: self.sent, is_initial: false });
        News { events: is_known.then_some(event).into_iter().collect(), is_last: false }
    }
}

impl News {
    fn last(rejection: Rejection) -> Self {
        Self { events: vec![(0, Event::Error(rejection))], is_last: true }
    }
}

impl Bookmarks {
    fn new(are_wanted: bool, end: Instant) -> Self {
        let mut bookmarks = Self { next: None, end };
        if are_wanted {
            bookmarks.plan();
        }
        bookmarks
    }

    /// The next one comes in a minute, or if the watch ends before, two seconds before its end.
    fn plan(&mut self) {
        let now = Instant::now();
        let last = self.end.checked_sub(BEFORE_END).filter(|last| *last > now);
        self.next = last.map(|last| last.min(now + BOOKMARK_PERIOD));
    }

    /// Returns whether one is due, and plans the next one.
    fn are_due(&mut self) -> bool {
        let are_due = self.next.is_some_and(|next| next <= Instant::now());
        if are_due {
            self.plan();
        }
        are_due
    }

    /// Returns when one is due; never if none follows.
    async fn wait(&self) {
        match self.next {
            Some(next) => time::sleep_until(next).await,
            None => std::future::pending().await,
        }
    }
}

const BOOKMARK_PERIOD: Duration = Duration::from_secs(60);
const BEFORE_END: Duration = Duration::from_secs(2);
/// What is as good as no end.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 3600);

#[cfg(test)]
mod tests;
