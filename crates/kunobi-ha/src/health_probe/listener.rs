//! Binds a port for both families of addresses.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr, TcpListener},
};

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::lookup_host;

/// Binds; an unspecified IPv6 address takes IPv4 too, and stands for IPv4 where there is no IPv6.
pub(super) async fn bind(address: &str) -> io::Result<TcpListener> {
    let explain = |error: io::Error| {
        let text = format!("can't listen on {address:?} ([::]:8081 would be usual): {error}");
        io::Error::new(error.kind(), text)
    };
    let mut result = Err(io::ErrorKind::AddrNotAvailable.into());
    for candidate in lookup_host(address).await.map_err(explain)? {
        result = open_or_fall_back(candidate);
        if result.is_ok() {
            break;
        }
    }
    result.map_err(explain)
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
    // On Windows it would let another process take the port away.
    #[cfg(not(windows))]
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    socket.set_nonblocking(true)?;
    Ok(socket.into())
}

fn is_no_ipv6(error: &io::Error) -> bool {
    // A kernel without IPv6 refuses the socket, one where it is switched off the address.
    matches!(error.kind(), io::ErrorKind::AddrNotAvailable | io::ErrorKind::Unsupported)
        || matches!(error.raw_os_error(), Some(EAFNOSUPPORT_LINUX | EAFNOSUPPORT_BSD))
}

// A burst must not overflow it: the kernel tries again only after a second, which is a kubelet's
// whole patience. The system has a limit of its own.
const BACKLOG: i32 = 1024;
const EAFNOSUPPORT_LINUX: i32 = 97;
const EAFNOSUPPORT_BSD: i32 = 47;
