-- PostgreSQL makes its roles and row-level security under this number; SQLite has neither. There the scope
-- condition that every statement carries is the only fence, and a test reads every statement for it.
SELECT 1;
