"""What operators do to an installation, on this machine or in containers."""
