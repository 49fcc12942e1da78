"""How notices leave the house, and the sender that works the outbox off."""
