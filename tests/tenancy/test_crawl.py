from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pytest
from flask import Blueprint, flash, redirect
from sqlalchemy import select

from app import factory
from app.adapters import db
from app.domain.actors import Actor
from app.domain.permissions import ROLES, RoleName
from app.jobs.handlers import HANDLERS
from app.models import Payment
from app.services import leases
from app.views import form_keys
from tests.tenancy import knowledge, snapshot
from tests.tenancy.crawler import Crawler, Seen
from tests.tenancy.knowledge import Value
from tests.tenancy.plan import Plan
from tests.tenancy.scout import scout
from tests.tenancy.world import CANARY_AMOUNT, CANARY_CURRENCY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from flask import Flask
    from flask.typing import ResponseReturnValue
    from werkzeug.routing import Rule

    from tests.tenancy.world import Tenants
    from tests.views.people import Browser

VISITORS: Final = ("acme-owner", "acme-clerk", "nobody")

SKIPPED: Final[dict[tuple[str, str], str]] = {}
"""(endpoint, method) → why nobody needs to try it."""

NO_FORM: Final = {
    "PayerView.returned": "the bank's site sends the payer here; its form is not ours",
}
"""Endpoints that take POST and whose form stands on none of our pages."""

OPENS_NOTHING: Final[dict[str, str]] = {
    "static": "files of the repository; no merchant's id opens one",
    "appbuilder.static": "as static",
}
"""Endpoints with an id in their address that none of globex's ids opens, even for staff."""

PUBLIC: Final = {
    ("PayerView.returned", "payment.page_token"): ("merchant.name", "payment.return_url"),
}
"""What an endpoint may tell to whoever holds a token.

The payer is signed in nowhere: the link to the page, with its unguessable token, is all they have.
They see whom they pay, how much, and are sent on to where the merchant wants them.
"""

CHANGES: Final = {
    "ab_user.fail_login_count": "whoever types a name and a wrong password is counted there",
}
"""What a visitor may change about globex, by column."""


@dataclass(slots=True)
class Crawl:
    """A crawl of some routes of an application."""

    app: Flask
    tenants: Tenants
    rules: list[Rule]

