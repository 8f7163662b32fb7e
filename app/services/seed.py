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

    Its address follows SANDBOX_URL or PORT, its secret key and the secret of its messages are drawn
    once. The session's actor is the house in the test book.
    """
    base_url, connector = config.get().sandbox, registry.get(SANDBOX).name
    account = operations.shared_connector_account(session, connector)
    before = None if account is None else _shown(account)
    if account is not None and before == {"base_url": base_url, "signed_messages": True}:
        return False
    if account is None:
        account = ConnectorAccount(
            public_id=new_id("ca", now),
            livemode=False,
            merchant_id=None,
            connector=connector,
            name=SANDBOX_NAME,
            credentials="{}",
            enabled=True,
            created_at=now,
        )
        session.add(account)
    account.credentials = json.dumps({**_drawn(), **json.loads(account.credentials)})
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
        after=_shown(account),
        livemode=False,
    )
    return True


def _drawn() -> dict[str, str]:
    return {
        "secret_key": f"sk_sandbox_{secrets.token_urlsafe(SECRET_BYTES)}",
        "webhook_secret": f"whsec_{secrets.token_urlsafe(SECRET_BYTES)}",
    }


def _shown(account: ConnectorAccount) -> dict[str, object]:
    signed = bool(json.loads(account.credentials).get("webhook_secret"))
    return {"base_url": account.base_url, "signed_messages": signed}
