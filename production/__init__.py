"""The parts of production where no container engine is at hand, and the drill that loses and restores them."""
