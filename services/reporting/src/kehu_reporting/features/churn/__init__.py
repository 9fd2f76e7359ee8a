"""Customer churn 客户流失分析 (E4): who was lost, why, and how many were rescued."""
