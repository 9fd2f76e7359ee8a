"""The customer: its table, its events, and the operations on one record.

Use cases over HTTP also affect contacts, orders and warnings; they are therefore above these, in
`customer_management`.
"""
