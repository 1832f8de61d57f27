"""Tokens -> text, and where in the text each token ends."""

from collections.abc import Collection, Sequence
from typing import Any

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def utf16(text: str) -> int:
    """Length in UTF-16 code units, in which JavaScript counts."""
    return len(text.encode("utf-16-le", errors="surrogatepass")) // 2


class Detokenizer:
    """Decodes token by token with two offsets, as vLLM's ``detokenize_incrementally``: bytes of an unfinished character
    wait for the rest, and tokenizers that strip the first space of a text see the tokens before it too."""

    def __init__(self, tokenizer: Any):
        self._tokenizer = tokenizer
        self._ids: list[int] = []
        self._prefix = 0
        self._read = 0
        self.text = ""

    def add(self, token: int) -> str:
        """Takes a token; returns the whole text so far."""
        self._ids.append(token)
        before = self._decode(self._ids[self._prefix : self._read])
        now = self._decode(self._ids[self._prefix :])
        if len(now) > len(before) and not now.endswith(REPLACEMENT):
            self.text += now[len(before) :]
            self._prefix, self._read = self._read, len(self._ids)
        return self.text

    def finish(self) -> str:
        """The text with what still waits."""
        before = self._decode(self._ids[self._prefix : self._read])
        return self.text + self._decode(self._ids[self._prefix :])[len(before) :]

    def _decode(self, ids: Sequence[int]) -> str:
        return self._tokenizer.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False)


def text_and_ends(tokenizer: Any, ids: Sequence[int], stops: Collection[int]) -> tuple[str, list[int]]:
    """The plan text of token ids, without the tokens that ended it, and the exclusive end of each token in it, in
    UTF-16 code units, ascending; the last one is the length of the text."""
    detokenizer = Detokenizer(tokenizer)
    ends: list[int] = []
    seen, length = 0, 0
    for token in ids:
        if token not in stops:
            text = detokenizer.add(token)
            length += utf16(text[seen:])
            seen = len(text)
        ends.append(length)
    text = detokenizer.finish()
    if ends:
        ends[-1] = utf16(text)
    return text, ends


def reserved_tokens(tokenizer: Any, ids: Sequence[int], stops: Collection[int]) -> int:
    """How many special tokens are among the ids, those that may end a plan not counted: the text has nothing of them, so
    nobody who reads it could hold them against the plan."""
    specials = set(tokenizer.all_special_ids) - set(stops)
    return sum(token in specials for token in ids)
