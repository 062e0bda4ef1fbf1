"""Free TCP ports on the loopback address, remembered so that an address stays the same between starts."""

import json
import random
import socket
from pathlib import Path

# Below the range from which systems take ports for outgoing connections: such a connection could sit on a
# remembered port just when its server is started again.
FIRST_PORT, LAST_PORT = 20000, 32000


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether a server could listen on `port` now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def free_ports(count: int) -> tuple[int, ...]:
    """`count` different ports that were free when asked."""
    ports: list[int] = []
    chance = random.SystemRandom()
    while len(ports) < count:
        port = chance.randint(FIRST_PORT, LAST_PORT)
        if port not in ports and is_free(port):
            ports.append(port)
    return tuple(ports)


def remembered_ports(file: Path, count: int) -> tuple[int, ...]:
    """The ports written in `file` when all are free, else new ones, which are then written there."""
    try:
        kept = tuple(int(port) for port in json.loads(file.read_text()))
    except (OSError, ValueError):
        kept = ()
    if len(kept) == count and all(is_free(port) for port in kept):
        return kept
    chosen = free_ports(count)
    file.write_text(json.dumps(chosen))
    return chosen
