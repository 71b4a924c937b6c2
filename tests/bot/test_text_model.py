"""The text model: its quick way to a text's features is scikit-learn's own."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

from bot.text_model import FEATURES, TextModel, characters, row

EXAMPLES = {
    "greet": ["hello there", "good morning", "сәлем", "你好"],
    "visa": ["how long may I stay", "do I need a visa", "виза керек пе", "需要签证吗"],
    "pets": ["may I bring my dog", "cat with me", "итпен өтуге бола ма", "可以带狗吗"],
}
TEXTS = [text for examples in EXAMPLES.values() for text in examples]
LABELS = [label for label, examples in EXAMPLES.items() for _ in examples]

a_text = st.text(alphabet="helo visadgcмтеній你好签证可 '.", max_size=40)


@pytest.fixture(scope="module")
def model() -> TextModel:
    return TextModel.fit(TEXTS, LABELS, c=20.0)


@given(text=a_text)
def test_features_of_one_text_are_those_of_scikit_learn(model: TextModel, text: str) -> None:
    for analyze, terms, idf in zip(FEATURES, model.terms, model.idf):
        vectorizer = TfidfVectorizer(analyzer=analyze, sublinear_tf=True).fit(TEXTS)
        assert vectorizer.vocabulary_ == terms
        expected = vectorizer.transform([text]).toarray()[0]
        columns, values = row(analyze(text), terms, idf)
        found = np.zeros_like(expected)
        found[columns] = values
        np.testing.assert_allclose(found, expected, atol=1e-6)


@given(text=a_text)
def test_runs_of_characters_stay_inside_words(text: str) -> None:
    analyze = TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 4), lowercase=False)
    assert sorted(characters(text)) == sorted(analyze.build_analyzer()(text))


def test_the_nearest_topic_comes_first_and_confidences_sum_to_one(model: TextModel) -> None:
    ranking = model.ranking("do i need a visa")
    assert ranking[0][0] == "visa"
    assert sum(confidence for _, confidence in ranking) == pytest.approx(1)


def test_a_saved_model_answers_like_the_one_that_learnt(model: TextModel, tmp_path: Path) -> None:
    model.save(tmp_path)
    assert TextModel.read(tmp_path).ranking("может виза") == model.ranking("может виза")
