"""The service-desk service: its features, nothing else."""

from kehu_chassis.runtime.service import Service

service = Service(
    name="service-desk",
    package="kehu_service_desk",
    features=["customers", "opportunities", "notifications", "requests", "search"],
)
