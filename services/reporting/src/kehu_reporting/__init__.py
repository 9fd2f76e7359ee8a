"""Kehu, the reporting service: reports from read models that events feed."""
