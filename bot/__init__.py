"""Rasa components inside the model, and the pure language code they stand on."""
