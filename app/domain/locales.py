"""The languages in which sentences are said, by their codes."""

from __future__ import annotations

from typing import Final

LOCALES: Final = ("en", "hi", "de")
DEFAULT: Final = LOCALES[0]
"""What is read by whoever has chosen nothing."""
