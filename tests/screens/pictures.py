"""Pictures of the screens for the documents: `python -m tests.screens.pictures` (make screens).

Everything is started for real, as for the journeys. Each page is taken at 1280 and 390 px, light
and dark, into docs/screens, with an index. The pictures of the journeys stay as they are.
"""

from __future__ import annotations

import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.fixtures.agency import DATABASE
from tests.infra.chromium import browser, visit
from tests.infra.mariadb import MariaDbServer
from tests.infra.redis import RedisServer
from tests.journeys.agency import ROOT, Agency, running
from tests.screens import album
from tests.screens.album import FOLDER, SIZES
from tests.screens.people import sign_in
from tests.screens.stage import Stage, furnish

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

THEMES: Final = ("light", "dark")
_DRAWN: Final = """
() => [...document.querySelectorAll("[data-figure]")].every(
  (place) => place.getBoundingClientRect().top > innerHeight || place.querySelector("svg"))
"""


@dataclass(frozen=True, slots=True)
class Picture:
    """What is taken: the page, or the first one behind it whose address begins with one of `to`.

    `steps` are pressed one after another, where they can be seen.
    """

    role: str
    page: str
    address: str
    title: str
    steps: tuple[str, ...] = ()
    to: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.role}-{self.page}"


def pictures(stage: Stage) -> list[Picture]:
    """Return every picture, in the order of the index."""
    homes = ("admin", "operations", "finance", "compliance", "auditor", "acme-owner", "acme-clerk")
    return [
        Picture("nobody", "sign-in", "/login/", "Signing in"),
        *(Picture(role, "home", "/", f"Home of {role}") for role in homes),
        Picture("operations", "payments", "/payments/", "Payments"),
        Picture(
            "operations",
            "payments-filter",
            "/payments/?status=failed",
            "Payments, choosing a filter",
            (".filters-toggle", "details.pill:has([name=status]) > summary"),
        ),
        Picture("operations", "payment", stage.payment, "A payment"),
        Picture(
            "acme-owner", "refund", stage.payment, "Asking for a refund", ("[data-opens=refund]",)
        ),
        Picture("acme-owner", "payment-new", "/payments/new", "A new payment"),
        Picture("acme-owner", "api-key-new", "/api-keys/new", "A new API key"),
        Picture("nobody", "api", "/v1/docs", "The API, to be tried with a test key"),
        Picture("acme-owner", "upload-new", "/uploads/new", "Uploading a file"),
        Picture("acme-owner", "upload-ready", stage.ready, "What the check of a file found"),
        Picture("acme-owner", "upload-done", stage.done, "A file that is done"),
        Picture("finance", "refunds", "/refunds/", "Refunds"),
        Picture("finance", "accounts", "/ledger/accounts/", "Accounts of the ledger"),
        Picture(
            "finance",
            "account",
            "/ledger/accounts/?code=merchant",
            "An account of the ledger",
            to=("/ledger/accounts/acc_",),
        ),
        *_of_the_money_core(),
        Picture("operations", "jobs", "/jobs/", "Jobs"),
        Picture("compliance", "merchants", "/merchants/", "Merchants"),
        Picture(
            "compliance", "merchant", "/merchants/", "A merchant", to=("/merchants/show/mer_",)
        ),
        Picture("compliance", "merchant-new", "/merchants/add", "A new merchant"),
        Picture("admin", "users", "/users/", "Users"),
        Picture("admin", "user-new", "/users/add", "A new user"),
        Picture("admin", "roles", "/roles/", "Roles"),
        Picture("auditor", "audit", "/audit/", "Audit trail"),
        Picture("admin", "account", "/account/", "One's own account"),
        Picture("admin", "palette", "/", "Searching from everywhere", ("[data-palette]",)),
        Picture("globex-owner", "uploads-empty", "/uploads/", "A list without rows"),
        Picture("acme-clerk", "not-allowed", "/users/", "A page of another role"),
        Picture("admin", "not-found", "/nowhere", "An address that leads nowhere"),
    ]


def _of_the_money_core() -> list[Picture]:
    upi, coin = "/payments/?method=upi", "/payments/?method=crypto"
    return [
        Picture("operations", "payment-upi", upi, "A payment by UPI", to=("/payments/pay_",)),
        Picture("operations", "payment-coin", coin, "A payment in a coin", to=("/payments/pay_",)),
        Picture("operations", "desk", "/desk/", "The desk"),
        Picture("operations", "case", "/desk/", "A case of the desk", to=("/desk/case_",)),
        Picture("operations", "disputes", "/disputes/", "Disputes"),
        Picture("operations", "dispute", "/disputes/", "A dispute", to=("/disputes/dp_",)),
        Picture("operations", "events", "/inbound/", "What providers report"),
        Picture("operations", "event", "/inbound/", "An event of a provider", to=("/inbound/ie_",)),
        Picture("finance", "approvals", "/approvals/", "What waits for a second person"),
        Picture("finance", "approval", "/approvals/", "A request", to=("/approvals/apr_",)),
        Picture("finance", "price-lists", "/price-lists/", "Price lists"),
        Picture(
            "finance", "price-list", "/price-lists/", "A price list", to=("/price-lists/prl_",)
        ),
        Picture("finance", "calculator", "/price-lists/calculator", "What a payment would cost"),
        Picture("finance", "adjustment", "/ledger/adjustments/new", "Adjusting the ledger by hand"),
        Picture("finance", "schedules", "/settlement/schedules/", "When money is released"),
        Picture("acme-owner", "releases", "/releases/", "What is released next"),
    ]


def main() -> None:
    """Start everything, take every picture, write the index."""
    with _agency() as agency, browser() as chromium:
        with visit(chromium, agency.origin) as seen:
            sign_in(seen.page, agency.origin, "acme-owner")
            stage = furnish(seen.page)
        wanted = pictures(stage)
        taken = Path(tempfile.mkdtemp(prefix="screens-"))
        for role in dict.fromkeys(each.role for each in wanted):
            _take(agency, chromium, [each for each in wanted if each.role == role], taken)
    _keep(taken, wanted)


@contextmanager
def _agency() -> Iterator[Agency]:
    with MariaDbServer() as server, RedisServer() as redis:
        server.create_users()
        server.create_database(DATABASE)
        home = Path(tempfile.mkdtemp(prefix="payagency-screens-")) / "home"
        with running(home, server, DATABASE, redis) as agency:
            yield agency
        shutil.rmtree(home.parent)


def _take(agency: Agency, chromium: Browser, wanted: list[Picture], into: Path) -> None:
    """Take all pictures of one role, in one window."""
    with visit(chromium, agency.origin) as seen:
        if wanted[0].role != "nobody":
            sign_in(seen.page, agency.origin, wanted[0].role)
        for picture in wanted:
            for width, height in SIZES.items():
                for theme in THEMES:
                    seen.page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
                    seen.page.set_viewport_size({"width": width, "height": height})
                    _shoot(seen.page, picture, into / f"{picture.name}-{width}-{theme}.jpeg")


def _shoot(page: Page, picture: Picture, file: Path) -> None:
    page.goto(picture.address)
    for start in picture.to:
        page.goto(str(page.locator(f"main a[href^='{start}']").first.get_attribute("href")))
    page.wait_for_function(_DRAWN)
    for step in picture.steps:
        if page.locator(step).first.is_visible():
            page.locator(step).first.click()
    page.wait_for_timeout(150)
    album.shoot(page, file)


def _keep(taken: Path, wanted: list[Picture]) -> None:
    """Put the new pictures into the place of the old ones."""
    FOLDER.mkdir(exist_ok=True)
    for old in set(FOLDER.glob("*.jpeg")) - set(FOLDER.glob(album.OF_JOURNEYS)):
        old.unlink()
    for new in taken.iterdir():
        shutil.move(new, FOLDER)
    taken.rmdir()
    (FOLDER / "README.md").write_text(_index(wanted), encoding="utf-8")
    total = album.weigh()
    print(f"{len(wanted) * 4} pictures, {total // 1000} kB in all, in {FOLDER.relative_to(ROOT)}")


def _index(wanted: list[Picture]) -> str:
    told = (
        "Taken by `make screens` from the demo. "
        f"What happens to money on its way is shown by the [journeys]({album.JOURNEYS})."
    )
    return album.index("The screens", told, ((each.title, _files(each)) for each in wanted))


def _files(picture: Picture) -> list[tuple[str, str]]:
    return [
        (f"{picture.title}, {width} px, {theme}", f"{picture.name}-{width}-{theme}.jpeg")
        for width in SIZES
        for theme in THEMES
    ]


if __name__ == "__main__":
    main()
