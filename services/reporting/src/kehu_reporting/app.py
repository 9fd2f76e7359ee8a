"""The reporting service: its features, nothing else."""

from kehu_chassis.runtime.service import Service

service = Service(
    name="reporting",
    package="kehu_reporting",
    features=["customers", "contribution", "churn", "funnel", "requests"],
)
