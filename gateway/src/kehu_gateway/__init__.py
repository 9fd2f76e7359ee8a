"""The gateway of Kehu: one address, authorised by contract, in front of all services."""
