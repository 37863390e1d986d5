//! Binds an address for IPv4 and IPv6.

use std::{
    io,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener},
};

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::lookup_host;

/// The port on which probes are served by convention, and by the chart: 8081. Nothing uses it unless
/// it is bound.
pub const PORT: u16 = 8081;

/// Binds an address. The unspecified IPv6 address takes IPv4 too, and stands for the IPv4 one if the
/// system has no IPv6.
pub(super) async fn bind(address: &str) -> io::Result<TcpListener> {
    let explain = |error: io::Error| {
        let port = address.rsplit_once(':').and_then(|(_, port)| port.parse().ok());
        let hint = if port == Some(PORT) { "" } else { " ([::]:8081 would be usual)" };
        io::Error::new(error.kind(), format!("can't listen on {address:?}{hint}: {error}"))
    };
    if let Some(everywhere) = everywhere(address) {
        return open_or_fall_back(everywhere).map_err(explain);
    }
    let mut result = Err(io::ErrorKind::AddrNotAvailable.into());
    for candidate in lookup_host(address).await.map_err(explain)? {
        result = open_or_fall_back(candidate);
        if result.is_ok() {
            break;
        }
    }
    result.map_err(explain)
}

/// Parses `:8081`, as charts and programs in Go write it.
fn everywhere(address: &str) -> Option<SocketAddr> {
    let port = address.strip_prefix(':')?.parse().ok()?;
    Some(SocketAddr::from((Ipv6Addr::UNSPECIFIED, port)))
}

fn open_or_fall_back(address: SocketAddr) -> io::Result<TcpListener> {
    match open(address) {
        Err(error) if address.ip().is_unspecified() && address.is_ipv6() && is_no_ipv6(&error) => {
            open(SocketAddr::from((Ipv4Addr::UNSPECIFIED, address.port())))
        }
        result => result,
    }
}

fn open(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if address.is_ipv6() {
        socket.set_only_v6(false)?;
    }
    // On Windows it would let another process take the port.
    #[cfg(not(windows))]
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    socket.set_nonblocking(true)?;
    Ok(socket.into())
}

fn is_no_ipv6(error: &io::Error) -> bool {
    // A kernel without IPv6 refuses the socket. If IPv6 is switched off, it refuses the address.
    matches!(error.kind(), io::ErrorKind::AddrNotAvailable | io::ErrorKind::Unsupported)
        || matches!(error.raw_os_error(), Some(EAFNOSUPPORT_LINUX | EAFNOSUPPORT_BSD))
}

// A burst must not overflow it: the client's kernel tries again only after a second, and by then a
// kubelet has given up. The system caps this number.
const BACKLOG: i32 = 1024;
const EAFNOSUPPORT_LINUX: i32 = 97;
const EAFNOSUPPORT_BSD: i32 = 47;
