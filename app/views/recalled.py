"""Sentences that were stored in English: found again among the templates, with their values.

The audit trail, the reasons of refused files and the like are kept as they were said. A text that
no template fits stays as it is.
"""

from __future__ import annotations

import re
import string
from typing import TYPE_CHECKING

from app.domain.money import parse_major
from app.errors import BadInputError, Said, joined, said

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

_LEAST_LETTERS = 4
_VALUE = r"(?:(?!\. ).)+?"
_PLACE = re.compile(r"[^:.]{1,40}")
_BETWEEN = re.compile(r"(?<=\.) ")
_WHOLE_NUMBER = re.compile(r"-?\d{1,3}(,\d{3})*")
_AMOUNT = re.compile(r"(?P<major>-?\d+(\.\d+)?) (?P<currency>[A-Z]{3,}(@[a-z0-9-]+)?)")


class Templates:
    """The templates of a catalogue, ready to be matched; the one that says most comes first."""

    def __init__(self, templates: Iterable[str], known: Mapping[str, Collection[str]]) -> None:
        """Prepare them; `known` are the words that can stand for a name in a sentence."""
        self._plain: set[str] = set()
        self._patterns: list[tuple[int, re.Pattern[str], str]] = []
        for template in templates:
            parts = list(string.Formatter().parse(template))
            letters = sum(len(literal) for literal, *_ in parts)
            if not any(name for _, name, *_ in parts):
                self._plain.add(template)
            elif letters >= _LEAST_LETTERS:
                self._patterns.append((letters, _pattern(template, known), template))
        self._patterns.sort(key=lambda each: -each[0])

    def understood(self, text: str) -> Said | None:
        """Return the sentence that the text was, or None."""
        found = self._whole(text)
        if found is not None:
            return found
        place, colon, rest = text.partition(": ")
        if colon and _PLACE.fullmatch(place):
            reason = self.understood(rest)
            return reason and said("{place}: {reason}", place=place, reason=reason)
        parts = [self._whole(each) or each for each in _BETWEEN.split(text)]
        return joined(parts, " ") if any(isinstance(each, Said) for each in parts) else None

    def _whole(self, text: str) -> Said | None:
        if text in self._plain:
            return said(text)
        for _, pattern, template in self._patterns:
            match = pattern.fullmatch(text)
            if match:
                values = {name: self._value(value) for name, value in match.groupdict().items()}
                return said(template, **values)
        return None

    def _value(self, text: str) -> object:
        if _WHOLE_NUMBER.fullmatch(text):
            return int(text.replace(",", ""))
        amount = _AMOUNT.fullmatch(text)
        if amount:
            try:
                return parse_major(
                    amount["major"], amount["currency"], allow_zero=True, allow_negative=True
                )
            except BadInputError:
                return text
        # A single word may be somebody's own, such as a reference.
        return said(text) if " " in text and text in self._plain else text


def _pattern(template: str, known: Mapping[str, Collection[str]]) -> re.Pattern[str]:
    written, seen = "", set()
    for literal, name, *_ in string.Formatter().parse(template):
        written += re.escape(literal)
        if name in seen:
            written += f"(?P={name})"
        elif name:
            seen.add(name)
            longest_first = sorted(known.get(name, ()), key=len, reverse=True)
            written += f"(?P<{name}>{'|'.join(map(re.escape, longest_first)) or _VALUE})"
    return re.compile(written)
