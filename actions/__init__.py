"""What the assistant does, one file a capability."""
