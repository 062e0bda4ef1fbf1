"""Whether a broker is there at all, asked before the Kafka library is: it leaks the sockets of refusals."""

import socket


def takes_connections(bootstrap_servers: str, within_s: float = 1.0) -> bool:
    """Whether any of the servers (`host:port[,host:port]`) takes a connection."""
    for server in bootstrap_servers.split(","):
        host, _, port = server.strip().rpartition(":")
        try:
            socket.create_connection((host.strip("[]"), int(port)), timeout=within_s).close()
        except (OSError, ValueError):
            continue
        return True
    return False
