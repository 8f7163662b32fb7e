"""What a person has chosen for themselves: language, time zone, look, columns of lists."""

from __future__ import annotations

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Key, Line, Model, Moment, code_type
from app.models.tenancy import UserOwned


class Preference(UserOwned, Model):
    """One choice of one user; what is not chosen has no row."""

    __tablename__ = "preference"
    __table_args__ = (UniqueConstraint("user_id", "name"),)

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(code_type(40))
    value: Mapped[Line]
    changed_at: Mapped[Moment]
