"""How the demo's merchants appear to payers: a name, a colour and a logo drawn here."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app.adapters import images
from app.models import Merchant
from app.services import logos, merchant_settings, records

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.adapters.images import Points

_SIZE: Final = 256


@dataclass(frozen=True, slots=True)
class DemoFace:
    """What payers see of a merchant of the demo; `outlines` are drawn one over the other."""

    shown_name: str
    colour: str
    support_email: str
    outlines: tuple[tuple[str, Points], ...]


FACES: Final = {
    "acme": DemoFace(
        "Acme",
        "#0b7a5b",
        "help@acme.example",
        (
            ("#0b7a5b", ((0, 0), (256, 0), (256, 256), (0, 256))),
            ("#ffffff", ((128, 36), (228, 220), (28, 220))),
            ("#0b7a5b", ((128, 112), (156, 164), (100, 164))),
            ("#0b7a5b", ((92, 188), (164, 188), (180, 220), (76, 220))),
        ),
    ),
    "globex": DemoFace(
        "Globex",
        "#6b3fd4",
        "payments@globex.example",
        (
            ("#6b3fd4", ((128, 0), (256, 128), (128, 256), (0, 128))),
            ("#ffffff", ((128, 60), (196, 128), (128, 196), (60, 128))),
            ("#6b3fd4", ((128, 104), (208, 104), (208, 152), (128, 152))),
        ),
    ),
}


def give(session: Session, now: datetime, merchant: Merchant) -> None:
    """Give a merchant of the demo its face; one that is no merchant of the demo keeps its own."""
    face = FACES.get(merchant.key)
    if face is None:
        return
    values = {
        "shown_name": face.shown_name,
        "colour": face.colour,
        "support_email": face.support_email,
    }
    records.update(session, now, Merchant, merchant.id, values)
    picture = io.BytesIO(images.drawn(_SIZE, face.outlines))
    place = logos.keep(merchant.public_id, now, picture)
    merchant_settings.change_logo(session, now, merchant.id, place)
