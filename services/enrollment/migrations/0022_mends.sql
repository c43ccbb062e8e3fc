-- When somebody was last told that they lack a level's badge: anybody can type their address into a form.
ALTER TABLE person ADD COLUMN level_told_at timestamptz;
