"""Codes with their labels over HTTP."""

from typing import Any

from kehu_chassis.web import Blueprint
from kehu_customer.features.reference import schemas, service

blp = Blueprint(
    "reference-data",
    __name__,
    url_prefix="/reference-data",
    description="What codes mean, in Chinese and English.",
)


@blp.route("/level", methods=["GET"])
@blp.access("authenticated")
@blp.response(200, schemas.LevelsSchema)
def list_levels() -> Any:
    """List the levels of customers."""
    return service.levels()


@blp.route("/loss-reason", methods=["GET"])
@blp.access("authenticated")
@blp.response(200, schemas.LossReasonsSchema)
def list_loss_reasons() -> Any:
    """List the reasons why a customer can be lost."""
    return service.loss_reasons()


@blp.route("/order-status", methods=["GET"])
@blp.access("authenticated")
@blp.response(200, schemas.OrderStatusesSchema)
def list_order_statuses() -> Any:
    """List the statuses of orders."""
    return service.order_statuses()
