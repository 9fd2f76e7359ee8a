-- One database and one login role per service; a role can connect to its own database only.
-- Run it with psql as a superuser, any number of times: it creates what is missing and sets passwords.
--
--   KEHU_DATABASES='{"kehu_auth": "its password", ...}' psql -f databases.sql
\set ON_ERROR_STOP on
\set QUIET on
\getenv databases KEHU_DATABASES
CREATE TEMPORARY TABLE wanted AS
    SELECT key::name AS name, value AS password FROM json_each_text(:'databases');

SELECT format('CREATE ROLE %I LOGIN', name)
  FROM wanted WHERE name NOT IN (SELECT rolname FROM pg_roles) \gexec
SELECT format('ALTER ROLE %I PASSWORD %L', name, password)
  FROM wanted \gexec
SELECT format('CREATE DATABASE %I OWNER %I', name, name)
  FROM wanted WHERE name NOT IN (SELECT datname FROM pg_database) \gexec
-- By default the maintenance databases are open to PUBLIC, too.
SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', datname)
  FROM pg_database
 WHERE datname IN ('postgres', 'template1') OR datname IN (SELECT name FROM wanted) \gexec
