"""What may be done to notifications: everybody reads only their own."""

from kehu_chassis.records import Operation
from kehu_service_desk.features.notifications.models import Notification

READ = Operation("read_notification", Notification, "authenticated")
