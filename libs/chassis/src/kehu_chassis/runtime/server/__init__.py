"""The HTTP server: a gunicorn worker in which slow clients hold no thread."""
