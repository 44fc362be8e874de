"""Running a model with and without an edit, and measuring what changed."""
