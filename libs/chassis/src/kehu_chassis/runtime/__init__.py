"""A service as processes: its description, migrations, gunicorn, background loops, jobs, probes."""
