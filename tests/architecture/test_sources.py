from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.architecture import sources, statements, texts
from tests.architecture.tree import REPOSITORY, Tree, plant

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Rule = Callable[[Tree], list[str]]

# Rule, file, one violation. Words are cut in two, so that these lines are none themselves.
PLANTED: list[tuple[Rule, str, str]] = [
    (statements.commits, "app__services__x", "def f(s):\n    s.commit()\n"),
    (statements.statements, "app__services__x", "from sqlalchemy import select\n"),
    (statements.statements, "app__views__x", "from sqlalchemy.sql import delete\n"),
    (statements.statements, "app__jobs__x", "import sqlalchemy as sa\nsa.update(1)\n"),
    (statements.statements, "app__services__x", "def f(s):\n    s.query(1)\n"),
    (statements.statements, "app__views__x", "def f(db):\n    db.session.get(1, 2)\n"),
    (statements.unguarded, "app__queries__x", "from sqlalchemy import text\n"),
    (statements.unguarded, "app__queries__x", "import sqlalchemy as sa\nsa.insert(1)\n"),
    (statements.unguarded, "app__queries__x", "def f(m):\n    return m.__table__\n"),
    (statements.unguarded, "app__services__x", "def f(s):\n    s.bulk_insert_mappings(1, [])\n"),
    (statements.unscoped, "app__services__x", "with unscoped(1):\n    pass\n"),
    (sources.inexact, "app__services__x", "x = float('1')\n"),
    (sources.inexact, "app__models__x", "from sqlalchemy import Numeric\n"),
    (sources.inexact, "app__domain__x", "x = 0.5\n"),
    (sources.inexact, "app__domain__x", "def f(a, b):\n    return a / b\n"),
    (sources.clocks, "app__jobs__x", "import datetime\ndatetime.datetime.now()\n"),
    (sources.clocks, "run", "import time\ntime.time()\n"),
    (sources.http, "app__services__x", "import httpx\n"),
    (sources.http, "app__views__x", "from urllib.request import urlopen\n"),
    (sources.flask_app, "app__adapters__x", "from flask import current_app\n"),
    (sources.factory, "app__jobs__x", "from app.factory import create_app\n"),
    (sources.orphans, "app__services__x", "x = 1\n"),
    (texts.leftovers, "app__x", "# TO" + "DO later\n"),
    (texts.machine_paths, "app__x", "p = '/wo" + "rk/main'\n"),
    (texts.tickets, "app__x", "# see is" + "sue 17\n"),
    (texts.tickets, "app__x", "# closes #" + "17\n"),
]
RULES = list(dict.fromkeys(rule for rule, _, _ in PLANTED))
CLEAN = {
    "run": "import app.queries.payments, app.services.pay\n",
    "app__queries__payments": "from sqlalchemy import select, update\n",
    "app__adapters__db": "def unit_of_work(session):\n    session.commit()\n",
    "app__adapters__clock": "from datetime import datetime\ndatetime.now()\n",
    "app__services__pay": "import app.adapters.db, app.adapters.clock\n"
    "def f(session, words, now):\n    words.update({})\n    return words.get('x'), 7 // 2\n",
}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_repository_keeps_the_rule(rule: Rule) -> None:
    assert rule(REPOSITORY) == []


@pytest.mark.parametrize(
    "rule,name,text", PLANTED, ids=[f"{p[0].__name__}-{i}" for i, p in enumerate(PLANTED)]
)
def test_a_planted_violation_is_found(rule: Rule, name: str, text: str, tmp_path: Path) -> None:
    assert len(rule(plant(tmp_path, **{name: text}))) == 1


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_clean_code_is_left_alone(rule: Rule, tmp_path: Path) -> None:
    assert rule(plant(tmp_path, **CLEAN)) == []


def test_a_cookie_session_is_no_statement(tmp_path: Path) -> None:
    text = "from flask import session\nsession.get('book')\n"
    assert statements.statements(plant(tmp_path, app__views__x=text)) == []


def test_a_file_named_by_its_dotted_name_is_no_orphan(tmp_path: Path) -> None:
    named = {"app__jobs__drain": "x = 1\n", "run": "JOB = 'app.jobs.drain.drain'\n"}
    assert sources.orphans(plant(tmp_path, **named)) == []


def test_every_exception_still_has_its_file() -> None:
    listed = [*statements.RAW_SQL, *statements.UNSCOPED, *sources.ENTRY_POINTS]
    assert [name for name in listed if name not in REPOSITORY.files] == []


def test_pins_carry_hashes_and_name_no_index(tmp_path: Path) -> None:
    assert texts.unhashed(REPOSITORY) == []
    assert texts.index_hosts(REPOSITORY) == []

    bare = "--extra-inde" + "x-url https://host/simple\nflask==3.1.3\n"
    (tmp_path / "requirements.txt").write_text(bare)
    assert len(texts.index_hosts(Tree(tmp_path))) == 1
    assert "requirements.txt flask==3.1.3 has no hash" in texts.unhashed(Tree(tmp_path))
