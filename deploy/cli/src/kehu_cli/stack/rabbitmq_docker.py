"""RabbitMQ as a container, for machines that have Docker and no RabbitMQ."""

import hashlib
import os
import shlex
import shutil
import subprocess
from pathlib import Path

from kehu_cli.ports import LOOPBACK
from kehu_cli.private_files import write_private
from kehu_cli.server import Command
from kehu_cli.stack.rabbitmq_node import NodePorts, configuration

IMAGE = f"rabbitmq:{os.environ.get('RABBITMQ_TAG') or '4-management'}"
DEFINITIONS = "/etc/rabbitmq/kehu-definitions.json"


def is_available() -> bool:
    """Return whether Docker can be used."""
    if not shutil.which("docker"):
        return False
    try:
        return subprocess.run(["docker", "info"], capture_output=True, timeout=10).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def name(folder: Path) -> str:
    """Return the name of the container and of its volume; there is one per state directory."""
    return f"kehu-{hashlib.sha256(str(folder).encode()).hexdigest()[:12]}"


def remove_data(folder: Path) -> None:
    """Delete the container's volume, if there is one."""
    if is_available():
        subprocess.run(["docker", "volume", "rm", "--force", name(folder)], capture_output=True)


class Container:
    """A broker in a container."""

    def prepare(self, folder: Path, ports: NodePorts) -> None:
        """Write the container's configuration; the image is pulled when it starts."""
        inside = NodePorts(amqp=5672, management=15672, distribution=0, epmd=0)
        # World-readable for the broker's own account in the container.
        write_private(
            folder / "container.conf", configuration("0.0.0.0", inside, DEFINITIONS), mode=0o644
        )

    def command(self, folder: Path, ports: NodePorts) -> Command:
        """Return the command that runs the container in the foreground."""
        container = name(folder)
        run = [
            *("docker", "run", "--rm", "--name", container, "--hostname", container),
            *("--publish", f"{LOOPBACK}:{ports.amqp}:5672"),
            *("--publish", f"{LOOPBACK}:{ports.management}:15672"),
            *("--volume", f"{container}:/var/lib/rabbitmq"),
            *("--volume", f"{folder / 'container.conf'}:/etc/rabbitmq/conf.d/90-kehu.conf:ro"),
            *("--volume", f"{folder / 'definitions.json'}:{DEFINITIONS}:ro"),
            IMAGE,
        ]
        # A killed client leaves its container running under the same name.
        remove = f"docker rm --force {container} >/dev/null 2>&1"
        return Command(
            ["/bin/sh", "-c", f"{remove}; exec {shlex.join(run)}"],
            afterwards=["docker", "rm", "--force", container],
        )
