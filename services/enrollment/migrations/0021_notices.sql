SELECT 1; -- content follows
