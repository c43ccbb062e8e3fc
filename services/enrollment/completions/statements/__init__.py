"""The statement of completion: drawn as a PDF, and handed out."""
