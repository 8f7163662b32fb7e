"""A private MariaDB 10.11, started from a copied template, and its replica.

The template (an initialised data directory) is made once and kept under `.cache/test-servers`;
a server costs a copy and half a second.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

import pymysql
from pymysql.cursors import DictCursor

from tests.infra.ports import free_port
from tests.infra.processes import Server

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

CACHE: Final = Path(__file__).resolve().parents[2] / ".cache" / "test-servers"
CHARACTER_SET: Final = "CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci"

# The three users of the application, with made-up passwords, and the one that replicates.
PASSWORDS: Final = {
    "app": "app-test",
    "migrator": "migrator-test",
    "auditor": "auditor-test",
    "replication": "replication-test",
}
LOG_FILE: Final = "--innodb-log-file-size=32M"


def _as_root() -> list[str]:
    return ["--user=root"] if os.getuid() == 0 else []


def template() -> Path:
    """Return an initialised data directory; the first caller makes it, others wait."""
    version = subprocess.run(
        ["mariadbd", "--version"], capture_output=True, text=True, check=True
    ).stdout.split()[2]
    ready = CACHE / f"mariadb-{version}"
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not ready.exists():
            making = Path(tempfile.mkdtemp(prefix="making-", dir=CACHE))
            _install(making)
            making.rename(ready)
    return ready


def _install(folder: Path) -> None:
    command = [
        "mariadb-install-db",
        "--no-defaults",
        "--auth-root-authentication-method=normal",
        "--skip-test-db",
        "--force",
        LOG_FILE,
        f"--datadir={folder}",
        *_as_root(),
    ]
    subprocess.run(command, capture_output=True, text=True, check=True)


class MariaDbServer:
    """One server with its own folder, port and socket.

    `root()` is a connection of the administrator; the application's users reach the server over
    127.0.0.1 only, by `url()`.
    """

    def __init__(self, *options: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="payagency-mariadb-"))
        self.port = free_port()
        self.socket = self.folder / "socket"
        (self.folder / "tmp").mkdir()
        shutil.copytree(template(), self.folder / "data")
        self._server = Server(
            self._command(options), self.folder / "mariadb.log", ready=self.answers
        )

    def _command(self, options: Sequence[str]) -> list[str]:
        return [
            "mariadbd",
            "--no-defaults",
            "--bind-address=127.0.0.1",
            f"--port={self.port}",
            f"--socket={self.socket}",
            f"--datadir={self.folder / 'data'}",
            f"--tmpdir={self.folder / 'tmp'}",
            f"--pid-file={self.folder / 'pid'}",
            f"--server-id={self.port}",
            "--skip-name-resolve",
            "--log-bin=binlog",
            "--binlog-format=ROW",
            "--gtid-strict-mode=ON",
            "--innodb-flush-log-at-trx-commit=1",
            "--innodb-buffer-pool-size=128M",
            LOG_FILE,
            "--max-connections=300",
            *_as_root(),
            *options,
        ]

    @property
    def pid(self) -> int:
        return self._server.pid

    def start(self) -> Self:
        """Start it; after `kill()` the same call recovers what was committed."""
        self._server.start()
        return self

    def stop(self) -> None:
        self._server.stop()

    def kill(self) -> None:
        self._server.kill()

    def close(self) -> None:
        """Stop and remove all of it."""
        self._server.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def answers(self) -> bool:
        # The driver leaves its socket open when nobody listens, so that is found out first.
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            try:
                probe.connect(str(self.socket))
            except OSError:
                return False
        try:
            with self.root():
                return True
        except pymysql.err.OperationalError:
            return False

    @contextmanager
    def root(self) -> Iterator[pymysql.Connection[DictCursor]]:
        """Yield the administrator's connection: autocommit, rows as dictionaries."""
        connection = pymysql.connect(
            unix_socket=str(self.socket),
            user="root",
            autocommit=True,
            charset="utf8mb4",
            cursorclass=DictCursor,
        )
        try:
            yield connection
        finally:
            connection.close()

    def execute(self, *statements: str) -> list[dict[str, Any]]:
        """Run statements as the administrator; return the rows of the last one."""
        with self.root() as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            return list(cursor.fetchall())

    def create_users(self) -> None:
        """Create the application's users, without a right on anything."""
        self.execute(
            *(
                f"CREATE USER IF NOT EXISTS '{user}'@'127.0.0.1' IDENTIFIED BY '{password}'"
                for user, password in PASSWORDS.items()
            ),
            "GRANT REPLICATION SLAVE ON *.* TO 'replication'@'127.0.0.1'",
        )

    def create_database(self, name: str) -> None:
        """Create an empty database; only the migrator may do anything in it."""
        self.create_users()
        self.execute(
            f"CREATE DATABASE `{name}` {CHARACTER_SET}",
            f"GRANT ALL ON `{name}`.* TO 'migrator'@'127.0.0.1' WITH GRANT OPTION",
        )

    def drop_database(self, name: str) -> None:
        """Drop it with every right on it, so that the name may be used again."""
        self.execute(f"DROP DATABASE IF EXISTS `{name}`")
        owned = (
            f"DELETE FROM mysql.{table} WHERE Db = '{name}'"
            for table in ("db", "tables_priv", "columns_priv", "procs_priv")
        )
        self.execute(*owned, "FLUSH PRIVILEGES")

    def url(self, database: str, user: str = "app") -> str:
        """Return what `DATABASE_URL` takes."""
        return f"mysql+pymysql://{user}:{PASSWORDS[user]}@127.0.0.1:{self.port}/{database}"

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_error: object) -> None:
        self.close()


class MariaDbReplica(MariaDbServer):
    """A read-only server that follows another one by GTID, from its first transaction on."""

    def __init__(self, primary: MariaDbServer) -> None:
        super().__init__("--read-only=ON", "--log-slave-updates")
        self.primary = primary

    def start(self) -> Self:
        super().start()
        self.primary.create_users()
        self.execute(
            "STOP SLAVE",
            "CHANGE MASTER TO MASTER_HOST='127.0.0.1', "
            f"MASTER_PORT={self.primary.port}, MASTER_USER='replication', "
            f"MASTER_PASSWORD='{PASSWORDS['replication']}', MASTER_CONNECT_RETRY=1, "
            "MASTER_USE_GTID=slave_pos",
            "START SLAVE",
        )
        self.catch_up()
        return self

    def catch_up(self, *, timeout_seconds: int = 30) -> None:
        """Wait until all that the primary has committed by now is here."""
        position = self.primary.execute("SELECT @@GLOBAL.gtid_binlog_pos AS gtid")[0]["gtid"]
        waited = self.execute(f"SELECT MASTER_GTID_WAIT('{position}', {timeout_seconds}) AS late")
        if waited[0]["late"] != 0:
            state = self.execute("SHOW SLAVE STATUS")[0]
            raise TimeoutError(
                f"replica behind: {state['Last_IO_Error']} {state['Last_SQL_Error']}"
            )
