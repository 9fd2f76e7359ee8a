"""The register of customers: numbers, names, states, origins, losses; what all others stand on."""
