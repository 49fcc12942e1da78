"""What the service is: the passport's words, rules and clocks. Pure Python and pydantic."""
