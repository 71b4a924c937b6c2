"""The conversation: its log, who speaks, delivery; ``app.py`` composes the whole."""
