"""Set-up and start of the three processes."""
