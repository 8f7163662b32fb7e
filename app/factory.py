"""The composition root: the application of a web process, and that of a worker."""

from __future__ import annotations

from flask import Flask

import config
from app import cli
from app.adapters import logging, outbound
from app.adapters.db import engine_options, prepare_engine
from app.extensions import csrf, db
from app.providers.http import DOOR
from app.security import requests
from app.security.settings import web_config


def create_worker_app() -> Flask:
    """Build what a worker needs: the database and the logs, no screens."""
    return _base(config.get())


def create_app() -> Flask:
    """Build the whole application."""
    from app.views import api, assets, drawn, errors, menu, routes  # noqa: PLC0415  # workers must not pay for the screens

    settings = config.get()
    app = _base(settings)
    app.config.update(web_config(settings))
    requests.register(app)
    assets.register(app, development=settings.environment == "development")
    csrf.init_app(app)
    drawn.register(app)
    menu.install(app, db.session)
    api.register(app)
    routes.close_unwritten(app)
    requests.exempt(app)
    errors.register(app)
    cli.register(app)
    return app


def _base(settings: config.Settings) -> Flask:
    logging.configure(settings.log_level)
    DOOR.address_check = outbound.check
    app = Flask(__name__)
    app.config.update(
        SQLALCHEMY_DATABASE_URI=settings.database,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(settings.database),
        SECRET_KEY=settings.secret_key,
        SECRET_KEY_FALLBACKS=[key for key in settings.secret_key_fallbacks.split(",") if key],
    )
    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)
    return app
