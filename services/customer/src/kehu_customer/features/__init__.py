"""The features of the customer service."""
