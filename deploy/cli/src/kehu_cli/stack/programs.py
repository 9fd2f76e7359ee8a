"""The processes of a stack in their starting order; they stop in reverse order."""

from dataclasses import dataclass, field

from kehu_cli.catalogue import SERVICES, python_command
from kehu_cli.ports import LOOPBACK
from kehu_cli.server import Command
from kehu_cli.stack import postgres, rabbitmq
from kehu_cli.stack.stack import Stack

SERVERS, APPLICATION, GATEWAY = "servers", "services", "gateway"


@dataclass(frozen=True)
class Program:
    """One supervised process."""

    name: str
    group: str
    arguments: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    user: str | None = None
    stop_signal: str = "TERM"


def programs(stack: Stack) -> list[Program]:
    """Return every process of the stack."""
    listed = [_postgres(stack)]
    if not stack.external_amqp:
        listed.append(_rabbitmq(stack))
    for service in SERVICES:
        listed += [_api(stack, service), _work(stack, service)]
    return [*listed, _gateway(stack)]


def _postgres(stack: Stack) -> Program:
    return _server("postgres", postgres.command(stack.state.folder, stack.ports["postgres"]))


def _rabbitmq(stack: Stack) -> Program:
    return _server("rabbitmq", rabbitmq.command(stack.state.folder, stack.node_ports))


def _server(name: str, command: Command) -> Program:
    return Program(
        name,
        SERVERS,
        command.arguments,
        command.environment,
        user=command.user,
        stop_signal=command.stop_signal,
    )


def _api(stack: Stack, service: str) -> Program:
    name = f"{service}-api"
    environment = stack.service_environment(service)
    environment["KEHU_BIND"] = f"{LOOPBACK}:{stack.ports[name]}"
    arguments = python_command(service, "api")
    return Program(name, APPLICATION, arguments, environment)


def _work(stack: Stack, service: str) -> Program:
    name = f"{service}-work"
    environment = stack.service_environment(service)
    environment["KEHU_AMQP_URL"] = stack.login_url(service)
    # Always set, as a process inherits the variables of the shell.
    environment["KEHU_AMQP_SHARED_LOGIN"] = str(stack.external_amqp).lower()
    environment["KEHU_PROBE_BIND"] = f"{LOOPBACK}:{stack.ports[name]}"
    arguments = python_command(service, "work")
    return Program(name, APPLICATION, arguments, environment)


def _gateway(stack: Stack) -> Program:
    environment = stack.gateway_environment()
    environment["KEHU_BIND"] = f"{stack.host}:{stack.ports['gateway']}"
    arguments = python_command("gateway", "api")
    return Program("gateway", GATEWAY, arguments, environment)
