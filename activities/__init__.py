"""What touches the world, by port: each activity is one call, safe to repeat."""
