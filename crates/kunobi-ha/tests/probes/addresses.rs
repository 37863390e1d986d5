//! Where probes are served, and what is said where they can't be.

use std::{io::ErrorKind, net::TcpListener};

use kunobi_ha::health_probe::PORT;

use crate::wire::{Served, Wire, plain};

#[tokio::test]
async fn an_unspecified_ipv6_address_takes_both_families_also_in_short() {
    for address in ["[::]:0", ":0"] {
        let served = Served::at(plain(), address).await;
        let port = served.address.port();
        assert_eq!(Wire::open(("127.0.0.1", port)).await.get("/livez").await.body, "ok");
        // Where there is no IPv6, it stands for IPv4.
        if served.address.is_ipv6() {
            assert_eq!(Wire::open(("::1", port)).await.get("/livez").await.body, "ok");
        }
    }
}

#[tokio::test]
async fn a_port_in_use_and_an_address_that_is_none_are_errors() {
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
async fn the_usual_port_is_not_recommended_to_those_who_use_it() {
    // Whether it is free here, or not.
    let _taken = TcpListener::bind(("127.0.0.1", PORT));
    for address in [format!("127.0.0.1:{PORT}"), format!("no such host:{PORT}")] {
        let error = plain().bind(&address).await.unwrap_err().to_string();
        assert!(error.contains(&format!("{address:?}")) && !error.contains("usual"), "{error}");
    }
}
