"""What every installation needs: the roles, and outside production the sandbox's account."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING

import config
from app.domain.identifiers import new_id
from app.errors import said
from app.models import ConnectorAccount
from app.providers import registry
from app.queries import operations
from app.services import audit

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

SANDBOX = "sandbox"
SANDBOX_NAME = "Sandbox"
SECRET_BYTES = 24


def sandbox_account(session: Session, now: datetime) -> bool:
    """Write our account with the sandbox provider into the test book; answers what changed.

    Its address follows SANDBOX_URL or PORT, its secret key is drawn once. The session's actor is
    the house in the test book.
    """
    base_url, connector = config.get().sandbox, registry.get(SANDBOX).name
    account = operations.shared_connector_account(session, connector)
    if account is not None and account.base_url == base_url:
        return False
    before = None if account is None else {"base_url": account.base_url}
    if account is None:
        secret_key = f"sk_sandbox_{secrets.token_urlsafe(SECRET_BYTES)}"
        account = ConnectorAccount(
            public_id=new_id("ca", now),
            livemode=False,
            merchant_id=None,
            connector=connector,
            name=SANDBOX_NAME,
            credentials=json.dumps({"secret_key": secret_key}),
            enabled=True,
            created_at=now,
        )
        session.add(account)
    account.base_url = base_url
    session.flush()
    audit.record(
        session,
        now,
        action="connectors.seed",
        object_type="connector_account",
        object_id=account.public_id,
        sentence=said("The sandbox provider is at {address}", address=base_url),
        before=before,
        after={"base_url": base_url},
        livemode=False,
    )
    return True
