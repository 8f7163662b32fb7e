from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from tests.architecture import connectors
from tests.architecture.tree import REPOSITORY, plant

if TYPE_CHECKING:
    from pathlib import Path


def test_every_connector_is_registered_and_kept_apart() -> None:
    registry = importlib.import_module("app.providers.registry")
    assert connectors.folders(REPOSITORY) == sorted(registry.CONNECTORS)
    assert connectors.folders(REPOSITORY) == connectors.under_contract(REPOSITORY)


def test_a_connector_knows_only_the_contract_and_the_domain() -> None:
    assert connectors.not_isolated(REPOSITORY) == []


def test_only_the_registry_knows_a_connector() -> None:
    assert connectors.known_outside(REPOSITORY) == []


def test_a_connector_that_reaches_out_is_found(tmp_path: Path) -> None:
    text = "import app.domain.money, app.models.payments\nfrom app.providers.other import client\n"
    bad = plant(tmp_path, app__providers__one__client=text, app__providers__other__client="x = 1\n")
    assert len(connectors.not_isolated(bad)) == 2


def test_a_shortcut_to_a_connector_is_found(tmp_path: Path) -> None:
    shortcut = "from app.providers.one.client import One\n"
    bad = plant(
        tmp_path,
        app__providers__one__client="x = 1\n",
        app__providers__registry=shortcut,
        app__services__pay=shortcut,
    )
    assert len(connectors.known_outside(bad)) == 1
