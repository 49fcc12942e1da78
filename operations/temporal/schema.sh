#!/bin/sh
# Brings both databases of the Temporal server to the schema of this version; what is there stays.
# TOOL, SCHEMA (a folder), DATABASE_HOST, DATABASE_PORT, SECRETS (a folder): as in docker-compose.yml by default.
set -eu
tool="${TOOL:-temporal-sql-tool}"
schema="${SCHEMA:-/etc/temporal/schema/postgresql/v12}"
secrets="${SECRETS:-/run/secrets}"
SQL_PASSWORD="$(cat "$secrets/temporal_database_password")"
export SQL_PASSWORD

bring() {
	tables="$schema/$2/versioned"
	"$tool" --plugin postgres12_pgx --endpoint "${DATABASE_HOST:-postgresql}" --port "${DATABASE_PORT:-5432}" \
		--user temporal --database "$1" --tls --tls-ca-file "$secrets/authority.pem" \
		--tls-server-name "${DATABASE_HOST:-postgresql}" "$3" "$4" "${5:-$tables}"
}

for one in temporal:temporal temporal_visibility:visibility; do
	bring "${one%:*}" "${one#*:}" setup-schema --version 0.0
	bring "${one%:*}" "${one#*:}" update-schema --schema-dir
done
