"""The design system of both services: templates, styles, script, texts, and how dates and names are written."""
