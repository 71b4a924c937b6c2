"""``python -m desk``: accounts from the shell."""

from __future__ import annotations

from pathlib import Path

import pytest

from desk.__main__ import main
from tests.desk.officers import URL


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The shell commands' settings: a database of their own."""
    monkeypatch.setenv("VAR_DIR", str(tmp_path))
    monkeypatch.setenv("PUBLIC_URL", URL)
    monkeypatch.delenv("DATABASE_URL", raising=False)


ADD = ["add", "Li.Wei", "--role", "supervisor", "--number", "07", "--languages", "zh,ru"]


@pytest.mark.usefixtures("shell")
def test_the_shell_manages_accounts(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*ADD, "--name", "李伟"]) == 0
    first = capsys.readouterr().out.strip()
    assert first.startswith("https://port.example/desk/invitation#")
    assert main(["invite", "li.wei"]) == 0
    assert capsys.readouterr().out.strip() not in ("", first)
    assert main(["totp", "li.wei"]) == 0
    assert capsys.readouterr().out.startswith("otpauth://totp/port.example:li.wei?secret=")
    assert main(["disable", "li.wei"]) == 0
    main(["list"])
    shown = "li.wei\tsupervisor\t07\t李伟\tzh,ru\tdisabled, no password, code\n"
    assert capsys.readouterr().out == shown
    assert main(["enable", "li.wei"]) == 0
    assert main(["totp", "li.wei", "--remove"]) == 0
    main(["list"])
    assert capsys.readouterr().out == shown.replace("disabled, ", "").replace(", code", "")


@pytest.mark.usefixtures("shell")
def test_the_shell_refuses_an_unknown_role(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(["add", "li", "--role", "root", "--number", "07"])
    assert exit_.value.code == 2
    assert "'root'" in capsys.readouterr().err
    main(["list"])
    assert capsys.readouterr().out == ""


@pytest.mark.usefixtures("shell")
@pytest.mark.parametrize(
    "command",
    [
        ["invite", "nobody"],
        ["disable", "nobody"],
        ["enable", "nobody"],
        ["totp", "nobody"],
        ["oidc", "nobody", "4711"],
        ["oidc", "nobody", "--remove"],
    ],
    ids=" ".join,
)
def test_the_shell_says_when_nobody_has_the_login(
    command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(command) == 1
    assert "'nobody'" in capsys.readouterr().err


@pytest.mark.usefixtures("shell")
def test_the_shell_says_when_a_login_is_taken(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(ADD) == 0
    assert main(ADD) == 1
    assert "li.wei is taken" in capsys.readouterr().err


@pytest.mark.usefixtures("shell")
def test_the_shell_links_an_officer_to_the_identity_provider(
    capsys: pytest.CaptureFixture[str],
) -> None:
    main(ADD)
    assert main(["oidc", "li.wei", "4711"]) == 0
    capsys.readouterr()
    main(["list"])
    assert capsys.readouterr().out.endswith("\tno password, oidc\n")
    assert main(["oidc", "li.wei", "--remove"]) == 0
    main(["list"])
    assert capsys.readouterr().out.endswith("\tno password\n")
    assert main(["oidc"]) == 0
    assert capsys.readouterr().out == ""


@pytest.mark.usefixtures("shell")
def test_the_shell_links_one_person_to_one_officer(capsys: pytest.CaptureFixture[str]) -> None:
    main(ADD)
    main(["add", "wang", "--role", "officer", "--number", "11"])
    assert main(["oidc", "li.wei", "4711"]) == 0
    assert main(["oidc", "li.wei", "4711"]) == 0
    assert main(["oidc", "wang", "4711"]) == 1
    assert "linked to li.wei" in capsys.readouterr().err


@pytest.mark.usefixtures("shell")
@pytest.mark.parametrize("subject", ["", " 4711", "47\n11", "x" * 256])
def test_the_shell_refuses_what_can_be_no_subject(
    subject: str, capsys: pytest.CaptureFixture[str]
) -> None:
    main(ADD)
    assert main(["oidc", "li.wei", subject]) == 1
    assert "is no subject" in capsys.readouterr().err


@pytest.mark.usefixtures("shell")
def test_the_shell_asks_whom_to_link(capsys: pytest.CaptureFixture[str]) -> None:
    main(ADD)
    assert main(["oidc", "li.wei"]) == 1
    assert "name the subject" in capsys.readouterr().err
