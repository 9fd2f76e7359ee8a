"""What may be done to service requests, each by which permission and when."""

from kehu_chassis.records import Operation
from kehu_service_desk.features.requests import rules
from kehu_service_desk.features.requests.models import ServiceRequest

_ASSIGN = "service-request:assign"
LIST_CANDIDATES = Operation("list_request_assignee_candidates", ServiceRequest, _ASSIGN)
ASSIGN = Operation("assign_request", ServiceRequest, _ASSIGN, transition="assign")
# Not for those who read it only because customers are shared, as sharing is for reading.
TAKE = Operation(
    "take_request",
    ServiceRequest,
    "service-request:take",
    transition="take",
    within="service-request:read",
)
HANDLE = Operation("handle_request", ServiceRequest, "service-request:handle", transition="handle")
FEEDBACK = Operation(
    "give_request_feedback",
    ServiceRequest,
    "service-request:feedback",
    transition="feedback",
    allowed=rules.may_give_feedback,
)
CLOSE = Operation("close_request", ServiceRequest, "service-request:close", transition="close")
CANCEL = Operation("cancel_request", ServiceRequest, "service-request:cancel", transition="cancel")
CORRECT = Operation(
    "correct_request",
    ServiceRequest,
    "service-request:create",
    transition="correct",
    fields=rules.FORM,
)
WITHDRAW = Operation(
    "withdraw_request", ServiceRequest, "service-request:create", transition="withdraw"
)
