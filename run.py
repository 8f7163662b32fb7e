"""The program: `app` for web servers, and `python run.py up | release | worker | scheduler`.

Each process imports only what it needs: the supervisor no application, a worker no screens.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from app.errors import PayAgencyError

if TYPE_CHECKING:
    from collections.abc import Callable

_Result = TypeVar("_Result")

USAGE = """python run.py up                  start everything for a look; Ctrl-C stops it
python run.py release [--demo]    migrate, grant and seed, unless that is done already
python run.py worker [QUEUE ...]  one worker, for all queues unless some are named
python run.py scheduler           the loop that finds work left behind; one leads"""


def plainly(call: Callable[[], _Result]) -> _Result:
    """Call; an expected error is told in plain words, without a traceback."""
    try:
        return call()
    except PayAgencyError as error:
        sys.exit(f"{error.title}: {error.detail}")


if __name__ != "__main__":
    from app.factory import create_app

    app = plainly(create_app)
else:
    os.chdir(Path(__file__).resolve().parent)
    match sys.argv[1:]:
        case ["up"]:
            from app.cli import supervisor

            sys.exit(plainly(supervisor.up))
        case ["release"] | ["release", "--demo"] as words:
            from app.services.release_marker import is_current

            demo = len(words) > 1
            if plainly(lambda: is_current(demo=demo)):
                print("The database is up to date.")
            else:
                from app.factory import create_worker_app
                from app.services.release import release

                with plainly(create_worker_app).app_context():
                    plainly(lambda: [print(line, flush=True) for line in release(demo=demo)])
        case ["worker", *queues]:
            from app.cli import launcher
            from app.factory import create_worker_app
            from app.jobs import drain
            from app.jobs.queues import chosen

            plainly(lambda: launcher.work(create_worker_app(), chosen(queues), drain.drain))
        case ["scheduler"]:
            from app.cli import launcher
            from app.factory import create_worker_app
            from app.jobs import schedule

            plainly(lambda: launcher.schedule(create_worker_app(), schedule.run))
        case _:
            sys.exit(USAGE)
