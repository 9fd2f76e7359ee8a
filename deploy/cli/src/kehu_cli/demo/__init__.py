"""The main job played on data, through public doors only: HTTP at the gateway, AMQP as sales."""
