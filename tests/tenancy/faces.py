"""The face of a merchant of the crawl: a text in everything that is a text, and a logo."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from app.adapters import clock, images
from app.models import Merchant
from app.services import logos, merchant_settings, records

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session


def face(session: Session, merchant_id: int, mark: str, text: Callable[[str], str]) -> None:
    """Let a merchant be seen by payers, and lead them to its own host and one more."""
    values = {
        "shown_name": text("shown-name"),
        "colour": "#ffdd00",
        "support_email": f"{text('support')}@example.com",
        "support_url": f"https://{mark}.example.com/{text('support-page')}",
        "return_hosts": f"{mark}.example.com\n{text('host')}.example.com",
    }
    merchant = records.update(session, clock.now(), Merchant, merchant_id, values)
    picture = io.BytesIO(images.drawn(32, [("#ffdd00", ((0, 0), (32, 0), (32, 32)))]))
    place = logos.keep(merchant.public_id, clock.now(), picture)
    merchant_settings.change_logo(session, clock.now(), merchant_id, place)
