"""The process: one execution is one application; `run` reads as the passport does."""
