"""A plausible history of many applications, written straight into a record: for trials and measures of size."""
