"""`flask payagency doctor | seed | user create | merchant create`, keys, and the proofs."""

from __future__ import annotations

import click

from app.adapters import clock
from app.adapters.db import reading, unit_of_work
from app.cli.base import COMMAND_LINE, Commands, merchant_named
from app.cli.bulk import bulk
from app.cli.keys import keys
from app.cli.proofs import invariants, ledger
from app.cli.webhooks import webhooks
from app.domain.permissions import RoleName
from app.services import accounts, health, merchants, release


@click.group("payagency", cls=Commands)
def payagency() -> None:
    """PayAgency: set-up, checks and proofs."""


payagency.add_command(bulk)
payagency.add_command(invariants)
payagency.add_command(keys)
payagency.add_command(webhooks)
payagency.add_command(ledger)


@payagency.command()
def doctor() -> None:
    """Check everything that the application stands on; exit 1 on a failure."""
    with reading(COMMAND_LINE) as session:
        findings = health.examine(session, clock.now())
    for finding in findings:
        word = "ok  " if finding.ok else "FAIL"
        way_out = f" – {finding.way_out}" if finding.way_out else ""
        click.echo(f"{word} {finding.name}: {finding.detail}{way_out}")
    if not all(finding.ok for finding in findings):
        raise SystemExit(1)


@payagency.command()
@click.option("--demo", is_flag=True, help="Users, merchants and a history to look at.")
def seed(*, demo: bool) -> None:
    """Write roles and the sandbox's account; with --demo what there is to look at."""
    for line in release.seed_all(demo=demo):
        click.echo(line)


@payagency.group("user")
def user() -> None:
    """People who sign in."""


@user.command("create")
@click.option("--username", required=True)
@click.option("--first-name", required=True)
@click.option("--last-name", required=True)
@click.option("--email", required=True)
@click.option("--role", required=True, type=click.Choice([role.value for role in RoleName]))
@click.option("--merchant", "keys", multiple=True, help="Short name; may be given repeatedly.")
@click.password_option(help="Asked for when it is not given.")
def user_create(
    *,
    username: str,
    first_name: str,
    last_name: str,
    email: str,
    role: str,
    keys: tuple[str, ...],
    password: str,
) -> None:
    """Create a user with one role; a merchant's people need --merchant."""
    merchant_ids = [merchant_named(key).id for key in keys]
    with unit_of_work(COMMAND_LINE) as session:
        accounts.create_user(
            session,
            clock.now(),
            username=username,
            first_name=first_name,
            last_name=last_name,
            email=email,
            password=password,
            role=role,
            merchant_ids=merchant_ids,
        )
    click.echo(f"Created user {username} with the role {role}.")


@payagency.group("merchant")
def merchant() -> None:
    """Businesses that take payments."""


@merchant.command("create")
@click.option("--key", required=True, help="Short name in small letters, for commands and files.")
@click.option("--name", required=True)
@click.option("--country", required=True, help="Two letters, such as IN.")
@click.option("--currency", required=True, help="Three letters, such as INR.")
@click.option("--timezone", default="UTC", show_default=True)
def merchant_create(*, key: str, name: str, country: str, currency: str, timezone: str) -> None:
    """Create a merchant; what it may do is granted afterwards."""
    with unit_of_work(COMMAND_LINE) as session:
        created = merchants.create_merchant(
            session,
            clock.now(),
            key=key,
            name=name,
            country=country,
            currency=currency,
            timezone=timezone,
        )
        public_id = created.public_id
    click.echo(f"Created merchant {key} ({public_id}).")
