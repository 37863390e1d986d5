//! Indexes of an indexed job, as text: `1,3-5,7`.

type Interval = Result<(i64, i64), String>;

/// How many indexes there are. Each is smaller than the number of completions.
pub(super) fn count(text: &str, completions: i64) -> Result<i64, String> {
    let (mut last, mut total) = (None, 0);
    for part in text.split(',').filter(|_| !text.is_empty()) {
        let (from, to) = interval(part, completions)?;
        if let Some(last) = last.filter(|last| *last >= from) {
            return Err(format!("non-increasing order, previous: {last}, current: {from}"));
        }
        total += to - from + 1;
        last = Some(to);
    }
    Ok(total)
}

/// The first index that is in both texts. What can't be read is told elsewhere.
pub(super) fn overlap(completed: &str, failed: &str, completions: i64) -> Option<i64> {
    let parse = |text: &str| -> Vec<(i64, i64)> {
        text.split(',').filter_map(|part| interval(part, completions).ok()).collect()
    };
    let failed = parse(failed);
    let shared = |(from, to): (i64, i64)| {
        failed.iter().find(|(x, y)| from <= *y && *x <= to).map(|(x, _)| from.max(*x))
    };
    parse(completed).into_iter().find_map(shared)
}

fn interval(text: &str, completions: i64) -> Interval {
    let parts: Vec<&str> = text.split('-').collect();
    let index = |text: &str| {
        let number: i64 = text
            .parse()
            .map_err(|_| format!("cannot convert string to integer for index: {text:?}"))?;
        if number >= completions { Err(format!("too large index: {text:?}")) } else { Ok(number) }
    };
    match parts.as_slice() {
        [only] => index(only).map(|index| (index, index)),
        [from, to] => {
            let (from, to) = (index(from)?, index(to)?);
            if from >= to {
                return Err(format!("non-increasing order, previous: {from}, current: {to}"));
            }
            Ok((from, to))
        }
        _ => Err(format!(
            "the fragment {text:?} violates the requirement that an index interval can have at \
             most two parts separated by '-'"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indexes() {
        assert_eq!(count("", 3), Ok(0));
        assert_eq!(count("0,2-4", 5), Ok(4));
        assert_eq!(count("5", 5), Err("too large index: \"5\"".into()));
        assert_eq!(count("2,1", 5), Err("non-increasing order, previous: 2, current: 1".into()));
        assert!(count("1-2-3", 5).is_err() && count("x", 5).is_err() && count("3-3", 5).is_err());
        assert_eq!(overlap("0-2,4", "3", 5), None);
        assert_eq!(overlap("0-2,4", "1,4", 5), Some(1));
    }
}
