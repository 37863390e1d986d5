//! Exhaustive search of the shipping election core.

mod marks;
mod search;
#[cfg(test)]
mod tests;
mod setup;
mod world;

fn main() {
    let faults = setup::Faults { orphans: 1, ..setup::Faults::default() };
    let a = setup::Settings::new("a", [3, 2, 1]);
    let b = setup::Settings::new("b", [3, 2, 1]);
    let s = setup::Setup::new("x", vec![a, b], faults);
    println!("{:?}", search::search(s, 60));
}
