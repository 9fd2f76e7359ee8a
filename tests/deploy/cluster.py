"""Evaluates rendered resources as a cluster would: selectors, network policies."""

from __future__ import annotations

from typing import Any

Labels = dict[str, str]
Resources = list[dict[str, Any]]


def of_kind(resources: Resources, *kinds: str) -> Resources:
    """The resources of these kinds."""
    return [found for found in resources if found["kind"] in kinds]


def name_of(resource: dict[str, Any]) -> str:
    """The name of a resource."""
    name: str = resource["metadata"]["name"]
    return name


def workloads(resources: Resources) -> Resources:
    """All resources that create pods."""
    return of_kind(resources, "Deployment", "StatefulSet", "Job")


def pod_labels(workload: dict[str, Any]) -> Labels:
    """The labels of a workload's pods."""
    labels: Labels = workload["spec"]["template"]["metadata"]["labels"]
    return labels


def container(workload: dict[str, Any]) -> dict[str, Any]:
    """The only container of a workload's pods."""
    (only,) = workload["spec"]["template"]["spec"]["containers"]
    found: dict[str, Any] = only
    return found


def selects(selector: dict[str, Any], labels: Labels) -> bool:
    """Whether a label selector matches."""
    for key, value in selector.get("matchLabels", {}).items():
        if labels.get(key) != value:
            return False
    for condition in selector.get("matchExpressions", []):
        value, operator = labels.get(condition["key"]), condition["operator"]
        holds = {
            "In": lambda value=value, c=condition: value in c["values"],
            "NotIn": lambda value=value, c=condition: value not in c["values"],
            "Exists": lambda value=value: value is not None,
        }[operator]()
        if not holds:
            return False
    return True


def allows(resources: Resources, source: Labels, target: Labels, port: int) -> bool:
    """Whether a pod of the release may connect to another one."""
    policies = of_kind(resources, "NetworkPolicy")
    return _passes(policies, source, "Egress", "egress", "to", target, port) and _passes(
        policies, target, "Ingress", "ingress", "from", source, port
    )


def _passes(
    policies: Resources, pod: Labels, kind: str, rules: str, side: str, peer: Labels, port: int
) -> bool:
    binding = [
        policy["spec"]
        for policy in policies
        if kind in policy["spec"]["policyTypes"] and selects(policy["spec"]["podSelector"], pod)
    ]
    if not binding:
        return True
    return any(
        any(
            _is_own(candidate) and selects(candidate["podSelector"], peer)
            for candidate in rule[side]
        )
        and any(open_["port"] == port for open_ in rule["ports"])
        for spec in binding
        for rule in spec.get(rules, [])
    )


def _is_own(peer: dict[str, Any]) -> bool:
    return set(peer) == {"podSelector"}
