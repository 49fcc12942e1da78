"""Files of evidence and printed papers: where their content is kept, and what a file is."""
