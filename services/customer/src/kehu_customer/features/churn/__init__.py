"""Warnings of customers about to be lost: scans, measures, loss and recovery."""
