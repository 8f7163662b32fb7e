"""A shop with one product: it asks PayAgency for a payment, sends the payer there, and is told.

Read it from the bottom: `main`, the four pages, then how the API is asked. Orders are kept in
memory; a real shop keeps them, and the ids of messages it has seen, in its database.
"""

from __future__ import annotations

import json
import os
import uuid
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from flask import Flask, abort, redirect, render_template_string, request, url_for
from standardwebhooks import Webhook, WebhookVerificationError

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

PAYAGENCY = os.environ.get("PAYAGENCY", "http://localhost:8080")
PORT = int(os.environ.get("PORT", "9000"))
ADDRESS = os.environ.get("ADDRESS", f"http://127.0.0.1:{PORT}")

# How the payer pays. Leave it out where they shall choose on the page of PayAgency.
METHOD = {"method": {"type": "apm", "name": "ideal"}}
PRODUCT, AMOUNT, CURRENCY = "A jar of honey", 1250, "EUR"  # 12.50 euros, in cents

PAGE = """<!doctype html><html lang="en"><title>{{ title }}</title><h1>{{ title }}</h1>
<p>{{ text }}</p>
{% if price %}<form method="post" action="/buy"><button>Buy for {{ price }}</button></form>
{% else %}<p><a href="/">Back to the shop</a></p>{% endif %}</html>"""

app = Flask(__name__)
orders: dict[str, dict[str, Any]] = {}
endpoint: dict[str, str] = {}


def ask(path: str, body: dict[str, Any], key: str) -> dict[str, Any]:
    """Send a body to PayAgency; sent again under the same key it is done only once."""
    headers = {
        "Authorization": f"Bearer {os.environ['KEY']}",
        "Content-Type": "application/json",
        "Idempotency-Key": key,
    }
    asked = Request(f"{PAYAGENCY}/v1{path}", json.dumps(body).encode(), headers)
    try:
        with urlopen(asked, timeout=30) as answer:
            return dict(json.load(answer))
    except HTTPError as refused:
        raise RuntimeError(json.load(refused)["detail"]) from refused


@app.get("/")
def product() -> str:
    """Show what there is to buy."""
    price = f"{AMOUNT / 100:.2f} {CURRENCY}"
    return render_template_string(PAGE, title=PRODUCT, text="From our own bees.", price=price)


@app.post("/buy")
def buy() -> ResponseReturnValue:
    """Make an order and its payment, and send the payer to where it is paid."""
    reference = f"honey-{uuid.uuid4().hex[:12]}"
    orders[reference] = {"status": "created", "version": 0}
    payment = ask(
        "/payments",
        {
            "amount": AMOUNT,
            "currency": CURRENCY,
            "reference": reference,
            "description": PRODUCT,
            "return_url": ADDRESS + url_for("order", reference=reference),
            **METHOD,
        },
        key=reference,
    )
    return redirect(payment["checkout_url"], code=303)


@app.get("/orders/<reference>")
def order(reference: str) -> str:
    """Show whether an order is paid. Only a message says so, not that the payer came back."""
    if reference not in orders:
        abort(404)
    paid = orders[reference]["status"] == "succeeded"
    text = "It is paid: thank you!" if paid else "We wait for your payment. Look again shortly."
    return render_template_string(PAGE, title=f"Order {reference}", text=text, price=None)


@app.post("/webhooks")
def told() -> ResponseReturnValue:
    """Take in what PayAgency tells of a payment; what is forged or too old is refused."""
    try:
        event = Webhook(endpoint["secret"]).verify(request.get_data(), dict(request.headers))
    except WebhookVerificationError:
        abort(400)
    payment, version = event["data"]["object"], event["data"]["version"]
    known = orders.get(payment["reference"])
    # Messages may come twice or late: what is older than what is known says nothing new.
    if known is not None and version > known["version"]:
        known.update(status=payment["status"], version=version)
    return "", 204


def main() -> None:
    """Say where to send messages, then open the shop."""
    asked = {"url": f"{ADDRESS}/webhooks", "events": ["payment.*"], "description": "The shop"}
    endpoint.update(ask("/webhook_endpoints", asked, key=str(uuid.uuid4())))
    app.run(port=PORT)


if __name__ == "__main__":
    main()
