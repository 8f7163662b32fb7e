"""The same request answered by Django and Django REST framework: the same rows, as many commits.

It is what a careful developer would set up: a serializer that checks the body, the key looked up by
its digest, the idempotency key before anything is written, and `transaction.atomic` around each
commit. The rows are the recorded script, sent through Django's cursor; its ORM would cost more. No
provider is asked, nothing is encrypted or posted by rule, and no request is counted: what was
recorded stands in the rows.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from django.db import connection, transaction
from django.http import HttpResponse
from django.urls import path
from rest_framework import authentication, exceptions, permissions, serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from benchmarks.money.script import Player, Take, fresh_in, from_json

if TYPE_CHECKING:
    from rest_framework.request import Request

SCRIPT: Final = from_json(json.loads(Path(os.environ["BENCH_SCRIPT"]).read_text()))
REFERENCE: Final = fresh_in(SCRIPT, "payment", "reference")
KEY: Final = fresh_in(SCRIPT, "idempotency_key", "key")
PAYMENT: Final = fresh_in(SCRIPT, "payment", "public_id")


class BearerKey(authentication.BaseAuthentication):
    """Finds the merchant of a key by the key's digest."""

    def authenticate(self, request: Request) -> tuple[None, int]:
        """Return the merchant."""
        secret = request.headers.get("Authorization", "").removeprefix("Bearer ")
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT k.merchant_id, k.scopes FROM api_key k JOIN merchant m"
                " ON m.id = k.merchant_id WHERE k.secret_digest = %s AND m.status = 'active'"
                " AND k.ended_at IS NULL",
                [hashlib.sha256(secret.encode()).digest()],
            )
            found = cursor.fetchone()
        if found is None or "payments:write" not in found[1].split():
            raise exceptions.AuthenticationFailed
        return None, int(found[0])


class HasKey(permissions.BasePermission):
    """Lets in whoever has a key."""

    def has_permission(self, request: Request, _view: object) -> bool:
        """Tell whether a merchant asks."""
        return request.auth is not None


class Method(serializers.Serializer):
    """How is paid."""

    type = serializers.ChoiceField(["card"])
    token = serializers.CharField(max_length=255)


class Customer(serializers.Serializer):
    """Who pays."""

    name = serializers.CharField(max_length=128)
    email = serializers.EmailField()


class PaymentBody(serializers.Serializer):
    """What is asked for."""

    amount = serializers.IntegerField(min_value=1)
    currency = serializers.CharField(max_length=24)
    reference = serializers.CharField(max_length=64)
    method = Method()
    customer = Customer()
    description = serializers.CharField(max_length=255)


class Payments(APIView):
    """`POST /v1/payments`."""

    authentication_classes = (BearerKey,)
    permission_classes = (HasKey,)

    def post(self, request: Request) -> Response:
        """Write the rows of a payment, unless its key was used before."""
        body = PaymentBody(data=request.data)
        body.is_valid(raise_exception=True)
        key, merchant = request.headers["Idempotency-Key"], request.auth
        take = Take(merchant, fresh={REFERENCE: body.validated_data["reference"], KEY: key})
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT object_id FROM idempotency_key WHERE merchant_id = %s AND livemode = 0"
                " AND `key` = %s",
                [merchant, key],
            )
            if cursor.fetchone() is None:
                player = Player(SCRIPT, take)
                for writes in SCRIPT.transactions:
                    with transaction.atomic():
                        player.write(cursor, writes)
        return Response(_told(take, body.validated_data), status=201)


def _told(take: Take, asked: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": f"pay_{take.fresh[PAYMENT]}",
        "object": "payment",
        "status": "succeeded",
        "amount": asked["amount"],
        "currency": asked["currency"],
        "amount_captured": asked["amount"],
        "reference": asked["reference"],
        "method": {"type": asked["method"]["type"]},
        "livemode": False,
        "created": take.now.isoformat(),
    }


urlpatterns = [
    path("v1/payments", Payments.as_view()),
    path("healthz", lambda _request: HttpResponse("ok")),
]
