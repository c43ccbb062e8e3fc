"""Forms: what a program asks of whoever enrolls beyond name and address, and the consents it needs."""
