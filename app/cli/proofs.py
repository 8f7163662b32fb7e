"""`flask payagency invariants` and `ledger verify`: whether what must hold does hold."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

import click
from flask.cli import with_appcontext

from app.adapters import clock
from app.cli.base import COMMAND_LINE, Commands, moment
from app.domain.ledger.accounts import AccountType, normal_sign
from app.domain.money import Money, format_major
from app.queries import ledger_as_of
from app.services.invariants import registry
from app.services.invariants.ledger_totals import totals
from app.services.unscoped import unscoped

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from app.queries.ledger_as_of import Standing
    from app.services.invariants.base import Result
    from app.services.invariants.ledger_totals import Total

SHOWN = 20


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_context
@with_appcontext
def invariants(context: click.Context, *, as_json: bool) -> None:
    """Check every invariant over all merchants and both books; exit 1 on a violation."""
    with unscoped(COMMAND_LINE, clock.now(), "flask payagency invariants") as session:
        results = registry.check_all(session)
    if as_json:
        click.echo(json.dumps(_as_json(results), ensure_ascii=False))
    else:
        _print(results)
    context.exit(int(any(result.violations for result in results)))


def _as_json(results: list[Result]) -> dict[str, object]:
    return {
        "holds": not any(result.violations for result in results),
        "invariants": [
            {
                "name": result.name,
                "holds": not result.violations,
                "violations": [
                    {"subject": item.subject, "text": item.text} for item in result.violations
                ],
            }
            for result in results
        ],
    }


def _print(results: list[Result]) -> None:
    for result in results:
        click.echo(f"{'FAIL' if result.violations else 'ok  '} {result.name}: {result.sentence}")
        for item in result.violations[:SHOWN]:
            click.echo(f"     {item.subject}: {item.text}")
        if len(result.violations) > SHOWN:
            click.echo(f"     … and {len(result.violations) - SHOWN} more")


@click.group(cls=Commands)
def ledger() -> None:
    """The ledger."""


@ledger.command()
@click.option("--as-of", "as_of", help="Moment in UTC, such as 2026-03-31T23:59:59Z.")
def verify(*, as_of: str | None) -> None:
    """Check that the ledger adds up, now or at a moment; exit 1 if it does not.

    Each book balances in each currency, each journal is zero, and each account's running balance
    less the lines since is what its lines up to then say. With a moment, balances are listed too.
    """
    now = clock.now()
    at = now if as_of is None else moment(as_of, "--as-of")
    with unscoped(COMMAND_LINE, now, "flask payagency ledger verify") as session:
        found = totals(session, at)
        accounts = ledger_as_of.standings(session, at)
        journals = ledger_as_of.unbalanced(session, at)
    for total in found:
        click.echo(_line(total))
    for line in [] if as_of is None else _balances(accounts):
        click.echo(line)
    faults = [*_differing(accounts), *_uneven(journals)]
    for fault in faults:
        click.echo(f"FAIL {fault}")
    click.echo(
        f"{len(found)} totals and {len(accounts)} balances as of {at.isoformat(timespec='seconds')}"
    )
    if faults or not all(total.balances for total in found):
        raise SystemExit(1)


def _balances(accounts: Sequence[Standing]) -> Iterator[str]:
    """Say each account's balance at the moment, its parts summed, as the screens sign it."""
    sums: Counter[tuple[bool, str, str]] = Counter()
    for each in accounts:
        sums[each.livemode, each.code, each.currency] += each.until_minor * normal_sign(
            AccountType(each.type)
        )
    for (livemode, code, currency), amount_minor in sums.items():
        if amount_minor:
            amount = format_major(Money(amount_minor, currency))
            yield f"     {_book(livemode=livemode)} {code}: {amount} {currency}"


def _differing(accounts: Sequence[Standing]) -> Iterator[str]:
    for each in accounts:
        if not each.agrees:
            yield (
                f"{each.public_id} {each.code}: lines until then say {each.until_minor}, the"
                f" balance {each.balance_minor} less lines since of {each.after_minor} minor units"
            )


def _uneven(journals: Sequence[tuple[str, str, int]]) -> Iterator[str]:
    for journal, currency, amount_minor in journals:
        yield f"{journal}: is off by {format_major(Money(amount_minor, currency))} {currency}"


def _book(*, livemode: bool) -> str:
    return "live" if livemode else "test"


def _line(total: Total) -> str:
    book = _book(livemode=total.livemode)
    debits = format_major(Money(total.debits_minor, total.currency))
    credits_ = format_major(Money(total.credits_minor, total.currency))
    word = "ok  " if total.balances else "FAIL"
    return f"{word} {book} {total.currency}: debits {debits}, credits {credits_}"
