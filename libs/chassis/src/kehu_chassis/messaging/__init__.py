"""Events: contracts, outbox and relay, inbox and consumer, projections, the broker's topology."""
