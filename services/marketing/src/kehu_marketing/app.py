"""The marketing service: its features, and the states it publishes after every migration."""

from kehu_chassis.runtime.service import Service
from kehu_marketing.features.stages import service as stages

service = Service(
    name="marketing",
    package="kehu_marketing",
    features=["customers", "stages", "opportunities", "search"],
    first_start=stages.publish,
)
