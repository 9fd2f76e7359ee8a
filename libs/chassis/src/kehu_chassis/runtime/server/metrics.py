"""The server's metrics."""

from prometheus_client import Counter, Gauge

CONNECTIONS = Gauge(
    "http_connections",
    "Connections of clients, by what they wait for.",
    ["phase"],
    multiprocess_mode="livesum",
)
REFUSED = Counter(
    "http_refused_total", "Requests refused before the application saw them.", ["code"]
)
DROPPED = Counter(
    "http_connections_dropped_total",
    "Connections closed: others needed room, or the client took too little of its response (slow).",
    ["reason"],
)
