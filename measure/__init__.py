"""What is measured, and never tested by a clock: `make measure` writes docs/measurements.md."""
