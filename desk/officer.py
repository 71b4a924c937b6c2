"""What an officer is: roles, presence, and which values an account may have."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from bot.language import SCRIPTS

Role = Literal["officer", "supervisor", "admin"]
Presence = Literal["on_duty", "busy", "away"]

ROLES: tuple[Role, ...] = get_args(Role)
"""Each may do what those before it may."""

PRESENCES: tuple[Presence, ...] = get_args(Presence)

_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{0,31}")


@dataclass(frozen=True)
class Officer:
    """An officer as colleagues see them; travelers see ``name`` only with ``name_shown``."""

    id: int
    login: str
    role: Role
    number: str
    name: str
    name_shown: bool
    languages: tuple[str, ...]
    presence: Presence

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Officer:
        """Of a row that holds the columns of ``officers``."""
        known = {name: row[name] for name in cls.__dataclass_fields__}
        return cls(**{**known, "languages": tuple(row["languages"])})

    def as_json(self) -> dict[str, Any]:
        known = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {**known, "languages": list(self.languages)}


def normal_login(login: str) -> str:
    return login.strip().lower()


def is_login(text: str) -> bool:
    """Whether a normalized text can be a login."""
    return _LOGIN.fullmatch(text) is not None


def is_subject(text: str) -> bool:
    """Whether a text can be an identity provider's name for a person, and be shown in a shell."""
    return 0 < len(text) <= 255 and text.isprintable() and text == text.strip()


def are_languages(value: Any) -> bool:
    """Whether a value is a list of languages that we speak, each once."""
    return (
        isinstance(value, list)
        and all(isinstance(code, str) and code in SCRIPTS for code in value)
        and len(set(value)) == len(value)
    )


def may_be(name: str, value: Any) -> bool:
    """Whether officers may set this of their own account to this value."""
    match name:
        case "presence":
            return isinstance(value, str) and value in PRESENCES
        case "name_shown":
            return isinstance(value, bool)
        case "languages":
            return are_languages(value)
    return False
