"""The composition root: the application of a web process, and that of a worker."""

from __future__ import annotations

from typing import Any

from flask import Flask

import config
from app import cli
from app.adapters import logging, outbound
from app.adapters.db import engine_options, prepare_engine
from app.extensions import csrf, db
from app.providers.http import DOOR
from app.security import requests

FORM_BYTES = 64 * 1024


def create_worker_app() -> Flask:
    """Build what a worker needs: the database and the logs, no screens."""
    return _base(config.get())


def create_app() -> Flask:
    """Build the whole application."""
    from app.views import errors, menu, routes  # noqa: PLC0415  # workers must not pay for the screens

    settings = config.get()
    app = _base(settings)
    app.config.update(_web_config(settings))
    requests.register(app)
    csrf.init_app(app)
    menu.install(app, db.session)
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


def _web_config(settings: config.Settings) -> dict[str, Any]:
    secure = settings.environment != "development"
    return {
        "APP_NAME": "PayAgency",
        "TRUSTED_HOSTS": settings.hosts,
        "SESSION_COOKIE_NAME": "__Host-session" if secure else "session",
        "SESSION_COOKIE_SECURE": secure,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        # A file of the largest size comes with the rest of its form around it.
        "MAX_CONTENT_LENGTH": settings.payagency_upload_max_bytes + FORM_BYTES,
        # A form stays valid as long as the session whose token it carries.
        "WTF_CSRF_TIME_LIMIT": None,
        "FAB_SAFE_REDIRECT_HOSTS": settings.hosts,
        "FAB_CREATE_DB": False,
        "FAB_UPDATE_PERMS": False,
        "FAB_ADD_SECURITY_API": False,
        "FAB_ADD_MENU_API": False,
        "FAB_ADD_OPENAPI_VIEWS": False,
        "FAB_API_KEY_ENABLED": False,
        "FAB_SECURITY_SIGNALS_ENABLED": False,
        "RATELIMIT_ENABLED": False,
        "RATELIMIT_STORAGE_URI": "memory://",
    }
