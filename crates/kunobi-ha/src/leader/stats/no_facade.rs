//! Without the feature `metrics`, nothing is told to anybody.

#[derive(Debug)]
pub(super) struct Facade;

#[allow(clippy::unused_self)] // The same methods as with the feature.
impl Facade {
    pub(super) const fn new(_: &str, _: &str) -> Self {
        Self
    }

    pub(super) const fn meet(&self) {}

    pub(super) const fn leading(&self, _: bool) {}

    pub(super) const fn lost(&self, _: &'static str) {}

    pub(super) const fn failed(&self, _: &'static str) {}

    pub(super) const fn renewed(&self, _: &'static str) {}

    pub(super) const fn renewal(&self, _: f64, _: Option<std::time::Duration>) {}

    pub(super) const fn collided(&self) {}

    pub(super) const fn took_slow_path(&self) {}
}
