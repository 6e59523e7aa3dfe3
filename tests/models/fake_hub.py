"""A hub on loopback: the two routes of the Hugging Face API that opening a model needs."""

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@dataclass
class FakeHub:
    """Serves ``files`` (name -> bytes) as one model under ``repo_id``, and counts what is fetched."""

    repo_id: str
    files: dict[str, bytes]
    url: str = ""
    commit: str = COMMIT
    status: int = 200
    fetched: list[str] = field(default_factory=list)
    num_lookups: int = 0

    def model_json(self) -> bytes:
        siblings = [{"rfilename": name, "size": len(data)} for name, data in self.files.items()]
        return json.dumps({"id": self.repo_id, "sha": self.commit, "siblings": siblings}).encode()

    def tree_json(self) -> bytes:
        return json.dumps(
            [
                {"type": "file", "path": name, "size": len(data), "oid": hashlib.sha1(data).hexdigest()}
                for name, data in self.files.items()
            ]
        ).encode()


@contextmanager
def serve_hub(repo_id: str, folder: Path) -> Iterator[FakeHub]:
    """Serve the files of a folder until the block ends."""
    hub = FakeHub(repo_id, {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()})
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, hub))
    hub.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


Answer = tuple[int, bytes, dict[str, str]]


def _route(hub: FakeHub, path: str) -> Answer:
    """Status, body and headers for a path; errors carry the codes of the real hub."""
    api = f"/api/models/{hub.repo_id}"
    if hub.status != 200:
        return hub.status, b"{}", {}
    if path.startswith(f"{api}/tree/"):
        return 200, hub.tree_json(), {}
    if path.startswith(f"{api}/revision/nothing"):
        return 404, b"{}", {"X-Error-Code": "RevisionNotFound"}
    if path.startswith(api):
        hub.num_lookups += 1
        return 200, hub.model_json(), {}
    if path.startswith("/api/models/gated/"):
        return 403, b"{}", {"X-Error-Code": "GatedRepo"}
    name = path.rsplit("/", 1)[1]
    if path == f"/{hub.repo_id}/resolve/{hub.commit}/{name}" and name in hub.files:
        etag = '"' + hashlib.sha1(hub.files[name]).hexdigest() + '"'
        return 200, hub.files[name], {"ETag": etag, "X-Repo-Commit": hub.commit}
    return 404, b"{}", {"X-Error-Code": "RepoNotFound"}


class _Handler(BaseHTTPRequestHandler):
    def __init__(self, hub: FakeHub, *args: Any) -> None:
        self.hub = hub
        super().__init__(*args)

    def do_GET(self) -> None:
        path = self.path.split("?")[0]
        if "/resolve/" in path:
            self.hub.fetched.append(path.rsplit("/", 1)[1])
        self._send(with_body=True)

    def do_HEAD(self) -> None:
        self._send(with_body=False)

    def log_message(self, *_: object) -> None:
        """Tests read no log."""

    def _send(self, *, with_body: bool) -> None:
        status, body, headers = _route(self.hub, self.path.split("?")[0])
        self.send_response(status)
        for name, value in (
            {"Content-Type": "application/json", "Content-Length": str(len(body))} | headers
        ).items():
            self.send_header(name, value)
        self.end_headers()
        if with_body:
            self.wfile.write(body)
