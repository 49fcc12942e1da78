"""The state registers. Here: a stand-in that answers from synthetic people; the gateway's adapter comes later."""
