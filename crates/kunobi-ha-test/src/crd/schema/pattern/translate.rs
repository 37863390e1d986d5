//! Go's regular expressions as those of the crate `regex`, with Go's words for what is none.
//!
//! Go's classes are ASCII, `[` is itself inside of one, and a `{` that begins no repetition too.

mod class;

/// The most that Go repeats.
const MOST: u32 = 1000;

pub(super) fn translated(text: &str) -> Result<String, String> {
    let mut translator = Translator { rest: text, result: String::new(), operand: Operand::None };
    while let Some(character) = translator.rest.chars().next() {
        translator.step(character)?;
    }
    Ok(translator.result)
}

struct Translator<'a> {
    rest: &'a str,
    result: String,
    operand: Operand<'a>,
}

/// What stands before a repetition operator.
#[derive(Clone, Copy)]
enum Operand<'a> {
    None,
    Some,
    /// It is repeated already; this is from where.
    Repeated(&'a str),
}

/// A repetition such as `{2,3}`.
enum Repetition {
    No,
    Good(usize),
    Bad(usize),
}

impl Translator<'_> {
    fn step(&mut self, character: char) -> Result<(), String> {
        let at = self.rest;
        match character {
            '\\' => self.escape(false)?,
            '[' => self.class()?,
            '*' | '+' | '?' => self.repeat(1)?,
            '{' => match repetition(at) {
                Repetition::No => {
                    self.skip(1);
                    self.result.push_str("\\{");
                    self.operand = Operand::Some;
                }
                Repetition::Good(length) => self.repeat(length)?,
                Repetition::Bad(length) => {
                    let text = at.get(..length).unwrap_or_default();
                    return Err(format!("invalid repeat count: `{text}`"));
                }
            },
            '(' if at.starts_with("(?") => self.group()?,
            '(' | '|' => {
                self.copy(1);
                self.operand = Operand::None;
            }
            other => {
                self.copy(other.len_utf8());
                self.operand = Operand::Some;
            }
        }
        Ok(())
    }

    fn skip(&mut self, length: usize) {
        self.rest = self.rest.get(length..).unwrap_or_default();
    }

    fn copy(&mut self, length: usize) {
        self.result.push_str(self.rest.get(..length).unwrap_or_default());
        self.skip(length);
    }

    fn repeat(&mut self, length: usize) -> Result<(), String> {
        let at = self.rest;
        let operator = at.get(..length).unwrap_or_default();
        let begin = match self.operand {
            Operand::None => {
                return Err(format!("missing argument to repetition operator: `{operator}`"));
            }
            Operand::Repeated(begin) => {
                let until = begin.len().saturating_sub(at.len()).saturating_add(length);
                let both = begin.get(..until).unwrap_or_default();
                return Err(format!("invalid nested repetition operator: `{both}`"));
            }
            Operand::Some => at,
        };
        self.copy(length);
        if self.rest.starts_with('?') {
            self.copy(1);
        }
        self.operand = Operand::Repeated(begin);
        Ok(())
    }

    /// `(?:`, `(?i)`, `(?P<name>`, ...
    fn group(&mut self) -> Result<(), String> {
        let at = self.rest;
        let flags = at.get(2..).unwrap_or_default();
        if let Some(name) = flags.strip_prefix("P<").or_else(|| flags.strip_prefix('<')) {
            let is_word = |c: char| c == '_' || c.is_ascii_alphanumeric();
            let end = name.find('>');
            let named = end.and_then(|end| name.get(..end));
            let until = end.map_or(at.len(), |end| {
                at.len().saturating_sub(name.len()).saturating_add(end).saturating_add(1)
            });
            if !named.is_some_and(|name| !name.is_empty() && name.chars().all(is_word)) {
                let text = at.get(..until).unwrap_or_default();
                return Err(format!("invalid named capture: `{text}`"));
            }
            self.copy(until);
        } else {
            let end = flags.find(|c: char| !"imsU-".contains(c)).unwrap_or(flags.len());
            let closes = flags.get(end..).is_some_and(|rest| rest.starts_with([':', ')']));
            let until = end.saturating_add(3).min(at.len());
            if !closes {
                let text = at.get(..until).unwrap_or_default();
                return Err(format!("invalid or unsupported Perl syntax: `{text}`"));
            }
            self.copy(until);
        }
        self.operand = Operand::None;
        Ok(())
    }

    fn escape(&mut self, is_in_class: bool) -> Result<(), String> {
        let at = self.rest;
        self.skip(1);
        let Some(escaped) = self.rest.chars().next() else {
            return Err("trailing backslash at end of expression: ``".to_owned());
        };
        let class = match escaped.to_ascii_lowercase() {
            'd' => "0-9",
            'w' => "0-9A-Za-z_",
            's' => "\\t\\n\\f\\r ",
            _ => "",
        };
        let result = &mut self.result;
        match escaped {
            'd' | 'w' | 's' if is_in_class => result.push_str(class),
            'd' | 'w' | 's' => result.extend(["[", class, "]"]),
            'D' | 'W' | 'S' => result.extend(["[^", class, "]"]),
            'b' if !is_in_class => result.push_str("(?-u:\\b)"),
            'B' if !is_in_class => result.push_str("(?-u:\\B)"),
            'Q' if !is_in_class => {
                let quoted = self.rest.get(1..).unwrap_or_default();
                let (quoted, after) = quoted.split_once("\\E").unwrap_or((quoted, ""));
                result.push_str(&regex::escape(quoted));
                self.rest = after;
                self.operand = Operand::Some;
                return Ok(());
            }
            'a' | 'f' | 'n' | 'r' | 't' | 'v' | 'x' | 'p' | 'P' | 'A' | 'z' => {
                result.push('\\');
                result.push(escaped);
            }
            '<' | '>' => result.push(escaped),
            '0' => result.push_str("\\x00"),
            other if other.is_ascii_punctuation() => {
                result.push('\\');
                result.push(other);
            }
            other => {
                let length = other.len_utf8().saturating_add(1);
                let text = at.get(..length).unwrap_or_default();
                return Err(format!("invalid escape sequence: `{text}`"));
            }
        }
        self.skip(escaped.len_utf8());
        if matches!(escaped, 'p' | 'P') {
            self.unicode_class(at)?;
        }
        self.operand = Operand::Some;
        Ok(())
    }
}

/// What a `{` begins: `{2}`, `{2,}` or `{2,3}`.
fn repetition(text: &str) -> Repetition {
    let Some(end) = text.find('}') else { return Repetition::No };
    let inside = text.get(1..end).unwrap_or_default();
    let (least, most) = inside.split_once(',').unwrap_or((inside, inside));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !is_number(least) || !(most.is_empty() || is_number(most)) {
        return Repetition::No;
    }
    let length = end.saturating_add(1);
    let number = |text: &str| text.parse().unwrap_or(u32::MAX);
    let most = if most.is_empty() { number(least) } else { number(most) };
    if most > MOST || number(least) > most {
        Repetition::Bad(length)
    } else {
        Repetition::Good(length)
    }
}
