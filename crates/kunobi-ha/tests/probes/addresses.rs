//! The addresses at which probes are served, and the errors of those at which they can't be.

use std::{io::ErrorKind, net::TcpListener};

use kunobi_ha::health_probe::PORT;

use crate::wire::{Served, Wire, plain};

#[tokio::test]
async fn the_unspecified_ipv6_address_takes_both_families_and_has_a_short_form() {
    for address in ["[::]:0", ":0"] {
        let served = Served::at(plain(), address).await;
        let port = served.address.port();
        assert_eq!(Wire::open(("127.0.0.1", port)).await.get("/livez").await.body, "ok");
        // If the system has no IPv6, the address stands for the IPv4 one.
        if served.address.is_ipv6() {
            assert_eq!(Wire::open(("::1", port)).await.get("/livez").await.body, "ok");
        }
    }
}

#[tokio::test]
async fn a_port_in_use_and_an_invalid_address_are_errors() {
    let served = Served::plain().await;
    let taken = served.address.to_string();
    let error = plain().bind(&taken).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AddrInUse);
    assert!(error.to_string().contains(&taken), "{error}");
    for address in ["8081", "", "[::]", ":", ":http", ":99999", "no such host:80"] {
        let error = plain().bind(address).await.unwrap_err().to_string();
        assert!(error.contains(&format!("{address:?}")) && error.contains("[::]:8081"), "{error}");
    }
}

#[tokio::test]
async fn an_error_about_the_usual_port_does_not_recommend_it() {
    // The port may be taken on this machine already.
    let _taken = TcpListener::bind(("127.0.0.1", PORT));
    for address in [format!("127.0.0.1:{PORT}"), format!("no such host:{PORT}")] {
        let error = plain().bind(&address).await.unwrap_err().to_string();
        assert!(error.contains(&format!("{address:?}")) && !error.contains("usual"), "{error}");
    }
}
