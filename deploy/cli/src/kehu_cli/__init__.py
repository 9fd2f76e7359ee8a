"""Kehu on one machine: the `kehu` command line, an embedded PostgreSQL and a private RabbitMQ."""
