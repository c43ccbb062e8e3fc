"""Official records: transcripts signed for one recipient, behind a link that expires and can be withdrawn."""
