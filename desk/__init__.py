"""The one door to the process: every channel gives its commands here, and every answer is told here."""
