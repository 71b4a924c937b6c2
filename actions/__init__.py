"""What the assistant does, one file a capability."""

from bot.process_log import cover_numbers

# of ours, the action server loads this package and nothing before it
cover_numbers()
