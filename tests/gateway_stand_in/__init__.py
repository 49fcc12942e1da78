"""The stand-in for the gateway: it refuses what the gateway would, and does what it is told."""
