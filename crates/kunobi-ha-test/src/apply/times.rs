//! The times of managers.

use serde_json::Value;

/// Whether two states of an object differ in nothing but the times of their managers: then there is
/// nothing to write.
pub(crate) fn differ_only_in_times(old: &Value, new: &Value) -> bool {
    same_but(old, new, &["metadata", "managedFields"], same_managers)
}

/// Whether two objects are the same, where one field is compared in another way.
fn same_but(one: &Value, other: &Value, path: &[&str], same: fn(&Value, &Value) -> bool) -> bool {
    let Some((first, rest)) = path.split_first() else {
        return same(one, other);
    };
    let (Some(one), Some(other)) = (one.as_object(), other.as_object()) else {
        return one == other;
    };
    one.len() == other.len()
        && one.iter().zip(other).all(|((name, one), (other_name, other))| {
            name == other_name
                && if name == first { same_but(one, other, rest, same) } else { one == other }
        })
}

fn same_managers(one: &Value, other: &Value) -> bool {
    let (Some(one), Some(other)) = (one.as_array(), other.as_array()) else {
        return one == other;
    };
    one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same_entry(one, other))
}

fn same_entry(one: &Value, other: &Value) -> bool {
    let (Some(one), Some(other)) = (one.as_object(), other.as_object()) else {
        return one == other;
    };
    let timeless = |name: &&String| *name != "time";
    one.keys().filter(timeless).count() == other.keys().filter(timeless).count()
        && one.iter().all(|(name, value)| name == "time" || other.get(name) == Some(value))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::differ_only_in_times;

    fn object(data: &str, entry: &Value) -> Value {
        json!({"data": data, "metadata": {"name": "a", "managedFields": [entry]}})
    }

    #[test]
    fn only_times_may_differ() {
        let old = object("1", &json!({"manager": "a", "time": "x"}));
        for new in [
            old.clone(),
            object("1", &json!({"manager": "a", "time": "y"})),
            object("1", &json!({"manager": "a"})),
        ] {
            assert!(differ_only_in_times(&old, &new), "{new}");
            assert!(differ_only_in_times(&new, &old), "{new}");
        }
        for new in [
            object("2", &json!({"manager": "a", "time": "x"})),
            object("1", &json!({"manager": "b", "time": "x"})),
            object("1", &json!({"manager": "a", "time": "x", "subresource": "status"})),
            json!({"data": "1", "metadata": {"name": "a", "managedFields": []}}),
            json!({"data": "1", "metadata": {"name": "a"}}),
            json!({"metadata": {"name": "a", "managedFields": [{"manager": "a"}]}}),
            json!({"data": "1", "metadata": null}),
        ] {
            assert!(!differ_only_in_times(&old, &new), "{new}");
            assert!(!differ_only_in_times(&new, &old), "{new}");
        }
    }
}
