"""The notes service: an example of how every service of Kehu is written."""
