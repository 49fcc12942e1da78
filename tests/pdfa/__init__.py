"""Asks veraPDF whether the printed forms are what they say they are; `make test-pdfa`, needs Java and Maven."""
