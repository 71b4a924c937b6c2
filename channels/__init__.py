"""How travelers reach the hub, one adapter a channel; ``assistant.py`` is how the hub reaches Rasa."""
