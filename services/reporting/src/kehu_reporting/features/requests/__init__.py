"""The composition of services 客户服务构成分析 (E3): service requests by type and period."""
