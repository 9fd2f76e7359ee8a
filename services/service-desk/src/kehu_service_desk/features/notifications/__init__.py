"""Notifications: what each user is told, as code and parameters, shown in their language."""
