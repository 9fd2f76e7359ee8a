"""Generated files: OpenAPI and AsyncAPI documents, definitions, the chart's copies."""

import difflib
import json
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import yaml

from kehu_chassis.messaging import topology
from kehu_cli.catalogue import (
    ASYNCAPI,
    CHART_FILES,
    CONTRACTS,
    DEFINITIONS,
    OBSERVABILITY,
    ROOT,
    SERVICES,
    python_command,
)
from kehu_cli.server import ServerError

# The lines of a difference that are printed.
SHOWN = 30


def generate() -> dict[Path, str]:
    """Return the text of every generated file."""
    commands = {
        CONTRACTS / "openapi" / f"{service}.json": python_command(service, "openapi")
        for service in SERVICES
    }
    subscriptions = [python_command(service, "subscriptions") for service in SERVICES]
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 2) as pool:
        received = pool.map(_output, subscriptions)
        texts = dict(zip(commands, pool.map(_output, commands.values()), strict=True))
    by_service = {
        service: json.loads(types) for service, types in zip(SERVICES, received, strict=True)
    }
    texts[ASYNCAPI] = _output(
        python_command("chassis.messaging.topology", "asyncapi"), stdin=json.dumps(by_service)
    )
    texts[DEFINITIONS] = _definitions_of(texts[ASYNCAPI])
    return texts | _for_the_chart(texts[DEFINITIONS])


def _definitions_of(asyncapi: str) -> str:
    document = topology.definitions(yaml.safe_load(asyncapi))
    return json.dumps(document, indent=2) + "\n"


def _for_the_chart(definitions: str) -> dict[Path, str]:
    """Return the chart's copies of files outside it: Helm reads only files inside a chart."""
    dashboards = sorted((OBSERVABILITY / "grafana" / "dashboards").glob("*.json"))
    return {
        CHART_FILES / "definitions.json": definitions,
        CHART_FILES / "rules.yml": (OBSERVABILITY / "prometheus" / "rules.yml").read_text(),
    } | {CHART_FILES / "dashboards" / path.name: path.read_text() for path in dashboards}


def differences(texts: dict[Path, str]) -> str:
    """Return how the files differ from the generated texts; empty if they do not."""
    found = []
    for path, text in texts.items():
        present = path.read_text() if path.exists() else ""
        lines = list(
            difflib.unified_diff(
                present.splitlines(),
                text.splitlines(),
                str(path.relative_to(ROOT)),
                "from the code",
                lineterm="",
            )
        )
        if len(lines) > SHOWN:
            lines[SHOWN:] = [f"... {len(lines) - SHOWN} more lines"]
        found += lines
    return "\n".join(found)


def write(texts: dict[Path, str]) -> list[Path]:
    """Write the files that changed; return them."""
    changed = []
    for path, text in texts.items():
        if not path.exists() or path.read_text() != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            changed.append(path)
    return changed


def _output(command: list[str], stdin: str | None = None) -> str:
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, input=stdin)
    if result.returncode != 0:
        raise ServerError(f"this failed: {' '.join(command[1:])}\n{result.stderr}")
    return result.stdout
