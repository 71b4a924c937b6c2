"""Topics of messages: the quick way to a text's features is scikit-learn's own."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.topic_classifier import TopicModel

EXAMPLES = {
    "greet": ["hello there", "good morning", "сәлем", "你好"],
    "visa": ["how long may I stay", "do I need a visa", "виза керек пе", "需要签证吗"],
    "pets": ["may I bring my dog", "cat with me", "итпен өтуге бола ма", "可以带狗吗"],
}


@pytest.fixture(scope="module")
def model() -> TopicModel:
    texts = [text for examples in EXAMPLES.values() for text in examples]
    labels = [label for label, examples in EXAMPLES.items() for _ in examples]
    return TopicModel.fit(texts, labels, c=20.0)


@given(text=st.text(alphabet="helo visadgcмтеній你好签证可 '.", max_size=40))
def test_features_of_one_text_are_those_of_the_vectorizers(model: TopicModel, text: str) -> None:
    for vectorizer, lookup in zip(model.vectorizers, model._lookups):
        expected = vectorizer.transform([text]).toarray()[0]
        columns, values = lookup.row(text)
        found = np.zeros_like(expected)
        found[columns - lookup.first] = values
        np.testing.assert_allclose(found, expected, atol=1e-6)


def test_the_nearest_topic_comes_first_and_confidences_sum_to_one(model: TopicModel) -> None:
    ranking = model.ranking("do i need a visa")
    assert ranking[0][0] == "visa"
    assert sum(confidence for _, confidence in ranking) == pytest.approx(1)
