"""An installed RabbitMQ run as a private node, without root and beside any other node.

It has its own name, ports, data, plugins and Erlang cookie. The packaged wrapper in /usr/sbin
requires the account `rabbitmq`; the script in the package's library folder does not. A RabbitMQ
service of the machine is neither used nor disturbed.
"""

import hashlib
import os
import shlex
import shutil
from dataclasses import dataclass
from pathlib import Path

from kehu_cli.ports import LOOPBACK
from kehu_cli.private_files import write_private
from kehu_cli.server import Command

# The server's path in the distributions' packages and in the generic archive, specific ones first.
SERVER_PATTERNS = (
    "usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin/rabbitmq-server",
    "usr/lib64/rabbitmq/lib/rabbitmq_server-*/sbin/rabbitmq-server",
    "opt/rabbitmq/sbin/rabbitmq-server",
    "opt/homebrew/opt/rabbitmq/sbin/rabbitmq-server",
    "usr/local/opt/rabbitmq/sbin/rabbitmq-server",
)

# Erlang's name server is a daemon that outlives the node. The node would start it too, but fails
# when it is slow to start.
START_AFTER_EPMD = (
    "{epmd} -daemon; "
    "for attempt in $(seq 200); do {epmd} -names >/dev/null 2>&1 && break; sleep 0.05; done; "
    "exec {server}"
)


@dataclass(frozen=True)
class NodePorts:
    """The ports of a node, including private ones of Erlang, so that nodes do not interfere."""

    amqp: int
    management: int
    distribution: int
    epmd: int


@dataclass(frozen=True)
class Installation:
    """A RabbitMQ with its Erlang: in the system (`root` is /) or unpacked below another folder."""

    server: Path
    root: Path = Path("/")

    def prepare(self, folder: Path, ports: NodePorts) -> None:
        """Write the node's configuration below `folder`."""
        (folder / "home").mkdir(parents=True, exist_ok=True)
        definitions = str(folder / "definitions.json")
        write_private(folder / "rabbitmq.conf", configuration(LOOPBACK, ports, definitions))
        write_private(folder / "enabled_plugins", "[rabbitmq_management].\n")
        write_private(folder / "rabbitmq-env.conf", "")

    def command(self, folder: Path, ports: NodePorts) -> Command:
        """Return the command that runs the node in the foreground."""
        erlang = self.root / "usr/lib/erlang/bin"
        epmd = shlex.quote(str(erlang / "epmd")) if self._is_unpacked else "epmd"
        start = START_AFTER_EPMD.format(epmd=epmd, server=shlex.quote(str(self.server)))
        return Command(
            ["/bin/sh", "-c", start],
            environment=self._erlang_environment() | _node_environment(folder, ports),
            afterwards=["/bin/sh", "-c", f"{epmd} -port {ports.epmd} -kill"],
        )

    @property
    def _is_unpacked(self) -> bool:
        return self.root != Path("/")

    def _erlang_environment(self) -> dict[str, str]:
        """Return the variables by which an unpacked Erlang finds its root and libraries."""
        if not self._is_unpacked:
            return {}
        erlang = self.root / "usr/lib/erlang"
        libraries = [
            str(folder)
            for name in ("usr/lib", "lib")
            for folder in (self.root / name).glob("*-linux-*")
        ]
        return {
            "ERL_ROOTDIR": str(erlang),
            "PATH": f"{erlang / 'bin'}:{os.environ.get('PATH', '/usr/bin:/bin')}",
            "LD_LIBRARY_PATH": ":".join([*libraries, os.environ.get("LD_LIBRARY_PATH", "")]).strip(
                ":"
            ),
        }


def find(root: Path = Path("/")) -> Installation | None:
    """Find the newest RabbitMQ below `root`, together with an Erlang to run it."""
    for pattern in SERVER_PATTERNS:
        for server in sorted(root.glob(pattern), reverse=True):
            if root != Path("/") or shutil.which("erl"):
                return Installation(server, root)
    return None


def _node_environment(folder: Path, ports: NodePorts) -> dict[str, str]:
    # The node's name is part of its data, so it must not depend on the port.
    name = hashlib.sha256(str(folder).encode()).hexdigest()[:12]
    return {
        "HOME": str(folder / "home"),
        "RABBITMQ_NODENAME": f"kehu-{name}@localhost",
        "RABBITMQ_CONF_ENV_FILE": str(folder / "rabbitmq-env.conf"),
        "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
        "RABBITMQ_ADVANCED_CONFIG_FILE": str(folder / "advanced.config"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
        "RABBITMQ_MNESIA_BASE": str(folder / "data"),
        "RABBITMQ_LOG_BASE": str(folder / "log"),
        "RABBITMQ_LOGS": "-",
        "RABBITMQ_GENERATED_CONFIG_DIR": str(folder / "generated"),
        "RABBITMQ_PLUGINS_EXPAND_DIR": str(folder / "plugins"),
        "RABBITMQ_DIST_PORT": str(ports.distribution),
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
        "ERL_CRASH_DUMP": str(folder / "erl_crash.dump"),
        "ERL_EPMD_PORT": str(ports.epmd),
        "ERL_EPMD_ADDRESS": LOOPBACK,
        # Makes the script exec the broker, so that signals reach it.
        "RUNNING_UNDER_SYSTEMD": "true",
    }


def configuration(host: str, ports: NodePorts, definitions: str) -> str:
    """Return the text of a rabbitmq.conf."""
    return f"""\
listeners.tcp.1 = {host}:{ports.amqp}
management.tcp.ip = {host}
management.tcp.port = {ports.management}
load_definitions = {definitions}
# An event has at most 256 KiB; a somewhat larger one still becomes a dead letter with a reason.
max_message_size = 1048576
log.console = true
log.console.level = info
# The default keeps up to 512 MB of write-ahead log in memory.
raft.wal_max_size_bytes = 67108864
# A share of a developer's disk means nothing; this much must be free.
disk_free_limit.absolute = 200MB
"""
