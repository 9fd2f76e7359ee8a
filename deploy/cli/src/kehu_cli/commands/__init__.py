"""The commands of `kehu`, one module each."""
