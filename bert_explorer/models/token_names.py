"""Tokens as people can read them.

Byte-level vocabularies (RoBERTa, ModernBERT) store UTF-8 bytes, each written as one printable character: the
token of "é" is "Ã©". Bytes beyond ASCII are turned back into the characters that they stand for; "Ġ", which
marks a blank before a word, stays, and so does a token that holds a part of a character only.

    read_bytes("ĠcafÃ©") = "Ġcafé"        read_bytes("Ã") = "Ã"
"""

import json
import re
from collections.abc import Callable

from transformers import PreTrainedTokenizerFast

_PRINTABLE = [
    *range(0xA1, 0xAD),
    *range(0xAE, 0x100),
]  # these bytes are written as the character of their number
_OTHERS = [*range(0x7F, 0xA1), 0xAD]  # these follow, from 256 + 33 on: bytes 0 to 32 are written before them
_BYTES = {chr(byte): byte for byte in _PRINTABLE} | {
    chr(256 + 33 + i): byte for i, byte in enumerate(_OTHERS) if byte >= 0x80
}
_RUNS = re.compile(f"[{re.escape(''.join(_BYTES))}]+")


def token_reader(tokenizer: PreTrainedTokenizerFast) -> Callable[[str], str]:
    """``read_bytes`` for a byte-level tokenizer, and for all others a function that changes nothing."""
    decoder = json.loads(tokenizer.backend_tokenizer.to_str()).get("decoder") or {}
    parts = decoder.get("decoders", [decoder])
    return read_bytes if any(part.get("type") == "ByteLevel" for part in parts) else str


def read_bytes(token: str) -> str:
    """The token with every whole character in place of its bytes."""
    return _RUNS.sub(_decode, token)


def _decode(run: "re.Match[str]") -> str:
    try:
        return bytes(_BYTES[character] for character in run[0]).decode()
    except UnicodeDecodeError:
        return run[0]
