"""Whom payers see that they pay: a merchant's name, logo and colour, and whom they may ask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import url_for

from app.services import logos

if TYPE_CHECKING:
    from app.models import Merchant


@dataclass(frozen=True, slots=True)
class Face:
    """What stands above and below a payer's page; empty is what the merchant does without."""

    name: str
    logo: str = ""
    style: str = ""
    support_email: str = ""
    support_url: str = ""


def of(merchant: Merchant) -> Face:
    """Return a merchant's face; `logo` and `style` are addresses."""
    return Face(
        name=merchant.name_for_payers,
        logo=logo_address(merchant.logo_at),
        style=style_address(merchant.colour),
        support_email=merchant.support_email,
        support_url=merchant.support_url,
    )


def logo_address(place: str) -> str:
    """Return where a logo is shown; empty where there is none."""
    return url_for("BrandView.logo", name=logos.name_of(place)) if place else ""


def style_address(colour: str) -> str:
    """Return where the style of a colour `#rrggbb` is; empty for no colour."""
    return url_for("BrandView.style", colour=colour[1:]) if colour else ""
