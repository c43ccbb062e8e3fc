"""The two databases, and a PostgreSQL user for each role: the owners migrate, the others work."""

POSTGRESQL_VERSION = "18"

#: database -> (its owner, who else may connect)
DATABASES = {
    "enrollment": ("enrollment_owner", ("enrollment",)),
    "credentials": ("credentials_owner", ("issuer", "public_reader")),
}
ROLES = tuple(role for owner, others in DATABASES.values() for role in (owner, *others))


def provision(passwords: dict[str, str]) -> str:
    """Statements for psql that make what is missing and leave what is there: roles, databases, rights to connect."""
    statements = []
    for role in ROLES:
        statements.append(
            f"SELECT 'CREATE ROLE {role}' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') \\gexec\n"  # noqa: S608 - names from above
            f"ALTER ROLE {role} LOGIN PASSWORD '{passwords[role]}';\n"
        )
    for database, (owner, others) in DATABASES.items():
        statements.append(
            f"SELECT 'CREATE DATABASE {database} OWNER {owner}' "  # noqa: S608 - names from above
            f"WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '{database}') \\gexec\n"
            f"REVOKE ALL ON DATABASE {database} FROM PUBLIC;\n"
            f"GRANT CONNECT ON DATABASE {database} TO {', '.join(others)};\n"
        )
    return "".join(statements)
