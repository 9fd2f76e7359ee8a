"""The rule for text on every way in: requests, events, files.

Outer space is removed, inner space stays as it was. Characters that nobody can see, but that make
two equal texts differ or turn the direction of what follows, are removed wherever they are. What
is empty then is no value at all.
"""

from __future__ import annotations

import re
from typing import Any

# Controls except tab and line ends; then the Default_Ignorable_Code_Point of Unicode 15 (its file
# DerivedCoreProperties.txt) and the interlinear annotations, except those in `_JOINING`.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5"
    "\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e001f\U000e0080-\U000e00ff"
    "\U000e01f0-\U000e0fff]"
)
# They form ligatures, emoji and variants of Chinese characters together with visible ones.
_JOINING = re.compile("[\u200c\u200d\ufe00-\ufe0f\U000e0020-\U000e007f\U000e0100-\U000e01ef]")
_BLANK = "\u2800"  # a Braille pattern without dots


def clean(text: str) -> str:
    """The text without invisible characters and outer space; "" if nothing else is in it."""
    if text.isascii() and text.isprintable():
        return text.strip()
    visible = _INVISIBLE.sub("", text).strip()
    return visible if _JOINING.sub("", visible).replace(_BLANK, "").strip() else ""


def clean_values(value: Any) -> Any:
    """The same JSON value with clean texts: None in place of empty ones, and no member that has
    no value."""
    if isinstance(value, str):
        return clean(value) or None
    if isinstance(value, dict):
        members = ((key, clean_values(item)) for key, item in value.items())
        return {key: item for key, item in members if item is not None}
    if isinstance(value, list):
        return [clean_values(item) for item in value]
    return value
