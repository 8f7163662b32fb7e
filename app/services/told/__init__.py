"""What programs are told of payments and refunds, by the API and by webhooks alike."""

from app.services.told import objects

__all__ = ["objects"]
