"""The hub as for a bot that pays Telegram for 1,000 messages a second, so that its limit of 30
does not hide what our own work takes: ``python -m bench.unpaced_hub``."""

from __future__ import annotations

import sys

from channels import telegram
from hub.__main__ import main
from hub.pacing import Rate

if __name__ == "__main__":
    telegram._OVERALL[:] = [Rate(1000, 1.1, kept=5)]
    sys.exit(main())
