//! The names of tracked work.

use std::{any::type_name_of_val, panic::Location, sync::Arc};

/// Returns the name of tracked work: that of the async function or method that made it, or else the
/// place where it was tracked, because the type of a future that wraps others says nothing.
pub(crate) fn name_of<F>(work: &F, tracked: &Location<'_>) -> Arc<str> {
    match function(type_name_of_val(work)) {
        Some(name) => name.into(),
        None => format!("{}:{}", within_crate(tracked.file()), tracked.line()).into(),
    }
}

/// Returns the name of the function whose future has this type, if a function made it: the future of
/// `<Api as Reconcile>::run` has the type `<Api as Reconcile>::run::{{closure}}`.
fn function(path: &str) -> Option<&str> {
    let mut within = path;
    while let Some((outer, name)) = split_last(within)
        && name.starts_with("{{")
    {
        within = outer;
    }
    (within != path).then(|| last_name(within)).filter(|name| !name.is_empty())
}

/// Returns the last name of a path, without its generic arguments.
fn last_name(path: &str) -> &str {
    let last = split_last(path).map_or(path, |(_, last)| last);
    last.split('<').next().filter(|name| !name.is_empty()).unwrap_or(path)
}

/// Splits a path at its last `::` that is not within generic arguments.
fn split_last(path: &str) -> Option<(&str, &str)> {
    let bytes = path.as_bytes();
    let mut depth = 0_u32;
    for at in (0..bytes.len()).rev() {
        match bytes[at] {
            // The arrow of a function type closes nothing.
            b'>' if at > 0 && bytes[at - 1] == b'-' => {}
            b'>' => depth += 1,
            b'<' => depth = depth.saturating_sub(1),
            b':' if depth == 0 && at > 0 && bytes[at - 1] == b':' => {
                return Some((&path[..at - 1], &path[at + 1..]));
            }
            _ => {}
        }
    }
    None
}

/// Returns the path of a file within its crate.
fn within_crate(file: &str) -> &str {
    let of_crate = file.rsplit_once("/src/").or_else(|| file.rsplit_once("\\src\\"));
    let of_crate = of_crate.map(|(_, within)| within).or_else(|| file.strip_prefix("src/"));
    of_crate.unwrap_or_else(|| file.rsplit(['/', '\\']).next().unwrap_or(file))
}

#[cfg(test)]
#[expect(clippy::unused_async, reason = "the functions are there for their names")]
mod tests {
    use std::{future::ready, pin::Pin, time::Duration};

    use tokio::time::timeout;

    use super::*;

    trait Reconcile<T> {
        fn reconcile(&self, of: T) -> impl Future<Output = ()>;
    }

    struct Plain;

    struct Generic<T>(T);

    impl Reconcile<Vec<u8>> for Plain {
        async fn reconcile(&self, _: Vec<u8>) {}
    }

    impl<T, U> Reconcile<U> for Generic<T> {
        async fn reconcile(&self, _: U) {}
    }

    impl Plain {
        async fn inherent(&self) {}
    }

    impl<T> Generic<T> {
        async fn inherent(&self) {}
    }

    async fn free() {}

    async fn generic<T>(_: T) {}

    #[test]
    fn work_is_called_after_the_function_that_made_it() {
        let here = Location::caller();
        let (one, two) = (Generic(1), Generic(Some(vec![""])));
        let arrow: fn(u8) -> Vec<u8> = |_| Vec::new();
        for (name, expected) in [
            (name_of(&free(), here), "free"),
            (name_of(&generic(vec![1]), here), "generic"),
            (name_of(&generic(arrow), here), "generic"),
            (name_of(&generic(free()), here), "generic"),
            (name_of(&Plain.inherent(), here), "inherent"),
            (name_of(&one.inherent(), here), "inherent"),
            (name_of(&two.inherent(), here), "inherent"),
            (name_of(&Plain.reconcile(Vec::new()), here), "reconcile"),
            (name_of(&one.reconcile(arrow), here), "reconcile"),
            (name_of(&two.reconcile(Generic(Plain)), here), "reconcile"),
            (name_of(&async {}, here), "work_is_called_after_the_function_that_made_it"),
        ] {
            assert_eq!(*name, *expected);
        }
    }

    #[tokio::test]
    async fn what_no_function_made_is_called_after_the_place_where_it_is_tracked() {
        let here = Location::caller();
        let place = format!("shutdown/tasks/name.rs:{}", here.line());
        let wrapped = timeout(Duration::ZERO, free());
        let boxed: Pin<Box<dyn Future<Output = ()>>> = Box::pin(free());
        for name in [name_of(&wrapped, here), name_of(&boxed, here), name_of(&ready(()), here)] {
            assert_eq!(*name, *place);
        }
        assert_eq!(function("{{closure}}"), None);
    }

    #[test]
    fn a_place_is_told_from_the_root_of_its_crate() {
        for (file, expected) in [
            ("src/main.rs", "main.rs"),
            ("crates/controller/src/work/sync.rs", "work/sync.rs"),
            ("crates\\controller\\src\\work\\sync.rs", "work\\sync.rs"),
            ("crates/controller/tests/all.rs", "all.rs"),
            ("main.rs", "main.rs"),
        ] {
            assert_eq!(within_crate(file), expected);
        }
    }
}
