"""How a badge is shown elsewhere: on profiles, in other sites' pages, in search engines and where links are posted."""
