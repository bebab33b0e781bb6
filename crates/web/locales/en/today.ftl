# The first page: what has to be decided now, and what waiting costs.

today-title = Today
