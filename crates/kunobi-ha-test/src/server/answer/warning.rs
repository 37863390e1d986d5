//! `Warning` headers, which clients show to their users.

use http::{HeaderValue, Response, header};

use super::ResponseBody;

/// Adds a header for each text, once. When they are too long together, each of them is cut.
pub(in crate::server) fn warn(response: &mut Response<ResponseBody>, texts: &[String]) {
    let mut seen: Vec<&str> = Vec::new();
    for text in texts {
        let is_text = !text.is_empty() && !text.contains(char::is_control);
        if is_text && !seen.contains(&text.as_str()) {
            seen.push(text);
        }
    }
    let length: usize = seen.iter().map(|text| text.chars().count()).sum();
    let most = if length > LONGEST { LONGEST_CUT } else { LONGEST };
    let mut written = 0;
    for text in seen {
        if written >= LONGEST {
            return;
        }
        let text: String = text.chars().take(most).collect();
        written += text.chars().count();
        let quoted = text.replace('\\', "\\\\").replace('"', "\\\"");
        if let Ok(value) = HeaderValue::from_bytes(format!("299 - \"{quoted}\"").as_bytes()) {
            response.headers_mut().append(header::WARNING, value);
        }
    }
}

/// In characters, as the next one.
const LONGEST: usize = 4 * 1024;
const LONGEST_CUT: usize = 256;
