"""The directory: what people chose to show each other, and what a program offers them to read."""
