"""The typed base and the column types that every table uses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

from sqlalchemy import BINARY, BigInteger, Boolean, DateTime, Integer, LargeBinary, String, Text
from sqlalchemy.dialects import mysql
from sqlalchemy.orm import mapped_column
from sqlalchemy.types import TypeDecorator, TypeEngine

from app.adapters import crypto

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect
    from sqlalchemy.orm import DeclarativeBase

    class Model(DeclarativeBase):
        """What a type checker sees; Flask-AppBuilder ships no types."""

else:
    from app.extensions import db

    Model = db.Model

BIN = "utf8mb4_bin"


def code_type(length: int) -> TypeEngine[str]:
    """Return a string type for ids, tokens and codes: compared byte by byte."""
    return String(length).with_variant(mysql.VARCHAR(length, collation=BIN), "mysql")


def id_type() -> TypeEngine[int]:
    """Return the type of surrogate keys; SQLite only counts up INTEGER keys."""
    return BigInteger().with_variant(Integer(), "sqlite")


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC with microseconds.

    Refuses naive values and other zones, which servers would silently drop.
    """

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Keep the microseconds on MySQL and MariaDB."""
        if dialect.name == "mysql":
            return dialect.type_descriptor(mysql.DATETIME(fsp=6))
        return dialect.type_descriptor(DateTime())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse what is not UTC."""
        del dialect
        if value is None:
            return None
        if value.tzinfo is None or value.utcoffset() != timedelta(0):
            message = f"{value!r} is not an aware UTC time"
            raise ValueError(message)
        return value.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Mark what was stored as UTC."""
        del dialect
        return None if value is None else value.replace(tzinfo=UTC)


class EncryptedText(TypeDecorator[str]):
    """Text that is encrypted before it reaches the database; `place` is bound to the ciphertext."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, place: str) -> None:
        """Name the place, `table.column`, in which alone the value can be read again."""
        super().__init__()
        self.place = place

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        """Encrypt."""
        del dialect
        return None if value is None else crypto.encrypt(value, self.place)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:
        """Decrypt; a value that was moved here from another place is refused."""
        del dialect
        return None if value is None else crypto.decrypt(bytes(value), self.place)


Key = Annotated[int, mapped_column(id_type(), primary_key=True, autoincrement=True)]
Reference = Annotated[int, mapped_column(id_type())]
PublicId = Annotated[str, mapped_column(code_type(40))]
Code = Annotated[str, mapped_column(code_type(32))]
Currency = Annotated[str, mapped_column(code_type(24))]
Minor = Annotated[int, mapped_column(BigInteger)]
Count = Annotated[int, mapped_column(Integer)]
Flag = Annotated[bool, mapped_column(Boolean)]
Moment = Annotated[datetime, mapped_column(UtcDateTime)]
Digest = Annotated[bytes, mapped_column(BINARY(32).with_variant(LargeBinary(32), "sqlite"))]
Name = Annotated[str, mapped_column(String(128))]
Line = Annotated[str, mapped_column(String(255))]
LongText = Annotated[str, mapped_column(Text().with_variant(mysql.MEDIUMTEXT(), "mysql"))]
