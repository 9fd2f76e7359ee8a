"""Customer contribution 客户贡献分析 (E1): what each customer bought, less returns."""
