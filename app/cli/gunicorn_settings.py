"""Settings of the web server; gunicorn reads them as `-c python:app.cli.gunicorn_settings`."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from config import WEB_THREADS
from config import get as settings_of_this_process

if TYPE_CHECKING:
    from gunicorn.arbiter import Arbiter
    from gunicorn.workers.base import Worker

_LOCAL = {"localhost", "127.0.0.1"}
_settings = settings_of_this_process()
_is_local = (urlsplit(_settings.public_url).hostname or "") in _LOCAL

# Where people reach it by another name it listens on every address, else on this machine only.
bind = f"{'127.0.0.1' if _is_local else ''}:{_settings.port}"
workers = _settings.web_workers
worker_class = "gthread"
threads = WEB_THREADS
timeout = 60
graceful_timeout = 15
keepalive = 5
# One import instead of one for each worker: the start takes half the time.
preload_app = True
control_socket_disable = True
accesslog = None
errorlog = "-"
loglevel = "warning"


def post_fork(_server: Arbiter, worker: Worker) -> None:
    """Let no worker use a database connection that its parent has opened."""
    forget = worker.app.callable.extensions["sqlalchemy"]
    with worker.app.callable.app_context():
        forget.engine.dispose(close=False)
