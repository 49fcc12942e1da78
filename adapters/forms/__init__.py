"""Printed forms: a sheet becomes PDF/A, in the form of the passport's annexes (R11, R18-R20, R22, R9)."""
