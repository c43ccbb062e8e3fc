"""Programs: what is taught, at which levels, by which curricula of modules, and the achievement that a level awards."""
