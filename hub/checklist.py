"""What stands on the checklist of a first trip abroad, in any language and script."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from bot import briefing
from bot.language import Language
from bot.policies import day_in
from bot.scripts import to_script
from hub.words import words


@dataclass(frozen=True)
class Section:
    """A step: ``items`` are ids (``hall.phone``) with what is to tick; ``caution`` may be empty."""

    key: str
    title: str
    text: str
    items: tuple[tuple[str, str], ...]
    caution: str
    sources: str


@dataclass(frozen=True)
class Checklist:
    """All texts in the language's script; ``language`` says which."""

    language: Language
    title: str
    port: str
    lead: str
    day: str
    sections: tuple[Section, ...]

    @property
    def rtl(self) -> bool:
        return self.language.script == "Arab"

    @property
    def subtitle(self) -> str:
        """Which port's it is, and as of which day."""
        return f"{self.port} · {self.day}"

    def texts(self) -> Iterator[str]:
        """Everything that is printed of it."""
        yield from (self.title, self.subtitle, self.lead)
        for section in self.sections:
            yield from (section.title, section.text, section.caution, section.sources)
            yield from (text for _, text in section.items)


def checklist(language: Language, day: date) -> Checklist:
    """The checklist as it stands on a day at the port."""
    code = language.code
    return Checklist(
        language=language,
        title=word("page_title", language),
        port=words(language)["page"]["title"],
        lead=word("page_lead", language),
        day=word("page_day", language, day=day_in(day, code)),
        sections=tuple(
            Section(
                key=step.key,
                title=_in(step.title[code], language),
                text=_in(step.text[code], language),
                items=tuple(
                    (step.item_id(item), _in(item.text[code], language)) for item in step.items
                ),
                caution=_in(step.caution(code, day), language),
                sources=_in(step.sources_line(code), language),
            )
            for step in briefing.load()
        ),
    )


def word(name: str, language: Language, **values: str) -> str:
    """A text of ``data/briefing_words.yml``, filled and in the language's script."""
    return _in(briefing.words()[name][language.code].format(**values), language)


def _in(text: str, language: Language) -> str:
    return to_script(text, language.code, language.script)
