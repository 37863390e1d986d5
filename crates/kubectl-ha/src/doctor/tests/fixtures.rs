//! Reads `fixtures.txt`.

use super::world::World;

/// Two elections that differ little: a check finds something in one of them only.
#[derive(Debug, Default)]
pub(super) struct Fixture {
    pub(super) id: String,
    pub(super) line: usize,
    /// What else is found.
    pub(super) also: Vec<String>,
    pub(super) near_also: Vec<String>,
    /// Near it, too little is known for this check.
    pub(super) near_skips: bool,
    trigger: Vec<Edit>,
    near: Vec<Edit>,
}

/// A pointer, and the JSON that is put there.
type Edit = (String, String);

impl Fixture {
    pub(super) fn triggers(&self) -> World {
        changed(&self.trigger)
    }

    pub(super) fn near(&self) -> World {
        changed(&self.near)
    }
}

fn changed(edits: &[Edit]) -> World {
    let mut world = World::healthy();
    for (pointer, json) in edits {
        world.set(pointer, json);
    }
    world
}

pub(super) fn fixtures() -> Vec<Fixture> {
    let mut fixtures: Vec<Fixture> = Vec::new();
    for (line, text) in include_str!("fixtures.txt").lines().enumerate() {
        let (mark, rest) = text.split_once(' ').unwrap_or((text, ""));
        if mark == "==" {
            fixtures.push(Fixture { id: rest.into(), line: line + 1, ..Fixture::default() });
            continue;
        }
        let Some(fixture) = fixtures.last_mut() else { continue };
        let edit = || {
            let (pointer, json) = rest.split_once(' ').expect(text);
            (pointer.to_owned(), json.to_owned())
        };
        let ids = || rest.split_whitespace().map(String::from).collect();
        match mark {
            "+" => fixture.trigger.push(edit()),
            "-" => fixture.near.push(edit()),
            "*" => {
                fixture.trigger.push(edit());
                fixture.near.push(edit());
            }
            "also" => fixture.also = ids(),
            "near-skips" => fixture.near_skips = true,
            "near-also" => fixture.near_also = ids(),
            "" => {}
            _ => panic!("fixtures.txt:{}: {text}", line + 1),
        }
    }
    fixtures
}
