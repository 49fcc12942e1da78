"""The adapter of the e-government gateway, against messages that another library signs."""
