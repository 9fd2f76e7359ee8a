"""What may be done to the sessions that a person sees: their own."""

from kehu_auth.features.sessions.models import LoginSession
from kehu_chassis.records import Operation

END = Operation("end_my_session", LoginSession, "authenticated")
