//! PROTOCOL.md and the code know each other: each rule of the page is cited by code and by a test,
//! each citation names a rule of the page, and the words and files of the page are those of the code.

#[cfg(test)]
mod protocol {
    mod faults;
    mod page;
    mod source;
    mod tree;

    use kunobi_ha_core::{Timing, TimingConfig};

    use self::{page::Page, tree::Tree};

    #[test]
    fn the_page_and_the_code_know_each_other() {
        let faults = faults::find(&Page::read(), &Tree::read());
        assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
    }

    #[test]
    fn the_page_has_its_rules_in_order() {
        let count =
            |prefix: &'static str, last: u32| (1..=last).map(move |n| format!("{prefix}{n}"));
        let rules = count("", 16).chain(count("C", 8)).chain(count("P", 4)).chain(count("O", 2));
        assert!(Page::read().rules.into_iter().eq(rules));
    }

    #[test]
    fn the_page_shows_the_bounds_as_they_are_printed() {
        let bounds = Timing::new(TimingConfig::default()).unwrap().bounds();
        assert!(Page::read().text.contains(&format!("```text\n{bounds}```\n")), "{bounds}");
    }
}
