//! The channel of the last value.

pub use real::sync::watch::{Ref, error};

use crate::point;

#[derive(Debug, Default)]
pub struct Sender<T>(real::sync::watch::Sender<T>);

#[derive(Debug)]
pub struct Receiver<T>(real::sync::watch::Receiver<T>);

pub fn channel<T>(value: T) -> (Sender<T>, Receiver<T>) {
    let (sender, receiver) = real::sync::watch::channel(value);
    (Sender(sender), Receiver(receiver))
}

impl<T> Sender<T> {
    pub fn new(value: T) -> Self {
        Self(real::sync::watch::Sender::new(value))
    }

    pub fn subscribe(&self) -> Receiver<T> {
        point();
        Receiver(self.0.subscribe())
    }

    pub fn borrow(&self) -> Ref<'_, T> {
        point();
        self.0.borrow()
    }

    pub fn send_replace(&self, value: T) -> T {
        point();
        self.0.send_replace(value)
    }

    pub fn send_modify(&self, modify: impl FnOnce(&mut T)) {
        point();
        self.0.send_modify(modify);
    }

    pub fn send_if_modified(&self, modify: impl FnOnce(&mut T) -> bool) -> bool {
        point();
        self.0.send_if_modified(modify)
    }

    pub fn receiver_count(&self) -> usize {
        point();
        self.0.receiver_count()
    }
}

impl<T> Receiver<T> {
    pub async fn changed(&mut self) -> Result<(), error::RecvError> {
        point();
        self.0.changed().await
    }

    pub async fn wait_for(
        &mut self,
        wanted: impl FnMut(&T) -> bool,
    ) -> Result<Ref<'_, T>, error::RecvError> {
        point();
        self.0.wait_for(wanted).await
    }
}

impl<T> Clone for Receiver<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}
