"""Admission: who in line may be given a seat, by rules that each cohort sets; invitation codes and members."""
