"""A won opportunity makes a customer, or belongs to the one already there."""
