"""Four eyes: what one person asks for (`request`) and another decides (`decisions`).

Whoever makes requests imports from here; only those who decide import `decisions`, which knows
every command there is.
"""

from app.services.approvals.base import Command, digest_of
from app.services.approvals.requests import request

__all__ = ["Command", "digest_of", "request"]
