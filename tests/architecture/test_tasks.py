from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.jobs.handlers import HANDLERS
from app.services.recurring import RECURRING
from config import QUEUES
from tests.architecture import tasks
from tests.architecture.tree import REPOSITORY, plant

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path

    from tests.architecture.tree import Tree

    Rule = Callable[[Tree, Collection[str]], list[str]]

KNOWN: dict[Rule, tuple[str, Collection[str]]] = {
    tasks.unhandled: ("kind", HANDLERS),
    tasks.without_worker: ("queue", QUEUES),
}
WRAPPER = "def put(session, {0}):\n    outbox.enqueue(session, {0}={0})\n"
# Each is one violation; {0} is the argument that the rule is about.
VIOLATIONS = {
    "plain": "outbox.enqueue(1, {0}='nowhere')\n",
    "constant": "NAME = 'nowhere'\noutbox.enqueue(1, {0}=NAME)\n",
    "typed": "NAME: Final = 'nowhere'\noutbox.enqueue(1, {0}=NAME)\n",
    "imported": "from app.services.other import NAME\noutbox.enqueue(1, {0}=NAME)\n",
    "wrapper": WRAPPER + "put(1, 'nowhere')\n",
    "wrapper, named": WRAPPER + "put(1, {0}='nowhere')\n",
    "computed": "outbox.enqueue(1, {0}='a' + 'b')\n",
}


@pytest.mark.parametrize("rule", KNOWN, ids=lambda rule: rule.__name__)
def test_what_is_enqueued_has_a_handler_and_a_worker(rule: Rule) -> None:
    argument, known = KNOWN[rule]
    assert rule(REPOSITORY, known) == []
    assert (
        tasks.enqueued(REPOSITORY, argument)
        >= {"kind": {"operation"}, "queue": {"money"}}[argument]
    )


def test_no_handler_waits_for_a_kind_that_nobody_enqueues() -> None:
    recurring = {each.kind for each in RECURRING}
    assert tasks.enqueued(REPOSITORY, "kind") | recurring == HANDLERS.keys()


def test_what_recurs_has_a_worker_and_a_pause() -> None:
    assert {each.queue for each in RECURRING} <= set(QUEUES)
    assert all(each.every_seconds > 0 for each in RECURRING)


@pytest.mark.parametrize("rule", KNOWN, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("text", VIOLATIONS.values(), ids=VIOLATIONS)
def test_a_planted_violation_is_found(rule: Rule, text: str, tmp_path: Path) -> None:
    argument, known = KNOWN[rule]
    other = {"app__services__other": "NAME = 'nowhere'\n"}
    tree = plant(tmp_path, app__services__x=text.format(argument), **other)
    assert len(rule(tree, known)) == 1


@pytest.mark.parametrize("rule", KNOWN, ids=lambda rule: rule.__name__)
def test_a_known_one_is_left_alone(rule: Rule, tmp_path: Path) -> None:
    argument, known = KNOWN[rule]
    text = WRAPPER.format(argument) + f"put(1, '{next(iter(known))}')\n"
    assert rule(plant(tmp_path, app__services__x=text), known) == []
