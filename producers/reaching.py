"""Where the Kafka library needs a hand: it leaks the sockets of refusals, and keeps producers that hang."""

import socket

from kafka import KafkaProducer
from kafka.errors import KafkaError


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


def let_go(producer: KafkaProducer) -> None:
    """End a producer, also one that hangs, with what it still holds.

    Its own `close` gives up at the flush and would leave its thread running for ever.
    """
    try:
        producer.close(timeout=0)
    except KafkaError:
        producer._sender.force_close()
        producer._closed = True
