"""What a web page needs that holds texts of users and models and still runs nobody's code but its own."""

import base64
import hashlib
import json
from collections.abc import Iterable
from typing import Any


def dump_json(value: Any) -> str:
    """JSON that may stand in a ``<script>``: ASCII only, and nothing that could end the element."""
    text = json.dumps(value, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def security_policy(scripts: Iterable[str], *, images: str = "") -> str:
    """Allow the given scripts by their hash and the page's own styles; fetch nothing at all.

    ``images`` are the schemes of images that the page makes itself, such as "data:".
    """
    digests = (base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts)
    allowed = " ".join(f"'sha256-{digest}'" for digest in digests)
    rest = "style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
    return f"default-src 'none'; script-src {allowed}; {rest}" + (f"; img-src {images}" if images else "")
