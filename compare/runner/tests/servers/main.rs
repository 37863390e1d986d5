//! Each API server, as the elections of the comparison see it. With the feature `real` there is kube-apiserver, too:
//! `scripts/e2e.sh`.

#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod history;
mod planted;

use std::sync::Arc;

use compare::server::Server;
use kunobi_ha_test::{Listener, TestServer};

/// The servers, each with its name; and what must live as long as they are asked.
struct Servers {
    all: Vec<(&'static str, Server)>,
    _listener: Listener,
    #[cfg(feature = "real")]
    _plane: control_plane::Plane,
}

async fn servers() -> Servers {
    let listener = TestServer::new().listen("127.0.0.1:0").await.unwrap();
    let proxied = kube::Config::new(format!("http://{}", listener.address()).parse().unwrap());
    #[cfg(feature = "real")]
    let plane = control_plane::Plane::start(&control_plane::PlaneOptions::default()).unwrap();
    Servers {
        all: vec![
            ("kunobi-ha-test", Server::Test),
            ("kunobi-ha-test behind proxies", Server::Real(Arc::new(proxied))),
            #[cfg(feature = "real")]
            ("kube-apiserver", Server::Real(Arc::new(plane.config("admin").await.unwrap()))),
        ],
        _listener: listener,
        #[cfg(feature = "real")]
        _plane: plane,
    }
}
