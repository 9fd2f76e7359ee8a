"""The `kehu` command line, with an embedded PostgreSQL and a private RabbitMQ."""
