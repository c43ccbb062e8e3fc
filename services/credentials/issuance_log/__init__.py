"""The issuance log: what was signed, in an order that is never changed, under heads that anybody can hold us to."""
