"""Official records: what a person has the issuer send to one recipient, such as a district, and what became of it."""
