//! Quantities in the form in which Kubernetes writes them: `1000m` is `1`, `1024Mi` is `1Gi`.

/// How a quantity is written.
#[derive(Clone, Copy)]
enum Notation {
    Binary,
    Decimal,
    Exponent,
}

/// A quantity in parts.
struct Parts<'a> {
    whole: &'a str,
    fraction: &'a str,
    suffix: &'a str,
}

/// The form of a quantity that is valid. `None`: it is larger than what is counted here.
pub(super) fn canonical(text: &str) -> Option<String> {
    let parts = Parts::of(text);
    let (notation, ..) = scale(parts.suffix)?;
    let digits = parts.whole.trim_start_matches(['+', '-', '0']);
    if is_kept(parts.suffix, digits, parts.fraction) {
        return Some(text.into());
    }
    let nanos = parts.nanos()?;
    Some(match notation {
        Notation::Binary if nanos.abs() >= 1024 * BILLION && nanos % BILLION == 0 => {
            binary(nanos / BILLION)
        }
        Notation::Binary | Notation::Decimal => {
            let (number, exponent) = reduced(nanos);
            format!("{number}{}", DECIMAL.iter().find(|(_, e)| *e == exponent)?.0)
        }
        Notation::Exponent => match reduced(nanos) {
            (number, 0) => number.to_string(),
            (number, exponent) => format!("{number}e{exponent}"),
        },
    })
}

/// A quantity in billionths. `None`: it is none, or larger than what is counted here.
pub(crate) fn nanos(text: &str) -> Option<i128> {
    Parts::of(text).nanos()
}

impl<'a> Parts<'a> {
    fn of(text: &'a str) -> Self {
        let is_number = |c: char| "+-.0123456789".contains(c);
        let end = text.find(|c: char| !is_number(c)).unwrap_or(text.len());
        let (number, suffix) = text.split_at(end);
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        Self { whole, fraction, suffix }
    }

    fn nanos(&self) -> Option<i128> {
        let (_, numerator, denominator) = scale(self.suffix)?;
        let digits: i128 = format!("{}{}", self.whole, self.fraction).parse().ok()?;
        let divisor = 10_i128.checked_pow(u32::try_from(self.fraction.len()).ok()?)?;
        let divisor = divisor.checked_mul(denominator)?;
        // What is smaller than a billionth is rounded away from zero.
        let scaled = digits.checked_mul(numerator)?.checked_mul(BILLION)?;
        Some(scaled / divisor + (scaled % divisor).signum())
    }
}

/// Returns whether Kubernetes remembers a quantity as it was written, because it looks like one that
/// Kubernetes might have written itself.
fn is_kept(suffix: &str, whole: &str, fraction: &str) -> bool {
    if let Some(power) = BINARY.iter().position(|known| *known == suffix).filter(|p| *p > 0) {
        let is_odd = whole.parse::<u64>().is_ok_and(|number| number % 8 != 0);
        return fraction.is_empty() && is_odd && whole.len() + 3 * power <= 14;
    }
    let known = DECIMAL.iter().find(|(known, _)| *known == suffix).map(|(_, exponent)| *exponent);
    let exponent = known.or_else(|| suffix.strip_prefix(['e', 'E'])?.parse().ok());
    let digits = whole.len() + fraction.len();
    let places = i32::try_from(fraction.len()).ok();
    let scale = exponent.zip(places).and_then(|(exponent, places)| exponent.checked_sub(places));
    !whole.is_empty()
        && digits <= 18
        && scale.is_some_and(|scale| scale >= -9 && scale % 3 == 0)
        && !format!("{whole}{fraction}").ends_with("000")
}

/// By what a suffix multiplies, as a fraction.
fn scale(suffix: &str) -> Option<(Notation, i128, i128)> {
    if let Some(power) = BINARY.iter().position(|known| *known == suffix).filter(|p| *p > 0) {
        return Some((Notation::Binary, 1024_i128.checked_pow(u32::try_from(power).ok()?)?, 1));
    }
    let known = DECIMAL.iter().find(|(known, _)| *known == suffix);
    let (notation, exponent) = match known {
        Some((_, exponent)) => (Notation::Decimal, *exponent),
        None => (Notation::Exponent, suffix.strip_prefix(['e', 'E'])?.parse().ok()?),
    };
    let power = 10_i128.checked_pow(exponent.unsigned_abs())?;
    Some(if exponent < 0 { (notation, 1, power) } else { (notation, power, 1) })
}

/// Without thousands: the number and the exponent of ten.
fn reduced(nanos: i128) -> (i128, i32) {
    let (mut number, mut exponent) = (nanos, -9);
    if number == 0 {
        return (0, 0);
    }
    while number % 1000 == 0 && exponent < 18 {
        number /= 1000;
        exponent += 3;
    }
    (number, exponent)
}

/// Without factors of 1024.
fn binary(mut number: i128) -> String {
    let mut suffixes = BINARY.iter().copied();
    let mut suffix = suffixes.next().unwrap_or_default();
    while number % 1024 == 0
        && let Some(next) = suffixes.next()
    {
        (number, suffix) = (number / 1024, next);
    }
    format!("{number}{suffix}")
}

const BILLION: i128 = 1_000_000_000;
const BINARY: [&str; 7] = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
const DECIMAL: [(&str, i32); 10] = [
    ("n", -9),
    ("u", -6),
    ("m", -3),
    ("", 0),
    ("k", 3),
    ("M", 6),
    ("G", 9),
    ("T", 12),
    ("P", 15),
    ("E", 18),
];

#[cfg(test)]
mod tests {
    use super::canonical;

    #[test]
    fn as_kubernetes_writes_them() {
        for (text, expected) in [
            ("1000m", "1"),
            ("0.5", "500m"),
            ("1024Mi", "1Gi"),
            ("1.5Gi", "1536Mi"),
            ("0.5Gi", "512Mi"),
            ("1000", "1k"),
            ("1000Ki", "1000Ki"),
            ("1000Mi", "1000Mi"),
            ("0.5Ki", "512"),
            ("100M", "100M"),
            ("1500M", "1500M"),
            ("1e3", "1e3"),
            ("+2E3", "+2E3"),
            ("+2E-3", "+2E-3"),
            ("1.500", "1.500"),
            ("1025.5Ki", "1050112"),
            ("6.8Gi", "7301444403200m"),
            ("-6.132Gi", "-6584184864768m"),
            ("4.49Ki", "4597760m"),
            ("1024Ki", "1Mi"),
            ("12e2", "1200"),
            ("1E", "1E"),
            ("0", "0"),
            ("0Gi", "0"),
            ("-1000m", "-1"),
            ("05", "05"),
            ("+5", "+5"),
            (".5", "500m"),
            ("5.", "5."),
            ("0.1n", "1n"),
            ("100u", "100u"),
        ] {
            assert_eq!(canonical(text).as_deref(), Some(expected), "{text}");
        }
    }
}
