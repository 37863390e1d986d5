use super::*;

fn fields(name: &str) -> &'static Struct {
    match form(name) {
        Form::Struct(fields) => fields,
        other => panic!("{name} is {other:?}"),
    }
}

#[test]
fn every_line_is_read_and_names_only_types_that_are_there() {
    for (name, known) in TABLE.iter() {
        for (field, word) in known.fields.split_whitespace().filter_map(|word| word.split_once(':'))
        {
            let text = word.split(['~', '%']).next().unwrap();
            let inner = text.trim_matches(['[', ']', '{', '}']);
            let is_scalar = SCALARS.iter().any(|(scalar, _)| *scalar == inner);
            let is_known = is_scalar || inner == "any" || TABLE.contains_key(inner);
            assert!(is_known, "{name}.{field}: {inner}");
        }
        assert!(matches!(form(name), Form::Struct(_)), "{name}");
    }
    assert!(TABLE.len() > 500);
}

#[test]
fn a_container_has_ports_that_are_told_apart_by_two_keys_and_merged_by_one() {
    let ports = &fields("api.core.v1.Container").fields["ports"];
    assert_eq!(ports.patch.merge_key.as_deref(), Some("containerPort"));
    assert!(ports.patch.merges && !ports.patch.retains_keys && !ports.is_required);
    let Form::List { kind, items } = ports.shape.form() else { panic!("{ports:?}") };
    assert_eq!(*kind, ListKind::Map(vec!["containerPort".into(), "protocol".into()]));
    assert_eq!(items.go_name(), "ContainerPort");
}

#[test]
fn a_label_selector_is_atomic_and_a_strategy_retains_its_keys() {
    assert!(fields("apimachinery.pkg.apis.meta.v1.LabelSelector").is_atomic);
    let spec = fields("api.apps.v1.DeploymentSpec");
    assert!(spec.fields["strategy"].patch.retains_keys);
    assert!(spec.fields["selector"].is_required);
}

/// What Go writes of each type whose scalars are all zero (`interop/clients/zeros`).
#[test]
fn a_scalar_that_is_zero_is_left_out_where_go_leaves_it_out() {
    let (mut checked, mut faults) = (0, Vec::new());
    for line in include_str!("zeros.txt").lines().filter(|line| !line.starts_with('#')) {
        let (name, go) = line.split_once(' ').unwrap();
        let Some(name) = self::name(name) else { continue };
        let go: Value = serde_json::from_str(go).unwrap();
        let Form::Struct(known) = form(name) else { panic!("{name}") };
        let scalars = known.fields.iter().filter_map(|(field, of)| match of.shape.form() {
            // Null stands for the zero time, and for no time.
            Form::Scalar(Scalar::Time | Scalar::MicroTime) => None,
            Form::Scalar(_) => Some((field, of.shape.zero())),
            _ => None,
        });
        let mut value = Value::Object(scalars.clone().map(|(f, v)| (f.clone(), v)).collect());
        crate::shape::decode(&Shape::named(name), &mut value).unwrap();
        for (field, _) in scalars {
            checked += 1;
            if value.get(field).is_some() != go.get(field).is_some() {
                faults.push(format!("{name}.{field}"));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
    assert!(checked > 1000, "{checked}");
}
