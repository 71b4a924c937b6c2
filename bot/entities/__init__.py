"""What a message says of counts, days, times, places, help wanted and the like; pure.

Own rules over word lists (``data/languages/entities.yml``): libraries were
measured worse on short mixed messages and know no Kazakh. Names of months and
weekdays come from CLDR (Babel).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from bot.entities import clock, days, people
from bot.entities.contact import phones
from bot.entities.reading import Reading
from bot.entities.words import all_of, first_of, is_whole, value_of_section
from bot.scripts.convert import places_in

MOST_PEOPLE = people.MOST_PEOPLE


@dataclass(frozen=True)
class Found:
    """``kind`` and ``value``:

    - date: ISO day, past ones too; bad_date: as written, a day that no calendar has.
    - time: ``HH:MM`` as the traveler's clock shows it, the beginning of a range, or ``now``;
      an hour without a half of the day stays as spoken ("at 3" is 03:00).
    - part: morning, afternoon, evening or night, where no time is named. Not an hour:
      after lunch is not the same time on both sides of the border.
    - zone: beijing, kazakhstan or unclear ("local time"); the time itself is not shifted.
    - count: people, the speaker included, 0 to ``MOST_PEOPLE``. Of "not three but four" and
      of "three, no, four" the last one is what counts.
    - place: a key of ``places.yml``; direction: leaving_china or entering_china.
    - vehicle: on_foot, bicycle, motorcycle, car, bus or truck.
    - help: wheelchair, walking, elderly, pregnant, infant, ill or other; one or more.
    - contact: a phone number as ``+`` and digits; reach: phone or here.
    """

    kind: str
    value: str | int


def find(
    text: str, language: str, script: str, today: date, now: datetime | None = None
) -> list[Found]:
    """Everything found, kind by kind, each in the order it was said.

    Days count from ``today`` at the port. ``now`` is the port's clock: with it
    "in an hour" becomes a date, a time and the zone ``beijing``, without it nothing.
    """
    reading = Reading.of(text, language, script)
    contacts = phones(reading)
    zones = reading.take_sections("zone")
    places = places_in(reading.plain)
    helps = all_of("help", reading.rest, language)
    dates, bad = days.read(reading, today)
    moments, from_now = clock.read(reading, now)
    if dates and dates != [today]:
        moments = [moment for moment in moments if moment != clock.NOW]
    if from_now:
        dates, zones = [from_now, *dates], ["beijing", *zones]
    part = None if moments else clock.part(reading)
    by_kind: list[tuple[str, list[str] | list[int]]] = [
        ("date", [day.isoformat() for day in dates]),
        ("bad_date", bad),
        ("time", moments),
        ("part", [part] if part else []),
        ("zone", zones),
        ("count", people.counts(reading)),
        ("place", places),
        ("direction", _one(_direction(reading))),
        ("vehicle", _one(first_of("vehicle", helps.rest, language))),
        ("help", helps.values),
        ("contact", contacts),
        ("reach", _one(first_of("reach", reading.text, language) or _whole(reading, "reach"))),
    ]
    found = [Found(kind, value) for kind, values in by_kind for value in values]
    return list(dict.fromkeys(found))


def number_in(text: str, language: str, script: str) -> int | None:
    """People in the answer to "how many?": also a bare "four", "4-еу", вчетвером or 四个.

    Of several numbers the last, which is the corrected one; ``None`` without any.
    """
    reading = Reading.of(text, language, script)
    phones(reading)
    days.read(reading, date.min)
    clock.read(reading, None)
    counts = people.counts(reading)
    return counts[-1] if counts else people.bare(reading)


def time_in(text: str, language: str, script: str) -> str | None:
    """A time in the answer to "at what time?": also a bare "10", "ten thirty" or 十.

    ``HH:MM`` or ``now``, as in ``find``; ``None`` without any.
    """
    reading = Reading.of(text, language, script)
    phones(reading)
    reading.take_sections("zone")
    days.read(reading, date.min)
    moments, _ = clock.read(reading, None)
    return moments[0] if moments else clock.bare(reading)


def _direction(reading: Reading) -> str | None:
    return first_of("direction", reading.rest, reading.language) or _whole(reading, "direction")


def _whole(reading: Reading, section: str) -> str | None:
    return next(
        (
            value
            for value in value_of_section(f"{section}_alone")
            if is_whole(f"{section}_alone", value, reading.text, reading.language)
        ),
        None,
    )


def _one(value: str | None) -> list[str]:
    return [value] if value else []
