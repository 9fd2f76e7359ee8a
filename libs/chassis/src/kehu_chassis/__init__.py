"""The microservice chassis of Kehu: technical code only, no business terms."""
