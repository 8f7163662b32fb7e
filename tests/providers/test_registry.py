from __future__ import annotations

import pytest

from app.errors import ConfigurationError
from app.providers import registry


def test_a_connector_is_found_by_its_own_name() -> None:
    assert all(registry.get(name).name == name for name in registry.CONNECTORS)


def test_an_unknown_connector_is_named_with_the_known_ones() -> None:
    with pytest.raises(ConfigurationError, match="'paybuddy'; known are .*sandbox"):
        registry.get("paybuddy")
