//! Lists, in pages.

use http::Method;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Answer, Cluster, Kind, Target};
use crate::{failure::Failure, lease::Lease, time::ServerTime};

/// All objects of a list, as they were at one version.
#[derive(Clone, Debug)]
pub(crate) struct Listing<T> {
    pub(crate) items: Vec<T>,
    /// Where a watch goes on.
    pub(crate) version: String,
    pub(crate) time: ServerTime,
}

/// One page. Its items are read one by one, so that one that is odd spoils no other.
#[derive(Deserialize)]
struct Page<'a> {
    #[serde(default)]
    metadata: Metadata,
    #[serde(borrow, default)]
    items: Option<Vec<&'a RawValue>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Metadata {
    r#continue: String,
    resource_version: String,
}

impl Cluster {
    /// Lists the Leases of a namespace, or of all.
    pub(crate) async fn leases(
        &self,
        namespace: Option<&str>,
        selector: Option<&str>,
    ) -> Result<Listing<Lease>, Failure> {
        let target = Target::list(Kind::LEASES, namespace);
        self.list(&target, &[("labelSelector", selector.unwrap_or_default())], Lease::parse).await
    }

    /// Lists objects, each of which is read from its JSON.
    ///
    /// A page is dropped before the next one is asked for. If the server has forgotten the version in the middle (410), all is
    /// listed once more, without pages, as client-go does.
    pub(crate) async fn list<T>(
        &self,
        target: &Target,
        query: &[(&str, &str)],
        read: impl Fn(&str) -> T,
    ) -> Result<Listing<T>, Failure> {
        let mut items = Vec::new();
        let mut after = String::new();
        let mut limit = PAGE;
        loop {
            let pairs = [&[("limit", limit), ("continue", after.as_str())], query].concat();
            let answer = match self.ask(target, Method::GET, &target.query(&pairs), None).await {
                Err(Failure::Refused { code: 410, .. }) if !after.is_empty() => {
                    items.clear();
                    after.clear();
                    limit = "";
                    continue;
                }
                answer => answer?,
            };
            let Answer { value, time } = answer;
            let page: Page<'_> = serde_json::from_slice(&value)
                .map_err(|error| Failure::Unreadable(target.to_string(), error.to_string()))?;
            items.extend(page.items.unwrap_or_default().into_iter().map(|item| read(item.get())));
            if page.metadata.r#continue.is_empty() {
                return Ok(Listing { items, version: page.metadata.resource_version, time });
            }
            after = page.metadata.r#continue;
        }
    }
}

/// How many objects a page has, as those of kubectl.
const PAGE: &str = "500";
