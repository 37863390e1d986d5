//! `--fault CLIENT=JSON`.

use std::fs;

use kunobi_ha_test::{Faults, FaultsError};

use crate::clients;

/// The client, and what goes wrong for it.
pub(crate) fn parse(text: &str) -> Result<(String, Faults), String> {
    let Some((client, said)) = text.split_once('=') else {
        return Err(format!("--fault takes CLIENT=JSON or CLIENT=@FILE, not {text}"));
    };
    clients::check(client).map_err(|why| format!("--fault: {why}"))?;
    let json = match said.strip_prefix('@') {
        Some(file) => fs::read_to_string(file)
            .map_err(|error| format!("--fault {client}: can't read {file}: {error}"))?,
        None => said.to_owned(),
    };
    let faults = json.parse().map_err(|error: FaultsError| {
        format!("--fault {client}: {said} does not describe faults: {error}")
    })?;
    Ok((client.to_owned(), faults))
}
