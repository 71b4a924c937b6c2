"""The action server starts with every action that the domain names."""

from __future__ import annotations

import yaml
from rasa_sdk.executor import ActionExecutor

from tests.system import ROOT


def test_the_action_server_knows_all_actions_of_the_domain_and_no_others() -> None:
    executor = ActionExecutor()
    executor.register_package("actions")
    domain = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
    assert set(executor.actions) == {*domain["actions"], *domain["forms"]}
