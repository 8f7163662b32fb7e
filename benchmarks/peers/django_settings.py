"""Settings of the Django peer, as for production: persistent connections and nothing more."""

from __future__ import annotations

import os

import pymysql

from benchmarks.scale import PAID

pymysql.version_info = (2, 2, 7, "final", 0)  # Django asks for mysqlclient, whose place it takes
pymysql.install_as_MySQLdb()

ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "benchmarks.peers.django_views"
SECRET_KEY = os.urandom(32).hex()
USE_TZ = True
INSTALLED_APPS = ["rest_framework"]
MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.mysql",
        "HOST": "127.0.0.1",
        "PORT": os.environ["BENCH_DATABASE_PORT"],
        "USER": "app",
        "PASSWORD": os.environ["BENCH_DATABASE_PASSWORD"],
        "NAME": PAID,
        "CONN_MAX_AGE": None,
        "OPTIONS": {"charset": "utf8mb4", "isolation_level": "read committed"},
    }
}
LOGGING = {
    "version": 1,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "UNAUTHENTICATED_USER": None,
}
