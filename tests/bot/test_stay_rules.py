"""What the rules make of the loop of the stay calculator: who speaks next in a turn."""

from __future__ import annotations

from pathlib import Path

import pytest
from rasa.core.policies.rule_policy import RulePolicy
from rasa.core.training import loading  # noqa: F401
