"""The customer service: its features, nothing else."""

from kehu_chassis.runtime.service import Service

service = Service(
    name="customer",
    package="kehu_customer",
    features=[
        "reference",
        "customers",
        "contacts",
        "orders",
        "churn",
        "catalogue",
        "open_work",
        "customer_management",
        "won_opportunities",
        "sales_intake",
        "search",
    ],
)
