"""What those on call look at: health, metrics, logs, traces, and the codec server of the Temporal UI."""
