"""How travelers reach the hub, one adapter a channel; ``assistant.py`` leads on to Rasa."""
