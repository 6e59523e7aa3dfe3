"""A text, or a pair of texts, as the model reads it: ids, and where each token came from.

Works on the Rust tokenizer behind the transformers one: the same ids at a fifth of the time, and one
encoding carries offsets, words and sequences. The tokenizer is mutable, so an instance belongs to one thread.

Special tokens typed by a user are read as plain transformers reads them: "[SEP]" in a text becomes the
separator token, at that place, and counts as part of the text (its ``sequence_ids`` entry is 0 or 1, not
None). "[MASK]" stands for the mask token of every family. Lone surrogates, which are no text and which no
tokenizer takes, are replaced by U+FFFD.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from tokenizers import Encoding
from transformers import PreTrainedTokenizerFast

from bert_explorer.errors import EmptyTextError, TextTooLongError
from bert_explorer.models.token_names import token_reader
from bert_explorer.results import IntArray, Tokens

GENERIC_MASK = "[MASK]"
_SURROGATES = re.compile("[\ud800-\udfff]")
WORDS_AROUND_THE_CUT = 30  # characters to either side, in the message


@dataclass(frozen=True)
class EncodedText:
    """One input ready for the network. ``type_ids`` (seq_len,) tell first and second text apart."""

    tokens: Tokens
    type_ids: IntArray | None

    def __len__(self) -> int:
        return len(self.tokens)


@dataclass(frozen=True)
class EncodedTexts:
    """Several texts, each its own sequence. ``lengths`` are those before the cut, 0 for nothing to read."""

    input_ids: tuple[IntArray, ...]
    lengths: IntArray  # (num_texts,)
    has_types: bool

    def __len__(self) -> int:
        """Padded tokens of one forward pass over all of them."""
        return len(self.input_ids) * max(map(len, self.input_ids), default=0)


class TextEncoder:
    """Encodes texts for one model, and refuses what it cannot read. Use from one thread only."""

    def __init__(self, tokenizer: PreTrainedTokenizerFast, *, max_length: int, num_types: int) -> None:
        self._backend = tokenizer.backend_tokenizer
        self._backend.no_padding()  # a tokenizer.json may carry both, and would pad everything to 128
        self._backend.no_truncation()
        self._has_types = "token_type_ids" in tokenizer.model_input_names and num_types > 1
        self._read = token_reader(tokenizer)
        self._mask_token = tokenizer.mask_token
        self.mask_id: int | None = tokenizer.mask_token_id
        self.pad_id = tokenizer.pad_token_id or 0
        self.max_length = max_length

    def encode(self, text: str, pair: str | None = None, *, truncate: bool = False) -> EncodedText:
        """Encode one input; longer ones are cut at ``max_length`` tokens where ``truncate`` allows it.

        Raises EmptyTextError where nothing readable is in the text, TextTooLongError with the limit and
        the place where the text would be cut.
        """
        text, pair = self._clean(text), None if pair is None else self._clean(pair)
        whole = encoding = self._backend.encode(text, pair)
        _refuse_empty(whole, pair)
        if len(whole) > self.max_length:
            encoding = self._cut(text, pair)
            if not truncate:
                raise TextTooLongError(_too_long_message(whole, encoding, (text, pair or "")))
        tokens = Tokens(
            text=text,
            pair=pair,
            # not encoding.tokens, which are the characters read: "é" for [UNK], " <mask>" with its blank
            tokens=tuple(self._read(self._backend.id_to_token(i) or "") for i in encoding.ids),
            input_ids=_frozen(np.array(encoding.ids, dtype=np.int64)),
            word_ids=tuple(encoding.word_ids),
            sequence_ids=tuple(encoding.sequence_ids),
            offsets=_frozen(np.array(encoding.offsets, dtype=np.int64)),
            num_dropped=len(whole) - len(encoding),
        )
        return EncodedText(tokens, np.array(encoding.type_ids, dtype=np.int64) if self._has_types else None)

    def encode_many(self, texts: Sequence[str]) -> EncodedTexts:
        """Ids alone of many texts, cut at ``max_length``: a fifth of the time of ``encode`` for each."""
        cleaned = [self._clean(text) for text in texts]
        encodings = self._backend.encode_batch_fast(cleaned)
        num_special = self._backend.num_special_tokens_to_add(False)
        lengths = np.array([len(item) for item in encodings], dtype=np.int64)
        lengths[lengths <= num_special] = 0
        ids = tuple(
            np.array((self._cut(text, None) if len(item) > self.max_length else item).ids, dtype=np.int64)
            for text, item in zip(cleaned, encodings, strict=True)
        )
        return EncodedTexts(ids, lengths, self._has_types)

    def split(self, text: str) -> tuple[str, ...]:
        """The text in pieces of at most ``max_length`` tokens, special ones included, cut between words."""
        text = self._clean(text)
        encoding = self._backend.encode(text, add_special_tokens=False)
        words, offsets = encoding.word_ids, encoding.offsets
        room = self.max_length - self._backend.num_special_tokens_to_add(False)
        pieces, start = [], 0
        while len(words) - start > room:
            end = start + room
            while end > start + room // 2 and words[end] == words[end - 1]:
                end -= 1  # not within a word, unless it fills half a window
            pieces.append(text[offsets[start][0] : offsets[end][0]])
            start = end
        return (*pieces, text[offsets[start][0] :] if start else text)

    def _clean(self, text: str) -> str:
        if self._mask_token and self._mask_token != GENERIC_MASK:
            text = text.replace(GENERIC_MASK, self._mask_token)
        return _SURROGATES.sub("\ufffd", text)

    def _cut(self, text: str, pair: str | None) -> Encoding:
        """As transformers cuts: of a pair, the longer text first."""
        self._backend.enable_truncation(self.max_length, strategy="longest_first")
        try:
            return self._backend.encode(text, pair)
        finally:
            self._backend.no_truncation()


def _refuse_empty(encoding: Encoding, pair: str | None) -> None:
    read = set(encoding.sequence_ids)
    if 0 not in read:
        raise EmptyTextError("The text holds nothing that the model can read. Type at least one word.")
    if pair is not None and 1 not in read:
        raise EmptyTextError("The second text holds nothing that the model can read. Type at least one word.")


def _too_long_message(whole: Encoding, cut: Encoding, texts: tuple[str, str]) -> str:
    """The limit, and the words around the place of the cut."""
    lengths = [(whole.sequence_ids.count(i), cut.sequence_ids.count(i)) for i in (0, 1)]
    index = 0 if lengths[0][0] > lengths[0][1] else 1
    kept = max(
        (end for (_, end), i in zip(cut.offsets, cut.sequence_ids, strict=True) if i == index), default=0
    )
    text = texts[index]
    place = "the text" if whole.sequence_ids.count(1) == 0 else f"the {'second' if index else 'first'} text"
    before = text[max(0, kept - WORDS_AROUND_THE_CUT) : kept]
    after = text[kept : kept + WORDS_AROUND_THE_CUT]
    return (
        f"The text has {len(whole):,} tokens and the model reads {len(cut):,} at once, "
        "special tokens included. "
        f"It would be cut after character {kept:,} of {place}: "
        f"'...{before}' | '{after}...'. Shorten it, or allow cutting where that is offered."
    )


def _frozen(array: IntArray) -> IntArray:
    array.flags.writeable = False
    return array
