//! A unified diff as Go's port of Python's `difflib` makes it.

use std::collections::BTreeMap;

/// Lines that are the same in both texts.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Block {
    old: usize,
    new: usize,
    size: usize,
}

/// A part of both texts.
#[derive(Clone, Copy, Debug)]
struct Part {
    old: (usize, usize),
    new: (usize, usize),
    is_same: bool,
}

/// Empty if nothing differs.
pub(super) fn unified(old: &[String], new: &[String]) -> String {
    let mut text = String::new();
    for group in groups(&parts(&blocks(old, new))) {
        let (Some(first), Some(last)) = (group.first(), group.last()) else {
            continue;
        };
        let from = range(first.old.0, last.old.1);
        let to = range(first.new.0, last.new.1);
        text.extend(["@@ -", &from, " +", &to, " @@\n"]);
        let mut lines = |mark: char, lines: &[String]| {
            for line in lines {
                text.push(mark);
                text.push_str(line);
                text.push('\n');
            }
        };
        for part in group {
            if part.is_same {
                lines(' ', &old[part.old.0..part.old.1]);
            } else {
                lines('-', &old[part.old.0..part.old.1]);
                lines('+', &new[part.new.0..part.new.1]);
            }
        }
    }
    text
}

fn range(start: usize, end: usize) -> String {
    match end - start {
        0 => format!("{start},0"),
        1 => (start + 1).to_string(),
        length => format!("{},{length}", start + 1),
    }
}

fn blocks(old: &[String], new: &[String]) -> Vec<Block> {
    let mut places: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, line) in new.iter().enumerate() {
        places.entry(line).or_default().push(index);
    }
    // In a long text, lines that are frequent say nothing.
    if new.len() >= 200 {
        places.retain(|_, places| places.len() <= new.len() / 100 + 1);
    }
    let mut found = Vec::new();
    let mut open = vec![(0, old.len(), 0, new.len())];
    while let Some((from, to, start, end)) = open.pop() {
        let block = longest(old, new, &places, (from, to, start, end));
        if block.size > 0 {
            open.push((from, block.old, start, block.new));
            open.push((block.old + block.size, to, block.new + block.size, end));
            found.push(block);
        }
    }
    found.sort();
    found.push(Block { old: old.len(), new: new.len(), size: 0 });
    found
}

fn longest(
    old: &[String],
    new: &[String],
    places: &BTreeMap<&str, Vec<usize>>,
    (from, to, start, end): (usize, usize, usize, usize),
) -> Block {
    let mut best = Block { old: from, new: start, size: 0 };
    let mut lengths: BTreeMap<usize, usize> = BTreeMap::new();
    for (index, line) in old.iter().enumerate().take(to).skip(from) {
        let mut next = BTreeMap::new();
        let places = places.get(line.as_str()).into_iter().flatten();
        for &place in places.filter(|place| (start..end).contains(*place)) {
            let before = place.checked_sub(1).and_then(|before| lengths.get(&before));
            let size = before.copied().unwrap_or_default() + 1;
            next.insert(place, size);
            if size > best.size {
                best = Block { old: index + 1 - size, new: place + 1 - size, size };
            }
        }
        lengths = next;
    }
    while best.old > from && best.new > start && old[best.old - 1] == new[best.new - 1] {
        best = Block { old: best.old - 1, new: best.new - 1, size: best.size + 1 };
    }
    while best.old + best.size < to
        && best.new + best.size < end
        && old[best.old + best.size] == new[best.new + best.size]
    {
        best.size += 1;
    }
    best
}

fn parts(blocks: &[Block]) -> Vec<Part> {
    let (mut old, mut new, mut parts) = (0, 0, Vec::new());
    for block in blocks {
        if old < block.old || new < block.new {
            parts.push(Part { old: (old, block.old), new: (new, block.new), is_same: false });
        }
        (old, new) = (block.old + block.size, block.new + block.size);
        if block.size > 0 {
            match parts.last_mut() {
                Some(last) if last.is_same => (last.old.1, last.new.1) = (old, new),
                Some(_) | None => {
                    parts.push(Part {
                        old: (block.old, old),
                        new: (block.new, new),
                        is_same: true,
                    });
                }
            }
        }
    }
    parts
}

/// Changes that are near each other, with some lines around them.
fn groups(parts: &[Part]) -> Vec<Vec<Part>> {
    let mut parts = parts.to_vec();
    let shorten = |part: &mut Part, before: bool| {
        if before {
            part.old.0 = part.old.0.max(part.old.1.saturating_sub(AROUND));
            part.new.0 = part.new.0.max(part.new.1.saturating_sub(AROUND));
        } else {
            part.old.1 = part.old.1.min(part.old.0 + AROUND);
            part.new.1 = part.new.1.min(part.new.0 + AROUND);
        }
    };
    parts.first_mut().filter(|first| first.is_same).into_iter().for_each(|p| shorten(p, true));
    parts.last_mut().filter(|last| last.is_same).into_iter().for_each(|p| shorten(p, false));
    let (mut groups, mut group) = (Vec::new(), Vec::new());
    for part in parts {
        if part.is_same && part.old.1 - part.old.0 > 2 * AROUND {
            let (mut end, mut begin) = (part, part);
            shorten(&mut end, false);
            shorten(&mut begin, true);
            group.push(end);
            groups.push(std::mem::take(&mut group));
            group.push(begin);
        } else {
            group.push(part);
        }
    }
    groups.push(group);
    groups.retain(|group| group.iter().any(|part| !part.is_same));
    groups
}

const AROUND: usize = 3;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_have_some_lines_around_them() {
        let old: Vec<String> = (0..30).map(|line| line.to_string()).collect();
        let mut new = old.clone();
        new[5] = "x".into();
        new.remove(20);
        new.insert(29, "y".into());
        assert_eq!(
            unified(&old, &new),
            "@@ -3,7 +3,7 @@\n 2\n 3\n 4\n-5\n+x\n 6\n 7\n 8\n@@ -18,7 +18,6 @@\n 17\n 18\n \
             19\n-20\n 21\n 22\n 23\n@@ -28,3 +27,4 @@\n 27\n 28\n 29\n+y\n"
        );
        assert_eq!(unified(&old, &old), "");
        assert_eq!(unified(&[], &old[..1]), "@@ -0,0 +1 @@\n+0\n");
    }
}
