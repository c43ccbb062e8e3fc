"""The pages of the overview: the numbers, people, the files of tables, refused letters, and the log."""

from services.enrollment.overview.pages import exporting, figures, journal, people, refusals

ROUTES = [*figures.ROUTES, *people.ROUTES, *exporting.ROUTES, *refusals.ROUTES, *journal.ROUTES]
