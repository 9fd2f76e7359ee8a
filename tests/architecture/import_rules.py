"""Which module may import which: import-linter's rules, generated from the workspace's folders.

`./kehu test` checks them; so does this command:

    .venv/bin/python tests/architecture/import_rules.py

See docs/architecture for the reasons. A new service or feature needs no line here.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from configparser import ConfigParser
from pathlib import Path

from importlinter.cli import lint_imports

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.support.workspace import features, packages

Rule = dict[str, str | list[str]]

PACKAGES = list(packages())
DEPLOYABLES = [*PACKAGES, "kehu_cli", "kehu_gateway"]
FRAMEWORKS = ["flask", "flask_smorest", "marshmallow", "pika", "psycopg", "sqlalchemy"]

# The private modules of a feature; its siblings call its service.
PRIVATE = ("models", "operations", "rules", "texts")

SETTINGS: Rule = {
    "root_packages": ["kehu_chassis", *DEPLOYABLES],
    "include_external_packages": "true",
    "exclude_type_checking_imports": "false",
}

RULES: dict[str, Rule] = {
    "deployables": {
        "name": "No deployable imports another",
        "type": "independence",
        "modules": DEPLOYABLES,
    },
    "chassis": {
        "name": "The chassis imports no deployable",
        "type": "forbidden",
        "source_modules": ["kehu_chassis"],
        "forbidden_modules": DEPLOYABLES,
    },
    "pika": {
        "name": "Only kehu_chassis.messaging._amqp imports pika",
        "type": "protected",
        "protected_modules": ["pika"],
        "allowed_importers": ["kehu_chassis.messaging._amqp"],
    },
    "amqp": {
        "name": "Only the chassis and the command line, which plays the sales system, use AMQP",
        "type": "protected",
        "protected_modules": ["kehu_chassis.messaging._amqp"],
        "allowed_importers": ["kehu_chassis", "kehu_cli"],
    },
    "alembic": {
        "name": "Only kehu_chassis.runtime.migrate and the migrations import alembic",
        "type": "protected",
        "protected_modules": ["alembic"],
        "allowed_importers": ["kehu_chassis.runtime.migrate"],
    },
    "layers": {
        "name": "Inside a feature: routes | consumers | jobs, schemas, service,"
        " events | operations, models, rules, texts",
        "type": "layers",
        # Brackets: a feature has only the files that it needs.
        "layers": [
            "(routes) | (consumers) | (jobs)",
            "(schemas)",
            "(service)",
            "(events) | (operations)",
            "(models)",
            "(rules)",
            "(texts)",
        ],
        "containers": [f"{package}.features.*" for package in PACKAGES],
    },
    "rules": {
        "name": "Rules and texts are pure: no framework",
        "type": "forbidden",
        "source_modules": [
            f"{package}.features.*.{name}" for package in PACKAGES for name in ("rules", "texts")
        ],
        "forbidden_modules": FRAMEWORKS,
        # Rules may raise the chassis's problems, and the chassis imports frameworks.
        "allow_indirect_imports": "true",
    },
    "command-line": {
        "name": "The layers of the command line: commands, operations, the stack, utilities",
        "type": "layers",
        "layers": [
            "cli",
            "commands",
            "pictures",
            "demo | operations | contracts | web",
            "stack",
            "console | faults | server | catalogue | ports | private_files",
        ],
        "containers": ["kehu_cli"],
        "exhaustive": "true",
        "exhaustive_ignores": ["__main__"],
    },
    "circles": {
        "name": "No import cycles: neither between the features of a service nor between modules",
        "type": "acyclic_siblings",
        "ancestors": [
            "kehu_chassis",
            "kehu_gateway",
            "kehu_cli",
            *(f"{package}.features" for package in PACKAGES),
        ],
    },
}


def private() -> Iterator[tuple[str, Rule]]:
    """One rule for each feature that has private modules."""
    for feature, folder in features():
        modules = {path.stem for path in folder.iterdir()}
        found = [name for name in PRIVATE if name in modules]
        if found:
            yield (
                feature,
                {
                    "name": f"The {' and '.join(found)} of {feature} are private",
                    "type": "protected",
                    "protected_modules": [f"{feature}.{name}" for name in found],
                    "allowed_importers": [feature],
                },
            )


def check() -> int:
    """Check every rule; returns import-linter's exit code."""
    configuration = ConfigParser()
    configuration["importlinter"] = as_text(SETTINGS)
    for ident, rule in (RULES | dict(private())).items():
        configuration[f"importlinter:contract:{ident}"] = as_text(rule)
    with tempfile.NamedTemporaryFile("w", prefix="kehu-imports-", suffix=".ini") as file:
        configuration.write(file)
        file.flush()
        return lint_imports(config_filename=file.name)


def as_text(rule: Rule) -> dict[str, str]:
    """Return the values in the syntax of a configuration file: one line per item of a list."""
    return {
        name: value if isinstance(value, str) else "\n" + "\n".join(value)
        for name, value in rule.items()
    }


if __name__ == "__main__":
    sys.exit(check())
