"""The Django peer behind gunicorn; `DJANGO_SETTINGS_MODULE` names its settings."""

from __future__ import annotations

from django.core.wsgi import get_wsgi_application

app = get_wsgi_application()
