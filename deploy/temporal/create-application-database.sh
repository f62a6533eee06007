#!/bin/sh
# Runs once, when the database's volume is empty.
set -eu
psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" <<'SQL'
CREATE ROLE buyer_group LOGIN PASSWORD 'buyer_group';
CREATE DATABASE buyer_group OWNER buyer_group;
SQL
