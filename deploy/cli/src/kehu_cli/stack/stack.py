"""The addresses and logins of a stack, and the environment of its processes."""

import os
from dataclasses import dataclass, field
from urllib.parse import quote

from kehu_cli.catalogue import CONTRACTS, SALES_LOGIN, SERVICES
from kehu_cli.ports import LOOPBACK
from kehu_cli.stack import databases, postgres, rabbitmq
from kehu_cli.stack.rabbitmq_definitions import ADMINISTRATOR
from kehu_cli.stack.rabbitmq_node import NodePorts
from kehu_cli.stack.state import State

SERVERS = ("postgres", "rabbitmq")

# Requests take well under a second here, and no load balancer has to notice.
DRAIN_SECONDS = "1"


@dataclass(frozen=True)
class Stack:
    """The addresses and logins of one stack, running or not."""

    state: State
    host: str
    ports: dict[str, int]
    gateway_url: str
    amqp_url: str
    sales_amqp_url: str
    admin_username: str
    admin_password: str = field(repr=False)
    timezone: str
    external_amqp: bool

    @property
    def superuser_url(self) -> str:
        """The superuser's address of the database server."""
        return postgres.superuser_url(self.state.folder, self.ports["postgres"])

    @property
    def node_ports(self) -> NodePorts:
        """The ports of the private broker."""
        names = ("amqp", "management", "distribution", "epmd")
        return NodePorts(**{name: self.ports[name] for name in names})

    def broker_is_ready(self) -> bool:
        """Return whether the private broker is ready."""
        logins = self.state.credentials()["logins"]
        return rabbitmq.is_ready(self.node_ports, logins[ADMINISTRATOR])

    def login_url(self, login: str) -> str:
        """Return the AMQP address of a login."""
        if self.external_amqp:
            return self.amqp_url
        password = self.state.credentials()["logins"][login]
        return rabbitmq.amqp_url(login, password, self.ports["amqp"])

    def address(self, process: str) -> str:
        """Return where a process listens, as `kehu status` prints it."""
        if process == "gateway":
            return self.gateway_url
        port = self.ports["amqp" if process == "rabbitmq" else process]
        return f"{'' if process in SERVERS else 'http://'}{LOOPBACK}:{port}"

    def service_environment(self, service: str) -> dict[str, str]:
        """Return the variables for any process of a service, including operator commands.

        Processes that use the broker need its address in addition.
        """
        credentials = self.state.credentials()
        name = databases.database_name(service)
        password = quote(credentials["databases"][service], safe="")
        environment = self._common() | {
            "KEHU_DATABASE_URL": f"postgresql://{name}:{password}@{LOOPBACK}:{self.ports['postgres']}/{name}",
        }
        if service == "auth":
            environment["KEHU_INTERNAL_KEY"] = credentials["internal_key"]
        return environment

    def migration_environment(self, service: str) -> dict[str, str]:
        """Return the variables for the migration, which creates the first administrator."""
        environment = self.service_environment(service)
        if service == "auth" and not self.state.credentials()["administrator"]["made"]:
            environment["KEHU_ADMIN_USERNAME"] = self.admin_username
            environment["KEHU_ADMIN_PASSWORD"] = self.admin_password
        return environment

    def gateway_environment(self) -> dict[str, str]:
        """Return the variables for the gateway."""
        upstreams = {
            f"KEHU_{service.upper().replace('-', '_')}_URL": self.address(f"{service}-api")
            for service in SERVICES
        }
        return (
            self._common()
            | upstreams
            | {"KEHU_INTERNAL_KEY": self.state.credentials()["internal_key"]}
        )

    def _common(self) -> dict[str, str]:
        return {
            "KEHU_AUTH_URL": self.address("auth-api"),
            "KEHU_CONTRACTS": os.environ.get("KEHU_CONTRACTS", str(CONTRACTS)),
            "KEHU_TIMEZONE": self.timezone,
            "KEHU_DRAIN_SECONDS": os.environ.get("KEHU_DRAIN_SECONDS", DRAIN_SECONDS),
        }


def describe(state: State) -> Stack:
    """Return the stack of the state directory, whether or not it runs."""
    credentials, ports = state.credentials(), state.ports()
    external = credentials.get("external_amqp_url")
    logins = credentials["logins"]
    return Stack(
        state=state,
        host=state.host(),
        ports=ports,
        gateway_url=f"http://{LOOPBACK}:{ports['gateway']}",
        amqp_url=external or rabbitmq.amqp_url(ADMINISTRATOR, logins[ADMINISTRATOR], ports["amqp"]),
        sales_amqp_url=external
        or rabbitmq.amqp_url(SALES_LOGIN, logins[SALES_LOGIN], ports["amqp"]),
        admin_username=credentials["administrator"]["username"],
        admin_password=credentials["administrator"]["password"],
        timezone=state.timezone(),
        external_amqp=bool(external),
    )
