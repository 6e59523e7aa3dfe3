"""A server that knows one finished run, as the browser tests of trained models ask it."""

from dataclasses import dataclass
from urllib.parse import urlencode

SECRET = "5e" * 32  # of the browser that the run belongs to


@dataclass(frozen=True)
class Tuned:
    """A server that knows one finished run of SECRET's."""

    address: str
    run_id: str

    def link(self, page: str, **query: str) -> str:
        return f"{self.address}/{page}?{urlencode(query)}"
