//! The answer to a list, which is written without the lock: it can be long.

use bytes::Bytes;
use http::{Response, StatusCode};
use serde_json::json;

use super::{
    ResponseBody, answer,
    form::{Form, Kind},
};
use crate::{
    request::{Meta, path::Target},
    store::Page,
    table::Extent,
    types::{Origin, Resource},
};

pub(super) fn response(
    page: &Page,
    target: &Target,
    resource: &Resource,
    form: &Form<'_>,
) -> Response<ResponseBody> {
    let mut metadata = json!({ "resourceVersion": page.revision.to_string() });
    // A list of custom objects has a token in any case, as there.
    let is_custom = matches!((&resource.origin, &form.kind), (Origin::Custom(_), Kind::Whole));
    if page.next.is_some() || is_custom {
        let token = page.next.as_ref().map(|next| next.text(target));
        metadata["continue"] = token.unwrap_or_default().into();
    }
    if let Some(remaining) = page.remaining {
        metadata["remainingItemCount"] = remaining.into();
    }
    let (kind, api_version) = match &form.kind {
        Kind::Whole => (resource.list_kind.as_str(), resource.api_version()),
        Kind::Metadata(meta) => ("PartialObjectMetadataList", meta.api_version().to_owned()),
        Kind::Table(table) => {
            let text = table.of_objects(&metadata, &page.objects, Extent::List);
            return answer::bytes(StatusCode::OK, text.into());
        }
    };
    let head =
        format!(r#"{{"kind":"{kind}","apiVersion":"{api_version}","metadata":{metadata},"items":"#);
    let items: usize = page.objects.iter().map(|object| object.bytes.len() + 1).sum();
    let mut text = Vec::with_capacity(head.len() + items + 2);
    text.extend_from_slice(head.as_bytes());
    match &form.kind {
        // As there.
        Kind::Metadata(_) if page.objects.is_empty() => text.extend_from_slice(b"null"),
        Kind::Metadata(meta) => write_metadata(&mut text, page, *meta),
        Kind::Whole | Kind::Table(_) => write_whole(&mut text, page, resource),
    }
    text.push(b'}');
    answer::bytes(StatusCode::OK, Bytes::from(text))
}

/// As there, the items leave out their kind, unless their type is custom.
fn write_whole(text: &mut Vec<u8>, page: &Page, resource: &Resource) {
    let Resource { kind, origin, .. } = resource;
    let api_version = resource.api_version();
    let has_kinds = matches!(origin, Origin::Custom(_));
    let common = format!(r#"{{"kind":"{kind}","apiVersion":"{api_version}","#);
    text.push(b'[');
    for (index, object) in page.objects.iter().enumerate() {
        if index > 0 {
            text.push(b',');
        }
        let object = object.served(resource);
        match object.bytes.strip_prefix(common.as_bytes()) {
            Some(rest) if !has_kinds => {
                text.push(b'{');
                text.extend_from_slice(rest);
            }
            Some(_) | None => text.extend_from_slice(&object.bytes),
        }
    }
    text.push(b']');
}

fn write_metadata(text: &mut Vec<u8>, page: &Page, meta: Meta) {
    text.push(b'[');
    for (index, object) in page.objects.iter().enumerate() {
        if index > 0 {
            text.push(b',');
        }
        let metadata = meta.partial(&object.value);
        text.extend_from_slice(metadata.to_string().as_bytes());
    }
    text.push(b']');
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;
    use jiff::Timestamp;
    use serde_json::Value;

    use super::*;
    use crate::{
        request::{As, At, Continue, ListOptions},
        selector::Selector,
        store::{Settings, Store},
    };

    const PATH: &str = "/api/v1/namespaces/x/configmaps";

    async fn listed(store: &Store, limit: Option<usize>, form: As) -> Value {
        let target = Target::parse(PATH).unwrap();
        let resource = store.types.find("", "v1", "configmaps").unwrap();
        let selector = Selector::default();
        let options = ListOptions { selector, at: At::Latest, limit, token: None };
        let page = store.list(&target, &options).unwrap();
        let form = Form::of(&form, &resource, "", Timestamp::UNIX_EPOCH).unwrap();
        let body = response(&page, &target, &resource, &form).into_body();
        serde_json::from_slice(&body.collect().await.unwrap().to_bytes()).unwrap()
    }

    fn full() -> Store {
        let mut store = Store::new(Settings::default());
        for name in ["a", "b", "c"] {
            let key = Target::parse(&format!("{PATH}/{name}")).unwrap().key();
            let metadata = json!({ "name": name });
            let value = json!({ "kind": "ConfigMap", "apiVersion": "v1", "data": { "k": name },
                                "metadata": metadata });
            store.inject(key, value);
        }
        store
    }

    #[tokio::test]
    async fn items_of_built_in_types_have_no_kind() {
        let item = |name: &str| json!({ "data": { "k": name }, "metadata": { "name": name } });
        let expected = json!({
            "kind": "ConfigMapList", "apiVersion": "v1", "metadata": { "resourceVersion": "4" },
            "items": [item("a"), item("b"), item("c")],
        });
        assert_eq!(listed(&full(), None, As::Whole).await, expected);
        let empty = listed(&Store::new(Settings::default()), None, As::Whole).await;
        assert_eq!(empty["items"], json!([]));
        let empty = listed(&Store::new(Settings::default()), None, As::Metadata(Meta::V1)).await;
        assert_eq!(empty["items"], Value::Null);
    }

    #[tokio::test]
    async fn a_page_says_how_it_goes_on() {
        let item = |name: &str| {
            json!({ "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1",
                    "metadata": { "name": name } })
        };
        let after = ("x".to_owned(), "b".to_owned());
        let next = Continue { revision: Some(4), after, left: Some(1) };
        let token = next.text(&Target::parse(PATH).unwrap());
        let expected = json!({
            "kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1",
            "metadata": { "resourceVersion": "4", "continue": token, "remainingItemCount": 1 },
            "items": [item("a"), item("b")],
        });
        assert_eq!(listed(&full(), Some(2), As::Metadata(Meta::V1)).await, expected);
    }

    #[tokio::test]
    async fn what_was_stored_strangely_is_served_as_it_is() {
        let mut store = Store::new(Settings::default());
        let key = Target::parse(&format!("{PATH}/a")).unwrap().key();
        let value = json!({ "kind": "Other", "metadata": { "name": "a" } });
        store.inject(key, value.clone());
        assert_eq!(listed(&store, None, As::Whole).await["items"], json!([value]));
    }
}
