import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
import redis

from config.local import supervisor
from config.local.home import ALREADY_RUNS, ROOT, Home, HomeError, find_home, join_home, leave_home
from config.local.processes import wait_for
from config.local.servers import Server
from config.local.supervisor import Supervisor
from tests.config.local.pids import all_end, is_alive, postgres_pid, redis_pid, supervisor_pid

PLACES = ["home", "a home with spaces", "/".join(["a-very-long-name-of-a-folder"] * 8)]
if os.geteuid() == 0:
    PLACES.append("closed/home")


def ask(statement: str, *, url: str = "DATABASE_URL") -> list[tuple[object, ...]]:
    with psycopg.connect(os.environ[url], autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


@pytest.mark.parametrize("place", PLACES)
def test_servers_start_wherever_the_home_is(
    place: str, home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "closed").mkdir(mode=0o700)
    monkeypatch.setenv("LIFEGRAPH_HOME", str(tmp_path / place))
    join_home()
    assert ask("SELECT lower('ÅÖ')") == [("åö",)]
    with redis.Redis.from_url(os.environ["REDIS_URL"]) as client:
        assert client.ping()


def test_a_second_supervisor_is_refused_with_a_sentence(running_home: Home) -> None:
    command = [sys.executable, "-m", "config.local.supervisor", str(running_home.path)]
    second = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (second.returncode, second.stderr) == (
        ALREADY_RUNS,
        f"A supervisor already runs the servers of {running_home.path}.\n",
    )
    assert running_home.running_urls() is not None


def test_the_urls_are_for_the_owners_eyes_alone(running_home: Home) -> None:
    secrets = [
        running_home.env,
        running_home.path / "postgres" / "passwords.json",
        running_home.path / "redis" / "redis.conf",
    ]
    assert [path.stat().st_mode & 0o777 for path in (*secrets, running_home.path)] == [0o600, 0o600, 0o600, 0o700]


@pytest.mark.usefixtures("running_home")
def test_the_app_may_neither_make_tables_nor_pass_row_security() -> None:
    rights = "SELECT rolsuper, rolcreatedb, rolcreaterole, rolbypassrls FROM pg_roles WHERE rolname = current_user"
    assert ask(rights) == [(False, False, False, False)]
    assert ask(rights, url="DATABASE_OWNER_URL") == [(False, True, False, False)]
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        ask("CREATE TABLE intruder (id int)")


@pytest.mark.usefixtures("running_home")
def test_a_database_of_the_owner_has_the_extensions() -> None:
    ask("CREATE DATABASE another", url="DATABASE_OWNER_URL")
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"], dbname="another") as connection:
        found = {name for (name,) in connection.execute("SELECT extname FROM pg_extension")}
    assert found >= {"pg_trgm", "unaccent", "btree_gin", "pg_stat_statements"}
    assert ask("SELECT count(*) > 0 FROM pg_stat_statements") == [(True,)]


@pytest.mark.usefixtures("running_home")
def test_nobody_comes_in_as_the_superuser_or_without_a_password() -> None:
    for wrong in ({"user": "postgres"}, {"password": "wrong"}):
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(os.environ["DATABASE_URL"], **wrong)


def test_a_killed_supervisor_takes_its_servers_along_and_loses_no_row(home: Home) -> None:
    join_home()
    ask("CREATE TABLE kept AS SELECT 42 AS answer", url="DATABASE_OWNER_URL")
    pids = [supervisor_pid(home), postgres_pid(home), redis_pid()]
    os.kill(pids[0], signal.SIGKILL)
    assert all_end(*pids)
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL"):
        os.environ[name] = ""
    join_home()
    assert ask("SELECT answer FROM kept", url="DATABASE_OWNER_URL") == [(42,)]


def test_a_killed_postgres_comes_back_at_the_same_place(home: Home) -> None:
    join_home()
    killed = postgres_pid(home)
    os.kill(killed, signal.SIGKILL)
    assert wait_for(lambda: not is_alive(killed) and _answers(), seconds=20)


def test_a_killed_redis_comes_back_at_the_same_place_with_its_queue(home: Home) -> None:
    join_home()
    with redis.Redis.from_url(os.environ["REDIS_URL"]) as client:
        client.rpush("queue", "wake-up")
        time.sleep(1.2)  # Redis writes its log to the disk every second
        os.kill(redis_pid(), signal.SIGKILL)
        assert wait_for(lambda: _length(client) == 1, seconds=20)


def test_servers_stay_for_another_user_and_go_with_the_last(home: Home) -> None:
    program = "import time; from config.local.home import join_home; join_home(); print(1, flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"1\n"
        join_home()
        pids = [supervisor_pid(home), postgres_pid(home), redis_pid()]
        assert not leave_home(home)
        assert all(map(is_alive, pids))
        other.kill()
    assert leave_home(home)
    assert all_end(*pids)


def test_servers_stop_by_themselves_when_nobody_is_left(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "LINGER_SECONDS", 0.3)
    home.make()
    alone = Supervisor(home, names=["REDIS_URL"])
    assert alone.own()
    alone.start()
    alone.watch()
    alone.stop()
    assert not home.env.exists()


def test_a_server_that_keeps_dying_is_given_up_with_a_reason(home: Home, tmp_path: Path) -> None:
    home.make()
    broken = Server(
        name="PostgreSQL",
        command=lambda _port: ["false"],
        urls=lambda _port: {},
        answers=lambda _port: False,
        folder=tmp_path,
        log=tmp_path / "log",
        stop_signal=signal.SIGTERM,
    )
    owner = Supervisor(home, names=[])
    owner.restart(broken)
    owner.restarts.extend([time.monotonic()] * 4)
    with pytest.raises(HomeError, match="PostgreSQL died 6 times within 60 seconds"):
        owner.restart(broken)
    owner.stop()


def test_a_home_whose_servers_cannot_start_says_why(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PG_BIN_DIR", "/nowhere")
    with pytest.raises(HomeError, match="/nowhere"):
        join_home()
    assert find_home().running_urls() is None


def _answers() -> bool:
    try:
        return ask("SELECT 1") == [(1,)]
    except psycopg.OperationalError:
        return False


def _length(client: redis.Redis) -> int:
    try:
        return int(client.llen("queue"))
    except redis.RedisError:
        return 0
