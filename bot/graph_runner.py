"""Runs the model's graph in an order worked out once.

Rasa hands the graph to dask anew for every run, three times a turn: a tenth
of the turn goes into planning the same few steps again.
"""

from __future__ import annotations

from graphlib import TopologicalSorter
from typing import Any

from rasa.engine.runner.dask import DaskGraphRunner

Step = tuple[str, Any, tuple[str, ...]]
"""A node's name, the node, and the names of the nodes or inputs that it takes."""


class PlannedRunner(DaskGraphRunner):
    """A loaded runner's nodes, run one after another without dask."""

    def __init__(self, loaded: DaskGraphRunner) -> None:
        self.__dict__.update(loaded.__dict__)
        self._plans: dict[tuple[str, ...], list[Step]] = {}

    def run(
        self, inputs: dict[str, Any] | None = None, targets: list[str] | None = None
    ) -> dict[str, Any]:
        """Like ``DaskGraphRunner.run``: what each target put out, by its name."""
        wanted = tuple(targets or self._graph_schema.target_names)
        if wanted not in self._plans:
            self._plans[wanted] = self._plan(list(wanted))
        done: dict[str, Any] = {name: (name, value) for name, value in (inputs or {}).items()}
        for name, node, takes in self._plans[wanted]:
            done[name] = node(*(done.get(source, source) for source in takes))
        return {name: done[name][1] for name in wanted}

    def _plan(self, targets: list[str]) -> list[Step]:
        nodes = self._graph_schema.minimal_graph_schema(targets).nodes
        order = TopologicalSorter({n: set(node.needs.values()) for n, node in nodes.items()})
        return [
            (name, self._instantiated_nodes[name], tuple(nodes[name].needs.values()))
            for name in order.static_order()
            if name in nodes
        ]
