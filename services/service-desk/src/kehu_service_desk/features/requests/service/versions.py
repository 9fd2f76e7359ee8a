"""Requests, to be compared with what other services know of them."""

from sqlalchemy import select

from kehu_chassis.messaging.versions import owned
from kehu_service_desk.features.requests.models import ServiceRequest

VERSIONS = [
    owned("service-desk.request-changed.v1", select(ServiceRequest.id, ServiceRequest.version))
]
