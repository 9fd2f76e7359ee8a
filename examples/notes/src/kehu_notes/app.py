"""The notes service: its features, nothing else."""

from kehu_chassis.runtime.service import Service

service = Service(
    name="notes",
    package="kehu_notes",
    features=["topics", "notes"],
)
