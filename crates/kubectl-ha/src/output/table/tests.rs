//! Tables on terminals of different widths.

use super::*;

#[test]
fn without_a_terminal_nothing_is_cut() {
    let text = "NAME                     HOLDER                   NODE\n\
                a-lease-of-a-long-name   orders-7d9f8b6c5-x2x4z   node-1\n";
    assert_eq!(
        table().drawn(Terminal::default()),
        Drawn { text: text.into(), left_out: Vec::new() }
    );
}

#[test]
fn a_narrow_terminal_cuts_columns_in_the_middle_and_then_leaves_some_out() {
    let drawn = table().drawn(narrow(46));
    let text = "NAME                HOLDER              NODE\n\
                a-lease-…ong-name   orders-7…c5-x2x4z   node-1\n";
    assert_eq!(drawn, Drawn { text: text.into(), left_out: Vec::new() });

    let drawn = table().drawn(narrow(24));
    assert_eq!(drawn.left_out, ["NODE"]);
    assert_eq!(drawn.text, "NAME         HOLDER\na-lea…-name  order…x2x4z\n");
}

#[test]
fn a_name_that_could_not_be_read_is_worth_more_than_another_column() {
    let drawn = table().drawn(narrow(41));
    assert_eq!(drawn.left_out, ["NODE"]);
    assert!(drawn.text.contains("orders-7d…6c5-x2x4z"), "{}", drawn.text);
}

#[test]
fn a_column_that_says_nothing_is_left_out_first_and_from_the_rows_below_too() {
    let mut table =
        Table::new(["NAME", "POD", "NODE"]).with_flexible(["NAME"]).with_optional(["NODE", "POD"]);
    table.push(vec!["orders-7d9f8b6c5-x2x4z".into(), "-".into(), "node-1".into()]);
    let drawn = table.drawn(narrow(32));
    assert_eq!((drawn.text.lines().count(), drawn.left_out), (2, vec!["POD"]));
    assert!(drawn.text.ends_with("orders-7d9f8b6c5-x2x4z   node-1\n"), "{}", drawn.text);
    let mut more = table.continued();
    more.push(vec!["b".into(), "Running".into(), "-".into()]);
    assert_eq!(more.drawn(narrow(32)).text, format!("{:25}-\n", "b"));
}

#[test]
fn rows_that_come_later_stand_under_the_others() {
    let mut more = table().continued();
    more.push(vec!["b".into(), "c".into(), "d".into()]);
    assert_eq!(more.drawn(Terminal::default()).text, format!("{:25}{:25}d\n", "b", "c"));
}

fn table() -> Table {
    let mut table = Table::new(["NAME", "HOLDER", "NODE"])
        .with_flexible(["NAME", "HOLDER"])
        .with_optional(["NODE"]);
    table.push(vec![
        "a-lease-of-a-long-name".into(),
        "orders-7d9f8b6c5-x2x4z".into(),
        "node-1".into(),
    ]);
    table
}

fn narrow(width: u16) -> Terminal {
    Terminal { width: Some(width), ..Terminal::default() }
}
