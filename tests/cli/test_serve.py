"""The app's start from the command line, up to the moment when Streamlit takes over."""

import os
import socket
import sys

import pytest

from bert_explorer.cli.serve import find_free_port, names_of_this_machine
from bert_explorer.errors import BusyError, InputError
from tests.cli.conftest import Run


def test_the_address_is_printed_and_streamlit_started(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr(os, "execv", lambda program, command: started.append([program, *command]))
    monkeypatch.setattr(os, "chdir", lambda path: started.append([str(path)]))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        outcome = run("serve", "--port", port)
    (_, command) = started
    free = int(command[-2].removeprefix("--server.port="))
    assert port < free <= port + 20
    assert f"http://localhost:{free}" in outcome.out
    assert f"Port {port} is taken" in outcome.err
    assert command[:6] == [sys.executable, sys.executable, "-m", "streamlit", "run", "app.py"]
    assert command[-1] == "--server.address=127.0.0.1"


def test_a_server_of_the_whole_network_admits_browsers_by_every_name_it_has(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr(os, "execv", lambda _program, command: started.append(command))
    monkeypatch.setattr(os, "chdir", lambda _path: None)
    monkeypatch.setattr("bert_explorer.cli.serve._network_addresses", lambda: ["192.168.1.20"])
    outcome = run("serve", "--address", "0.0.0.0")
    hosts = [option.partition("=")[2] for option in started[0] if option.startswith("--server.allowedHosts")]
    assert hosts == ["localhost", socket.gethostname(), "192.168.1.20"]
    assert "http://192.168.1.20:" in outcome.out
    assert names_of_this_machine("127.0.0.1") == ["localhost"]
    assert names_of_this_machine("10.0.0.7") == ["10.0.0.7"]


def test_a_range_without_a_free_port_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bert_explorer.cli.serve.PORTS_TO_TRY", 1)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(BusyError, match=f"The ports {port} to {port} are all taken"):
            find_free_port("127.0.0.1", port)


@pytest.mark.parametrize("address", ["192.0.2.7", "nowhere.invalid"])
def test_an_address_of_another_machine_is_named(address: str) -> None:
    with pytest.raises(InputError, match=f"no address '{address}'"):
        find_free_port(address, 8501)
