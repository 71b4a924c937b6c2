"""A text model of plain arrays: which of some labels a normalized text has.

TF-IDF over characters and words, and logistic regression, one label against
the rest. scikit-learn learns it; reading and asking it needs only numpy, since
its own transform spends most of its time on checks and on matrices of one row,
and a pickle of this size loads for seconds.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np


def characters(text: str, longest: int = 4) -> list[str]:
    """Runs of 1 to ``longest`` characters inside each word, its borders as spaces."""
    found = []
    for word in text.split():
        padded = f" {word} "
        for n in range(1, longest + 1):
            found += [padded[i : i + n] for i in range(max(1, len(padded) - n + 1))]
            if len(padded) <= n:
                break
    return found


def words(text: str) -> list[str]:
    """The words, and each two that follow one another."""
    single = text.split()
    return single + [f"{first} {second}" for first, second in pairwise(single)]


FEATURES: tuple[Callable[[str], list[str]], ...] = (characters, words)


@dataclass(frozen=True)
class TextModel:
    """``weights`` has a row a feature and a column a label; a feature's number stands in ``terms``.

    ``terms`` and ``idf`` (inverse document frequencies) have an entry for each of ``FEATURES``;
    the numbers of the second go on where the first end.
    """

    labels: tuple[str, ...]
    terms: tuple[dict[str, int], ...]
    idf: tuple[np.ndarray, ...]
    weights: np.ndarray
    biases: np.ndarray

    @classmethod
    def fit(
        cls, texts: list[str], labels: list[str], c: float, weights: list[float] | None = None
    ) -> TextModel:
        """Learns from normalized texts, the label of each, and what each counts (1 without).

        ``c`` is the inverse of the regularization.
        """
        # only who learns waits for scikit-learn to load
        from scipy.sparse import hstack
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression

        # 32 bits halve the model, and its load, and lose nothing
        vectorizers = [
            TfidfVectorizer(analyzer=each, sublinear_tf=True, dtype=np.float32) for each in FEATURES
        ]
        features = hstack([each.fit_transform(texts) for each in vectorizers], format="csr")
        classifier = LogisticRegression(C=c, solver="liblinear", random_state=42)
        classifier.fit(features, labels, sample_weight=weights)
        return cls(
            tuple(str(label) for label in classifier.classes_),
            tuple(each.vocabulary_ for each in vectorizers),
            tuple(each.idf_ for each in vectorizers),
            np.ascontiguousarray(classifier.coef_.T, dtype=np.float32),
            classifier.intercept_,
        )

    def apart(self, text: str) -> dict[str, float]:
        """For each label by itself, how likely (0–1) a text has it."""
        scores, first = self.biases, 0
        for analyze, terms, idf in zip(FEATURES, self.terms, self.idf):
            columns, values = row(analyze(text), terms, idf)
            scores = scores + values @ self.weights[columns + first]
            first += len(terms)
        return dict(zip(self.labels, (1 / (1 + np.exp(-scores))).tolist()))

    def ranking(self, text: str) -> list[tuple[str, float]]:
        """Labels and confidences (0–1, summing to 1), the likeliest first."""
        apart = self.apart(text)
        total = sum(apart.values())
        confidences = ((label, value / total) for label, value in apart.items())
        return sorted(confidences, key=lambda pair: -pair[1])

    def save(self, folder: Path) -> None:
        """Writes ``model.npz`` and ``model.json`` into a folder."""
        idf = {f"idf{i}": values for i, values in enumerate(self.idf)}
        np.savez(folder / "model.npz", weights=self.weights, biases=self.biases, **idf)
        terms = [sorted(each, key=each.__getitem__) for each in self.terms]
        named = {"labels": self.labels, "terms": terms}
        (folder / "model.json").write_text(json.dumps(named, ensure_ascii=False), "utf-8")

    @classmethod
    def read(cls, folder: Path) -> TextModel:
        """Reads what ``save`` wrote.

        Raises:
            ValueError: the two files are not of one model.
            OSError, KeyError, zipfile.BadZipFile: they can't be read.
        """
        named = json.loads((folder / "model.json").read_text("utf-8"))
        with np.load(folder / "model.npz") as arrays:
            weights = arrays["weights"]
            if weights.shape != (sum(map(len, named["terms"])), len(named["labels"])):
                raise ValueError(f"model.npz and model.json in {folder} do not belong together")
            return cls(
                tuple(named["labels"]),
                tuple({term: i for i, term in enumerate(terms)} for terms in named["terms"]),
                tuple(arrays[f"idf{i}"] for i in range(len(named["terms"]))),
                weights,
                arrays["biases"],
            )


def row(
    found: Iterable[str], terms: dict[str, int], idf: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The numbers of the terms that a text has, and their TF-IDF values, of length 1 together."""
    known = (terms.get(term) for term in found)
    counts = Counter(number for number in known if number is not None)
    columns = np.fromiter(counts.keys(), dtype=np.intp, count=len(counts))
    times = np.fromiter(counts.values(), dtype=np.float32, count=len(counts))
    values = (1 + np.log(times)) * idf[columns]
    length = np.linalg.norm(values)
    return columns, (values / length if length else values).astype(np.float32)
