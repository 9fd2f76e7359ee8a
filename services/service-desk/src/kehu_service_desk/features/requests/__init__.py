"""Service requests 客户服务: what a customer asks of the company, from creation to archive."""
