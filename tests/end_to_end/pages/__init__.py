"""Pages in a real browser: what people see, reach and send."""
