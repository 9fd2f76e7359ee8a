"""The notes service."""

from kehu_chassis.runtime.service import Service

service = Service(
    name="notes",
    package="kehu_sample",
    features=["notes"],
)
