"""The board for supervisors: pages, the JSON API beside them, and what tells both that something has changed."""
