"""Every connector there is, by name. A new one is one line here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.errors import ConfigurationError
from app.providers.sandbox.client import SandboxConnector

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.providers.base import Connector

CONNECTORS: Mapping[str, Connector] = {
    SandboxConnector.name: SandboxConnector(),
}


def get(name: str) -> Connector:
    """Find a connector by the name that a connector account carries."""
    if name not in CONNECTORS:
        known = ", ".join(sorted(CONNECTORS))
        raise ConfigurationError([f"connector: there is no {name!r}; known are {known}."])
    return CONNECTORS[name]
