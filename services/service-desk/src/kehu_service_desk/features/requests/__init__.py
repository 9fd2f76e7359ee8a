"""Service requests 客户服务 of customers, from creation to archive."""
