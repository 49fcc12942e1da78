-- Roles and databases of production: made where they are missing; passwords are what their files say.
-- Run by a superuser through psql; SECRETS names the folder of the files.
\set ON_ERROR_STOP on
\getenv secrets SECRETS
\set temporal_password `cat :'secrets'/temporal_database_password`
\set record_password `cat :'secrets'/record_database_password`
SET log_statement = 'none';
SET log_min_duration_statement = -1;
SELECT format('CREATE ROLE %I LOGIN', name) FROM unnest(ARRAY['temporal', 'tirek']) AS name
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec
ALTER ROLE temporal PASSWORD :'temporal_password';
ALTER ROLE tirek PASSWORD :'record_password';
SELECT format('CREATE DATABASE %I OWNER %I', name, owner)
FROM (VALUES ('temporal', 'temporal'), ('temporal_visibility', 'temporal'), ('tirek', 'tirek')) AS wanted (name, owner)
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = name) \gexec
SELECT format('REVOKE CONNECT ON DATABASE %I FROM PUBLIC', datname) FROM pg_database
WHERE datname IN ('temporal', 'temporal_visibility', 'tirek', 'postgres') \gexec
