"""The pages of the overview: the numbers, people, the files of tables, and the log."""

from services.enrollment.overview.pages import exporting, figures, journal, people

ROUTES = [*figures.ROUTES, *people.ROUTES, *exporting.ROUTES, *journal.ROUTES]
