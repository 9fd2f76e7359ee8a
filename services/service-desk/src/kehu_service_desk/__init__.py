"""Kehu, the service-desk service: serving customers: requests and notifications."""
