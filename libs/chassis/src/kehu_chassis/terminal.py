"""Text from elsewhere on a terminal: shown, never obeyed."""

from __future__ import annotations

import json
import unicodedata
from typing import TextIO


def visible(text: str, *, layout: bool = False) -> str:
    """A text without characters that a terminal obeys or hides: an escape is ``\\u001b``, as in
    JSON.  With ``layout`` line feeds and tabs stay.
    """
    if text.isprintable():
        return text
    kept = "\n\t" if layout else ""
    return "".join(c if c in kept or _is_harmless(c) else json.dumps(c)[1:-1] for c in text)


class VisibleOutput:
    """A text stream that makes visible what is written to another; lines and tabs stay."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write a text."""
        return self._stream.write(visible(text, layout=True))

    def flush(self) -> None:
        """Flush the stream."""
        self._stream.flush()


def _is_harmless(character: str) -> bool:
    # Spaces such as that of Chinese text are not "printable".
    return character.isprintable() or unicodedata.category(character) == "Zs"
