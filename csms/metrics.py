"""The figures Prometheus scrapes; each is declared here once and counted where it happens."""

from prometheus_client import Counter, Gauge, Histogram

connected_stations = Gauge("voltdeck_connected_stations", "Charging stations with an open socket on this node")
board_followers = Gauge("voltdeck_board_followers", "Live parts of open pages, by what they follow", ["kind"])
messages = Counter("voltdeck_ocpp_messages", "OCPP messages handled", ["action", "outcome"])
malformed_frames = Counter("voltdeck_ocpp_malformed_frames", "Frames that were refused or dropped before a handler")
refused_handshakes = Counter("voltdeck_ocpp_refused_handshakes", "WebSocket handshakes refused", ["cause"])
obligations = Counter("voltdeck_obligations", "Obligations tried, by what came of it", ["kind", "outcome"])
commit_seconds = Histogram(
    "voltdeck_commit_seconds",
    "Time of one group commit",
    buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 5),
)
commit_units = Histogram(
    "voltdeck_commit_units", "Units of work that shared one commit", buckets=(1, 2, 5, 10, 20, 50, 100, 200)
)
