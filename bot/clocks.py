"""The two clocks at the border, fixed: many devices still keep an older offset of Kazakhstan's."""

from __future__ import annotations

from datetime import timedelta, timezone

PORT_TIME = timezone(timedelta(hours=8))
"""The Chinese side keeps Beijing time."""

KAZAKHSTAN = timezone(timedelta(hours=5))
"""One time in the whole country since 1 March 2024."""

ZONES = {"beijing": PORT_TIME, "kazakhstan": KAZAKHSTAN}
"""By the names under which requests keep them."""
