"""Organizations: whoever runs cohorts; several live on one installation and never see each other."""
