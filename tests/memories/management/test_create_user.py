from contextlib import nullcontext
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from memories.management.commands import create_user
from memories.models import User

pytestmark = pytest.mark.django_db

PASSWORD = "fourteen green umbrellas"


@pytest.fixture(autouse=True)
def password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIFEGRAPH_PASSWORD", PASSWORD)


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("create_user", *arguments, stdout=out)
    return out.getvalue()


def test_a_user_is_made_with_the_password_of_the_environment() -> None:
    told = run("ana", "--email", "ana@Example.org", "--time-zone", "Europe/Lisbon")
    user = User.objects.get(username="ana")
    assert told == "User ana was created\n"
    assert user.check_password(PASSWORD)
    assert (user.email, user.time_zone) == ("ana@example.org", "Europe/Lisbon")
    assert not user.is_staff


def test_a_password_file_comes_before_the_environment(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("seven blue umbrellas\n")
    run("ana", "--password-file", str(file))
    assert User.objects.get(username="ana").check_password("seven blue umbrellas")


def test_a_missing_password_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        run("ana", "--password-file", str(tmp_path / "nowhere"))


def test_a_name_that_is_taken_is_said() -> None:
    run("ana")
    with pytest.raises(CommandError, match="There is a user named 'ana' already"):
        run("ana")


def test_with_if_missing_a_user_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    run("ana")
    monkeypatch.delenv("LIFEGRAPH_PASSWORD")
    assert run("ana", "--if-missing", "--email", "x@example.org") == ("User ana is there already\n")
    user = User.objects.get(username="ana")
    assert user.email == ""
    assert user.check_password(PASSWORD)


@pytest.mark.parametrize("password", ["short", "ana-ana-ana-ana"])
def test_a_weak_password_is_refused(monkeypatch: pytest.MonkeyPatch, password: str) -> None:
    monkeypatch.setenv("LIFEGRAPH_PASSWORD", password)
    with pytest.raises(CommandError, match="password"):
        run("ana-ana-ana")
    assert not User.objects.exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["ana", "--time-zone", "Mars/Base"], "Mars/Base"),
        (["ana", "--email", "no address"], "email"),
        (["a na"], "username"),
    ],
)
def test_what_cannot_be_a_user_is_said(arguments: list[str], sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        run(*arguments)


def test_without_a_terminal_nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LIFEGRAPH_PASSWORD")
    monkeypatch.setattr(create_user, "stdin_is_terminal", lambda: False)
    with pytest.raises(CommandError, match="--password-file or in LIFEGRAPH_PASSWORD"):
        run("ana")


@pytest.mark.parametrize(("again", "made"), [(PASSWORD, ["ana"]), ("other", [])])
def test_on_a_terminal_the_password_is_asked_for_twice(
    monkeypatch: pytest.MonkeyPatch, again: str, made: list[str]
) -> None:
    answers = iter([PASSWORD, again])
    monkeypatch.delenv("LIFEGRAPH_PASSWORD")
    monkeypatch.setattr(create_user, "stdin_is_terminal", lambda: True)
    monkeypatch.setattr(create_user, "getpass", lambda _prompt: next(answers))
    with nullcontext() if made else pytest.raises(CommandError, match="differ"):
        run("ana")
    assert [user.username for user in User.objects.all()] == made
