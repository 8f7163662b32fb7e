"""What the web framework and its extensions are told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import config

FORM_BYTES = 64 * 1024


def web_config(settings: config.Settings) -> dict[str, Any]:
    """Return the framework's settings of a process that answers requests."""
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
        # No page of ours uses a file of Flask-AppBuilder's.
        "FAB_STATIC_FOLDER": None,
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
