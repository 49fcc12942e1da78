"""How signatures of portal requests are made and checked."""
