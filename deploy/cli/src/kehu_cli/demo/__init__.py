"""Plays the main job on data, through public APIs only: HTTP at the gateway, AMQP as sales."""
