"""What must hold of a document before it is signed: one rule, one citation; and the permit that the signer wants."""
