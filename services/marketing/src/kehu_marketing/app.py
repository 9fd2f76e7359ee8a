"""The marketing service: its features, nothing else."""

from kehu_chassis.runtime.service import Service

service = Service(
    name="marketing",
    package="kehu_marketing",
    features=["customers", "stages", "opportunities"],
)
