"""The customer service: its features, nothing else."""

from kehu_chassis.runtime.service import Service

service = Service(
    name="customer",
    package="kehu_customer",
    features=["registry", "contacts", "orders", "churn", "customers", "catalogue", "reference"],
)
