"""The command ``serve``."""

import errno
import os
import socket
import sys

import click

from bert_explorer.errors import BusyError, InputError
from bert_explorer.settings import REPOSITORY

LOCAL = "127.0.0.1"
EVERYWHERE = ("0.0.0.0", "::")
PORTS_TO_TRY = 20


@click.command()
@click.option("--port", default=8501, show_default=True, type=click.IntRange(1, 65_535))
@click.option("--address", default=LOCAL, show_default=True, help="0.0.0.0: to the whole network.")
def serve(port: int, address: str) -> None:
    """Start the app and print its address; Ctrl+C ends it.

    Where the port is taken, the next free one is used.

    Example: serve --port 8600
    """
    free = find_free_port(address, port)
    if free != port:
        click.echo(f"Port {port} is taken, {free} is free.", err=True)
    hosts = names_of_this_machine(address)
    addresses = "   or   ".join(f"http://{host}:{free}" for host in hosts)
    click.echo(f"BERT Explorer: {addresses}   (Ctrl+C ends it)")
    sys.stdout.flush()
    command = [sys.executable, "-m", "streamlit", "run", "app.py"]
    options = [f"--server.port={free}", f"--server.address={address}"]
    if address != LOCAL:  # Streamlit turns away browsers that came by another name than these
        options += [f"--server.allowedHosts={host}" for host in hosts]
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # idle threads of torch must not spin beside a worker
    os.chdir(REPOSITORY)  # where .streamlit/config.toml is
    os.execv(sys.executable, command + options)


def names_of_this_machine(address: str) -> list[str]:
    """Host names and addresses by which browsers reach a server that listens on ``address``."""
    if address == LOCAL:
        return ["localhost"]
    if address not in EVERYWHERE:
        return [address]
    return ["localhost", socket.gethostname(), *_network_addresses()]


def _network_addresses() -> list[str]:
    """This machine's address in its network. The socket is only prepared: nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # an address reserved for documentation (RFC 5737)
        except OSError:
            return []
        return [str(probe.getsockname()[0])]


def find_free_port(address: str, first: int) -> int:
    """The first port from ``first`` on that nobody listens on. Raises BusyError or InputError."""
    last = min(first + PORTS_TO_TRY, 65_536)
    for port in range(first, last):
        with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, port))
            except PermissionError as error:
                raise BusyError(f"Port {port} is reserved. Choose one above 1023 with --port.") from error
            except (OSError, UnicodeError) as error:
                if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
                    continue
                message = f"This computer has no address '{address}'. Choose 127.0.0.1 or 0.0.0.0."
                raise InputError(message) from error
            return port
    raise BusyError(f"The ports {first} to {last - 1} are all taken. Choose another with --port.")
