"""The customer: its table, what it publishes, and all that is done to one record.

What people do over HTTP reaches further, to contacts, orders and warnings, and is therefore above
all of these, in `customer_management`.
"""
