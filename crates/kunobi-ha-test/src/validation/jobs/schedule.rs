//! The schedule of a `CronJob`, as the library that kube-apiserver uses reads it.

use crate::{go, validation::field::Field};

/// What the numbers of a field may be.
struct Bounds {
    least: u64,
    most: u64,
    names: &'static [&'static str],
}

pub(super) fn check(schedule: &Field, had_zone: bool, is_zoned: bool) {
    let text = schedule.text();
    if let Err(why) = parse(text) {
        schedule.invalid(&why);
    }
    if text.contains("TZ") && had_zone && is_zoned {
        schedule.invalid("cannot use both timeZone field and TZ or CRON_TZ in schedule");
    } else if text.contains("TZ") && !had_zone {
        schedule.invalid("cannot use TZ or CRON_TZ in schedule, use timeZone field instead");
    }
}

fn parse(text: &str) -> Result<(), String> {
    let mut text = text;
    if text.starts_with("TZ=") || text.starts_with("CRON_TZ=") {
        let Some((zone, rest)) = text.split_once(' ') else {
            let error = "runtime error: slice bounds out of range [:-1]";
            return Err(format!("invalid schedule format: {error}"));
        };
        let zone = zone.split_once('=').map_or("", |(_, zone)| zone);
        if !super::zones::is_known(zone) {
            return Err(format!("provided bad location {zone}: unknown time zone {zone}"));
        }
        text = rest.trim();
    }
    if text.starts_with('@') {
        return descriptor(text);
    }
    let fields: Vec<&str> = text.split_whitespace().collect();
    if fields.len() != 5 {
        let (count, all) = (fields.len(), fields.join(" "));
        return Err(format!("expected exactly 5 fields, found {count}: [{all}]"));
    }
    for (field, bounds) in fields.iter().zip(&FIELDS) {
        for part in field.split(',').filter(|part| !part.is_empty()) {
            range(part, bounds)?;
        }
    }
    Ok(())
}

fn descriptor(text: &str) -> Result<(), String> {
    if let Some(duration) = text.strip_prefix("@every ") {
        return go::duration(duration)
            .map(drop)
            .map_err(|why| format!("failed to parse duration {text}: {why}"));
    }
    match text {
        "@yearly" | "@annually" | "@monthly" | "@weekly" | "@daily" | "@midnight" | "@hourly" => {
            Ok(())
        }
        _ => Err(format!("unrecognized descriptor: {text}")),
    }
}

fn range(text: &str, bounds: &Bounds) -> Result<(), String> {
    let parts: Vec<&str> = text.split('/').collect();
    let ends: Vec<&str> = parts[0].split('-').collect();
    let (start, mut end) = match ends.as_slice() {
        ["*" | "?", ..] => (bounds.least, bounds.most),
        [only] => {
            let only = named(only, bounds)?;
            (only, only)
        }
        [from, to] => (named(from, bounds)?, named(to, bounds)?),
        _ => {
            named(ends[0], bounds)?;
            return Err(format!("too many hyphens: {text}"));
        }
    };
    let step = match parts.as_slice() {
        [_] => 1,
        [_, step] => {
            if ends.len() == 1 {
                end = bounds.most;
            }
            number(step)?
        }
        _ => return Err(format!("too many slashes: {text}")),
    };
    let Bounds { least, most, .. } = bounds;
    if start < *least {
        return Err(format!("beginning of range ({start}) below minimum ({least}): {text}"));
    }
    if end > *most {
        return Err(format!("end of range ({end}) above maximum ({most}): {text}"));
    }
    if start > end {
        return Err(format!("beginning of range ({start}) beyond end of range ({end}): {text}"));
    }
    if step == 0 {
        return Err(format!("step of range should be a positive number: {text}"));
    }
    Ok(())
}

fn named(text: &str, bounds: &Bounds) -> Result<u64, String> {
    let index = bounds.names.iter().position(|name| text.eq_ignore_ascii_case(name));
    let index = index.and_then(|index| u64::try_from(index).ok());
    index.map_or_else(|| number(text), |index| Ok(bounds.least + index))
}

fn number(text: &str) -> Result<u64, String> {
    let number = go::integer(text).map_err(|why| {
        let why = why.replacen("ParseInt", "Atoi", 1);
        format!("failed to parse int from {text}: {why}")
    })?;
    u64::try_from(number).map_err(|_| format!("negative number ({number}) not allowed: {text}"))
}

const FIELDS: [Bounds; 5] = [
    Bounds { least: 0, most: 59, names: &[] },
    Bounds { least: 0, most: 23, names: &[] },
    Bounds { least: 1, most: 31, names: &[] },
    Bounds {
        least: 1,
        most: 12,
        names: &[
            "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
        ],
    },
    Bounds { least: 0, most: 6, names: &["sun", "mon", "tue", "wed", "thu", "fri", "sat"] },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schedules() {
        for right in [
            "* * * * *",
            "0,30 8-18/2 1 JAN-mar mon",
            "5/15 ? * * ?",
            "@every 1h30m",
            "@hourly",
            ", * * * *",
        ] {
            assert_eq!(parse(right), Ok(()), "{right}");
        }
        for (wrong, why) in [
            ("0 0 0 * *", "beginning of range (0) below minimum (1): 0"),
            ("1-2-3 * * * *", "too many hyphens: 1-2-3"),
            ("1/2/3 * * * *", "too many slashes: 1/2/3"),
            ("-1 * * * *", "failed to parse int from : strconv.Atoi: parsing \"\": invalid syntax"),
            ("* * * * 7", "end of range (7) above maximum (6): 7"),
            ("@every x", "failed to parse duration @every x: time: invalid duration \"x\""),
        ] {
            assert_eq!(parse(wrong), Err(why.into()), "{wrong}");
        }
    }
}
