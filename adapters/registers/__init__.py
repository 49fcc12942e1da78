"""The state registers without a state behind them: synthetic people, and stand-ins that answer from them."""
