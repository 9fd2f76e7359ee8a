"""Notifications of each user: codes and parameters, shown in the reader's language."""
