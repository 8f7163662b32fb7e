"""A private MariaDB with the data set in it, made once a scale and kept under `.cache/bench`."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pymysql

import config
from app import models
from app.adapters import migrations
from app.extensions import metadata
from benchmarks import rows
from benchmarks.scale import DATABASE, PAID, STOCK
from tests.infra.mariadb import CHARACTER_SET, PASSWORDS, MariaDbServer, template
from tests.infra.ports import free_port
from tests.infra.processes import Server

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pymysql import Connection
    from pymysql.cursors import Cursor

    from benchmarks.rows import Row, Table
    from benchmarks.scale import Scale

ROOT: Final = Path(__file__).resolve().parents[1]
KEPT: Final = ROOT / ".cache" / "bench"
MEMORY: Final = "--innodb-buffer-pool-size=2G"
# While the rows are loaded nothing has to outlive a power cut: a folder half made is thrown away.
QUICKLY: Final = (
    "--skip-log-bin",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-doublewrite=0",
    "--innodb-log-file-size=512M",
    "--local-infile=1",
)


class KeptServer(MariaDbServer):
    """A server on a data directory that stays; it writes with the durable settings of the tests."""

    def __init__(self, home: Path, *options: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="payagency-bench-"))
        (self.folder / "tmp").mkdir()
        (self.folder / "data").symlink_to(home / "data")
        self.port = free_port()
        self.socket = self.folder / "socket"
        command = self._command((MEMORY, *options))
        self._server = Server(command, self.folder / "mariadb.log", ready=self.answers)

    def close(self) -> None:
        """Stop it in order; the data directory stays."""
        self._server.stop(timeout_seconds=120)
        shutil.rmtree(self.folder, ignore_errors=True)


def fingerprint(scale: Scale) -> str:
    """Return a name for what the rows are; the schema is brought up to date in place."""
    digest = hashlib.sha256(Path(rows.__file__).read_bytes())
    digest.update(f"{scale.payments} {scale.merchants}".encode())
    return digest.hexdigest()[:10]


@contextmanager
def kept(scale: Scale) -> Iterator[Path]:
    """Yield the folder of a scale, loaded; another run of the same scale waits."""
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT / f"{scale.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        home = KEPT / f"{scale.name}-{fingerprint(scale)}"
        if not home.exists():
            _forget_others(scale)
            making = Path(tempfile.mkdtemp(prefix=f"making-{scale.name}-", dir=KEPT))
            shutil.copytree(template(), making / "data")
            _load(scale, making)
            making.rename(home)
        yield home


def _forget_others(scale: Scale) -> None:
    for old in (*KEPT.glob(f"{scale.name}-*"), *KEPT.glob(f"making-{scale.name}-*")):
        shutil.rmtree(old)


def use(server: MariaDbServer, home: Path) -> None:
    """Point this process and its children at the server; the keys stand beside the data."""
    os.environ.update(
        DATABASE_URL=server.url(DATABASE),
        DATABASE_MIGRATOR_URL=server.url(DATABASE, "migrator"),
        REDIS_URL="redis://127.0.0.1:1",
        PAYAGENCY_HOME=str(home),
        PAYAGENCY_REQUIRE_2FA="0",
        ENVIRONMENT="development",
        LOG_LEVEL="ERROR",
    )
    config.get.cache_clear()


def use_money(server: MariaDbServer, redis: str) -> None:
    """Point this process and its children at the database of payments, and at a queue."""
    os.environ.update(
        DATABASE_URL=server.url(PAID),
        DATABASE_MIGRATOR_URL=server.url(PAID, "migrator"),
        REDIS_URL=redis,
        BENCH_DATABASE_PORT=str(server.port),
        BENCH_DATABASE_PASSWORD=PASSWORDS["app"],
        BENCH_CELERY_URL=redis.removesuffix("/0") + "/1",
    )
    config.get.cache_clear()


def migrate(server: MariaDbServer) -> None:
    """Bring the schema up to date, as a release does."""
    migrator, application = server.url(DATABASE, "migrator"), server.url(DATABASE)
    migrations.upgrade(migrator)
    append_only = ["alembic_version", *(model.__tablename__ for model in models.APPEND_ONLY)]
    migrations.grant(migrator, application, ["alembic_version", *metadata.tables], append_only)


def make_room_for_the_peer(server: MariaDbServer) -> None:
    """Give the peer a database for its own tables; the rows it reads are ours."""
    server.execute(
        f"CREATE DATABASE IF NOT EXISTS `{STOCK}` {CHARACTER_SET}",
        f"GRANT ALL ON `{STOCK}`.* TO 'app'@'127.0.0.1'",
    )


def _load(scale: Scale, home: Path) -> None:
    with KeptServer(home, *QUICKLY) as server:
        server.create_database(DATABASE)
        use(server, home)
        migrate(server)
        started = time.monotonic()
        with _loading(server) as connection:
            _into(connection, home, rows.MERCHANT, rows.merchants(scale))
            _connector_account(connection)
            _payments(connection, home, scale)
            _analyze(connection)
        print(f"loaded {scale.payments:,} payments in {time.monotonic() - started:.0f} s")


@contextmanager
def _loading(server: MariaDbServer) -> Iterator[Connection[Cursor]]:
    connection = pymysql.connect(
        unix_socket=str(server.socket), user="root", database=DATABASE, local_infile=True
    )
    try:
        with connection.cursor() as cursor:
            # Together these let InnoDB sort and write the indexes of an empty table at once.
            cursor.execute("SET unique_checks = 0, foreign_key_checks = 0")
        yield connection
    finally:
        connection.close()


def _payments(connection: Connection[Cursor], home: Path, scale: Scale) -> None:
    tables = (rows.PAYMENT, rows.ATTEMPT, rows.OPERATION)
    files = [home / f"{table.name}.tsv" for table in tables]
    with files[0].open("w") as first, files[1].open("w") as second, files[2].open("w") as third:
        for payment, attempts, operations in rows.payments(scale):
            first.write(_line(payment))
            second.writelines(map(_line, attempts))
            third.writelines(map(_line, operations))
    for table, file in zip(tables, files, strict=True):
        _load_file(connection, table, file)


def _into(connection: Connection[Cursor], home: Path, table: Table, content: Iterable[Row]) -> None:
    file = home / f"{table.name}.tsv"
    with file.open("w") as written:
        written.writelines(map(_line, content))
    _load_file(connection, table, file)


def _load_file(connection: Connection[Cursor], table: Table, file: Path) -> None:
    read = ", ".join(f"@{name}" if name in table.binary else f"`{name}`" for name in table.columns)
    made = ", ".join(f"`{name}` = UNHEX(@{name})" for name in table.columns if name in table.binary)
    with connection.cursor() as cursor:
        cursor.execute(
            f"LOAD DATA LOCAL INFILE '{file}' INTO TABLE `{table.name}` CHARACTER SET utf8mb4"
            f" ({read}) {f'SET {made}' if made else ''}"
        )
    connection.commit()
    file.unlink()


def _line(row: Row) -> str:
    return "\t".join([_cell(value) for value in row]) + "\n"


def _cell(value: rows.Cell) -> str:
    if value is None:
        return r"\N"
    return value.hex() if isinstance(value, bytes) else str(value)


def _connector_account(connection: Connection[Cursor]) -> None:
    with connection.cursor() as cursor:
        for number, livemode in ((1, 0), (2, 1)):
            cursor.execute(
                "INSERT INTO connector_account (id, public_id, livemode, connector, name, base_url,"
                " credentials, enabled, created_at)"
                " VALUES (%s, %s, %s, 'sandbox', 'Sandbox', 'http://127.0.0.1:9', '', 1, NOW())",
                (number, f"ca_{number:026d}", livemode),
            )
    connection.commit()


def _analyze(connection: Connection[Cursor]) -> None:
    with connection.cursor() as cursor:
        for table in (rows.MERCHANT, rows.PAYMENT, rows.ATTEMPT, rows.OPERATION):
            cursor.execute(f"ANALYZE TABLE `{table.name}`")


def size(server: MariaDbServer) -> list[dict[str, Any]]:
    """Return the indexes of the large tables and their size in MB."""
    return server.execute(
        "SELECT table_name, index_name, ROUND(stat_value * @@innodb_page_size / 1048576, 1) AS mb"
        " FROM mysql.innodb_index_stats"
        f" WHERE database_name = '{DATABASE}' AND stat_name = 'size'"
        " AND table_name IN ('payment', 'attempt', 'operation', 'merchant') ORDER BY 1, 2"
    )
