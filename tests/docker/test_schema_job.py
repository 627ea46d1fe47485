"""Temporal's schema job, run as the compose file runs it: the real scripts on a real database, twice.

temporal-sql-tool comes in an image that no package registry has; a stand-in keeps its rule: a schema is set up once.
"""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from tests.fixtures.database import MariaDbServer
from tests.fixtures.docker_files import DOCKER

STAND_IN = """\
#!/bin/sh
# As the real one: SQL_PASSWORD, and flags before the command.
test "$SQL_PASSWORD" = secret || exit 9
while [ $# -gt 0 ]; do
    case $1 in
        --db) database=$2; shift 2 ;;
        --plugin|--ep|--port|--user) shift 2 ;;
        *) break ;;
    esac
done
echo "$database $1" >> "$LOG"
sql() { mysql --host "$DATABASE_HOST" --port "$DATABASE_PORT" --user "$ROOT" --database "$database" --execute "$1"; }
case $1 in
    setup-schema) sql 'CREATE TABLE schema_version (curr_version VARCHAR(10))' ;;
    update-schema) sql 'SELECT curr_version FROM schema_version' > /dev/null ;;
esac
"""


@pytest.fixture
def job(mariadb_server: MariaDbServer, tmp_path: Path) -> Iterator[dict[str, str]]:
    """What the compose file gives the two scripts, with the databases that the mysql image makes."""
    url = make_url(mariadb_server.url)
    for name, text in (("password", "secret"), ("temporal-sql-tool", STAND_IN)):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    (tmp_path / "state").mkdir()
    environment = {
        "PATH": f"{tmp_path}:{os.defpath}",
        "DATABASE_HOST": str(url.host),
        "DATABASE_PORT": str(url.port),
        "PASSWORD_FILE": str(tmp_path / "password"),
        "STATE": str(tmp_path / "state"),
        "LOG": str(tmp_path / "calls"),
        "ROOT": str(url.username),
        "MYSQL_PWD": url.password or "",
    }
    prepared = "CREATE USER temporal@'%' IDENTIFIED BY 'secret'; CREATE DATABASE temporal;"
    prepared += "GRANT ALL ON temporal.* TO temporal@'%';" + (DOCKER / "temporal" / "visibility.sql").read_text()
    root = [
        "mysql",
        "--host",
        environment["DATABASE_HOST"],
        "--port",
        environment["DATABASE_PORT"],
        "--user",
        environment["ROOT"],
    ]
    subprocess.run([*root, "--execute", prepared], env=environment, check=True)
    yield environment
    removed = "DROP DATABASE temporal; DROP DATABASE temporal_visibility; DROP USER temporal@'%'"
    subprocess.run([*root, "--execute", removed], env=environment, check=True)


def test_the_schema_job_sets_up_once_and_updates_each_time(job: dict[str, str]) -> None:
    for _ in range(2):
        for script in ("schema-state.sh", "schema.sh"):
            subprocess.run(["/bin/sh", DOCKER / "temporal" / script], env=job, check=True)
    databases = ("temporal", "temporal_visibility")
    first = [f"{database} {step}" for database in databases for step in ("setup-schema", "update-schema")]
    second = [f"{database} update-schema" for database in databases]
    assert Path(job["LOG"]).read_text().splitlines() == first + second
