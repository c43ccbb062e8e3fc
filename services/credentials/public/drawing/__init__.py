"""What is drawn of a badge: its picture, its certificate, the letters on both, and what is kept of them."""
